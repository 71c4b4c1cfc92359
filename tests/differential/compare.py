"""Reads replies and compares them.

A reply becomes a set of fields that can be compared over servers: names folded to lower case,
records in wire form without compression, sections as sets.  Fields are compared one by one,
except for those that only make sense together (`kernel`): a server may not have its code from
one peer and its answer from another.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, Optional

import dns.exception
import dns.flags
import dns.immutable
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.nsbase
import dns.wire

A, NS, CNAME, SOA, AAAA, DNAME, OPT = 1, 2, 5, 6, 28, 39, 41
IN = 1
EXTENDED_ERROR, COOKIE = 15, 10
FORMERR, REFUSED = 1, 5
SECTIONS = ("answer", "authority", "additional")
HEADER_FLAGS = {"qr": 0x8000, "aa": 0x0400, "tc": 0x0200, "rd": 0x0100, "ra": 0x0080,
                "z": 0x0040, "ad": 0x0020, "cd": 0x0010}

# dnspython allows 16, but the wire allows as many as a name has labels.
dns.name.MAX_COMPRESSION_POINTER_CHAIN = 126


# RFC 1035 types that dnspython reads as opaque octets, in which names may be compressed.
@dns.immutable.immutable
class TwoNames(dns.rdata.Rdata):
    """MINFO: two names."""

    __slots__ = ["first", "second"]

    def __init__(self, rdclass, rdtype, first, second):
        super().__init__(rdclass, rdtype)
        self.first = first
        self.second = second

    def to_text(self, origin=None, relativize=True, **kw):
        return f"{self.first} {self.second}"

    def _to_wire(self, file, compress=None, origin=None, canonicalize=False):
        self.first.to_wire(file, compress, origin, canonicalize)
        self.second.to_wire(file, compress, origin, canonicalize)

    @classmethod
    def from_wire_parser(cls, rdclass, rdtype, parser, origin=None):
        return cls(rdclass, rdtype, parser.get_name(origin), parser.get_name(origin))


class OldTypes:
    """The implementations as dns.rdata.register_type wants them."""

    MD = MF = MB = MG = MR = dns.rdtypes.nsbase.NSBase
    MINFO = TwoNames


for _code, _text in ((3, "MD"), (4, "MF"), (7, "MB"), (8, "MG"), (9, "MR"), (14, "MINFO")):
    dns.rdata.register_type(OldTypes, _code, _text)


class Record(NamedTuple):
    """A record of a reply, for comparing: names in lower case."""

    owner: str
    rdtype: int
    rdclass: int
    ttl: int
    rdata: bytes

    def __str__(self):
        return (f"{self.owner} {self.ttl} {dns.rdatatype.to_text(self.rdtype)} "
                f"{rdata_text(self.rdtype, self.rdata)}")


class Exact(NamedTuple):
    """The same record as it was sent: case kept."""

    owner: dns.name.Name
    rdtype: int
    rdata: bytes


class Edns(NamedTuple):
    size: int
    version: int
    flags: int
    options: tuple


@dataclass
class Reply:
    """What one server said to one question."""

    wire: bytes
    rcode: int = 0
    opcode: int = 0
    flags: frozenset = frozenset()
    question: bytes = b""
    answer: list = field(default_factory=list)
    authority: list = field(default_factory=list)
    additional: list = field(default_factory=list)
    exact: dict = field(default_factory=dict)       # section: [Exact]
    edns: Optional[Edns] = None
    edns_count: int = 0
    broken: str = ""                                # why it cannot be read

    @property
    def truncated(self):
        return "tc" in self.flags

    @property
    def only_aliases(self):
        return all(r.rdtype in (CNAME, DNAME) for r in self.answer)

    def referral(self, apexes):
        """Whether the authority section refers to other servers, however the reply began;
        `apexes` are the names of the zones served."""
        servers = [r for r in self.authority if r.rdtype == NS]
        return (self.rcode == 0 and bool(servers) and self.only_aliases
                and ("aa" not in self.flags or servers[0].owner not in apexes))

    def option(self, code):
        """The data of an EDNS option, or None."""
        if self.edns is not None:
            for found, data in self.edns.options:
                if found == code:
                    return data
        return None


def rdata_text(rdtype, rdata):
    try:
        return dns.rdata.from_wire(IN, rdtype, rdata, 0, len(rdata)).to_text()
    except (dns.exception.DNSException, ValueError):
        return rdata.hex()


def read_reply(wire):
    """Reads a reply; what cannot be read is said in `broken`."""
    reply = Reply(wire)
    if len(wire) < 12:
        reply.broken = "shorter than a header"
        return reply
    parser = dns.wire.Parser(wire)
    _, flags, *counts = parser.get_struct("!HHHHHH")
    reply.rcode = flags & 0xf
    reply.opcode = flags >> 11 & 0xf
    reply.flags = frozenset(name for name, bit in HEADER_FLAGS.items() if flags & bit)
    try:
        _read_sections(reply, parser, counts)
    except (dns.exception.DNSException, ValueError) as error:
        reply.broken = f"{type(error).__name__} {error}".strip()
    return reply


def _read_sections(reply, parser, counts):
    for _ in range(counts[0]):
        parser.get_name()
        parser.get_bytes(4)
    reply.question = reply.wire[12:parser.current]
    for name, count in zip(SECTIONS, counts[1:]):
        section = getattr(reply, name)
        exact = reply.exact[name] = []
        for _ in range(count):
            owner = parser.get_name()
            rdtype, rdclass, ttl, length = parser.get_struct("!HHIH")
            if rdtype == OPT and name == "additional":
                reply.edns_count += 1
                _read_opt(reply, rdclass, ttl, parser.get_bytes(length))
                continue
            with parser.restrict_to(length):
                rdata = dns.rdata.from_wire_parser(IN, rdtype, parser)
            section.append(Record(owner.canonicalize().to_text(), rdtype, rdclass, ttl,
                                  rdata.to_digestable()))
            exact.append(Exact(owner, rdtype, rdata.to_wire()))
    if parser.remaining():
        reply.broken = "octets behind the last record"


def _read_opt(reply, size, ttl, data):
    reply.rcode |= ttl >> 24 << 4
    options = []
    parser = dns.wire.Parser(data)
    while parser.remaining():
        code, length = parser.get_struct("!HH")
        options.append((code, parser.get_bytes(length)))
    reply.edns = Edns(size, ttl >> 16 & 0xff, ttl & 0xffff, tuple(options))


# The fields.  Each says what is compared of a reply in a case.

def _kernel(_, reply):
    if reply.truncated:
        return reply.rcode, "aa" in reply.flags, True
    return reply.rcode, "aa" in reply.flags, False, frozenset(reply.answer), _chain(reply)


def _chain(reply):
    """The order of a chain of aliases: the owners, as they come."""
    return tuple(record.owner for record in reply.answer if record.rdtype in (CNAME, DNAME))


def _authority(_, reply):
    return None if reply.truncated else frozenset(reply.authority)


def _glue(case, reply):
    """The addresses of a referral's servers whose names lie at or below the cut (RFC 9471)."""
    if reply.truncated or not reply.referral(case.data.apexes):
        return None
    targets, cuts = set(), set()
    for owner, rdtype, rdata in reply.exact["authority"]:
        if rdtype == NS:
            cuts.add(owner)
            targets.add(dns.name.from_wire(rdata, 0)[0])
    return frozenset(record for record, exact in zip(reply.additional, reply.exact["additional"])
                     if record.rdtype in (A, AAAA) and exact.owner in targets
                     and any(exact.owner.is_subdomain(cut) for cut in cuts))


