"""The differences that are known and why they are there.

Each rule names the fields it speaks for, says when it applies and what ten35 must do then; a
rule without `expect` asks that ten35 does what at least one peer does.  The first rule that
applies decides.  `python3 rules.py` prints the page docs/decisions/differences-from-peers.md.

A rule speaks for as little as possible: it looks at the question first, then at what the peers
said, and it says what the right reply is rather than that any reply will do.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import dns.flags
import dns.name
import dns.rdatatype

from compare import CNAME, COOKIE, DNAME, NS, OURS
from mutated import TEXT_RULES
from questions import COOKIE_SIZES, SUBNET, KEEPALIVE

NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, NOTAUTH = 0, 1, 2, 3, 4, 5, 6, 9
BADVERS = 16
ERRORS = (FORMERR, NOTIMP, REFUSED, NOTAUTH, BADVERS)
IN, CH = 1, 3
NOTIFY, UPDATE = 4, 5
ANY, AXFR, DS, NSEC, RRSIG = 255, 252, 43, 47, 46
ALIAS_LIMIT = 16            # aliases that ten35 gives in one answer
COOKIE_AND_ERROR = 28 + 6   # octets of the options that ten35 keeps room for

# The one code for each type that is not data.
META_CODES = {"OPT": FORMERR, "TSIG": FORMERR, "TYPE0": FORMERR, "TKEY": NOTIMP, "MAILB": NOTIMP,
              "MAILA": NOTIMP}
META_CODES = {dns.rdatatype.from_text(text): code for text, code in META_CODES.items()}
DNSSEC_TYPES = {dns.rdatatype.from_text(text) for text in (
    "RRSIG", "NSEC", "DNSKEY", "DS", "CDS", "CDNSKEY", "NSEC3", "NSEC3PARAM", "KEY", "SIG", "NXT")}
BESIDE_ALIAS = {dns.rdatatype.from_text(text) for text in ("KEY", "RRSIG", "NSEC")}
TRANSFERS = {dns.rdatatype.from_text(text) for text in ("AXFR", "IXFR")}
RESERVED_TYPES = (128, 248)     # NXNAME of RFC 9824, and an unassigned one of the same range

UNREADABLE = ("header promises a question", "cut short", "pointer to itself", "pointer forward",
              "reserved label type", "name too long", "answer promised", "additional promised",
              "opt rdlength overruns", "opt option overruns", "opt half an option", "opt twice",
              "opt not at root", "opt in answer")
RECORDS_IN_QUERY = ("answer in query", "authority in query", "additional in query")


@dataclass(frozen=True)
class Rule:
    name: str
    fields: tuple
    when: Callable
    reason: str             # what the peers do, and why ten35 does what it does
    where: str              # the text it follows from
    expect: Optional[Callable] = None
    ours: str = ""          # what ten35 does, in words


# What rules ask of a case.

def code_of(case, server):
    reply = case.replies.get(server)
    return None if reply is None else reply.rcode


def peer_codes(case):
    return {code_of(case, peer) for peer in case.peers}


def peer_kernels(case):
    return [case.value("kernel", peer) for peer in case.peers if case.replies[peer] is not None]


def is_error(reply, *codes):
    """A reply with one of these codes and nothing that an error does not have."""
    return (reply is not None and reply.rcode in codes and not reply.answer
            and not reply.authority and not {"aa", "tc", "ra", "ad", "z"} & reply.flags)


def ours_is_error(*codes):
    return lambda case: is_error(case.ours, *codes)


def answered_query(case):
    """A proper query that was answered as a question of class IN, by every peer that spoke."""
    return (case.question.kind in ("exact", "around", "elsewhere", "meta")
            and case.question.opcode == 0 and case.question.qclass == IN)


def damage(*details):
    return lambda case: case.question.detail in details


def bad_cookie(case):
    return any(code == COOKIE and len(data) not in COOKIE_SIZES
               for code, data in case.question.options) and not case.question.detail


def chain(reply):
    """The aliases of an answer in order, without the DNAMEs they were made from."""
    return [record.owner for record in reply.answer if record.rdtype == CNAME]


def targets(reply):
    """Where the aliases lead."""
    return [dns.name.from_wire(record.rdata, 0)[0].to_text()
            for record in reply.answer if record.rdtype == CNAME]


def loops(reply):
    return bool(set(targets(reply)) & set(chain(reply))) and len(
        set(targets(reply)) | set(chain(reply))) == len(set(chain(reply)))


def made_by_dname(reply):
    """Whether the first alias of the answer comes from a DNAME."""
    return any(record.rdtype == DNAME for record in reply.answer) and bool(chain(reply))


def zone_of(name, apexes):
    """The closest zone that a name lies in, or None."""
    while True:
        if name.canonicalize().to_text() in apexes:
            return name
        if name == dns.name.root:
            return None
        name = name.parent()


def leaves_its_zone(case):
    """Whether some peer's chain of aliases leads into another zone that is served."""
    first = zone_of(case.question.qname, case.data.apexes)
    for reply in case.replies.values():
        if reply is None:
            continue
        for target in targets(reply):
            zone = zone_of(dns.name.from_text(target), case.data.apexes)
            if zone is not None and zone != first:
                return True
    return False


