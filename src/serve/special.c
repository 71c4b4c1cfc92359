/*
 * special.c -- special-use domain names: names that never leave.
 */
#include "serve/special.h"
#include "dns/rrtype.h"

/* RFC 6303 §3: of the SOA that stands for such a zone. */
enum {
	SPECIAL_TTL = 10800,
	SPECIAL_SERIAL = 1,
	SPECIAL_REFRESH = 3600,
	SPECIAL_RETRY = 1200,
	SPECIAL_EXPIRE = 604800,
	LOCALHOST_TTL = 10800,
};

static const uint8_t nobody_octets[] = "\6nobody\7invalid";
static const uint8_t localhost_octets[] = "\11localhost";

/* The NUL that ends a C string is the root's length octet. */
static const struct name nobody = { nobody_octets, sizeof nobody_octets };
static const struct name localhost = { localhost_octets, sizeof localhost_octets };

/* clang-format off */
const struct special specials[] = {
	{ "localhost.",                 SPECIAL_LOCALHOST, false, 0, 0, 0 },  /* RFC 6761 §6.3   */
	{ "invalid.",                   SPECIAL_EMPTY,     false, 0, 0, 0 },  /* RFC 6761 §6.4   */
	{ "test.",                      SPECIAL_EMPTY,     false, 0, 0, 0 },  /* RFC 6761 §6.2   */
	{ "onion.",                     SPECIAL_EMPTY,     false, 0, 0, 0 },  /* RFC 7686 §2     */
	{ "local.",                     SPECIAL_EMPTY,     false, 0, 0, 0 },  /* RFC 6762 §22.1  */
	{ "internal.",                  SPECIAL_EMPTY,     false, 0, 0, 0 },  /* ICANN, 2024-07-29 */
	{ "alt.",                       SPECIAL_EMPTY,     false, 0, 0, 0 },  /* RFC 9476 §2     */
	{ "home.arpa.",                 SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 8375 §4     */
	{ "service.arpa.",              SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 9665 §10    */
	{ "resolver.arpa.",             SPECIAL_NO_DATA,   false, 0, 0, 0 },  /* RFC 9462 §6.4   */
	{ "10.in-addr.arpa.",           SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 6303 §4.1   */
	{ "172.in-addr.arpa.",          SPECIAL_EMPTY,     true,  16, 31, 0 },
	{ "168.192.in-addr.arpa.",      SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "0.in-addr.arpa.",            SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 6303 §4.2   */
	{ "127.in-addr.arpa.",          SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "1.0.0.127.in-addr.arpa.",    SPECIAL_POINTER,   true,  0, 0, 0 },
	{ "254.169.in-addr.arpa.",      SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "2.0.192.in-addr.arpa.",      SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "100.51.198.in-addr.arpa.",   SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "113.0.203.in-addr.arpa.",    SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "255.255.255.255.in-addr.arpa.", SPECIAL_EMPTY,  true,  0, 0, 0 },
	{ "100.in-addr.arpa.",          SPECIAL_EMPTY,     true,  64, 127, 0 }, /* RFC 7793 §3     */
	{ "ip6.arpa.",                  SPECIAL_EMPTY,     true,  0, 0, 32 }, /* RFC 6303 §4.3   */
	{ "ip6.arpa.",                  SPECIAL_POINTER,   true,  1, 1, 31 },
	{ "d.f.ip6.arpa.",              SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 6303 §4.4   */
	{ "8.e.f.ip6.arpa.",            SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 6303 §4.5   */
	{ "9.e.f.ip6.arpa.",            SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "a.e.f.ip6.arpa.",            SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "b.e.f.ip6.arpa.",            SPECIAL_EMPTY,     true,  0, 0, 0 },
	{ "8.b.d.0.1.0.0.2.ip6.arpa.",  SPECIAL_EMPTY,     true,  0, 0, 0 },  /* RFC 6303 §4.6   */
};
/* clang-format on */

const size_t special_count = sizeof specials / sizeof specials[0];

const struct special special_blocked = { .kind = SPECIAL_EMPTY };

static void put_soa(struct message *m, struct name domain)
{
	uint8_t *rdlength = begin_record(m, domain, TYPE_SOA, CLASS_IN, SPECIAL_TTL);

	put_name_compressed(&m->w, &m->names, domain);
	put_name_compressed(&m->w, &m->names, nobody);
	put_u32(&m->w, SPECIAL_SERIAL);
	put_u32(&m->w, SPECIAL_REFRESH);
	put_u32(&m->w, SPECIAL_RETRY);
	put_u32(&m->w, SPECIAL_EXPIRE);
	put_u32(&m->w, SPECIAL_TTL);
	end_record(m, rdlength, SECTION_AUTHORITY);
}

/* RFC 6761 §6.3: 127.0.0.1 and ::1 */
static void put_loopback(struct message *m, struct name owner, uint16_t type)
{
	static const uint8_t ip4[4] = { 127, 0, 0, 1 };
	static const uint8_t ip6[16] = { [15] = 1 };
	uint8_t *rdlength = begin_record(m, owner, type, CLASS_IN, LOCALHOST_TTL);

	put_octets(&m->w, type == TYPE_A ? ip4 : ip6, type == TYPE_A ? sizeof ip4 : sizeof ip6);
	end_record(m, rdlength, SECTION_ANSWER);
}

static void put_pointer(struct message *m, struct name owner)
{
	uint8_t *rdlength = begin_record(m, owner, TYPE_PTR, CLASS_IN, LOCALHOST_TTL);

	put_name_compressed(&m->w, &m->names, localhost);
	end_record(m, rdlength, SECTION_ANSWER);
}

static unsigned put_records(struct message *m, const struct special *s, struct name domain,
			    struct name owner, uint16_t type)
{
	bool is_domain = owner.size == domain.size;

	if (s->kind == SPECIAL_LOCALHOST && (type == TYPE_A || type == TYPE_AAAA)) {
		put_loopback(m, owner, type);
		return RCODE_NOERROR;
	}
	if (s->kind == SPECIAL_POINTER && is_domain && type == TYPE_PTR) {
		put_pointer(m, owner);
		return RCODE_NOERROR;
	}
	put_soa(m, domain);
	return is_domain || s->kind == SPECIAL_LOCALHOST || s->kind == SPECIAL_NO_DATA
		       ? RCODE_NOERROR
		       : RCODE_NXDOMAIN;
}

unsigned put_special(struct message *m, const struct special *s, struct name domain,
		     struct name owner, uint16_t type, bool *fits)
{
	struct message_mark mark = message_mark(m);
	unsigned rcode = put_records(m, s, domain, owner, type);

	*fits = !m->w.full;
	if (m->w.full)
		message_rewind(m, mark);
	return rcode;
}
