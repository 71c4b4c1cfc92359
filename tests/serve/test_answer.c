/*
 * What zones answer: the examples of the RFCs with their own zones, then the
 * corners.  Expected replies are written from the RFCs' text; where a later
 * RFC changed an example, the case says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "support/world.h"

struct zone {
	const char *origin, *text;
};

struct ask {
	const char *name, *question, *expect;
};

struct story {
	const char *name;
	enum answer_style style;
	const struct zone *zones;
	const struct ask *asks;
};

/* ------ RFC 1034 section 6 ------ */

static const struct zone zones_1034[] = {
	{ ".", ". SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400\n"
	       " NS A.ISI.EDU.\n NS C.ISI.EDU.\n NS SRI-NIC.ARPA.\n"
	       "MIL. 86400 NS SRI-NIC.ARPA.\n 86400 NS A.ISI.EDU.\n"
	       "EDU. 86400 NS SRI-NIC.ARPA.\n 86400 NS C.ISI.EDU.\n"
	       "SRI-NIC.ARPA. A 26.0.0.73\n A 10.0.0.51\n MX 0 SRI-NIC.ARPA.\n"
	       " HINFO DEC-2060 TOPS20\n"
	       "ACC.ARPA. A 26.6.0.65\n HINFO PDP-11/70 UNIX\n MX 10 ACC.ARPA.\n"
	       "USC-ISIC.ARPA. CNAME C.ISI.EDU.\n"
	       "73.0.0.26.IN-ADDR.ARPA. PTR SRI-NIC.ARPA.\n"
	       "65.0.6.26.IN-ADDR.ARPA. PTR ACC.ARPA.\n"
	       "51.0.0.10.IN-ADDR.ARPA. PTR SRI-NIC.ARPA.\n"
	       "52.0.0.10.IN-ADDR.ARPA. PTR C.ISI.EDU.\n"
	       "103.0.3.26.IN-ADDR.ARPA. PTR A.ISI.EDU.\n"
	       "A.ISI.EDU. 86400 A 26.3.0.103\nC.ISI.EDU. 86400 A 10.0.0.52\n" },
	{ "EDU.", "@ SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870729 1800 300 604800 86400\n"
		  " NS SRI-NIC.ARPA.\n NS C.ISI.EDU.\n"
		  "UCI 172800 NS ICS.UCI\n 172800 NS ROME.UCI\n"
		  "ICS.UCI 172800 A 192.5.19.1\nROME.UCI 172800 A 192.5.19.31\n"
		  "ISI 172800 NS VAXA.ISI\n 172800 NS A.ISI\n 172800 NS VENERA.ISI.EDU.\n"
		  "VAXA.ISI 172800 A 10.2.0.27\n 172800 A 128.9.0.33\n"
		  "VENERA.ISI.EDU. 172800 A 10.1.0.52\n 172800 A 128.9.0.32\n"
		  "A.ISI 172800 A 26.3.0.103\n"
		  "UDEL.EDU. 172800 NS LOUIE.UDEL.EDU.\n 172800 NS UMN-REI-UC.ARPA.\n"
		  "LOUIE.UDEL.EDU. 172800 A 10.0.0.96\n 172800 A 192.5.39.3\n"
		  "YALE.EDU. 172800 NS YALE.ARPA.\nYALE.EDU. 172800 NS YALE-BULLDOG.ARPA.\n"
		  "MIT.EDU. 43200 NS XX.LCS.MIT.EDU.\n 43200 NS ACHILLES.MIT.EDU.\n"
		  "XX.LCS.MIT.EDU. 43200 A 10.0.0.44\nACHILLES.MIT.EDU. 43200 A 18.72.0.8\n" },
	{ "ISI.EDU.", "@ SOA VENERA ACTION\\.DOMAINS 20 7200 600 3600000 60\n"
		      " NS A\n NS VENERA\n NS VAXA\n"
		      "A 86400 A 26.3.0.103\nC 86400 A 10.0.0.52\n"
		      "VENERA A 10.1.0.52\n A 128.9.0.32\nVAXA A 10.2.0.27\n A 128.9.0.33\n" },
	{ NULL, NULL },
};

#define ROOT_SOA \
	"ns . 86400 SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870611 1800 300 604800 86400\n"
#define ROOT_NS "ns . 86400 NS A.ISI.EDU.\nns . 86400 NS C.ISI.EDU.\nns . 86400 NS SRI-NIC.ARPA.\n"

static const struct ask minimal_1034[] = {
	{ "6.2.1: an address", "SRI-NIC.ARPA. A",
	  "NOERROR aa\nan SRI-NIC.ARPA. 86400 A 26.0.0.73\nan SRI-NIC.ARPA. 86400 A 10.0.0.51\n" },
	{ "6.2.2: everything is one RRset (RFC 8482 section 4.1)", "SRI-NIC.ARPA. ANY",
	  "NOERROR aa\nan SRI-NIC.ARPA. 86400 A 26.0.0.73\nan SRI-NIC.ARPA. 86400 A 10.0.0.51\n" },
	{ "6.2.4: no such type", "SRI-NIC.ARPA. NS", "NOERROR aa\n" ROOT_SOA },
	{ "6.2.5: no such name", "SIR-NIC.ARPA. A", "NXDOMAIN aa\n" ROOT_SOA },
	{ "6.2.6: a referral, without AA", "BRL.MIL. A",
	  "NOERROR\nns MIL. 86400 NS SRI-NIC.ARPA.\nns MIL. 86400 NS A.ISI.EDU.\n"
	  "ar SRI-NIC.ARPA. 86400 A 26.0.0.73\nar SRI-NIC.ARPA. 86400 A 10.0.0.51\n"
	  "ar A.ISI.EDU. 86400 A 26.3.0.103\n" },
	{ "6.2.7: an alias, followed into another zone of ours", "USC-ISIC.ARPA. A",
	  "NOERROR aa\nan USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\nan C.ISI.EDU. 86400 A 10.0.0.52\n" },
	{ "6.2.8: an alias asked for itself", "USC-ISIC.ARPA. CNAME",
	  "NOERROR aa\nan USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\n" },
	{ "the nearest zone answers (4.3.2 step 2)", "ICS.UCI.EDU. A",
	  "NOERROR\nns UCI.EDU. 172800 NS ICS.UCI.EDU.\nns UCI.EDU. 172800 NS ROME.UCI.EDU.\n"
	  "ar ICS.UCI.EDU. 172800 A 192.5.19.1\nar ROME.UCI.EDU. 172800 A 192.5.19.31\n" },
	{ "the child's data, not the parent's glue, where both are served", "A.ISI.EDU. A",
	  "NOERROR aa\nan A.ISI.EDU. 86400 A 26.3.0.103\n" },
	{ "the cut itself is referred", "UDEL.EDU. NS",
	  "NOERROR\nns UDEL.EDU. 172800 NS LOUIE.UDEL.EDU.\nns UDEL.EDU. 172800 NS UMN-REI-UC.ARPA.\n"
	  "ar LOUIE.UDEL.EDU. 172800 A 10.0.0.96\nar LOUIE.UDEL.EDU. 172800 A 192.5.39.3\n" },
	{ "servers outside have no glue", "WWW.YALE.EDU. A",
	  "NOERROR\nns YALE.EDU. 172800 NS YALE.ARPA.\nns YALE.EDU. 172800 NS YALE-BULLDOG.ARPA.\n" },
	{ "deep below the cut, with a name on the way that has glue", "LCS.MIT.EDU. A",
	  "NOERROR\nns MIT.EDU. 43200 NS XX.LCS.MIT.EDU.\nns MIT.EDU. 43200 NS ACHILLES.MIT.EDU.\n"
	  "ar XX.LCS.MIT.EDU. 43200 A 10.0.0.44\nar ACHILLES.MIT.EDU. 43200 A 18.72.0.8\n" },
	{ "an empty name on the way exists (RFC 4592 section 2.2.2)", "26.IN-ADDR.ARPA. PTR",
	  "NOERROR aa\n" ROOT_SOA },
	{ "so does the root of many", "ARPA. A", "NOERROR aa\n" ROOT_SOA },
	{ "the root's servers", ". NS",
	  "NOERROR aa\nan . 86400 NS A.ISI.EDU.\nan . 86400 NS C.ISI.EDU.\nan . 86400 NS SRI-NIC.ARPA.\n" },
	{ "the child's apex is the child's", "EDU. SOA",
	  "NOERROR aa\nan EDU. 86400 SOA SRI-NIC.ARPA. HOSTMASTER.SRI-NIC.ARPA. 870729 1800 300 604800 "
	  "86400\n" },
	{ "a dot within a label stays one", "ISI.EDU. SOA",
	  "NOERROR aa\nan ISI.EDU. 60 SOA VENERA.ISI.EDU. ACTION\\.DOMAINS.ISI.EDU. 20 7200 600 3600000 "
	  "60\n" },
	{ "names are found in any case, and the owner is as it was asked (RFC 4343)",
	  "sri-nic.aRPA. A",
	  "NOERROR aa\nan sri-nic.aRPA. 86400 A 26.0.0.73\nan sri-nic.aRPA. 86400 A 10.0.0.51\n" },
	{ NULL, NULL, NULL },
};

