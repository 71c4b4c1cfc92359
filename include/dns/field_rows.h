/*
 * field_rows.h -- the kinds of fields: one row each.
 *
 * For dns/field_kinds.h, which declares the functions that the rows name, and for
 * src/dns/field.c, which finds them by the kind.  Switches are made of the rows, and no tables
 * of functions: in a position-independent program each pointer of a table costs 32 octets.
 *
 *	ROW(kind, parse, print, skip)    field_parse_..., field_print_..., field_skip_...
 *	SIZED(kind, parse, print, size)  a kind that always has so many octets
 *
 * Whoever includes this defines both; they are undefined behind it.
 */

/* clang-format off */
/* Names. */
ROW(NAME, name, name, name)
ROW(NAME_PLAIN, name, name, name)

/* Numbers. */
SIZED(U8, u8, u8, 1)
SIZED(U16, u16, u16, 2)
SIZED(U32, u32, u32, 4)
SIZED(U64, u64, u64, 8)
SIZED(TTL, ttl, u32, 4)

/* Addresses. */
SIZED(IP4, ip4, ip4, IP4_SIZE)
SIZED(IP6, ip6, ip6, IP6_SIZE)
SIZED(LOCATOR, locator, locator, 8)
SIZED(EUI48, eui48, eui48, 6)
SIZED(EUI64, eui64, eui64, 8)
ROW(NSAP, nsap, nsap, nsap)
ROW(ATMA, atma, atma, atma)
ROW(APL, apl, apl, apl)
ROW(A6, a6, a6, a6)
ROW(WKS, wks, wks, wks)

/* Text and octets. */
ROW(STRING, string, string, string)
ROW(STRING_OPTIONAL, string_optional, string_optional, string_optional)
ROW(STRINGS, strings, strings, strings)
ROW(DECIMAL, decimal, decimal, string)
ROW(TEXT, text, text, rest)
ROW(TAG, tag, tag, tag)
ROW(HEX, hex, hex, some)
ROW(BASE64, base64, base64, some)
ROW(BASE64_OPTIONAL, base64_optional, base64, rest)
ROW(BASE64_OR_DASH, base64_or_dash, base64_or_dash, rest)
ROW(OPAQUE, opaque, opaque, rest)

/* DNSSEC and digests.  Every reader understands numbers, but not mnemonics: we print numbers. */
SIZED(TYPE, type, type, 2)
SIZED(ALGORITHM, algorithm, u8, 1)
SIZED(CERT_TYPE, cert_type, u16, 2)
SIZED(SCHEME, scheme, scheme, 1)
SIZED(TIME, time, time, 4)
ROW(TYPES, types, types, types)
ROW(TYPES_OLD, types_old, types_old, types_old)
ROW(DIGEST, ds, digest, ds)
ROW(FINGERPRINT, sshfp, digest, sshfp)
ROW(ZONE_DIGEST, zonemd, digest, zonemd)
ROW(SALT, salt, salt, salt)
ROW(HASH, hash, hash, hash)
ROW(KEY, key, key, key)

/* Formats of one type. */
ROW(LOC, loc, loc, loc)
ROW(IPSECKEY, ipseckey, ipseckey, ipseckey)
ROW(AMTRELAY, amtrelay, amtrelay, amtrelay)
ROW(HIP, hip, hip, hip)
ROW(SVC_PARAMS, svc_params, svc_params, svc_params)
/* clang-format on */

#undef ROW
#undef SIZED