def _extra(case, reply):
    """Additional records that may be there or not."""
    if reply.truncated:
        return None
    return frozenset(reply.additional) - (_glue(case, reply) or frozenset())


def _edns(_, reply):
    if reply.edns is None:
        return None
    return reply.edns.version, reply.edns.flags


def _options(_, reply):
    """Options of the reply but for those that depend on the server alone."""
    if reply.edns is None:
        return frozenset()
    return frozenset(code for code, _ in reply.edns.options
                     if code not in (EXTENDED_ERROR, COOKIE))


def _flag(name):
    return lambda _, reply: name in reply.flags


FIELDS = {
    "kernel": _kernel,
    "authority": _authority,
    "glue": _glue,
    "question": lambda _, reply: reply.question,
    "opcode": lambda _, reply: reply.opcode,
    "ra": _flag("ra"), "rd": _flag("rd"), "ad": _flag("ad"), "cd": _flag("cd"), "z": _flag("z"),
    "edns": _edns,
    "options": _options,
    "extra": _extra,
}
# Fields that say nothing when the codes or the truncation differ already.
DEPENDENT = ("authority", "glue", "extra", "question", "edns", "options")
OURS = "ten35"


class Case:
    """One question and the replies to it; a server that was silent has None."""

    def __init__(self, question, wires, data, zone_set=""):
        self.question = question
        self.data = data            # ZoneData of the zones served
        self.zone = zone_set
        self.replies = {server: None if wire is None else read_reply(wire)
                        for server, wire in wires.items()}
        self.peers = [server for server in wires if server != OURS]
        self.values = {}

    @property
    def ours(self):
        return self.replies.get(OURS)

    @property
    def tested(self):
        """True when ten35 takes part."""
        return OURS in self.replies

    def peer_replies(self):
        return [self.replies[peer] for peer in self.peers if self.replies[peer] is not None]

    def peers_with(self, condition):
        """The peers whose reply (never None) satisfies a condition."""
        return [peer for peer in self.peers
                if self.replies[peer] is not None and condition(self.replies[peer])]

    def value(self, name, server):
        key = name, server
        if key not in self.values:
            reply = self.replies[server]
            if name == "reply":
                value = reply is not None
            else:
                value = None if reply is None else FIELDS[name](self, reply)
            self.values[key] = value
        return self.values[key]

    def differences(self):
        """The names of the fields in which not all servers are alike."""
        if len(set(self.value("reply", server) for server in self.replies)) > 1:
            yield "reply"
        spoke = [server for server, reply in self.replies.items() if reply is not None]
        for name in FIELDS:
            servers = self.comparable(name, spoke)
            if len({self.value(name, server) for server in servers}) > 1:
                yield name

    def sides(self, name):
        """The peers that ten35 agrees with in a field."""
        if not self.tested:
            return ()
        ours = self.value(name, OURS)
        spoke = [server for server, reply in self.replies.items()
                 if reply is not None or name == "reply"]
        return tuple(peer for peer in self.comparable(name, spoke)
                     if peer != OURS and self.value(name, peer) == ours)

    def comparable(self, name, servers):
        """The servers whose values of a field can be compared with each other: with ours, or
        else the first one's, as far as the kernel agrees."""
        if name not in DEPENDENT or not servers:
            return servers
        if self.tested:
            if self.ours is None:
                return []
            standard = OURS
        else:
            standard = self._common_kernel(servers)
        kernel = self.value("kernel", standard)
        return [server for server in servers if self.value("kernel", server) == kernel]

    def _common_kernel(self, servers):
        """The server whose kernel most servers share."""
        kernels = [self.value("kernel", server) for server in servers]
        return servers[kernels.index(max(kernels, key=kernels.count))]


