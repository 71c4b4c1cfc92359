/*
 * rrtype_rows.h -- the record types: one row each.
 *
 * For src/dns/rrtype.c only, which includes this once for each table that it
 * makes of the rows.  They stand by number; the fields are those of dns/field.h.
 *
 *	ROW(code, text, flags, example, fields in wire order...)
 */

/* clang-format off */
ROW(1, "A", 0, "192.0.2.1", FIELD_IP4)                             /* RFC 1035 §3.4.1  */
ROW(2, "NS", MORE, "ns1.example.com.", NAME)                       /* RFC 1035 §3.3.11 */
ROW(3, "MD", MORE, "mail.example.com.", NAME)                      /* RFC 1035 §3.3.4  */
ROW(4, "MF", MORE, "mail.example.com.", NAME)                      /* RFC 1035 §3.3.5  */
ROW(5, "CNAME", SINGLE, "www.example.com.", NAME)                  /* RFC 1035 §3.3.1  */
ROW(6, "SOA", SINGLE, "ns1 hostmaster 2026010101 1d 2h 4w 1h",     /* RFC 1035 §3.3.13 */
    NAME, NAME, U32, TTL, TTL, TTL, TTL)
ROW(7, "MB", MORE, "mail.example.com.", NAME)                      /* RFC 1035 §3.3.3  */
ROW(8, "MG", 0, "member.example.com.", NAME)                       /* RFC 1035 §3.3.6  */
ROW(9, "MR", 0, "mailbox.example.com.", NAME)                      /* RFC 1035 §3.3.8  */
ROW(10, "NULL", 0, "\\# 2 CAFE", OPAQUE)                           /* RFC 1035 §3.3.10 */
ROW(11, "WKS", 0, "192.0.2.1 TCP smtp 80", FIELD_IP4, FIELD_WKS)   /* RFC 1035 §3.4.2  */
ROW(12, "PTR", 0, "www.example.com.", NAME)                        /* RFC 1035 §3.3.12 */
ROW(13, "HINFO", 0, "\"PDP-11\" \"UNIX\"", STRING, STRING)         /* RFC 1035 §3.3.2  */
ROW(14, "MINFO", 0, "owner errors", NAME, NAME)                    /* RFC 1035 §3.3.7  */
ROW(15, "MX", MORE, "10 mail.example.com.", U16, NAME)             /* RFC 1035 §3.3.9  */
ROW(16, "TXT", 0, "\"some text\"", FIELD_STRINGS)                  /* RFC 1035 §3.3.14 */
ROW(17, "RP", 0, "admin.example.com. .", PLAIN, PLAIN)             /* RFC 1183 §2.2    */
ROW(18, "AFSDB", MORE, "1 afs.example.com.", U16, PLAIN)           /* RFC 1183 §1      */
ROW(19, "X25", 0, "311061700956", STRING)                          /* RFC 1183 §3.1    */
ROW(20, "ISDN", 0, "150862028003217 004",                          /* RFC 1183 §3.2    */
    STRING, FIELD_STRING_OPTIONAL)
ROW(21, "RT", MORE, "2 relay.example.com.", U16, PLAIN)            /* RFC 1183 §3.3    */
ROW(22, "NSAP", 0, "0x47.0005.80.005a00", FIELD_NSAP)              /* RFC 1706 §5      */
ROW(23, "NSAP-PTR", 0, "host.example.com.", PLAIN)                 /* RFC 1348         */
ROW(24, "SIG", BESIDE, "A 1 3 3600 20260201000000 20260101000000 1 example.com. AAAA",
    SIGNATURE)                                                     /* RFC 2535 §4.1    */
ROW(25, "KEY", BESIDE, "256 3 8 AAAA", FIELD_KEY)                  /* RFC 2535 §3.1    */
ROW(26, "PX", 0, "50 example.com. x400.example.com.",              /* RFC 2163 §4      */
    U16, PLAIN, PLAIN)
ROW(27, "GPOS", 0, "-32.6882 116.8652 10.0",                       /* RFC 1712 §3      */
    FIELD_DECIMAL, FIELD_DECIMAL, FIELD_DECIMAL)
ROW(28, "AAAA", 0, "2001:db8::1", FIELD_IP6)                       /* RFC 3596 §2.1    */
ROW(29, "LOC", 0, "42 21 54 N 71 6 18 W -24m 30m", FIELD_LOC)      /* RFC 1876 §2      */
ROW(30, "NXT", BESIDE, "next.example.com. A MX SIG NXT",           /* RFC 2535 §5.2    */
    PLAIN, FIELD_TYPES_OLD)
ROW(31, "EID", 0, "E32C6F78163A9348", FIELD_HEX)           /* draft-ietf-nimrod-dns-00 */
ROW(32, "NIMLOC", 0, "75234159EAC457800920", FIELD_HEX)    /* draft-ietf-nimrod-dns-00 */
ROW(33, "SRV", MORE, "0 5 5060 sip.example.com.",                  /* RFC 2782         */
    U16, U16, U16, PLAIN)