static const struct ask full_1034[] = {
	{ "6.2.1: with the zone's servers, and their addresses where we have them", "ACC.ARPA. A",
	  "NOERROR aa\nan ACC.ARPA. 86400 A 26.6.0.65\n" ROOT_NS
	  "ar A.ISI.EDU. 86400 A 26.3.0.103\nar C.ISI.EDU. 86400 A 10.0.0.52\n"
	  "ar SRI-NIC.ARPA. 86400 A 26.0.0.73\nar SRI-NIC.ARPA. 86400 A 10.0.0.51\n" },
	{ "6.2.3: the addresses of mail servers go into the additional section, once",
	  "SRI-NIC.ARPA. MX",
	  "NOERROR aa\nan SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA.\n" ROOT_NS
	  "ar SRI-NIC.ARPA. 86400 A 26.0.0.73\nar SRI-NIC.ARPA. 86400 A 10.0.0.51\n"
	  "ar A.ISI.EDU. 86400 A 26.3.0.103\nar C.ISI.EDU. 86400 A 10.0.0.52\n" },
	{ "an answer does not say the servers twice", ". NS",
	  "NOERROR aa\nan . 86400 NS A.ISI.EDU.\nan . 86400 NS C.ISI.EDU.\nan . 86400 NS SRI-NIC.ARPA.\n"
	  "ar A.ISI.EDU. 86400 A 26.3.0.103\nar C.ISI.EDU. 86400 A 10.0.0.52\n"
	  "ar SRI-NIC.ARPA. 86400 A 26.0.0.73\nar SRI-NIC.ARPA. 86400 A 10.0.0.51\n" },
	{ "a no has the SOA, not the servers (RFC 2308 section 3)", "SIR-NIC.ARPA. A",
	  "NXDOMAIN aa\n" ROOT_SOA },
	{ "an alias has the servers of the zone it ends in", "USC-ISIC.ARPA. A",
	  "NOERROR aa\nan USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.\nan C.ISI.EDU. 86400 A 10.0.0.52\n"
	  "ns ISI.EDU. 60 NS A.ISI.EDU.\nns ISI.EDU. 60 NS VENERA.ISI.EDU.\n"
	  "ns ISI.EDU. 60 NS VAXA.ISI.EDU.\n"
	  "ar A.ISI.EDU. 86400 A 26.3.0.103\n"
	  "ar VENERA.ISI.EDU. 60 A 10.1.0.52\nar VENERA.ISI.EDU. 60 A 128.9.0.32\n"
	  "ar VAXA.ISI.EDU. 60 A 10.2.0.27\nar VAXA.ISI.EDU. 60 A 128.9.0.33\n" },
	{ NULL, NULL, NULL },
};

/* ------ RFC 4592 section 2.2.1 ------ */

#define SOA_4592       "ns example. 600 SOA ns.example. admin.example. 1 2 3 4 600\n"
#define WILD_MX(owner) "NOERROR aa\nan " owner " 3600 MX 10 host1.example.\n"

static const struct zone zones_4592[] = {
	{ "example.", "$TTL 3600\n"
		      "@ SOA ns admin 1 2 3 4 600\n"
		      "@ NS ns.example.com.\n@ NS ns.example.net.\n"
		      "*.example. TXT \"this is a wildcard\"\n"
		      "*.example. MX 10 host1.example.\n"
		      "sub.*.example. TXT \"this is not a wildcard\"\n"
		      "host1.example. A 192.0.2.1\n"
		      "_ssh._tcp.host1.example. SRV 0 0 22 host1\n"
		      "_ssh._tcp.host2.example. SRV 0 0 22 host2\n"
		      "subdel.example. NS ns.example.com.\nsubdel.example. NS ns.example.net.\n"
		      "*.tree CNAME host1\n"
		      "*.gone CNAME nothing.host1\n"
		      "*.any A 192.0.2.7\n*.any TXT x\n"
		      "*.deep.any A 192.0.2.8\n"
		      "entry.below.any A 192.0.2.9\n" },
	{ NULL, NULL },
};