def does_as_nsd(case):
    """Code, answer, authority and glue are NSD's, if it is here and neither reply is cut; where
    NSD leaves out the servers of the last name (of DS), ten35 need not."""
    nsd = case.replies.get("nsd")
    if nsd is None or nsd.truncated or case.ours.truncated:
        return case.value("kernel", OURS) in peer_kernels(case)
    return (all(case.value(name, OURS) == case.value(name, "nsd") for name in ("kernel", "glue"))
            and (case.value("authority", OURS) == case.value("authority", "nsd")
                 or (not nsd.authority and has_servers_of_last_name(case))))


def long_chain(case):
    """A chain of which some peer gives more links than Knot's limit or less."""
    lengths = [len(chain(reply)) for reply in case.replies.values() if reply is not None]
    return max(lengths, default=0) > 4 and len(set(lengths)) > 1


def stopped_at_limit(case):
    return case.ours is not None and len(chain(case.ours)) == ALIAS_LIMIT


def same_records(ours, theirs):
    """Of the owners that both answers have, all records are the same."""
    owners = {record.owner for record in theirs.answer} & {record.owner for record in ours.answer}
    return ({record for record in ours.answer if record.owner in owners}
            == {record for record in theirs.answer if record.owner in owners})


def goes_on_to_limit(case):
    """ten35 goes the peers' way up to its own limit, or as far as one of them."""
    ours = chain(case.ours)
    reply = max(case.peer_replies(), key=lambda reply: len(chain(reply)))
    longest = chain(reply)
    common = min(len(ours), len(longest))
    if case.ours.rcode not in (NOERROR, NXDOMAIN) or "aa" not in case.ours.flags:
        return False
    if not same_records(case.ours, reply) or (
            case.ours.truncated and not any(peer.truncated for peer in case.peer_replies())):
        return False
    return ours[:common] == longest[:common] and len(ours) <= ALIAS_LIMIT and (
        stopped_at_limit(case) or case.ours.truncated
        or case.value("kernel", OURS) in peer_kernels(case))


def any_answer_is_one_rrset(case):
    """RFC 8482 section 4.1: one RRset of the name where BIND gives them all (that it is whole
    is checked against the zone), or none where not even one fits."""
    reply = case.ours
    if reply.rcode != NOERROR or "aa" not in reply.flags:
        return False
    if reply.truncated:
        return any(peer.truncated for peer in case.peer_replies())
    rrsets = {(record.owner, record.rdtype) for record in reply.answer}
    full = case.replies["bind"]
    return len(rrsets) == 1 and (full.truncated or set(reply.answer) <= set(full.answer))