ROW(34, "ATMA", 0, "+61200000000", FIELD_ATMA)                     /* af-dans-0152     */
ROW(35, "NAPTR", MORE, "100 10 \"S\" \"SIP+D2U\" \"\" _sip._udp",  /* RFC 3403 §4.1    */
    U16, U16, STRING, STRING, STRING, PLAIN)
ROW(36, "KX", MORE, "10 kx.example.com.", U16, PLAIN)              /* RFC 2230 §3.1    */
ROW(37, "CERT", 0, "PGP 0 0 AAAA",                                 /* RFC 4398 §2      */
    FIELD_CERT_TYPE, U16, ALGORITHM, BASE64)
ROW(38, "A6", 0, "64 ::1 subnet.example.com.", FIELD_A6)           /* RFC 2874 §3.1    */
ROW(39, "DNAME", SINGLE, "example.net.", PLAIN)                    /* RFC 6672 §2.1    */
ROW(40, "SINK", 0, "8 0 0 AAAA",                        /* draft-eastlake-kitchen-sink */
    U8, U8, U8, FIELD_BASE64_OPTIONAL)
ROW(41, "OPT", META, "\\# 0", OPAQUE)                              /* RFC 6891 §6.1    */
ROW(42, "APL", 0, "1:192.0.2.0/24 !2:2001:db8::/32", FIELD_APL)    /* RFC 3123 §4      */
ROW(43, "DS", 0, "60485 13 2 " SHA256_TEXT, DIGEST)                /* RFC 4034 §5.1    */
ROW(44, "SSHFP", 0, "4 2 " SHA256_TEXT, U8, FIELD_FINGERPRINT)     /* RFC 4255 §3.1    */
ROW(45, "IPSECKEY", 0, "10 1 2 192.0.2.38 AAAA", FIELD_IPSECKEY)   /* RFC 4025 §2.1    */
ROW(46, "RRSIG", BESIDE, "A 13 3 3600 20260201000000 20260101000000 1 example.com. AAAA",
    SIGNATURE)                                                     /* RFC 4034 §3.1    */
ROW(47, "NSEC", BESIDE, "next.example.com. A MX RRSIG NSEC",       /* RFC 4034 §4.1    */
    PLAIN, FIELD_TYPES)
ROW(48, "DNSKEY", 0, "257 3 13 AAAA", U16, U8, ALGORITHM, BASE64)  /* RFC 4034 §2.1    */
ROW(49, "DHCID", 0, "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjx", BASE64) /* RFC 4701 §3    */
ROW(50, "NSEC3", 0, "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG",
    U8, U8, U16, FIELD_SALT, FIELD_HASH, FIELD_TYPES)              /* RFC 5155 §3.2    */
ROW(51, "NSEC3PARAM", 0, "1 0 0 -", U8, U8, U16, FIELD_SALT)       /* RFC 5155 §4.2    */
ROW(52, "TLSA", 0, "3 1 1 " SHA256_TEXT, CERTIFICATE)              /* RFC 6698 §2.1    */
ROW(53, "SMIMEA", 0, "3 1 1 " SHA256_TEXT, CERTIFICATE)            /* RFC 8162 §2      */
ROW(55, "HIP", 0, "2 200100107B1A74DF365639CC39F1D578 AAAA rvs.example.com.",
    FIELD_HIP)                                                     /* RFC 8005 §5      */
ROW(56, "NINFO", 0, "\"zone status\"", FIELD_STRINGS)          /* draft-reid-dnsext-zs */
ROW(57, "RKEY", 0, "0 255 1 AAAA", U16, U8, ALGORITHM, BASE64)     /* IANA template  */
ROW(58, "TALINK", 0, "first.example.com. last.example.com.",
    PLAIN, PLAIN)                                /* draft-ietf-dnsop-dnssec-trust-history */
ROW(59, "CDS", 0, "60485 13 2 " SHA256_TEXT, DIGEST)               /* RFC 7344 §3.1    */
ROW(60, "CDNSKEY", 0, "257 3 13 AAAA", U16, U8, ALGORITHM, BASE64) /* RFC 7344 §3.2   */
ROW(61, "OPENPGPKEY", 0, "AAAA", BASE64)                           /* RFC 7929 §2      */
ROW(62, "CSYNC", 0, "66 3 A NS AAAA", U32, U16, FIELD_TYPES)       /* RFC 7477 §2.1    */
ROW(63, "ZONEMD", 0, "2026010101 1 255 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E552",
    U32, U8, FIELD_ZONE_DIGEST)                                    /* RFC 8976 §2.2    */