static const struct ask asks_4592[] = {
	{ "host3 does not exist, the wildcard has MX", "host3.example. MX",
	  WILD_MX("host3.example.") },
	{ "the wildcard has no A: no data", "host3.example. A", "NOERROR aa\n" SOA_4592 },
	{ "the wildcard covers more than one label", "foo.bar.example. TXT",
	  "NOERROR aa\nan foo.bar.example. 3600 TXT \"this is a wildcard\"\n" },
	{ "host1 exists: no wildcard", "host1.example. MX", "NOERROR aa\n" SOA_4592 },
	{ "sub.* exists: no wildcard", "sub.*.example. MX", "NOERROR aa\n" SOA_4592 },
	{ "_tcp.host1 exists without data, it has no child *", "_telnet._tcp.host1.example. SRV",
	  "NXDOMAIN aa\n" SOA_4592 },
	{ "a delegation goes before the wildcard", "host.subdel.example. A",
	  "NOERROR\nns subdel.example. 3600 NS ns.example.com.\n"
	  "ns subdel.example. 3600 NS ns.example.net.\n" },
	{ "*.example is a name that exists, and has no child *", "ghost.*.example. MX",
	  "NXDOMAIN aa\n" SOA_4592 },
	{ "the wildcard asked by its own name (section 2.3)", "*.example. MX",
	  WILD_MX("*.example.") },
	{ "and for what it does not have", "*.example. A", "NOERROR aa\n" SOA_4592 },
	{ "a name below which there is something exists (section 2.2.2)", "host2.example. MX",
	  "NOERROR aa\n" SOA_4592 },
	{ "so does the name between", "_tcp.host2.example. MX", "NOERROR aa\n" SOA_4592 },
	{ "below a leaf there is no *", "a.host1.example. MX", "NXDOMAIN aa\n" SOA_4592 },
	{ "a label that only begins with a star is none (section 2.1.1)", "*a.example. MX",
	  WILD_MX("*a.example.") },
	{ "an alias of a wildcard is followed (section 3.3.3)", "x.tree.example. A",
	  "NOERROR aa\nan x.tree.example. 3600 CNAME host1.example.\nan host1.example. 3600 A 192.0.2.1\n" },
	{ "the encloser of a wildcard is no part of it", "tree.example. A",
	  "NOERROR aa\n" SOA_4592 },
	{ "NXDOMAIN behind a wildcard's alias (RFC 6604 section 3)", "x.gone.example. A",
	  "NXDOMAIN aa\nan x.gone.example. 3600 CNAME nothing.host1.example.\n" SOA_4592 },
	{ "only the closest encloser's wildcard counts (section 3.3.1)", "x.below.any.example. A",
	  "NXDOMAIN aa\n" SOA_4592 },
	{ "the deeper of two wildcards", "x.y.deep.any.example. A",
	  "NOERROR aa\nan x.y.deep.any.example. 3600 A 192.0.2.8\n" },
	{ "the name that a deeper wildcard stands below has no data", "deep.any.example. A",
	  "NOERROR aa\n" SOA_4592 },
	{ "ANY at a wildcard is one RRset (RFC 8482 section 4.1)", "x.any.example. ANY",
	  "NOERROR aa\nan x.any.example. 3600 A 192.0.2.7\n" },
	{ "the owner is as asked, in its case; so is what is compressed to it (RFC 4343 section 4.1)",
	  "HoSt3.eXample. MX", "NOERROR aa\nan HoSt3.eXample. 3600 MX 10 host1.eXample.\n" },
	{ NULL, NULL, NULL },
};

/* ------ RFC 6672 section 2.2 ------ */

#define DNAME_SOA(zone) "ns " zone " 60 SOA ns." zone " h." zone " 1 2 3 4 60\n"
#define X63             "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct zone zones_6672[] = {
	{ "example.com.",
	  "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n@ TXT apex\n@ 30 DNAME example.net.\n" },
	{ "b.example.org.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\nx 30 DNAME example.net.\n" },
	{ "y.org.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ DNAME y.example.net.\n" },
	{ "example.net.",
	  "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nfoo A 192.0.2.1\na.b A 192.0.2.2\n"
	  "a CNAME foo\n*.y A 192.0.2.3\n" },
	{ "same.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ DNAME same.\n" },
	{ "grow.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ DNAME c.grow.\n" },
	{ "x.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ DNAME .\n" },
	{ "long.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\nd DNAME " X63 "." X63 "." X63 ".example.net.\n"
		   "c CNAME " X63 ".d\n" },
	{ NULL, NULL },
};

static const struct ask asks_6672[] = {
	{ "the owner itself is not redirected", "example.com. TXT",
	  "NOERROR aa\nan example.com. 60 TXT \"apex\"\n" },
	{ "nor for a type that it does not have", "example.com. A",
	  "NOERROR aa\n" DNAME_SOA("example.com.") },
	{ "the DNAME asked for", "example.com. DNAME",
	  "NOERROR aa\nan example.com. 30 DNAME example.net.\n" },
	{ "a.example.com. becomes a.example.net., the CNAME has the DNAME's TTL (section 3.1)",
	  "foo.example.com. A",
	  "NOERROR aa\nan example.com. 30 DNAME example.net.\n"
	  "an foo.example.com. 30 CNAME foo.example.net.\nan foo.example.net. 60 A 192.0.2.1\n" },
	{ "a.b.example.com. becomes a.b.example.net.", "a.b.example.com. A",
	  "NOERROR aa\nan example.com. 30 DNAME example.net.\n"
	  "an a.b.example.com. 30 CNAME a.b.example.net.\nan a.b.example.net. 60 A 192.0.2.2\n" },
	{ "ab is no child of b", "bx.b.example.org. A",
	  "NXDOMAIN aa\n" DNAME_SOA("b.example.org.") },
	{ "a.x.b.example.org. becomes a.example.net., and its alias is followed",
	  "a.x.b.example.org. A",
	  "NOERROR aa\nan x.b.example.org. 30 DNAME example.net.\n"
	  "an a.x.b.example.org. 30 CNAME a.example.net.\n"
	  "an a.example.net. 60 CNAME foo.example.net.\nan foo.example.net. 60 A 192.0.2.1\n" },
	{ "a longer target", "a.y.org. A",
	  "NOERROR aa\nan y.org. 60 DNAME y.example.net.\n"
	  "an a.y.org. 60 CNAME a.y.example.net.\nan a.y.example.net. 60 A 192.0.2.3\n" },
	{ "the alias asked for is where it ends (section 3.2)", "foo.example.com. CNAME",
	  "NOERROR aa\nan example.com. 30 DNAME example.net.\n"
	  "an foo.example.com. 30 CNAME foo.example.net.\n" },
	{ "NXDOMAIN of the last name (RFC 6604 section 3)", "no.example.com. A",
	  "NXDOMAIN aa\nan example.com. 30 DNAME example.net.\n"
	  "an no.example.com. 30 CNAME no.example.net.\n" DNAME_SOA("example.net.") },
	{ "cyc.same. stays cyc.same.: a loop of one, said once", "cyc.same. A",
	  "NOERROR aa\nan same. 60 DNAME same.\nan cyc.same. 60 CNAME cyc.same.\n" },
	{ "shortloop.x.x. becomes shortloop.x. and shortloop., the DNAME said once",
	  "shortloop.x.x. A",
	  "NOERROR aa\nan x. 60 DNAME .\nan shortloop.x.x. 60 CNAME shortloop.x.\n"
	  "an shortloop.x. 60 CNAME shortloop.\n" },
	{ "63 octets more are too long: YXDOMAIN with the DNAME (section 2.2)", X63 ".d.long. A",
	  "YXDOMAIN aa\nan d.long. 60 DNAME " X63 "." X63 "." X63 ".example.net.\n" },
	{ "YXDOMAIN behind an alias too", "c.long. A",
	  "YXDOMAIN aa\nan c.long. 60 CNAME " X63 ".d.long.\n"
	  "an d.long. 60 DNAME " X63 "." X63 "." X63 ".example.net.\n" },
	{ "the case of the question goes into the made alias (RFC 4343)", "FoO.eXample.CoM. A",
	  "NOERROR aa\nan eXample.CoM. 30 DNAME example.net.\n"
	  "an FoO.eXample.CoM. 30 CNAME FoO.example.net.\nan FoO.example.net. 60 A 192.0.2.1\n" },
	{ NULL, NULL, NULL },
};