def apex_servers_only(case):
    """The authority sections of the replies that count are empty or hold NS RRsets of apexes."""
    return all(record.rdtype == NS and record.owner in case.data.apexes
               for value in comparable_values(case, "authority") for record in value or ())


def comparable_values(case, name):
    servers = [server for server, reply in case.replies.items() if reply is not None]
    return [case.value(name, server) for server in case.comparable(name, servers)]


def zone_of_answer(case):
    """The zone that the last name of the answer lies in; of an apex's DS, its parent."""
    question, apexes = case.question, case.data.apexes
    last = question.qname
    if question.qtype not in (CNAME, ANY) and targets(case.ours):
        last = dns.name.from_text(targets(case.ours)[-1])
    if question.qtype == DS and last != dns.name.root:
        last = last.parent()
    return zone_of(last, apexes) or zone_of(question.qname, apexes)


def has_servers_of_last_name(case):
    """The NS RRset of the zone of the answer's last name; none where the answer has it already
    or it does not fit."""
    servers = case.data.servers[zone_of_answer(case).canonicalize().to_text()]
    ours = case.value("authority", OURS)
    if not ours and made_by_dname(case.ours) and case.question.qtype in (CNAME, ANY):
        return True
    if ours:
        return ours == servers and not servers <= set(case.ours.answer)
    return servers <= set(case.ours.answer) or (
        not case.question.tcp and len(case.ours.wire) + size_of(servers) > case.question.limit)


def size_of(records):
    """More octets than records can take in a message."""
    return sum(12 + len(record.owner) + len(record.rdata) for record in records)


def is_led_to(case, record):
    """Whether a record of our reply names the record's owner."""
    owner = dns.name.from_text(record.owner).to_wire()
    ours = case.ours
    return any(owner in other.rdata.lower()
               for other in (*ours.answer, *ours.authority, *ours.additional))


def optional_additional(case):
    """What all peers add is there, as far as it fits: the peers whose other sections are ours,
    or all.  What nothing leads to is not missed; what is in no zone is found elsewhere."""
    peers = [peer for peer in case.peers
             if case.replies[peer] is not None and not case.replies[peer].truncated]
    close = [peer for peer in peers if all(case.value(name, peer) == case.value(name, OURS)
                                           for name in ("kernel", "authority"))]
    common = frozenset.intersection(*(case.value("extra", peer) for peer in close or peers))
    missing = {record for record in common - case.value("extra", OURS)
               if is_led_to(case, record)}
    if not missing:
        return True
    return (not case.question.tcp
            and len(case.ours.wire) + size_of(missing) > case.question.limit)