def defects(case, reply):
    """What is wrong with a reply by itself, whoever sent it."""
    question = case.question
    if reply.broken:
        yield f"cannot be read: {reply.broken}"
        return
    if "qr" not in reply.flags:
        yield "QR is clear"
    if reply.edns_count > 1:
        yield "more than one OPT"
    if reply.edns is not None and question.edns is None and not question.detail:
        yield "OPT without one in the query"
    if not question.tcp and len(reply.wire) > question.limit:
        yield "larger than the client takes"
    for name in SECTIONS:
        section = getattr(reply, name)
        if len(set(section)) < len(section):
            yield f"a record twice in the {name} section"
        ttls = {}
        for record in section:
            if ttls.setdefault((record.owner, record.rdtype), record.ttl) != record.ttl:
                yield f"an RRset with two TTLs in the {name} section"
        yield from case.data.defects(name, section)
        if question.has_plain_case:
            yield from case.data.changed_case(name, reply.exact.get(name, ()))
    if reply.referral(case.data.apexes) and not reply.truncated:
        yield from case.data.missing_glue(reply)
    if reply.edns is not None:
        yield from option_defects(question, reply)


def option_defects(question, reply):
    """Options of a reply that do not fit the query: RFC 6891, 7873, 8914."""
    codes = [code for code, _ in reply.edns.options]
    if len(codes) > len(set(codes)):
        yield "an EDNS option twice"
    if set(codes) - {EXTENDED_ERROR, COOKIE}:
        yield "an EDNS option that nobody asked for"
    asked = dict(question.options).get(COOKIE)
    answered = reply.option(COOKIE)
    if answered is not None and (asked is None or answered[:8] != asked[:8]
                                 or len(answered) != 24):
        yield "a cookie that does not fit the client's"
    if answered is None and asked is not None and question.proper and reply.rcode != FORMERR:
        yield "no cookie for a client with a cookie"
    if reply.rcode == REFUSED and EXTENDED_ERROR not in codes:
        yield "REFUSED without an extended error"