/* ------ negative answers: RFC 2308 ------ */

static const struct zone zones_2308[] = {
	{ "low.", "$TTL 3600\n@ 3600 SOA ns h 7 2 3 4 900\n@ NS ns\na A 192.0.2.1\n" },
	{ "high.", "$TTL 3600\n@ 300 SOA ns h 7 2 3 4 86400\n@ NS ns\na A 192.0.2.1\n" },
	{ "zero.",
	  "$TTL 3600\n@ 300 SOA ns h 7 2 3 4 0\n@ NS ns\na A 192.0.2.1\na.b.c A 192.0.2.1\n" },
	{ NULL, NULL },
};

static const struct ask asks_2308[] = {
	{ "5: MINIMUM is the TTL of a no when it is less", "x.low. A",
	  "NXDOMAIN aa\nns low. 900 SOA ns.low. h.low. 7 2 3 4 900\n" },
	{ "5: else the SOA's own TTL", "x.high. A",
	  "NXDOMAIN aa\nns high. 300 SOA ns.high. h.high. 7 2 3 4 86400\n" },
	{ "2.2: no data is told in the same way", "a.low. MX",
	  "NOERROR aa\nns low. 900 SOA ns.low. h.low. 7 2 3 4 900\n" },
	{ "5: zero is a time", "x.zero. A",
	  "NXDOMAIN aa\nns zero. 0 SOA ns.zero. h.zero. 7 2 3 4 0\n" },
	{ "the SOA asked for has its own TTL", "low. SOA",
	  "NOERROR aa\nan low. 3600 SOA ns.low. h.low. 7 2 3 4 900\nns low. 3600 NS ns.low.\n" },
	{ "2.2: an empty name on the way is no data, not NXDOMAIN (RFC 8020)", "b.c.zero. A",
	  "NOERROR aa\nns zero. 0 SOA ns.zero. h.zero. 7 2 3 4 0\n" },
	{ "ANY at an empty name", "c.zero. ANY",
	  "NOERROR aa\nns zero. 0 SOA ns.zero. h.zero. 7 2 3 4 0\n" },
	{ "a type that nobody knows (RFC 3597 section 3)", "a.low. TYPE65280",
	  "NOERROR aa\nns low. 900 SOA ns.low. h.low. 7 2 3 4 900\n" },
	{ NULL, NULL, NULL },
};

/* ------ cuts, with parent and child both served ------ */

static const struct zone zones_cut[] = {
	{ "p.",
	  "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n"
	  "both NS ns.both\nboth DS 1 8 99 00\nns.both A 192.0.2.2\nbelow.both TXT hidden\n"
	  "away NS ns.away\naway DS 2 8 99 00\nns.away A 192.0.2.3\nns.away AAAA 2001:db8::3\n"
	  "away TXT hidden\nplain NS ns.away\n"
	  "loop CNAME x.away\nself NS self\nself A 192.0.2.4\n"
	  "alias DNAME away.p.\n"
	  "mixed NS ns.mixed\nmixed NS ns.away\nmixed NS ns\nmixed NS ns.elsewhere.\n"
	  "ns.mixed A 192.0.2.5\n" },
	{ "both.p.", "$TTL 60\n@ SOA ns h 2 2 3 4 60\n@ NS ns\nns A 192.0.2.2\ndeep.er NS ns\n" },
	{ "orphan.q.", "$TTL 60\n@ SOA ns h 3 2 3 4 60\n@ NS ns\n" },
	{ NULL, NULL },
};

#define P_SOA "ns p. 60 SOA ns.p. h.p. 1 2 3 4 60\n"
#define AWAY                                                          \
	"ns away.p. 60 NS ns.away.p.\nar ns.away.p. 60 A 192.0.2.3\n" \
	"ar ns.away.p. 60 AAAA 2001:db8::3\n"

static const struct ask asks_cut[] = {
	{ "DS at a cut is the parent's (RFC 4035 section 3.1.4.1)", "away.p. DS",
	  "NOERROR aa\nan away.p. 60 DS 0002086300\n" },
	{ "DS where the child is served too is still the parent's", "both.p. DS",
	  "NOERROR aa\nan both.p. 60 DS 0001086300\n" },
	{ "no DS: the parent says so", "plain.p. DS", "NOERROR aa\n" P_SOA },
	{ "DS at an apex whose parent is not here: the child has none", "orphan.q. DS",
	  "NOERROR aa\nns orphan.q. 60 SOA ns.orphan.q. h.orphan.q. 3 2 3 4 60\n" },
	{ "DS below a cut is the child's business", "x.away.p. DS", "NOERROR\n" AWAY },
	{ "DS of a cut in the child, not of the grandparent", "deep.er.both.p. DS",
	  "NOERROR aa\nns both.p. 60 SOA ns.both.p. h.both.p. 2 2 3 4 60\n" },
	{ "DS of the root, which has no parent", ". DS", "REFUSED\n" },
	{ "every other type at the cut is referred", "away.p. TXT", "NOERROR\n" AWAY },
	{ "ANY too", "away.p. ANY", "NOERROR\n" AWAY },
	{ "the glue itself is not authoritative", "ns.away.p. A", "NOERROR\n" AWAY },
	{ "the child's zone hides what the parent has below the cut", "below.both.p. TXT",
	  "NXDOMAIN aa\nns both.p. 60 SOA ns.both.p. h.both.p. 2 2 3 4 60\n" },
	{ "NS at the child's apex is the child's, with AA", "both.p. NS",
	  "NOERROR aa\nan both.p. 60 NS ns.both.p.\n" },
	{ "an alias into a cut keeps AA: it speaks of the first name (RFC 1034 section 6.2.7)",
	  "loop.p. A", "NOERROR aa\nan loop.p. 60 CNAME x.away.p.\n" AWAY },
	{ "so does a DNAME", "x.alias.p. A",
	  "NOERROR aa\nan alias.p. 60 DNAME away.p.\nan x.alias.p. 60 CNAME x.away.p.\n" AWAY },
	{ "a cut that is its own server", "self.p. A",
	  "NOERROR\nns self.p. 60 NS self.p.\nar self.p. 60 A 192.0.2.4\n" },
	{ "glue below the cut first, then what else the zone has, of others nothing (RFC 9471)",
	  "x.mixed.p. A",
	  "NOERROR\nns mixed.p. 60 NS ns.mixed.p.\nns mixed.p. 60 NS ns.away.p.\n"
	  "ns mixed.p. 60 NS ns.p.\nns mixed.p. 60 NS ns.elsewhere.\n"
	  "ar ns.mixed.p. 60 A 192.0.2.5\nar ns.away.p. 60 A 192.0.2.3\n"
	  "ar ns.away.p. 60 AAAA 2001:db8::3\nar ns.p. 60 A 192.0.2.1\n" },
	{ "a name in no zone is refused", "www.q. A", "REFUSED\n" },
	{ NULL, NULL, NULL },
};