RULES = (
    # Messages that are no proper query.
    Rule("class", ("reply", "kernel"),
         lambda case: case.question.kind == "class" and case.question.edns_version == 0
         and not bad_cookie(case),
         "NSD and Knot refuse other classes but answer for ANY; BIND has a CHAOS zone of its own, "
         "says NOTIMP to classes it does not know and FORMERR to NONE and ANY, and is silent for "
         "CHAOS names outside its zone.  ten35 serves class IN only and says so.",
         "RFC 1035 3.2.4, 3.2.5; RFC 4892",
         ours_is_error(REFUSED), "REFUSED for every class but IN"),
    Rule("opcode-notify-update", ("reply", "kernel"),
         lambda case: case.question.opcode in (NOTIFY, UPDATE) and case.question.edns_version == 0
         and not bad_cookie(case),
         "NSD takes NOTIFY for its zones and does not implement UPDATE; Knot and BIND judge the "
         "message's form first.  ten35 knows both and allows them to nobody.",
         "RFC 1996 3.10; RFC 2136 3.3", ours_is_error(REFUSED), "REFUSED"),
    Rule("opcode", ("reply", "kernel"),
         lambda case: case.question.kind == "opcode"
         and case.question.edns_version == 0 and not bad_cookie(case),
         "NSD copies AA, TC, RA and Z of the query into its NOTIMP.",
         "RFC 1035 4.1.1; RFC 9619", ours_is_error(NOTIMP), "NOTIMP with all flags clear"),
    Rule("opcode-and-version", ("kernel",),
         lambda case: case.question.kind == "opcode" and case.question.edns_version > 0,
         "Both are wrong, the opcode and the EDNS version; NSD looks at the opcode first, Knot and "
         "BIND at the version.",
         "RFC 6891 6.1.3", ours_is_error(NOTIMP, REFUSED, BADVERS), "either code"),
    Rule("meta-type", ("kernel",),
         lambda case: case.question.qtype in META_CODES and case.question.edns_version == 0
         and case.question.kind == "meta" and not bad_cookie(case),
         "NSD and Knot look the type up as data; BIND refuses some by name.  These types never "
         "own records, so a question for one is an error of the asker (FORMERR) or a service that "
         "is not offered (NOTIMP).",
         "RFC 6895 3.1; RFC 6891 6.1.1; RFC 8945 4.2; RFC 2930",
         lambda case: is_error(case.ours, META_CODES[case.question.qtype]),
         "FORMERR for OPT, TSIG and type 0; NOTIMP for TKEY, MAILB and MAILA"),
    Rule("transfer", ("kernel",),
         lambda case: case.question.qtype in TRANSFERS and case.question.edns_version == 0
         and not bad_cookie(case) and case.question.kind == "meta",
         "The peers say REFUSED, NOTAUTH, NOTIMP or FORMERR, over UDP and TCP, by name and by "
         "settings.  AXFR over UDP is malformed; AXFR over TCP and IXFR are allowed to nobody.",
         "RFC 5936 4.2, 5; RFC 1995 2",
         lambda case: is_error(case.ours, FORMERR if case.question.qtype == AXFR
                               and not case.question.tcp else REFUSED),
         "FORMERR for AXFR over UDP, REFUSED else"),
    Rule("no-question", ("reply", "kernel"), damage("no question", "header only"),
         "NSD answers a message without a question that has EDNS with NOERROR.",
         "RFC 9619; RFC 7873 5.4",
         ours_is_error(FORMERR), "FORMERR"),
    Rule("two-questions", ("reply", "kernel"), damage("two questions", "two questions promised"),
         "Knot does not reply.", "RFC 9619", ours_is_error(FORMERR), "FORMERR"),
    Rule("trailing-octets", ("reply", "kernel"), damage("trailing octets"),
         "NSD and BIND answer as if the octets behind the last record were not there; Knot says "
         "FORMERR.  A message that is longer than what it says it holds is malformed.",
         "RFC 1035 4.1", ours_is_error(FORMERR), "FORMERR"),
    Rule("pointer-into-header", ("reply", "kernel"), damage("pointer into header"),
         "BIND follows a compression pointer into the header when what it finds there reads as a "
         "name; NSD says FORMERR, Knot does not reply.", "RFC 1035 4.1.4"),
    Rule("unreadable", ("reply", "kernel"), damage(*UNREADABLE),
         "Knot does not reply to messages whose question it cannot read, and takes an OPT record "
         "at any name.", "RFC 1035 4.1.1; RFC 6891 6.1.1, 6.1.2",
         ours_is_error(FORMERR), "FORMERR"),
    Rule("records-in-query", ("kernel",), damage(*RECORDS_IN_QUERY),
         "NSD says FORMERR to a query with records besides the question and OPT; Knot and BIND "
         "answer it.", "RFC 1035 4.1"),
    Rule("cookie-length", ("kernel",), lambda case: bad_cookie(case),
         "A cookie option of 8 or 16 to 40 octets is well-formed, any other is not.  BIND, the "
         "only peer with cookies on here, says FORMERR.  Beside a wrong opcode, class or EDNS "
         "version that is an error as well, and either is reported.",
         "RFC 7873 5.2.2",
         lambda case: is_error(case.ours, FORMERR) or (
             (case.question.edns_version > 0 or case.question.opcode
              or case.question.qclass != IN) and is_error(case.ours, *ERRORS)),
         "FORMERR"),
    Rule("version-flags", ("kernel",),
         lambda case: case.question.edns_version > 0 and peer_codes(case) == {BADVERS},
         "NSD copies AA and TC of the query into BADVERS.", "RFC 6891 6.1.3",
         ours_is_error(BADVERS), "all flags clear"),

    # Flags.
    Rule("error-flags", ("ra", "z", "rd"),
         lambda case: code_of(case, "nsd") in (NOTIMP, BADVERS, FORMERR)
         or case.question.kind in ("opcode", "damaged"),
         "NSD copies RA and Z of the query into NOTIMP and BADVERS; NSD and Knot copy RD into all "
         "errors, BIND not where it did not read the message to its end.",
         "RFC 1035 4.1.1",
         lambda case: not {"ra", "z"} & case.ours.flags, "RA and Z clear; RD copied"),
    Rule("checking-disabled", ("cd",), lambda case: bool(case.question.flags & dns.flags.CD),
         "BIND copies CD, NSD and Knot clear it.  The bit means nothing to a server that only has "
         "zones, and such a server should clear it.", "RFC 4035 3.1.6",
         lambda case: "cd" not in case.ours.flags, "CD clear"),
    Rule("authentic-data", ("ad",), lambda case: bool(case.question.flags & dns.flags.AD),
         "BIND sets AD in a reply to a query with AD when the sections are empty.  Nothing is "
         "validated here.", "RFC 4035 3.1.6; RFC 6840 5.8",
         lambda case: "ad" not in case.ours.flags, "AD clear"),

    # EDNS.
    Rule("error-edns", ("edns",),
         lambda case: case.question.kind in ("opcode", "damaged", "meta")
         or code_of(case, "bind") == FORMERR,
         "NSD leaves OPT out of NOTIMP and FORMERR, Knot and BIND where they did not read so far.  "
         "An OPT in a query that could be read is answered by one.", "RFC 6891 6.1.1, 7",
         lambda case: case.question.kind == "damaged" or case.ours.rcode == NOTIMP
         or (case.ours.edns is not None) == (case.question.edns is not None),
         "OPT if the query had one and its opcode is known"),
    Rule("edns-options", ("options",),
         lambda case: any(code in (SUBNET, KEEPALIVE) for code, _ in case.question.options),
         "BIND returns a client subnet option with scope 0, and its idle time for TCP keepalive.  "
         "ten35 has one answer for everybody and no option for it, and gives no promise about "
         "idle connections.", "RFC 7871 7.2.1; RFC 7828 3.2.2",
         lambda case: not case.value("options", OURS), "no option"),

    # The question.
    Rule("error-question", ("question",),
         lambda case: any(code in ERRORS for code in peer_codes(case)),
         "NSD leaves the question out of many errors, Knot out of NOTIMP, BIND where it could not "
         "read it.  ten35 gives it back where it read it.", "RFC 1035 4.1.1; RFC 5625 6.2",
         lambda case: not case.ours.question
         or case.question.wire[12:].startswith(case.ours.question),
         "the question octet for octet, or none"),

    # Answers.
    Rule("any", ("kernel",),
         lambda case: case.question.qtype == ANY and answered_query(case)
         and code_of(case, "bind") == NOERROR and not made_by_dname(case.replies["bind"])
         and "aa" in case.replies["bind"].flags
         and (bool(case.replies["bind"].answer) or case.replies["bind"].truncated)
         and case.question.edns_version == 0,
         "BIND gives all RRsets, NSD and Knot one each, not always the same one.  One RRset is "
         "enough for everything but curiosity, and no use for amplification.",
         "RFC 8482 4.1", any_answer_is_one_rrset, "one RRset of the name"),
    Rule("any-below-dname", ("kernel", "authority", "glue"),
         lambda case: case.question.qtype == ANY and answered_query(case)
         and code_of(case, "bind") == NOERROR and made_by_dname(case.replies["bind"]),
         "BIND stops at the alias that a DNAME makes when the question is for ANY, NSD and Knot "
         "go on.", "RFC 6672 3.2",
         lambda case: case.value("kernel", OURS) == case.value("kernel", "bind")
         and not case.ours.authority, "as BIND, and no authority section"),
    Rule("any-of-dnssec-types", ("kernel",),
         lambda case: case.question.qtype == ANY and answered_query(case)
         and code_of(case, "bind") == NOERROR and not case.replies["bind"].answer
         and any(record.rdtype in DNSSEC_TYPES for reply in case.peer_replies()
                 for record in reply.answer),
         "BIND leaves the types of DNSSEC out of ANY in a zone that is not signed; where a name "
         "has nothing else, its answer is empty.", "RFC 8482 4.1"),
    Rule("dnssec-type-at-alias", ("kernel",),
         lambda case: case.question.qtype in BESIDE_ALIAS and answered_query(case)
         and any(chain(reply) for reply in case.peer_replies())
         and any(reply.rcode == NOERROR and not reply.answer for reply in case.peer_replies()),
         "KEY and RRSIG may stand beside a CNAME in a signed zone; at an alias made by a wildcard "
         "BIND answers NODATA for both and Knot for RRSIG, NSD gives the alias.  A name that has "
         "only a CNAME answers every type with it.", "RFC 1034 4.3.2 step 3a; RFC 4035 2.5",
         lambda case: bool(chain(case.ours)), "the alias"),
    Rule("nsec-at-cut", ("kernel",),
         lambda case: case.question.qtype == NSEC and answered_query(case)
         and case.replies.get("bind") is not None and bool(case.replies["bind"].answer)
         and any(reply.referral(case.data.apexes) for reply in case.peer_replies()),
         "BIND answers a question for NSEC at a cut from the parent; NSD and Knot refer.  Only DS "
         "is asked of the parent.", "RFC 4035 3.1.4.1"),
    Rule("alias-loop", ("kernel",),
         lambda case: answered_query(case) and code_of(case, "bind") == SERVFAIL
         and loops(case.replies["bind"]),
         "BIND gives the aliases of a loop with SERVFAIL, NSD and Knot with NOERROR.  The zone's "
         "data is what it is; the aliases are given once each.", "RFC 1034 3.6.2; RFC 6604 3",
         lambda case: case.ours.rcode == NOERROR and {"aa", "tc"} & case.ours.flags == {"aa"}
         and loops(case.ours) and same_records(case.ours, case.replies["bind"]),
         "NOERROR and each alias of the loop once"),
    Rule("alias-limit", ("kernel",),
         lambda case: answered_query(case) and long_chain(case),
         "Knot follows 5 aliases of one question, BIND 11 and then says SERVFAIL, NSD goes on "
         "for longer.  ten35 follows 16 and leaves the rest to the resolver, which continues at "
         "the last name.", "RFC 1034 3.6.2",
         goes_on_to_limit, "at most 16 aliases, then NOERROR with what there is"),
    Rule("alias-limit-authority", ("authority", "extra"),
         lambda case: answered_query(case) and stopped_at_limit(case),
         "Where ten35 stops, at its limit, a peer that goes on may already have the end of the "
         "chain and gives its SOA or NS.", "RFC 1034 3.6.2",
         lambda case: not case.ours.authority, "no authority section"),
    Rule("alias-over-zones", ("kernel", "authority", "glue"),
         lambda case: answered_query(case) and leaves_its_zone(case)
         and case.question.qtype not in (CNAME, ANY),
         "Knot and BIND stay in the zone of the question; NSD follows aliases into the other "
         "zones it serves, and so does ten35: the resolver would ask the same server again.",
         "RFC 1034 4.3.2 step 3a; RFC 6604 3", does_as_nsd, "as NSD"),
    Rule("reserved-type", ("kernel",),
         lambda case: case.question.qtype in RESERVED_TYPES and answered_query(case)
         and code_of(case, "bind") == FORMERR,
         "BIND takes every type from 128 to 255 for a meta type.  Types that nobody has defined "
         "are looked up like any other.",
         "RFC 3597 3"),
    Rule("alias-too-long", ("kernel",),
         lambda case: answered_query(case) and YXDOMAIN in peer_codes(case)
         and NXDOMAIN in peer_codes(case),
         "An alias leads to a name that a DNAME makes too long: Knot says NXDOMAIN, NSD and BIND "
         "YXDOMAIN.", "RFC 6672 3.2; RFC 6604 3",
         lambda case: case.ours.rcode == YXDOMAIN
         and case.value("kernel", OURS) in peer_kernels(case), "YXDOMAIN"),
    Rule("room-for-options", ("kernel",),
         lambda case: answered_query(case) and not case.question.tcp
         and case.question.edns is not None and case.ours is not None and case.ours.truncated
         and any(not reply.truncated
                 and len(reply.wire) + COOKIE_AND_ERROR > case.question.limit
                 for reply in case.peer_replies()),
         "ten35 keeps room for a cookie and an extended error while it fills the sections, so it "
         "sets TC some octets earlier.", "RFC 7873 5.2; RFC 8914 2",
         lambda case: (NOERROR, "aa" in case.ours.flags) in
         {kernel[:2] for kernel in peer_kernels(case)}
         and (case.ours.rcode, case.ours.truncated) == (NOERROR, True), "TC"),
    Rule("glue-or-truncation", ("kernel", "glue"),
         lambda case: answered_query(case) and any(
             reply.referral(case.data.apexes) or (reply.truncated and "aa" not in reply.flags)
             for reply in case.peer_replies()) and not case.question.tcp,
         "Glue that does not fit: BIND leaves it out, NSD leaves out the addresses of some "
         "servers, Knot sets TC.  Servers that the child's own domain holds cannot be found "
         "without it.", "RFC 9471 3.1",
         lambda case: case.value("kernel", OURS) in peer_kernels(case),
         "all glue below the cut, or TC (which glue there is, is checked against the zone)"),

    Rule("fits-by-a-few-octets", ("kernel",),
         lambda case: answered_query(case) and not case.question.tcp
         and any(reply.truncated for reply in case.peer_replies())
         and any(not reply.truncated and case.question.limit - 40 < len(reply.wire)
                 for reply in case.replies.values() if reply is not None),
         "How well names are compressed, and whether a cookie is in the reply, decides whether "
         "the last RRset fits.", "RFC 1035 4.1.4"),
    Rule("case-costs-octets", ("kernel",),
         lambda case: answered_query(case) and not case.question.tcp
         and not case.question.has_plain_case
         and case.peers_with(lambda reply: reply.truncated) == ["bind"],
         "BIND compresses a name only to one that is written alike, so that data keeps its case; "
         "then a question in mixed case makes long names not fit.  ten35 compresses as NSD and "
         "Knot do, to names that are equal.", "RFC 1035 4.1.4; RFC 4343 4.1",
         lambda case: not case.ours.truncated
         and case.value("kernel", OURS) in peer_kernels(case), "as NSD and Knot"),
    Rule("code-of-truncated", ("kernel",),
         lambda case: answered_query(case) and not case.question.tcp
         and len({reply.rcode for reply in case.peer_replies() if reply.truncated}) > 1,
         "The last alias of a chain, or the SOA, does not fit: NSD and BIND have the code of the "
         "whole answer, Knot that of the part.  The client asks again over TCP.",
         "RFC 2181 9; RFC 6604 3"),
    Rule("question-for-rrsig", ("kernel",),
         lambda case: answered_query(case) and case.question.qtype == RRSIG,
         "Knot gives one RRSIG of the name, NSD and BIND all.", "RFC 8482 4.1; RFC 4035 3.1.1",
         lambda case: case.value("kernel", OURS) in [
             case.value("kernel", peer) for peer in ("nsd", "bind") if peer in case.peers],
         "as NSD and BIND"),

    # The authority and additional sections.
    Rule("servers-of-positive-answer", ("authority",),
         lambda case: apex_servers_only(case) and case.question.qtype != ANY,
         "NSD and BIND give the zone's NS RRset with a positive answer, Knot does not; BIND "
         "leaves it out for a client with EDNS and 512 octets or less, and for types of keys; NSD "
         "and BIND leave it out for DS.",
         "RFC 1034 4.3.2 step 6 and 6.2.1", has_servers_of_last_name,
         "the NS RRset of the zone, as far as it fits"),
    Rule("servers-of-any", ("authority",),
         lambda case: apex_servers_only(case) and case.question.qtype == ANY,
         "NSD and Knot leave the NS RRset out when the question is for ANY.  For ten35 the answer "
         "is one like any other.", "RFC 8482 4.1", has_servers_of_last_name,
         "the NS RRset of the zone, as far as it fits and is not the answer"),
    Rule("additional", ("extra",), lambda case: True,
         "Addresses of names in NS, MX, SRV and later types, from this or another zone: what is "
         "given beside the glue that must be, and for which types, differs from peer to peer.  NSD "
         "may give the address of a target that a wildcard makes from two labels to a name with "
         "one of them.",
         "RFC 1034 4.3.2 step 6; RFC 2181 5.4.1; RFC 9471 3.2",
         optional_additional,
         "what all peers give, as far as it fits; nothing that is in no zone"),
)


