/*
 * What is decided without looking at a zone: the table at the head of
 * serve/query.h, and the query packets that have brought down other servers.
 * The rows are numbered as in the list of bad inputs for queries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "support/guard.h"
#include "support/world.h"

static const char zone[] = "$TTL 300\n"
			   "@ SOA ns host 1 3600 600 86400 60\n"
			   "@ NS ns\n"
			   "ns A 192.0.2.1\n"
			   "www A 192.0.2.2\n";

static struct world w;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	world_zone(&w, "example.", zone);
	w.responder.style = STYLE_MINIMAL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

/* ------ rows written out as octets ------ */

#define ID            "1234"
#define Q1            "0001 0000 0000 0000"          /* counts: one question */
#define WWW           "03777777 076578616d706c65 00" /* www.example. */
#define ROOT          "00"
#define IN_A          "0001 0001"
#define OPT(rdlength) "00 0029 04d0 00000000 " rdlength
/* TSIG of key k. with an algorithm that nobody knows, and the pieces it has. */
#define TSIG_HEAD "016b00 00fa 00ff 00000000 "
#define TSIG_REST "000000000001 012c 0000 1234 0000 0000"
#define SHA256    "0b686d61632d73686132353600"                               /* 13 octets */
#define MD5       "08686d61632d6d6435 077369672d616c67 03726567 03696e74 00" /* 26 octets */

struct row {
	const char *name, *hex, *expect;
	enum via via;
};

#define MAC(n) MAC_##n
#define MAC_1  "aa"
#define MAC_9  "aaaaaaaaaaaaaaaaaa"
#define MAC_10 "aa" MAC_9
#define MAC_15 MAC_10 "aaaaaaaaaa"
#define MAC_16 "aa" MAC_15
#define MAC_17 "aa" MAC_16
#define MAC_31 MAC_16 MAC_15
#define MAC_32 MAC_16 MAC_16
#define MAC_33 MAC_32 MAC_1