/* ------ chains and loops ------ */

#define LINK(n, to) "l" n " CNAME l" to "\n"
#define SAID(n, to) "an l" n ".c. 60 CNAME l" to ".c.\n"

static const struct zone zones_chain[] = {
	{ "c.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n"
		"one CNAME one\ntwo CNAME owt\nowt CNAME two\n"
		"a3 CNAME b3\nb3 CNAME c3\nc3 CNAME a3\n"
		"lead CNAME one\n"
		"over CNAME over.d.\nout CNAME www.elsewhere.\nnx CNAME nothing.d.\n"
		"nodata CNAME txt.d.\n" LINK("1", "2") LINK("2", "3") LINK("3", "4") LINK("4", "5")
			LINK("5", "6") LINK("6", "7") LINK("7", "8") LINK("8", "9") LINK("9", "10")
				LINK("10", "11") LINK("11", "12") LINK("12", "13") LINK("13", "14")
					LINK("14", "15") LINK("15", "16") LINK("16", "17")
						LINK("17", "18") "l18 A 192.0.2.18\n"
								 "*.wild CNAME x.wild\n" },
	{ "d.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nover CNAME end.c.sub.d.\ntxt TXT x\n"
		"back CNAME back.e.\n" },
	{ "sub.d.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nend.c A 192.0.2.1\n" },
	{ "e.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nback CNAME back.d.\n" },
	{ NULL, NULL },
};

#define D_SOA "ns d. 60 SOA ns.d. h.d. 1 2 3 4 60\n"
/* clang-format off */
#define LINKS_3_TO_16 \
	SAID("3", "4") SAID("4", "5") SAID("5", "6") SAID("6", "7") SAID("7", "8") \
	SAID("8", "9") SAID("9", "10") SAID("10", "11") SAID("11", "12") SAID("12", "13") \
	SAID("13", "14") SAID("14", "15") SAID("15", "16") SAID("16", "17")
/* clang-format on */

static const struct ask asks_chain[] = {
	{ "a loop of one, said once", "one.c. A", "NOERROR aa\nan one.c. 60 CNAME one.c.\n" },
	{ "a loop of two", "two.c. A",
	  "NOERROR aa\nan two.c. 60 CNAME owt.c.\nan owt.c. 60 CNAME two.c.\n" },
	{ "a loop of three", "b3.c. A",
	  "NOERROR aa\nan b3.c. 60 CNAME c3.c.\nan c3.c. 60 CNAME a3.c.\nan a3.c. 60 CNAME b3.c.\n" },
	{ "a way into a loop", "lead.c. A",
	  "NOERROR aa\nan lead.c. 60 CNAME one.c.\nan one.c. 60 CNAME one.c.\n" },
	{ "a loop over two zones", "back.d. A",
	  "NOERROR aa\nan back.d. 60 CNAME back.e.\nan back.e. 60 CNAME back.d.\n" },
	{ "a loop is found in any case of letters", "ONE.c. A",
	  "NOERROR aa\nan ONE.c. 60 CNAME ONE.c.\n" },
	{ "an alias over three zones", "over.c. A",
	  "NOERROR aa\nan over.c. 60 CNAME over.d.\nan over.d. 60 CNAME end.c.sub.d.\n"
	  "an end.c.sub.d. 60 A 192.0.2.1\n" },
	{ "an alias out of all zones is a whole answer (RFC 6604 section 3)", "out.c. A",
	  "NOERROR aa\nan out.c. 60 CNAME www.elsewhere.\n" },
	{ "NXDOMAIN in another zone, with the SOA of that (RFC 2308 section 2.1)", "nx.c. A",
	  "NXDOMAIN aa\nan nx.c. 60 CNAME nothing.d.\n" D_SOA },
	{ "no data in another zone", "nodata.c. A",
	  "NOERROR aa\nan nodata.c. 60 CNAME txt.d.\n" D_SOA },
	{ "a chain of 15 and its end", "l3.c. A",
	  "NOERROR aa\n" LINKS_3_TO_16 SAID("17", "18") "an l18.c. 60 A 192.0.2.18\n" },
	{ "a chain of 16 and its end", "l2.c. A",
	  "NOERROR aa\n" SAID("2", "3")
		  LINKS_3_TO_16 SAID("17", "18") "an l18.c. 60 A 192.0.2.18\n" },
	{ "a chain of 17 ends after 16", "l1.c. A",
	  "NOERROR aa\n" SAID("1", "2") SAID("2", "3") LINKS_3_TO_16 },
	{ "CNAME asked for is not followed (RFC 1034 section 3.6.2)", "l1.c. CNAME",
	  "NOERROR aa\n" SAID("1", "2") },
	{ "ANY is not followed either", "l1.c. ANY", "NOERROR aa\n" SAID("1", "2") },
	{ "a wildcard that leads to a name it covers", "a.wild.c. A",
	  "NOERROR aa\nan a.wild.c. 60 CNAME x.wild.c.\nan x.wild.c. 60 CNAME x.wild.c.\n" },
	{ NULL, NULL, NULL },
};

/* ------ additional records ------ */

static const struct zone zones_extra[] = {
	{ "x.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\nns AAAA 2001:db8::1\n"
		"mail MX 10 mx1\nmail MX 20 mx2\nmail MX 30 mx1\nmail MX 40 mx.elsewhere.\n"
		"mx1 A 192.0.2.2\nmx2 AAAA 2001:db8::2\n"
		"_s._tcp SRV 0 0 1 mx1\nh HTTPS 1 mx2 alpn=h2\nroot MX 0 .\n"
		"cn MX 10 alias\nalias CNAME mx1\nptr PTR mx1\n"
		"nsx MX 10 ns\n"
		"many A 192.0.2.1\nmany AAAA 2001:db8::1\nmany TXT a\nmany MX 10 mx1\n"
		"case MX 10 MX1\n" },
	{ NULL, NULL },
};