ROW(64, "SVCB", MORE, "1 svc.example.com. alpn=h2 port=8443",      /* RFC 9460 §2.2    */
    U16, PLAIN, FIELD_SVC_PARAMS)
ROW(65, "HTTPS", MORE, "1 . alpn=h3,h2 ipv4hint=192.0.2.1",        /* RFC 9460 §9      */
    U16, PLAIN, FIELD_SVC_PARAMS)
ROW(66, "DSYNC", 0, "CDS NOTIFY 5359 scanner.example.com.",        /* RFC 9859 §2.1    */
    FIELD_TYPE, FIELD_SCHEME, U16, PLAIN)
ROW(67, "HHIT", 0, "AAAA", BASE64)                                 /* RFC 9886 §5.1    */
ROW(68, "BRID", 0, "AAAA", BASE64)                                 /* RFC 9886 §5.2    */
ROW(99, "SPF", 0, "\"v=spf1 -all\"", FIELD_STRINGS)                /* RFC 4408 §3.1.1  */
ROW(100, "UINFO", 0, "\\# 2 CAFE", OPAQUE)                         /* IANA: reserved   */
ROW(101, "UID", 0, "\\# 2 CAFE", OPAQUE)                           /* IANA: reserved   */
ROW(102, "GID", 0, "\\# 2 CAFE", OPAQUE)                           /* IANA: reserved   */
ROW(103, "UNSPEC", 0, "\\# 2 CAFE", OPAQUE)                        /* IANA: reserved   */
ROW(104, "NID", 0, "10 0014:4fff:ff20:ee64", U16, FIELD_LOCATOR)   /* RFC 6742 §2.1    */
ROW(105, "L32", 0, "10 10.1.2.0", U16, FIELD_IP4)                  /* RFC 6742 §2.2    */
ROW(106, "L64", 0, "10 2001:0db8:1140:1000", U16, FIELD_LOCATOR)   /* RFC 6742 §2.3    */
ROW(107, "LP", 0, "10 l64-subnet1.example.com.", U16, PLAIN)       /* RFC 6742 §2.4    */
ROW(108, "EUI48", 0, "00-00-5e-00-53-2a", FIELD_EUI48)             /* RFC 7043 §3      */
ROW(109, "EUI64", 0, "00-00-5e-ef-10-00-00-2a", FIELD_EUI64)       /* RFC 7043 §4      */
ROW(128, "NXNAME", META, "\\# 0", OPAQUE)                          /* RFC 9824 §2      */
ROW(249, "TKEY", META, "\\# 0", OPAQUE)                            /* RFC 2930 §2      */
ROW(250, "TSIG", META, "\\# 0", OPAQUE)                            /* RFC 8945 §4      */
ROW(251, "IXFR", META, "\\# 0", OPAQUE)                            /* RFC 1995 §3      */
ROW(252, "AXFR", META, "\\# 0", OPAQUE)                            /* RFC 5936 §2      */
ROW(253, "MAILB", META, "\\# 0", OPAQUE)                           /* RFC 1035 §3.2.3  */
ROW(254, "MAILA", META, "\\# 0", OPAQUE)                           /* RFC 1035 §3.2.3  */
ROW(255, "ANY", META, "\\# 0", OPAQUE)                             /* RFC 1035 §3.2.3  */
ROW(256, "URI", 0, "10 1 \"https://www.example.com/\"",            /* RFC 7553 §4      */
    U16, U16, FIELD_TEXT)
ROW(257, "CAA", 0, "0 issue \"ca.example.net\"",                   /* RFC 8659 §4.1    */
    U8, FIELD_TAG, FIELD_TEXT)
ROW(258, "AVC", 0, "\"app-name:x\"", FIELD_STRINGS)                /* IANA template    */
ROW(259, "DOA", 0, "0 1 2 \"\" AAAA",                   /* draft-durand-doa-over-dns */
    U32, U32, U8, STRING, FIELD_BASE64_OR_DASH)
ROW(260, "AMTRELAY", 0, "10 0 1 203.0.113.15", FIELD_AMTRELAY)     /* RFC 8777 §4.2    */
ROW(261, "RESINFO", 0, "qnamemin", FIELD_STRINGS)                  /* RFC 9606 §4      */
ROW(262, "WALLET", 0, "\"currency address\"", FIELD_STRINGS)       /* IANA template    */
ROW(263, "CLA", 0, "\"TCP-V4-V6\"", FIELD_STRINGS)          /* draft-johnson-dns-ipn-cla */
ROW(264, "IPN", 0, "977000.100", FIELD_U64)                 /* draft-johnson-dns-ipn-cla */
ROW(32768, "TA", 0, "60485 13 2 " SHA256_TEXT, DIGEST)             /* INI1999-19       */
ROW(32769, "DLV", 0, "60485 13 2 " SHA256_TEXT, DIGEST)            /* RFC 4431 §2      */