static const struct row rows[] = {
	{ "1: an empty datagram is dropped", "", "DROP", 0 },
	{ "1: one octet is dropped", "12", "DROP", 0 },
	{ "1: eleven octets are dropped", ID "0000 0001 0000 0000 00", "DROP", 0 },
	{ "1: nor does TCP make eleven octets a message", ID "0000 0001 0000 0000 00", "DROP",
	  VIA_TCP },
	{ "2: a header without a question is FORMERR (RFC 9619 section 4)",
	  ID "0000 0000 0000 0000 0000", "FORMERR\n", 0 },
	{ "2: RD is copied into an error (RFC 1035 section 4.1.1)", ID "0100 0000 0000 0000 0000",
	  "FORMERR rd\n", 0 },
	{ "2: no question but a client cookie is NOERROR (RFC 7873 section 5.4)",
	  ID "0000 0000 0000 0000 0001" OPT("000c") "000a 0008 2464c4abcf10c957",
	  "NOERROR\nopt 1232 cookie=2464c4abcf10c957010000005cf79f11", 0 },
	{ "2: no question and a cookie of seven octets is FORMERR (RFC 7873 section 5.2.2)",
	  ID "0000 0000 0000 0000 0001" OPT("000b") "000a 0007 2464c4abcf10c9",
	  "FORMERR\nopt 1232\n", 0 },
	{ "2: no question and no cookie is FORMERR, with OPT or without",
	  ID "0000 0000 0000 0000 0001" OPT("0004") "0003 0000", "FORMERR\nopt 1232\n", 0 },
	{ "2: only QUERY asks for cookies alone (RFC 7873 section 5.4)",
	  ID "2000 0000 0000 0000 0001" OPT("000c") "000a 0008 2464c4abcf10c957",
	  "FORMERR\nopt 1232 cookie=2464c4abcf10c957", 0 },
	{ "2: nobody signs such a question",
	  ID "0000 0000 0000 0000 0002" OPT("000c") "000a 0008 2464c4abcf10c957" TSIG_HEAD
						    "0011 00" TSIG_REST,
	  "FORMERR\nopt 1232 cookie=2464c4abcf10c957", 0 },
	{ "2: the EDNS version counts without a question as well (RFC 6891 section 6.1.3)",
	  ID "0000 0000 0000 0000 0001 00 0029 04d0 00010000 000c 000a 0008 2464c4abcf10c957",
	  "BADVERS\nopt 1232", 0 },
	{ "3: a response is dropped (RFC 1035 section 4.1.1)", ID "8000" Q1 WWW IN_A, "DROP", 0 },
	{ "3: a response by TCP is dropped as well", ID "8000" Q1 WWW IN_A, "DROP", VIA_TCP },
	{ "3: a broken response is dropped too, not answered by an error", ID "8000" Q1, "DROP",
	  0 },
	{ "4: two questions are FORMERR (RFC 9619)",
	  ID "0000 0002 0000 0000 0000" WWW IN_A WWW IN_A, "FORMERR\n", 0 },
	{ "4: two questions of which one is there are FORMERR",
	  ID "0000 0002 0000 0000 0000" WWW IN_A, "FORMERR\n", 0 },
	{ "5: 65535 questions in 18 octets are FORMERR",
	  ID "0000 ffff 0000 0000 0000 00 0001 0001 00", "FORMERR\n", 0 },
	{ "6: 65535 answers that are not there are FORMERR", ID "0000 0001 ffff 0000 0000" WWW IN_A,
	  "FORMERR\n", 0 },
	{ "6: nor 65535 authority records", ID "0000 0001 0000 ffff 0000" WWW IN_A, "FORMERR\n",
	  0 },
	{ "6: nor 65535 additional records", ID "0000 0001 0000 0000 ffff" WWW IN_A, "FORMERR\n",
	  0 },
	{ "7: label type 01 is FORMERR (RFC 6891 section 5)",
	  ID "0000" Q1 "40 6578616d706c65 00" IN_A, "FORMERR\n", 0 },
	{ "7: label type 10 is FORMERR", ID "0000" Q1 "80 6578616d706c65 00" IN_A, "FORMERR\n", 0 },
	{ "8: a pointer to itself is FORMERR (RFC 1035 section 4.1.4)", ID "0000" Q1 "c00c" IN_A,
	  "FORMERR\n", 0 },
	{ "8: labels that end in a pointer to their own start are FORMERR",
	  ID "0000" Q1 "0161 c00c" IN_A, "FORMERR\n", 0 },
	{ "9: a pointer forward is FORMERR", ID "0000" Q1 "c012" IN_A "00", "FORMERR\n", 0 },
	{ "9: a pointer beyond the message is FORMERR", ID "0000" Q1 "c020" IN_A, "FORMERR\n", 0 },
	{ "10: a pointer to offset 0 is FORMERR", ID "0000" Q1 "c000" IN_A, "FORMERR\n", 0 },
	{ "10: a pointer to a zero inside the header is FORMERR", ID "0000" Q1 "c006" IN_A,
	  "FORMERR\n", 0 },
	{ "10: a pointer to the header's last octet is FORMERR, in a record too",
	  ID "0000 0001 0001 0000 0000" WWW IN_A "c00b 0001 0001 00000000 0004 01020304",
	  "FORMERR\n", 0 },
	{ "11: half a pointer is FORMERR", ID "0000" Q1 "c0", "FORMERR\n", 0 },
	{ "11: half a pointer in a record is FORMERR", ID "0000 0001 0000 0000 0001" WWW IN_A "c0",
	  "FORMERR\n", 0 },
	{ "15: labels are octets, not text (RFC 2181 section 11)",
	  ID "0000" Q1 "06 00 2e 5c 0a 1b ff 076578616d706c65 00" IN_A,
	  "NXDOMAIN aa\nns example. 60 SOA ns.example. host.example. 1 3600 600 86400 60\n", 0 },
	{ "16: the root without a root zone is REFUSED, and the reply is no larger",
	  ID "0100" Q1 "00 0002 0001", "REFUSED rd\n", 0 },
	{ "17: one octet behind a query is FORMERR (RFC 1035 section 4.1)",
	  ID "0000" Q1 WWW IN_A "00", "FORMERR\n", 0 },
	{ "17: one octet behind OPT is FORMERR, and OPT is answered",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0000") "00", "FORMERR\nopt 1232\n", 0 },
	{ "18: IQUERY is NOTIMP (RFC 3425)", ID "0800" Q1 WWW IN_A, "NOTIMP\n", 0 },
	{ "18: STATUS is NOTIMP", ID "1000" Q1 WWW IN_A, "NOTIMP\n", 0 },
	{ "18: opcode 3 is NOTIMP", ID "1800" Q1 WWW IN_A, "NOTIMP\n", 0 },
	{ "18: DSO is NOTIMP (RFC 8490 section 5.1)", ID "3000 0000 0000 0000 0000", "NOTIMP\n",
	  VIA_TCP },
	{ "18: opcode 15 is NOTIMP, whatever follows", ID "7800" Q1 "ffff", "NOTIMP\n", 0 },
	{ "19: UPDATE is REFUSED (RFC 2136 section 3.3)",
	  ID "2800 0001 0000 0001 0000 076578616d706c65 00 0006 0001"
	     "03777777 c00c 0001 0001 0000003c 0004 c0000209",
	  "REFUSED\n", 0 },
	{ "19: NOTIFY is REFUSED: we are nobody's secondary (RFC 1996)",
	  ID "2000" Q1 "076578616d706c65 00 0006 0001", "REFUSED\n", 0 },
	{ "20: class 0 is REFUSED", ID "0000" Q1 WWW "0001 0000", "REFUSED\n", 0 },
	{ "20: class 2 is REFUSED", ID "0000" Q1 WWW "0001 0002", "REFUSED\n", 0 },
	{ "20: class HS is REFUSED", ID "0000" Q1 WWW "0001 0004", "REFUSED\n", 0 },
	{ "20: class NONE is REFUSED", ID "0000" Q1 WWW "0001 00fe", "REFUSED\n", 0 },
	{ "20: class ANY is REFUSED", ID "0000" Q1 WWW "0001 00ff", "REFUSED\n", 0 },
	{ "20: class 65535 is REFUSED", ID "0000" Q1 WWW "0001 ffff", "REFUSED\n", 0 },
	{ "20: UPDATE of class 0 is FORMERR", ID "2800" Q1 WWW "0006 0000", "FORMERR\n", 0 },
	{ "20: UPDATE of class 2 is FORMERR", ID "2800" Q1 WWW "0006 0002", "FORMERR\n", 0 },
	{ "20: UPDATE of class NONE is FORMERR", ID "2800" Q1 WWW "0006 00fe", "FORMERR\n", 0 },
	{ "20: UPDATE of class ANY is FORMERR", ID "2800" Q1 WWW "0006 00ff", "FORMERR\n", 0 },
	{ "20: UPDATE of class 65535 is FORMERR", ID "2800" Q1 WWW "0006 ffff", "FORMERR\n", 0 },
	{ "20: NOTIFY of class ANY is FORMERR", ID "2000" Q1 WWW "0006 00ff", "FORMERR\n", 0 },
	{ "21: version.bind. is REFUSED unless configured",
	  ID "0000" Q1 "0776657273696f6e 0462696e64 00 0010 0003", "REFUSED\n", 0 },
	{ "21: id.server. is REFUSED unless configured (RFC 4892)",
	  ID "0000" Q1 "026964 06736572766572 00 0010 0003", "REFUSED\n", 0 },
	{ "22: QTYPE 0 is FORMERR (RFC 6895 section 3.1)", ID "0000" Q1 WWW "0000 0001",
	  "FORMERR\n", 0 },
	{ "22: QTYPE OPT is FORMERR (RFC 6891 section 6.1.1)", ID "0000" Q1 WWW "0029 0001",
	  "FORMERR\n", 0 },
	{ "22: QTYPE TSIG is FORMERR (RFC 8945 section 4.2)", ID "0000" Q1 WWW "00fa 0001",
	  "FORMERR\n", 0 },
	{ "23: QTYPE TKEY is NOTIMP (CVE-2015-5477)", ID "0000" Q1 WWW "00f9 00ff", "NOTIMP\n", 0 },
	{ "23: QTYPE MAILB is NOTIMP", ID "0000" Q1 WWW "00fd 0001", "NOTIMP\n", 0 },
	{ "23: QTYPE MAILA is NOTIMP", ID "0000" Q1 WWW "00fe 0001", "NOTIMP\n", 0 },
	{ "25: AXFR by UDP is FORMERR (RFC 5936 section 4.2)", ID "0000" Q1 WWW "00fc 0001",
	  "FORMERR\n", 0 },
	{ "25: AXFR by TCP is REFUSED", ID "0000" Q1 WWW "00fc 0001", "REFUSED\n", VIA_TCP },
	{ "25: IXFR is REFUSED", ID "0000" Q1 WWW "00fb 0001", "REFUSED\n", VIA_TCP },
	{ "26: IXFR with an SOA of three octets is FORMERR",
	  ID "0000 0001 0000 0001 0000" WWW "00fb 0001 c00c 0006 0001 00000000 0003 000000",
	  "FORMERR\n", VIA_TCP },
	{ "26: IXFR with an SOA one octet too long is FORMERR",
	  ID "0000 0001 0000 0001 0000" WWW "00fb 0001 c00c 0006 0001 00000000 0017 0000"
	     "00000001 00000001 00000001 00000001 00000001 00",
	  "FORMERR\n", VIA_TCP },
	{ "26: IXFR with a whole SOA is REFUSED (RFC 1995 section 3)",
	  ID "0000 0001 0000 0001 0000" WWW "00fb 0001 c00c 0006 0001 00000000 0016 0000"
	     "00000001 00000001 00000001 00000001 00000001",
	  "REFUSED\n", VIA_TCP },
	{ "26: the SOA of an IXFR may be compressed (RFC 1035 section 3.3.13)",
	  ID "0000 0001 0000 0001 0000" WWW "00fb 0001 c00c 0006 0001 00000000 0018 c00c c010"
	     "00000001 00000001 00000001 00000001 00000001",
	  "REFUSED\n", VIA_TCP },
	{ "28: two OPT records are FORMERR (RFC 6891 section 6.1.1)",
	  ID "0000 0001 0000 0000 0002" WWW IN_A OPT("0000") OPT("0000"), "FORMERR\nopt 1232\n",
	  0 },
	{ "29: OPT below the root is FORMERR (RFC 6891 section 6.1.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "0161" OPT("0000"), "FORMERR\n", 0 },
	{ "29: OPT as an answer is FORMERR", ID "0000 0001 0001 0000 0000" WWW IN_A OPT("0000"),
	  "FORMERR\n", 0 },
	{ "29: OPT as authority is FORMERR", ID "0000 0001 0000 0001 0000" WWW IN_A OPT("0000"),
	  "FORMERR\n", 0 },
	{ "30: EDNS version 1 is BADVERS, version 0 in the reply (RFC 6891 section 6.1.3)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "00 0029 04d0 00010000 0000",
	  "BADVERS\nopt 1232\n", 0 },
	{ "30: version 255 too, and DO is copied (RFC 3225 section 3)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "00 0029 04d0 00ff8000 0000",
	  "BADVERS\nopt 1232 do\n", 0 },
	{ "30: an upper RCODE in a query means nothing",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "00 0029 04d0 ff000000 0000",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232\n", 0 },
	{ "30: nor do unknown EDNS flags, and they are not sent back (RFC 6891 section 6.1.4)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "00 0029 04d0 00007fff 0000",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232\n", 0 },
	{ "31: an option longer than OPT is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0004") "0003 ffff", "FORMERR\n", 0 },
	{ "31: half an option's head is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0003") "0003 00", "FORMERR\n", 0 },
	{ "31: an option that goes on behind OPT is FORMERR",
	  ID "0000 0001 0000 0000 0002" WWW IN_A OPT("0004") "0003 0001"
							     "00 0001 0001 00000000 0000",
	  "FORMERR\n", 0 },
	{ "36: a cookie of 7 octets is FORMERR (RFC 7873 section 5.2.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("000b") "000a 0007 01020304050607",
	  "FORMERR\nopt 1232\n", 0 },
	{ "36: a cookie of 9 octets is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("000d") "000a 0009 010203040506070809",
	  "FORMERR\nopt 1232\n", 0 },
	{ "36: a cookie of 15 octets is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0013") "000a 000f" MAC(15),
	  "FORMERR\nopt 1232\n", 0 },
	{ "36: a cookie of 16 octets is well-formed",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0014") "000a 0010" MAC(16), "NOERROR aa", 0 },
	{ "36: a cookie of 40 octets is well-formed",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("002c") "000a 0028" MAC(32) "0102030405060708",
	  "NOERROR aa", 0 },
	{ "36: a cookie of 41 octets is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("002d") "000a 0029" MAC(33) "0102030405060708",
	  "FORMERR\nopt 1232\n", 0 },
	{ "36: of two cookies only the first counts, whatever the second is (RFC 7873 section 5.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0017") "000a 0008 2464c4abcf10c957"
							     "000a 0007 01020304050607",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232 cookie=2464c4abcf10c957", 0 },
	{ "37: a client subnet that makes no sense changes nothing and is not sent back",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("000d") "0008 0009 0001 21 00 c0000201ff",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232\n", 0 },
	{ "37: nor does an option that nobody knows (RFC 6891 section 6.1.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0007") "fffe 0003 010203",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232\n", 0 },
	{ "38: TSIG before OPT is FORMERR (RFC 8945 section 5.1)",
	  ID "0000 0001 0000 0000 0002" WWW IN_A TSIG_HEAD "0011 00" TSIG_REST OPT("0000"),
	  "FORMERR\n", 0 },
	{ "38: two TSIG records are FORMERR",
	  ID "0000 0001 0000 0000 0002" WWW IN_A TSIG_HEAD "0011 00" TSIG_REST TSIG_HEAD
	     "0011 00" TSIG_REST,
	  "FORMERR\n", 0 },
	{ "38: TSIG as an answer is FORMERR",
	  ID "0000 0001 0001 0000 0000" WWW IN_A TSIG_HEAD "0011 00" TSIG_REST, "FORMERR\n", 0 },
	{ "38: TSIG as authority is FORMERR",
	  ID "0000 0001 0000 0001 0000" WWW IN_A TSIG_HEAD "0011 00" TSIG_REST, "FORMERR\n", 0 },
	{ "38: TSIG of class IN is FORMERR (RFC 8945 section 4.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "016b00 00fa 0001 00000000 0011 00" TSIG_REST,
	  "FORMERR\n", 0 },
	{ "38: TSIG with a TTL is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A "016b00 00fa 00ff 00000001 0011 00" TSIG_REST,
	  "FORMERR\n", 0 },
	{ "39: an unknown key is NOTAUTH and BADKEY, unsigned (RFC 8945 section 5.2.1)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "003d" SHA256
	     "000000000001 012c 0020" MAC(32) "1234 0000 0000",
	  "NOTAUTH\ntsig k. hmac-sha256. fudge=300 mac=0 id=4660 error=17 other=0\n", 0 },
	{ "39: an unknown algorithm is BADKEY too",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0011 00" TSIG_REST,
	  "NOTAUTH\ntsig k. . fudge=300 mac=0 id=4660 error=17 other=0\n", 0 },
	{ "39: OPT stands before TSIG, in the reply as well",
	  ID "0000 0001 0000 0000 0002" WWW IN_A OPT("0000") TSIG_HEAD "0011 00" TSIG_REST,
	  "NOTAUTH\nopt 1232\ntsig k. . fudge=300 mac=0 id=4660 error=17 other=0\n", 0 },
	{ "39: the key is judged before opcode and type: nothing is executed",
	  ID "2800 0001 0000 0000 0001" WWW "0006 0001" TSIG_HEAD "0011 00" TSIG_REST,
	  "NOTAUTH\ntsig k. . fudge=300 mac=0 id=4660 error=17 other=0\n", 0 },
	{ "40: a MAC of no octets is FORMERR (RFC 8945 section 5.2.2.1)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "001d" SHA256
	     "000000000001 012c 0000 1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: a MAC of one octet is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "001e" SHA256
	     "000000000001 012c 0001" MAC(1) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: ten octets are less than half of SHA-256: FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0027" SHA256
	     "000000000001 012c 000a" MAC(10) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: fifteen too",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "002c" SHA256
	     "000000000001 012c 000f" MAC(15) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: half a MAC is well-formed, but never accepted",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "002d" SHA256
	     "000000000001 012c 0010" MAC(16) "1234 0000 0000",
	  "NOTAUTH", 0 },
	{ "40: all but one octet is never accepted",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "003c" SHA256
	     "000000000001 012c 001f" MAC(31) "1234 0000 0000",
	  "NOTAUTH", 0 },
	{ "40: one octet too many is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "003e" SHA256
	     "000000000001 012c 0021" MAC(33) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: for MD5 ten octets is the least, not half of it",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0033" MD5
	     "000000000001 012c 0009" MAC(9) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "40: and ten are enough",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0034" MD5
	     "000000000001 012c 000a" MAC(10) "1234 0000 0000",
	  "NOTAUTH", 0 },
	{ "40: 17 octets are too many for MD5",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "003b" MD5
	     "000000000001 012c 0011" MAC(17) "1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "41: a MAC longer than the record is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0011 00"
	     "000000000001 012c ffff 1234 0000 0000",
	  "FORMERR\n", 0 },
	{ "41: other data of 65535 octets is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0011 00"
	     "000000000001 012c 0000 1234 0000 ffff",
	  "FORMERR\n", 0 },
	{ "41: a compressed algorithm name is FORMERR (RFC 8945 section 4.2)",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0012 c018" TSIG_REST, "FORMERR\n", 0 },
	{ "41: RDATA that is not used up is FORMERR",
	  ID "0000 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0012 00" TSIG_REST "00", "FORMERR\n",
	  0 },
	{ "42: a BADTIME response is dropped (CVE-2020-8617)",
	  ID "8009 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0017 00"
	     "000000000001 012c 0000 1234 0012 0006 000000000002",
	  "DROP", 0 },
	{ "42: with QR cleared it is FORMERR: requests have no error (RFC 8945 section 4.2)",
	  ID "0009 0001 0000 0000 0001" WWW IN_A TSIG_HEAD "0017 00"
	     "000000000001 012c 0000 1234 0012 0006 000000000002",
	  "FORMERR\n", 0 },
	{ "flags of a response in a query are passed over (RFC 1035 section 4.1.1)",
	  ID "06e3" Q1 WWW IN_A, "NOERROR aa\nan www.example. 300 A 192.0.2.2\n", 0 },
	{ "RD and CD are copied, nothing else (RFC 1035 section 4.1.1, RFC 4035 section 3.1.6)",
	  ID "07ff" Q1 WWW IN_A, "NOERROR aa rd\nan www.example. 300 A 192.0.2.2\n", 0 },
	{ "the opcode is judged before the count of questions", ID "0800 0002 0000 0000 0000",
	  "NOTIMP\n", 0 },
	{ "records besides the question are passed over when they are whole",
	  ID "0000 0001 0001 0001 0001" WWW IN_A "c00c 0001 0001 00000000 0004 01020304"
	     "c00c 0002 0001 00000000 0002 c00c"
	     "00 0001 0001 00000000 0000",
	  "NOERROR aa\nan www.example. 300 A 192.0.2.2\n", 0 },
	{ "RDLENGTH beyond the message is FORMERR",
	  ID "0000 0001 0001 0000 0000" WWW IN_A "c00c 0001 0001 00000000 0005 01020304",
	  "FORMERR\n", 0 },
};

static void one_row(const struct row *row)
{
	size_t n;
	const uint8_t *octets = guard_hex(row->hex, &n);
	const char *got = world_send(&w, octets, n, row->via);

	/* An expectation that does not end with a line's end is only the beginning. */
	size_t n_expected = strlen(row->expect);
	bool whole = row->expect[n_expected - 1] == '\n';
	if (strncmp(got, row->expect, n_expected) != 0 || (whole && got[n_expected] != '\0'))
		fail_msg("%s\nexpected %s\ngot      %s", row->name, row->expect, got);
	if (strncmp(row->name, "16:", 3) == 0)
		assert_true(w.what.size <= n);
	guard_release();
}

static void rows_that_are_written_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		one_row(&rows[i]);
}

/* ------ rows that are made ------ */

struct raw {
	uint8_t octets[70000];
	size_t n;
};
static struct raw raw;

static void put(const char *hex)
{
	size_t n;
	const uint8_t *octets = guard_hex(hex, &n);

	assert_true(raw.n + n <= sizeof raw.octets);
	memcpy(raw.octets + raw.n, octets, n);
	raw.n += n;
	if (raw.n % 64 == 0)
		guard_release();
}

static void put_number(unsigned v)
{
	raw.octets[raw.n++] = (uint8_t)(v >> 8);
	raw.octets[raw.n++] = (uint8_t)v;
}

static void begin(const char *head)
{
	raw.n = 0;
	put(head);
}

/* Labels of one octet, then one that makes `size` octets with the root. */
static void put_long_name(size_t size)
{
	for (; size > 3; size -= 2)
		put("0161");
	if (size == 3)
		put("0161");
	else
		raw.octets[raw.n - 2] = 2, put("61"); /* an even size: the last label has two */
	put("00");
}

static const char *send(enum via via)
{
	const char *text = world_send(&w, raw.octets, raw.n, via);

	guard_release();
	return text;
}

static void expect_begin(const char *name, const char *got, const char *expected)
{
	if (strncmp(got, expected, strlen(expected)) != 0)
		fail_msg("%s\nexpected %s\ngot      %s", name, expected, got);
}

static void row_12_a_name_of_255_octets_is_a_name(void **state)
{
	(void)state;
	begin(ID "0000" Q1);
	put_long_name(255);
	put(IN_A);
	assert_int_equal(raw.n, 12 + 255 + 4);
	expect_begin("12: 127 labels, no zone", send(VIA_UDP), "REFUSED\n");
	begin(ID "0000" Q1);
	for (int i = 0; i < 123; i++)
		put("0161");
	put("076578616d706c65 00" IN_A);
	assert_int_equal(raw.n, 12 + 255 + 4);
	expect_begin("12: 255 octets in a zone", send(VIA_UDP), "NXDOMAIN aa\nns example.");
}

static void row_13_a_name_of_256_octets_is_formerr(void **state)
{
	(void)state;
	begin(ID "0000" Q1);
	put_long_name(256);
	put(IN_A);
	assert_int_equal(raw.n, 12 + 256 + 4);
	expect_begin("13: flat", send(VIA_UDP), "FORMERR\n");
	for (unsigned size = 253; size <= 254; size++) {
		begin(ID "0000 0001 0000 0000 0001");
		put_long_name(size);
		put(IN_A "0161 c00c 0001 0001 00000000 0000");
		expect_begin("13: joined by a pointer", send(VIA_UDP),
			     size == 253 ? "REFUSED\n" : "FORMERR\n");
	}
}

/* A root, then `hops` - 1 pointers each to the one before, then an owner that points to the last. */
static const char *chain(unsigned hops)
{
	begin(ID "0000 0001 0002 0000 0000" ROOT IN_A "00 000a 0001 00000000");
	put_number(1 + 2 * (hops - 1));
	size_t last = raw.n;
	put("00");
	for (unsigned i = 1; i < hops; i++) {
		size_t at = raw.n;
		put_number(0xc000 | (unsigned)last);
		last = at;
	}
	put_number(0xc000 | (unsigned)last);
	put("0001 0001 00000000 0000");
	return send(VIA_TCP);
}

static void row_14_pointers_end_at_hop_127(void **state)
{
	(void)state;
	expect_begin("14: one hop", chain(1), "REFUSED\n");
	expect_begin("14: 126 hops", chain(126), "REFUSED\n");
	expect_begin("14: 127 hops", chain(127), "FORMERR\n");
	expect_begin("14: 8100 hops", chain(8100), "FORMERR\n");
}

static void row_27_ixfr_with_a_long_soa_that_is_not_there(void **state)
{
	(void)state;
	begin(ID "0000 0001 0000 0001 0000" WWW "00fb 0001");
	put_long_name(255);
	put("0006 0001 00000000 ffff 0000");
	expect_begin("27", send(VIA_TCP), "FORMERR\n");
}

/* A query for www.example. with an OPT of `count` options made by `option`. */
static const char *options(unsigned count, const char *option, enum via via)
{
	begin(ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0000"));
	size_t start = raw.n;
	for (unsigned i = 0; i < count; i++)
		put(option);
	size_t size = raw.n - start;
	raw.octets[start - 2] = (uint8_t)(size >> 8);
	raw.octets[start - 1] = (uint8_t)size;
	return send(via);
}

static void row_32_options_are_counted(void **state)
{
	(void)state;
	expect_begin("32: 63", options(63, "fde9 0000", VIA_UDP), "NOERROR aa\n");
	expect_begin("32: 64", options(64, "fde9 0000", VIA_UDP), "NOERROR aa\n");
	expect_begin("32: 65", options(65, "fde9 0000", VIA_UDP), "FORMERR\n");
	expect_begin("32: 16000", options(16000, "fde9 0000", VIA_TCP), "FORMERR\n");
}

static void row_33_one_option_of_each_kind_in_a_reply(void **state)
{
	(void)state;
	w.responder.identity.server = "here";
	const char *got = options(30, "0003 0000 000a 0008 2464c4abcf10c957", VIA_UDP);
	expect_begin(
		"33", got,
		"NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232 nsid=\"here\" cookie=2464");
	begin(ID "0000 0001 0000 0000 0001" WWW IN_A OPT("0000"));
	size_t start = raw.n;
	for (int i = 0; i < 30; i++)
		put("0003 0000 000a 0008 2464c4abcf10c957");
	size_t padding = 65000 - (raw.n - start);
	put("000c");
	put_number((unsigned)padding);
	memset(raw.octets + raw.n, 0, padding);
	raw.n += padding;
	raw.octets[start - 2] = (uint8_t)((raw.n - start) >> 8);
	raw.octets[start - 1] = (uint8_t)(raw.n - start);
	expect_begin(
		"33: and padding", send(VIA_TCP),
		"NOERROR aa\nan www.example. 300 A 192.0.2.2\nopt 1232 nsid=\"here\" cookie=2464");
	w.responder.identity.server = NULL;
}

/* ------ the table, over the product of everything that a header can say ------ */

struct shape {
	unsigned flags; /* all but the opcode; QR among them */
	unsigned opcode, count[4], type, class;
	bool whole; /* what is counted is there, up to two of it; else one question alone */
};

struct decision {
	enum verdict verdict;
	unsigned rcode;
};

static bool is_broken(const struct shape *s)
{
	for (int i = 1; i < 4; i++)
		if (s->count[i] > (s->whole ? 2u : 0u))
			return true;
	return false;
}

/* The head of serve/query.h in its order; the records of these queries are A records. */
static struct decision decide(const struct shape *s, enum via via)
{
	struct decision header = { VERDICT_HEADER, 0 }, reply = { VERDICT_REPLY, RCODE_REFUSED };

	if (s->flags & 0x8000)
		return (struct decision){ VERDICT_DROP, 0 };
	if (s->opcode != 0 && s->opcode != 4 && s->opcode != 5) {
		header.rcode = RCODE_NOTIMP;
		return header;
	}
	header.rcode = RCODE_FORMERR;
	if (s->count[0] != 1 || is_broken(s))
		return header;
	if (s->opcode != 0)
		return s->class == 1 || s->class == 3 || s->class == 4 ? reply : header;
	switch (s->type) {
	case 0:
	case 41:
	case 250:
		return header;
	case 249:
	case 253:
	case 254:
		header.rcode = RCODE_NOTIMP;
		return header;
	case 252:
		return via == VIA_UDP ? header : reply;
	case 251:
		return reply;
	default:
		break;
	}
	if (s->class != 1 && s->class != 3)
		return reply;
	return (struct decision){ VERDICT_ANSWER, RCODE_NOERROR };
}

static size_t write_shape(const struct shape *s, uint8_t *out)
{
	static const uint8_t question[] = { 3,   'w', 'w', 'w', 7,   'e', 'x',
					    'a', 'm', 'p', 'l', 'e', 0 };
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4 };
	uint8_t *p = out;
	unsigned head[6] = { 0x1234, s->flags | s->opcode << 11 };

	for (int i = 0; i < 4; i++)
		head[2 + i] = s->count[i];
	for (int i = 0; i < 6; i++, p += 2) {
		p[0] = (uint8_t)(head[i] >> 8);
		p[1] = (uint8_t)head[i];
	}
	for (unsigned i = 0; i < s->count[0] && i < 1u + s->whole; i++) {
		memcpy(p, question, sizeof question);
		p += sizeof question;
		p[0] = (uint8_t)(s->type >> 8);
		p[1] = (uint8_t)s->type;
		p[2] = (uint8_t)(s->class >> 8);
		p[3] = (uint8_t)s->class;
		p += 4;
	}
	for (int i = 1; i < 4 && s->whole && s->count[0]; i++)
		for (unsigned n = 0; n < s->count[i] && n < 2; n++, p += sizeof record)
			memcpy(p, record, sizeof record);
	return (size_t)(p - out);
}

enum { SHAPE_MAX = 256 };
static unsigned long shapes_tried;

/* One guarded area for all: the messages end where it ends. */
static uint8_t *shape_area;

static void begin_shapes(void)
{
	static const uint8_t nothing[SHAPE_MAX];

	shape_area = (uint8_t *)(uintptr_t)guard_copy(nothing, sizeof nothing);
}

static void try_shape(const struct shape *s)
{
	uint8_t octets[SHAPE_MAX];
	struct query q;

	size_t n = write_shape(s, octets);
	uint8_t *at = shape_area + sizeof octets - n;
	memcpy(at, octets, n);
	for (enum via via = VIA_UDP; via <= VIA_TCP; via++) {
		struct decision d = decide(s, via);
		enum verdict verdict = query_parse(&q, at, n, via);
		shapes_tried++;
		if (verdict == d.verdict && (verdict == VERDICT_DROP || q.rcode == d.rcode))
			continue;
		fail_msg("flags %04x opcode %u counts %u %u %u %u type %u class %u %s %s: "
			 "verdict %d rcode %u, the table says %d %u",
			 s->flags, s->opcode, s->count[0], s->count[1], s->count[2], s->count[3],
			 s->type, s->class, s->whole ? "whole" : "cut",
			 via == VIA_UDP ? "udp" : "tcp", verdict, q.rcode, d.verdict, d.rcode);
	}
}

static const unsigned counts[] = { 0, 1, 2, 65535 };
static const unsigned classes[] = { 0, 1, 2, 3, 4, 254, 255, 65535 };

/* All 256 combinations of counts. */
static void try_counts(struct shape s)
{
	for (unsigned i = 0; i < 256; i++) {
		for (unsigned k = 0; k < 4; k++)
			s.count[k] = counts[i >> 2 * k & 3];
		for (int whole = 0; whole < 2; whole++) {
			s.whole = whole;
			try_shape(&s);
		}
	}
}

static void the_table_holds_for_opcodes_flags_counts_types_and_classes(void **state)
{
	static const unsigned types[] = { 0,   1,   2,   6,   41,  64,  128,   249,  250,
					  251, 252, 253, 254, 255, 256, 32769, 65535 };
	(void)state;
	begin_shapes();
	for (unsigned opcode = 0; opcode < 16; opcode++)
		for (size_t t = 0; t < sizeof types / sizeof types[0]; t++)
			for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++)
				try_counts((struct shape){
					.opcode = opcode, .type = types[t], .class = classes[c] });
}

static void the_table_holds_for_every_type_and_every_flag(void **state)
{
	(void)state;
	begin_shapes();
	for (unsigned type = 0; type < 65536; type++)
		for (size_t c = 0; c < sizeof classes / sizeof classes[0]; c++)
			try_shape(&(struct shape){ .opcode = type % 3 ? 0 : type % 16,
						   .count = { 1 },
						   .type = type,
						   .class = classes[c] });
	/* QR, AA, TC, RD, RA, Z, AD, CD and the RCODE, which a query may fill with anything. */
	for (unsigned opcode = 0; opcode < 16; opcode++)
		for (unsigned bits = 0; bits < 65536; bits++)
			try_shape(&(struct shape){ .flags = bits & 0x87ff,
						   .opcode = opcode,
						   .count = { 1 },
						   .type = bits % 300,
						   .class = 1 });
	print_message("%lu messages\n", shapes_tried);
}

/* The same shapes, some of them, as far as the reply: world.c holds each to the common rules. */
static void a_reply_to_any_of_them_is_well_formed(void **state)
{
	static const unsigned types[] = { 0, 1, 2, 6, 41, 249, 250, 251, 252, 255, 65535 };
	uint32_t random = 1;
	uint8_t octets[SHAPE_MAX];

	(void)state;
	for (int i = 0; i < 40000; i++) {
		struct shape s = { .count = { 1 } };
		random = random * 1664525 + 1013904223;
		s.flags = random >> 8 & 0x7ff;
		s.opcode = i % 4 ? 0 : random >> 20 & 15;
		s.type = types[(random >> 24) % 11];
		s.class = classes[i % 5 ? 1 : random >> 28 & 7];
		s.whole = i & 1;
		s.count[1 + i % 3] = counts[random >> 18 & 3];
		size_t n = write_shape(&s, octets);
		world_send(&w, octets, n, i & 2 ? VIA_TCP : VIA_UDP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_that_are_written_out),
		cmocka_unit_test(row_12_a_name_of_255_octets_is_a_name),
		cmocka_unit_test(row_13_a_name_of_256_octets_is_formerr),
		cmocka_unit_test(row_14_pointers_end_at_hop_127),
		cmocka_unit_test(row_27_ixfr_with_a_long_soa_that_is_not_there),
		cmocka_unit_test(row_32_options_are_counted),
		cmocka_unit_test(row_33_one_option_of_each_kind_in_a_reply),
		cmocka_unit_test(the_table_holds_for_opcodes_flags_counts_types_and_classes),
		cmocka_unit_test(the_table_holds_for_every_type_and_every_flag),
		cmocka_unit_test(a_reply_to_any_of_them_is_well_formed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