#define X_NS   "ns x. 60 NS ns.x.\n"
#define X_NS_A "ar ns.x. 60 A 192.0.2.1\nar ns.x. 60 AAAA 2001:db8::1\n"

static const struct ask asks_extra[] = {
	{ "addresses of MX, each name once, none of names elsewhere", "mail.x. MX",
	  "NOERROR aa\nan mail.x. 60 MX 10 mx1.x.\nan mail.x. 60 MX 20 mx2.x.\nan mail.x. 60 MX 30 mx1.x.\n"
	  "an mail.x. 60 MX 40 mx.elsewhere.\n" X_NS
	  "ar mx1.x. 60 A 192.0.2.2\nar mx2.x. 60 AAAA 2001:db8::2\n" X_NS_A },
	{ "of SRV (RFC 2782)", "_s._tcp.x. SRV",
	  "NOERROR aa\nan _s._tcp.x. 60 SRV 0 0 1 mx1.x.\n" X_NS
	  "ar mx1.x. 60 A 192.0.2.2\n" X_NS_A },
	{ "of HTTPS (RFC 9460 section 4.1)", "h.x. HTTPS",
	  "NOERROR aa\nan h.x. 60 HTTPS 1 mx2.x. 00010003026832\n" X_NS
	  "ar mx2.x. 60 AAAA 2001:db8::2\n" X_NS_A },
	{ "not of PTR", "ptr.x. PTR", "NOERROR aa\nan ptr.x. 60 PTR mx1.x.\n" X_NS X_NS_A },
	{ "the root as a mail server has none (RFC 7505)", "root.x. MX",
	  "NOERROR aa\nan root.x. 60 MX 0 .\n" X_NS X_NS_A },
	{ "an alias in MX is not followed (RFC 2181 section 10.3)", "cn.x. MX",
	  "NOERROR aa\nan cn.x. 60 MX 10 alias.x.\n" X_NS X_NS_A },
	{ "names that answer and authority share are added once", "nsx.x. MX",
	  "NOERROR aa\nan nsx.x. 60 MX 10 ns.x.\n" X_NS X_NS_A },
	{ "an RRset that is the answer is not added again", "ns.x. A",
	  "NOERROR aa\nan ns.x. 60 A 192.0.2.1\n" X_NS "ar ns.x. 60 AAAA 2001:db8::1\n" },
	{ "names in RDATA are found in any case of letters, and keep theirs", "case.x. MX",
	  "NOERROR aa\nan case.x. 60 MX 10 MX1.x.\n" X_NS "ar MX1.x. 60 A 192.0.2.2\n" X_NS_A },
	{ NULL, NULL, NULL },
};

static const struct story stories[] = {
	{ "RFC 1034 section 6.2, minimal", STYLE_MINIMAL, zones_1034, minimal_1034 },
	{ "RFC 1034 section 6.2, full", STYLE_FULL, zones_1034, full_1034 },
	{ "RFC 4592 section 2.2.1", STYLE_MINIMAL, zones_4592, asks_4592 },
	{ "RFC 6672 section 2.2", STYLE_MINIMAL, zones_6672, asks_6672 },
	{ "RFC 2308", STYLE_FULL, zones_2308, asks_2308 },
	{ "cuts", STYLE_MINIMAL, zones_cut, asks_cut },
	{ "chains", STYLE_MINIMAL, zones_chain, asks_chain },
	{ "additional", STYLE_FULL, zones_extra, asks_extra },
};

static void open_story(struct world *w, const struct story *s)
{
	world_init(w);
	w->responder.style = s->style;
	for (const struct zone *z = s->zones; z->origin; z++)
		world_zone(w, z->origin, z->text);
}

static void zones_answer_as_the_rfcs_tell_it(void **state)
{
	struct world w;
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
		open_story(&w, &stories[i]);
		for (const struct ask *a = stories[i].asks; a->name; a++) {
			char question[2048];
			snprintf(question, sizeof question, "%s tcp", a->question);
			const char *got = world_ask(&w, question);
			if (strcmp(got, a->expect) == 0)
				continue;
			print_error("%s: %s (%s)\nexpected %s\ngot      %s\n", stories[i].name,
				    a->name, a->question, a->expect, got);
			failed++;
		}
		world_free(&w);
	}
	assert_int_equal(failed, 0);
}

/* ------ sizes ------ */

/* The records of a reply, kept while others are asked for. */
struct kept_records {
	struct {
		char section[3], *owner, *line;
		uint16_t type;
		bool required;
	} at[512];
	size_t count;
	size_t required_end; /* octets up to the last required record */
	bool tc;
};

static void keep(struct kept_records *k, const struct printed *p)
{
	assert_true(p->record_count <= 512);
	k->count = p->record_count;
	k->tc = p->flags & 0x0200;
	for (size_t i = 0; i < k->count; i++) {
		memcpy(k->at[i].section, p->records[i].section, 3);
		k->at[i].owner = strdup(p->records[i].owner);
		k->at[i].line = strdup(p->records[i].line);
		k->at[i].type = p->records[i].type;
	}
}

static void forget(struct kept_records *k)
{
	for (size_t i = 0; i < k->count; i++) {
		free(k->at[i].owner);
		free(k->at[i].line);
	}
}

/* True when text is the name or ends in ".name", whatever the case. */
static bool is_below(const char *text, const char *name)
{
	size_t a = strlen(text), b = strlen(name);

	return a >= b && strcasecmp(text + a - b, name) == 0 && (a == b || text[a - b - 1] == '.');
}

/*
 * What a reply must have (RFC 2181 section 9, RFC 9471 section 3): of a minimal
 * reply all answers and authority, and the glue from below the cut.
 */
static void mark_required(struct kept_records *k, const struct printed *p)
{
	const char *cut = NULL;

	k->required_end = p->question_end;
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->at[i].section, "ns") == 0 && k->at[i].type == 2)
			cut = k->at[i].owner;
	for (size_t i = 0; i < k->count; i++) {
		k->at[i].required = strcmp(k->at[i].section, "ar") != 0 ||
				    (cut && is_below(k->at[i].owner, cut));
		if (k->at[i].required)
			k->required_end = p->records[i].end;
	}
}

/* RFC 2181 section 5: as many records of the RRset as there are without a limit, or none. */
static void check_whole(const struct printed *p, const struct kept_records *all,
			const char *question)
{
	for (size_t i = 0; i < p->record_count; i++) {
		size_t here = 0, there = 0;
		const struct print_record *r = &p->records[i];

		if (i > 0 && r->type == p->records[i - 1].type &&
		    strcmp(r->owner, p->records[i - 1].owner) == 0)
			continue;
		for (size_t j = 0; j < p->record_count; j++)
			here += p->records[j].type == r->type &&
				strcmp(p->records[j].section, r->section) == 0 &&
				strcmp(p->records[j].owner, r->owner) == 0;
		for (size_t j = 0; j < all->count; j++)
			there += all->at[j].type == r->type &&
				 strcmp(all->at[j].section, r->section) == 0 &&
				 strcmp(all->at[j].owner, r->owner) == 0;
		if (here != there)
			fail_msg("%s: %zu of %zu records of %s", question, here, there, r->line);
	}
}