class ZoneData:
    """All records of the zones served, to hold replies against."""

    def __init__(self, zones):
        self.apexes = set()     # as texts in lower case
        self.servers = {}       # apex: set of NS records
        self.exact = set()      # (type, rdata)
        self.rdatas = set()     # (type, rdata with names in lower case)
        self.rrsets = {}        # (owner, type): [set of such rdata, one for each zone]
        for zone in zones:
            apex = zone.apex.canonicalize().to_text()
            self.apexes.add(apex)
            for owner, rrsets in zone.nodes.items():
                for rdtype, (ttl, rdatas) in rrsets.items():
                    self._add(owner, rdtype, rdatas)
                    if owner == zone.apex and rdtype == NS:
                        self.servers[apex] = frozenset(
                            Record(apex, NS, IN, ttl, folded(NS, rdata)) for rdata in rdatas)

    def _add(self, owner, rdtype, rdatas):
        rrset = {folded(rdtype, rdata) for rdata in rdatas}
        self.rrsets.setdefault((owner.canonicalize().to_text(), rdtype), []).append(rrset)
        self.rdatas.update((rdtype, rdata) for rdata in rrset)
        self.exact.update((rdtype, rdata) for rdata in rdatas)

    def defects(self, section, records):
        """Records that are in no zone, and RRsets that are not whole."""
        found = {}
        for record in records:
            found.setdefault((record.owner, record.rdtype), set()).add(record.rdata)
            # The CNAME of a DNAME is made, not found; peers hold it to the right target.
            if record.rdtype != CNAME and (record.rdtype, record.rdata) not in self.rdatas:
                yield f"a record in the {section} section that is in no zone"
        for key, rdatas in found.items():
            whole = self.rrsets.get(key)
            if whole and rdatas not in whole:
                yield f"half an RRset in the {section} section"

    def changed_case(self, section, records):
        """Names in data that are not written as in the zone."""
        for _, rdtype, rdata in records:
            if (rdtype, rdata) not in self.exact and rdtype != CNAME:
                yield f"upper and lower case changed in the {section} section"
                return

    def missing_glue(self, reply):
        """Addresses below a cut that a referral must have (RFC 9471 section 3.1)."""
        have = {(record.owner, record.rdtype) for record in reply.additional}
        for owner, rdtype, rdata in reply.exact["authority"]:
            if rdtype != NS:
                continue
            target, _ = dns.name.from_wire(rdata, 0)
            text = target.canonicalize().to_text()
            if target.is_subdomain(owner) and any(
                    (text, address) in self.rrsets and (text, address) not in have
                    for address in (A, AAAA)):
                yield "a referral without all glue below the cut, and TC is clear"
                return


def folded(rdtype, rdata):
    """Rdata with the names in it in lower case.  Data that dnspython has an opinion about (a
    digest of type 0) holds no names."""
    try:
        return dns.rdata.from_wire(IN, rdtype, rdata, 0, len(rdata)).to_digestable()
    except dns.exception.DNSException:
        return rdata