# The page.

PAGE_PATH = (Path(__file__).resolve().parents[2] / "docs" / "decisions"
             / "differences-from-peers.md")
PAGE = """\
# Differences from NSD, Knot DNS and BIND

`tests/differential/run.py` asks NSD, Knot DNS, BIND and ten35 some 24,000 questions about the
same zones.  Where the three peers agree, ten35 does as they do, but for the cases below; where
they do not, ten35 does as one of them, and the classes below say why.  The test fails on any
other difference.  This page is printed by `tests/differential/rules.py`: change it there.

Versions: NSD 4.6, Knot DNS 3.2, BIND 9.18 as Debian 12 has them, with recursion, rate limits and
minimal responses off.
"""
TEXTS = """
## Zone files

`tests/differential/mutated.py` damages zone files in small ways and reads them with named-checkzone,
nsd-checkzone and `ten35 check`.  What both others refuse ten35 refuses, and what both accept it
accepts, unless all that somebody complains of is in this list.  What is in it are regular
expressions for complaints; the numbers are those of [the zone file format](../zone-format.md).

"""


def page():
    parts = [PAGE]
    for rule in RULES:
        parts.append(f"\n## {rule.name}\n\n{textwrap.fill(rule.reason, 98)}\n")
        if rule.ours:
            parts.append(f"\n* ten35: {rule.ours}.\n")
        else:
            parts.append("\n* ten35: as at least one of the peers.\n")
        parts.append(f"* Compared: {', '.join(FIELD_TEXTS.get(f, f) for f in rule.fields)}.\n")
        parts.append(f"* See {rule.where}.\n")
    parts.append(TEXTS)
    for rule in TEXT_RULES:
        line = f" on a line with `{rule.line}`" if rule.line else ""
        said = f"`{rule.complaint}`" if rule.complaint else "anything"
        parts.append(textwrap.fill(f"* {rule.who} says {said}{line}.  {rule.reason}", 98,
                                   subsequent_indent="  ", break_long_words=False,
                                   break_on_hyphens=False) + "\n")
    return "".join(parts)


FIELD_TEXTS = {"kernel": "code, AA, TC and answer section", "reply": "whether there is a reply",
               "authority": "authority section", "extra": "additional section",
               "glue": "glue", "question": "question section", "edns": "OPT record",
               "options": "EDNS options", "cd": "CD", "ra": "RA", "z": "Z", "rd": "RD"}


if __name__ == "__main__":
    print(page(), end="")