enum { OPT_SIZE = 11, OPT_SLACK = 6 /* kept free for an extended error */ };

static void check_size(struct world *w, const char *question, const struct kept_records *required,
		       const struct kept_records *all, unsigned size)
{
	char limited[2048];
	bool missing = false;

	snprintf(limited, sizeof limited, "%s edns=%u", question, size);
	world_ask(w, limited);
	for (size_t i = 0; i < required->count; i++)
		missing |= required->at[i].required &&
			   !print_has(w->reply, required->at[i].section, required->at[i].line);
	if (missing != !!(w->reply->flags & 0x0200))
		fail_msg("%s: TC is %d, but something required is %s\n%s", limited, !missing,
			 missing ? "missing" : "not missing", w->reply->text);
	if (missing && required->required_end + OPT_SIZE + OPT_SLACK <= size)
		fail_msg("%s: TC, but %zu octets would do\n%s", limited, required->required_end,
			 w->reply->text);
	check_whole(w->reply, all, limited);
}

static unsigned sizes_tried, truncated;

static void try_sizes(struct world *w, const char *question)
{
	static struct kept_records required, all;
	char tcp[2048];
	enum answer_style style = w->responder.style;

	snprintf(tcp, sizeof tcp, "%s tcp", question);
	world_ask(w, tcp);
	keep(&all, w->reply);
	w->responder.style = STYLE_MINIMAL;
	world_ask(w, tcp);
	keep(&required, w->reply);
	mark_required(&required, w->reply);
	w->responder.style = style;
	for (unsigned size = 512; size <= 1232; size += required.required_end < 450 ? 240 : 1) {
		check_size(w, question, &required, &all, size);
		truncated += !!(w->reply->flags & 0x0200);
		sizes_tried++;
	}
	world_ask(w, question);
	assert_true(w->what.size <= 512);
	forget(&required);
	forget(&all);
}

static char *big_zone(void)
{
	static char text[100000];
	char *p = text;

	p += sprintf(p, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n");
	for (int i = 0; i < 40; i++)
		p += sprintf(p, "types TYPE%d \\# 20 %040d\n", 65280 + i, i);
	for (int i = 0; i < 9; i++)
		p += sprintf(p, "txt TXT \"%0100d\"\n", i);
	p += sprintf(p, "huge TXT \"%0250d\" \"%0250d\" \"%0250d\" \"%0250d\" \"%0250d\"\n", 1, 2,
		     3, 4, 5);
	for (int i = 0; i < 20; i++)
		p += sprintf(p, "mx MX %d host%d\nhost%d A 192.0.2.%d\nhost%d AAAA 2001:db8::%d\n",
			     i, i, i, i, i, i);
	p += sprintf(p,
		     "alias CNAME txt\nalias2 CNAME huge\nd DNAME huge.big.\nd2 DNAME d3.big.\n"
		     "txt.d3 TXT \"%0200d\" \"%0200d\" \"%0200d\"\n",
		     1, 2, 3);
	/* A cut with servers below it, beside it, and elsewhere. */
	for (int i = 0; i < 5; i++)
		p += sprintf(p,
			     "cut NS s%d.cut\ns%d.cut A 192.0.2.%d\ns%d.cut AAAA 2001:db8::%d\n"
			     "cut NS host%d\ncut NS elsewhere%d.\n",
			     i, i, i, i, i, i, i);
	/* One with many servers beside it, and one whose glue is too much. */
	for (int i = 0; i < 25; i++)
		p += sprintf(p, "crowd NS server-%d-of-many\nserver-%d-of-many A 192.0.2.1\n", i,
			     i);
	for (int i = 0; i < 20; i++)
		p += sprintf(p, "glue NS a.glue\na.glue A 192.0.2.%d\na.glue AAAA 2001:db8::%d\n",
			     i, i);
	sprintf(p, "long.%s.%s CNAME %s.%s.txt\n", X63, X63, X63, X63);
	return text;
}

static void tc_is_set_when_something_required_is_missing_and_only_then(void **state)
{
	static const char *const questions[] = {
		"types.big. ANY", "types.big. TYPE65280",
		"txt.big. TXT",   "huge.big. TXT",
		"mx.big. MX",     "host3.big. A",
		"alias.big. TXT", "alias2.big. TXT",
		"a.d.big. TXT",   "txt.d2.big. TXT",
		"cut.big. A",     "x.cut.big. A",
		"x.crowd.big. A", "x.glue.big. A",
		"no.big. A",      "big. SOA",
		"big. NS",        "long." X63 "." X63 ".big. A",
		"x.elsewhere. A",
	};
	struct world w;

	(void)state;
	for (enum answer_style style = STYLE_FULL; style <= STYLE_MINIMAL; style++) {
		world_init(&w);
		w.responder.style = style;
		world_zone(&w, "big.", big_zone());
		for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
			try_sizes(&w, questions[i]);
		world_free(&w);
		for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
			open_story(&w, &stories[i]);
			w.responder.style = style;
			for (const struct ask *a = stories[i].asks; a->name; a++)
				try_sizes(&w, a->question);
			world_free(&w);
		}
	}
	print_message("%u replies, %u of them truncated\n", sizes_tried, truncated);
	assert_true(truncated > 1000);
}

static struct world big;

static int open_big(void **state)
{
	(void)state;
	world_init(&big);
	world_zone(&big, "big.", big_zone());
	big.responder.style = STYLE_MINIMAL;
	return 0;
}

static int close_big(void **state)
{
	(void)state;
	world_free(&big);
	return 0;
}

static size_t count_records(const char *section)
{
	size_t n = 0;

	for (size_t i = 0; i < big.reply->record_count; i++)
		n += strcmp(big.reply->records[i].section, section) == 0;
	return n;
}

/* Row 24 of the list of bad queries. */
static void any_at_a_name_with_40_rrsets_is_one_of_them_within_512_octets(void **state)
{
	(void)state;
	world_ask(&big, "types.big. ANY");
	assert_int_equal(count_records("an"), 1);
	assert_true(big.what.size <= 512);
	assert_false(big.reply->flags & 0x0200);
	world_ask(&big, "types.big. ANY tcp");
	assert_int_equal(count_records("an"), 1);
}

static void glue_that_does_not_fit_is_tc_and_all_of_it_comes_by_tcp(void **state)
{
	(void)state;
	world_ask(&big, "x.glue.big. A edns=512");
	assert_true(big.reply->flags & 0x0200);
	world_ask(&big, "x.glue.big. A tcp");
	assert_false(big.reply->flags & 0x0200);
	assert_int_equal(count_records("ar"), 40);
}

