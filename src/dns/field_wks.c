/*
 * field_wks.c -- well known services: a protocol and a bitmap of ports (RFC 1035 §3.4.2).
 *
 * Names come from the short lists below, never from /etc/services: a zone
 * means the same on every machine.  Other protocols and ports are numbers.
 */
#include "dns/field_kinds.h"

enum { PORT_COUNT = 65536 };

/* IANA protocol numbers; what RFC 1010 listed and hosts still speak. */
static const char protocols[] =
	"1 icmp 2 igmp 3 ggp 5 st 6 tcp 8 egp 12 pup 17 udp 20 hmp 22 xns-idp 27 rdp "
	"47 gre 50 esp 51 ah 89 ospf 103 pim 132 sctp";

/* IANA service names of the lower ports. */
static const char services[] =
	"1 tcpmux 5 rje 7 echo 9 discard 11 systat 11 users 13 daytime 15 netstat "
	"17 qotd 17 quote 19 chargen 20 ftp-data 21 ftp 22 ssh 23 telnet 24 lmtp "
	"25 smtp 27 nsw-fe 29 msg-icp 31 msg-auth 33 dsp 37 time 39 rlp 41 graphics "
	"42 name 42 nameserver 43 nicname 43 whois 44 mpm-flags 45 mpm 46 mpm-snd "
	"47 ni-ftp 49 login 49 tacacs 50 re-mail-ck 51 la-maint 53 domain 63 whoispp "
	"67 bootps 68 bootpc 69 tftp 70 gopher 79 finger 80 http 80 www 87 link "
	"88 kerberos 95 supdup 101 hostname 101 hostnames 102 iso-tsap 103 x400 "
	"105 csnet-ns 107 rtelnet 109 pop2 110 pop3 111 sunrpc 113 auth 115 sftp "
	"117 uucp-path 119 nntp 123 ntp 137 netbios-ns 138 netbios-dgm 139 netbios-ssn "
	"143 imap 143 imap2 161 snmp 162 snmptrap 177 xdmcp 179 bgp 194 irc 264 bgmp "
	"319 ptp-event 320 ptp-general 389 ldap 433 nnsp 443 https 465 submissions "
	"512 exec 513 who 514 shell 514 syslog 515 printer 517 talk 518 ntalk 520 route "
	"540 uucp 563 nntps 587 submission 636 ldaps 853 domain-s 989 ftps-data "
	"990 ftps 992 telnets 993 imaps 995 pop3s";

static void set_port(uint8_t *ports, size_t *size, uint64_t port)
{
	size_t octet = (size_t)port / 8;

	ports[octet] |= (uint8_t)(0x80 >> port % 8); /* port 0 is the first bit */
	if (octet >= *size)
		*size = octet + 1;
}

bool field_parse_wks(struct words *in, struct name origin, struct writer *out)
{
	uint8_t ports[PORT_COUNT / 8] = { 0 };
	size_t size = 0;
	uint64_t value;

	(void)origin;
	if (!field_mnemonic(in, protocols, UINT8_MAX, "unknown protocol; write its number", &value))
		return false;
	put_u8(out, (uint8_t)value);
	while (words_left(in) > 0) {
		if (!field_mnemonic(in, services, UINT16_MAX, "unknown service; write its port",
				    &value))
			return false;
		set_port(ports, &size, value);
	}
	put_octets(out, ports, size);
	return true;
}

void field_print_wks(struct reader *in, struct text *out)
{
	text_put_u32(out, get_u8(in));
	struct slice s = reader_rest(in);

	if (s.size > PORT_COUNT / 8 || (s.size > 0 && s.octets[s.size - 1] == 0)) {
		in->bad = true; /* zeros at the end cannot be said in text */
		return;
	}
	for (uint32_t port = 0; port < s.size * 8; port++) {
		if (s.octets[port / 8] & 0x80 >> port % 8) {
			text_put_char(out, ' ');
			text_put_u32(out, port);
		}
	}
}

void field_skip_wks(struct reader *in)
{
	get_u8(in);
	if (reader_rest(in).size > PORT_COUNT / 8)
		in->bad = true;
}
