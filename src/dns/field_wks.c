/*
 * field_wks.c -- well known services: a protocol and a bitmap of ports (RFC 1035 §3.4.2).
 *
 * Names come from the short lists below, never from /etc/services: a zone
 * means the same on every machine.  Other protocols and ports are numbers.
 */
#include "dns/field_kinds.h"

enum { PORT_COUNT = 65536 };

/* IANA protocol numbers; what RFC 1010 listed and hosts still speak. */
static const struct mnemonic protocols[] = {
	{ "icmp", 1 },  { "igmp", 2 },   { "ggp", 3 },  { "st", 5 },   { "tcp", 6 },
	{ "egp", 8 },   { "pup", 12 },   { "udp", 17 }, { "hmp", 20 }, { "xns-idp", 22 },
	{ "rdp", 27 },  { "gre", 47 },   { "esp", 50 }, { "ah", 51 },  { "ospf", 89 },
	{ "pim", 103 }, { "sctp", 132 }, { NULL, 0 },
};

/* IANA service names of the lower ports. */
static const struct mnemonic services[] = {
	{ "tcpmux", 1 },        { "rje", 5 },
	{ "echo", 7 },          { "discard", 9 },
	{ "systat", 11 },       { "users", 11 },
	{ "daytime", 13 },      { "netstat", 15 },
	{ "qotd", 17 },         { "quote", 17 },
	{ "chargen", 19 },      { "ftp-data", 20 },
	{ "ftp", 21 },          { "ssh", 22 },
	{ "telnet", 23 },       { "lmtp", 24 },
	{ "smtp", 25 },         { "nsw-fe", 27 },
	{ "msg-icp", 29 },      { "msg-auth", 31 },
	{ "dsp", 33 },          { "time", 37 },
	{ "rlp", 39 },          { "graphics", 41 },
	{ "name", 42 },         { "nameserver", 42 },
	{ "nicname", 43 },      { "whois", 43 },
	{ "mpm-flags", 44 },    { "mpm", 45 },
	{ "mpm-snd", 46 },      { "ni-ftp", 47 },
	{ "login", 49 },        { "tacacs", 49 },
	{ "re-mail-ck", 50 },   { "la-maint", 51 },
	{ "domain", 53 },       { "whoispp", 63 },
	{ "bootps", 67 },       { "bootpc", 68 },
	{ "tftp", 69 },         { "gopher", 70 },
	{ "finger", 79 },       { "http", 80 },
	{ "www", 80 },          { "link", 87 },
	{ "kerberos", 88 },     { "supdup", 95 },
	{ "hostname", 101 },    { "hostnames", 101 },
	{ "iso-tsap", 102 },    { "x400", 103 },
	{ "csnet-ns", 105 },    { "rtelnet", 107 },
	{ "pop2", 109 },        { "pop3", 110 },
	{ "sunrpc", 111 },      { "auth", 113 },
	{ "sftp", 115 },        { "uucp-path", 117 },
	{ "nntp", 119 },        { "ntp", 123 },
	{ "netbios-ns", 137 },  { "netbios-dgm", 138 },
	{ "netbios-ssn", 139 }, { "imap", 143 },
	{ "imap2", 143 },       { "snmp", 161 },
	{ "snmptrap", 162 },    { "xdmcp", 177 },
	{ "bgp", 179 },         { "irc", 194 },
	{ "bgmp", 264 },        { "ptp-event", 319 },
	{ "ptp-general", 320 }, { "ldap", 389 },
	{ "nnsp", 433 },        { "https", 443 },
	{ "submissions", 465 }, { "exec", 512 },
	{ "who", 513 },         { "shell", 514 },
	{ "syslog", 514 },      { "printer", 515 },
	{ "talk", 517 },        { "ntalk", 518 },
	{ "route", 520 },       { "uucp", 540 },
	{ "nntps", 563 },       { "submission", 587 },
	{ "ldaps", 636 },       { "domain-s", 853 },
	{ "ftps-data", 989 },   { "ftps", 990 },
	{ "telnets", 992 },     { "imaps", 993 },
	{ "pop3s", 995 },       { NULL, 0 },
};

static void set_port(uint8_t *ports, size_t *size, uint64_t port)
{
	size_t octet = (size_t)port / 8;

	ports[octet] |= (uint8_t)(0x80 >> port % 8); /* port 0 is the first bit */
	if (octet >= *size)
		*size = octet + 1;
}

static bool parse_wks(struct words *in, struct name origin, struct writer *out)
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

static void print_wks(struct reader *in, struct text *out)
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

static void skip_wks(struct reader *in)
{
	get_u8(in);
	if (reader_rest(in).size > PORT_COUNT / 8)
		in->bad = true;
}

const struct field_ops field_wks = { parse_wks, print_wks, skip_wks };