static void servers_beside_the_cut_go_without_tc(void **state)
{
	(void)state;
	world_ask(&big, "x.crowd.big. A edns=1000");
	assert_false(big.reply->flags & 0x0200);
	assert_int_equal(count_records("ns"), 25);
	size_t some = count_records("ar");
	assert_in_range(some, 1, 24);
	world_ask(&big, "x.crowd.big. A tcp");
	assert_int_equal(count_records("ar"), 25);
}

static void an_rrset_that_does_not_fit_leaves_the_answer_empty_with_tc(void **state)
{
	(void)state;
	assert_string_equal(world_ask(&big, "huge.big. TXT"), "NOERROR aa tc\n");
	assert_string_equal(world_ask(&big, "alias2.big. TXT edns=1232"),
			    "NOERROR aa tc\nan alias2.big. 60 CNAME huge.big.\nopt 1232\n");
}

/* RFC 2308 section 3: the SOA of a no is required; two long names make it too large for 512. */
static void an_soa_that_does_not_fit_is_tc(void **state)
{
	static const char *const questions[] = { X63 "." X63 ".soa. A", "soa. A" };
	struct world w;
	char text[1000];

	(void)state;
	snprintf(text, sizeof text, "$TTL 60\n@ SOA %s.%s.%s.a. %s.%s.%s.b. 1 2 3 4 60\n@ NS ns\n",
		 X63, X63, X63, X63, X63, X63);
	world_init(&w);
	world_zone(&w, "soa.", text);
	assert_string_equal(world_ask(&w, questions[0]), "NXDOMAIN aa tc\n");
	try_sizes(&w, questions[0]);
	try_sizes(&w, questions[1]);
	world_free(&w);
}

/* Three labels of 60 octets, different for each letter, so that nothing is compressed. */
static const char *wide_name(char letter)
{
	static char names[8][192];
	static unsigned next;
	char *name = names[next++ % 8];

	memset(name, letter, 183);
	name[60] = name[121] = '.';
	name[182] = '\0';
	return name;
}

/* RFC 2181 section 9: three aliases of 180 octets do not fit into 512. */
static void aliases_that_do_not_fit_are_tc(void **state)
{
	static const char *const questions[] = { "a.wide. A", "x.a.wild. A" };
	static const char *const types[] = { "CNAME", "DNAME" }, *const zones[] = { "wide.",
										    "wild." };
	struct world w;

	(void)state;
	world_init(&w);
	w.responder.style = STYLE_MINIMAL;
	for (size_t i = 0; i < 2; i++) {
		char text[2000];

		snprintf(text, sizeof text,
			 "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\na %s %s\n%s %s %s\n%s %s %s\n",
			 types[i], wide_name('b'), wide_name('b'), types[i], wide_name('c'),
			 wide_name('c'), types[i], wide_name('d'));
		world_zone(&w, zones[i], text);
	}
	for (size_t i = 0; i < 2; i++) {
		world_ask(&w, questions[i]);
		assert_true(w.reply->flags & 0x0200);
		assert_true(w.reply->record_count > 0);
		try_sizes(&w, questions[i]);
	}
	world_free(&w);
}

/* Each of the sets of signatures is whole or not there. */
static void signatures_that_do_not_fit_are_tc(void **state)
{
	static const char *const covered[] = { "A", "AAAA", "MX" };
	struct world w;
	char text[4000];
	int used = snprintf(text, sizeof text,
			    "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n"
			    "a A 192.0.2.1\na TXT x\na AAAA ::1\na MX 1 .\n");

	(void)state;
	for (size_t i = 0; i < sizeof covered / sizeof covered[0]; i++)
		used += snprintf(text + used, sizeof text - (size_t)used,
				 "a RRSIG %s 8 2 60 20260201000000 20260101000000 1 signed. "
				 "%0400d\n",
				 covered[i], 0);
	world_init(&w);
	w.responder.style = STYLE_MINIMAL;
	world_zone(&w, "signed.", text);
	world_ask(&w, "a.signed. RRSIG edns=1232");
	assert_false(w.reply->flags & 0x0200);
	assert_int_equal(w.reply->record_count, 3);
	world_ask(&w, "a.signed. RRSIG");
	assert_true(w.reply->flags & 0x0200);
	world_free(&w);
}

/* RFC 1034 section 5.2.2 leaves the number to us: after sixteen there is no more. */
static void sixteen_aliases_are_followed_and_dnames_are_aliases(void **state)
{
	struct world w;
	char text[4000];
	int used = snprintf(text, sizeof text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n");

	(void)state;
	for (int i = 0; i < 20; i++)
		used += snprintf(text + used, sizeof text - (size_t)used, "d%d DNAME d%d\n", i,
				 i + 1);
	world_init(&w);
	world_zone(&w, "long.", text);
	world_ask(&w, "x.d0.long. A tcp");
	assert_int_equal(w.reply->record_count, 2 * 16);
	assert_false(w.reply->flags & 0x0200);
	world_free(&w);
}

/* Without the room for them, courtesies go, and nobody is told. */
static void the_servers_of_the_zone_are_left_out_without_tc(void **state)
{
	(void)state;
	big.responder.style = STYLE_FULL;
	bool with = false, without = false;
	for (unsigned size = 1000; size < 1232; size++) {
		char question[64];
		snprintf(question, sizeof question, "txt.big. TXT edns=%u", size);
		world_ask(&big, question);
		if (big.reply->flags & 0x0200)
			continue;
		with |= print_has(big.reply, "ns", "big. 60 NS ns.big.");
		without |= !print_has(big.reply, "ns", "big. 60 NS ns.big.");
	}
	big.responder.style = STYLE_MINIMAL;
	assert_true(with && without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_answer_as_the_rfcs_tell_it),
		cmocka_unit_test(tc_is_set_when_something_required_is_missing_and_only_then),
		cmocka_unit_test(any_at_a_name_with_40_rrsets_is_one_of_them_within_512_octets),
		cmocka_unit_test(glue_that_does_not_fit_is_tc_and_all_of_it_comes_by_tcp),
		cmocka_unit_test(servers_beside_the_cut_go_without_tc),
		cmocka_unit_test(an_rrset_that_does_not_fit_leaves_the_answer_empty_with_tc),
		cmocka_unit_test(an_soa_that_does_not_fit_is_tc),
		cmocka_unit_test(aliases_that_do_not_fit_are_tc),
		cmocka_unit_test(signatures_that_do_not_fit_are_tc),
		cmocka_unit_test(sixteen_aliases_are_followed_and_dnames_are_aliases),
		cmocka_unit_test(the_servers_of_the_zone_are_left_out_without_tc),
	};

	return cmocka_run_group_tests(tests, open_big, close_big);
}
