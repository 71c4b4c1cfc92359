"""Generates the questions: the same ones for the same seed.

A question is a name, a type and a class, taken from the zones and from around them, in an
envelope (transport, EDNS, flags, case) that is drawn for each.  A small share is not a proper
query at all: other opcodes, damaged messages, responses.
"""

import random
import struct
from dataclasses import dataclass
from typing import Optional

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import dns.rdatatype

# What is asked for at every existing name, and drawn from for all others.
COMMON_TYPES = ("A", "AAAA", "NS", "CNAME", "SOA", "TXT", "MX", "DS", "DNAME", "SRV", "PTR",
                "HTTPS", "CAA", "ANY")
OTHER_TYPES = ("NAPTR", "HINFO", "RRSIG", "NSEC", "DNSKEY", "NSEC3PARAM", "TLSA", "SSHFP", "LOC",
               "SPF", "SVCB", "URI", "KEY", "NULL", "RP", "TYPE65280", "TYPE65281", "TYPE1000")
META_TYPES = ("OPT", "TKEY", "TSIG", "IXFR", "AXFR", "MAILB", "MAILA", "ANY", "TYPE0", "TYPE128",
              "TYPE248", "TYPE65535")
TRANSFERS = (dns.rdatatype.IXFR, dns.rdatatype.AXFR)
CLASSES = ("CH", "HS", "NONE", "ANY", "CLASS0", "CLASS2", "CLASS65280")
CHAOS_NAMES = ("version.bind.", "version.server.", "id.server.", "hostname.bind.", "authors.bind.",
               "bind.", "nothing.server.")
LABELS = (b"www", b"a", b"b", b"c", b"x", b"ns", b"mail", b"*", b"0", b"a" * 63, b"\x00", b"a.b",
          b"\xff", b"missing", b"new", b"old", b"_tcp", b"under", b"empty", b"wild", b"ns1", b"-")
EDNS_SIZES = (0, 512, 1232, 4096)
ODD_EDNS_SIZES = (100, 511, 513, 600, 900, 1231, 1233, 1452, 65535)

LARGEST_REPLY = 1232                    # of ten35 and of the peers as they are set up
COOKIE_SIZES = (8, *range(16, 41))      # RFC 7873 section 4
COOKIE, NSID, SUBNET, KEEPALIVE, PADDING = 10, 3, 8, 11, 12
OPTIONS = (
    (NSID, b""), (5, b"\x08"), (SUBNET, b"\x00\x01\x18\x00\xc0\x00\x02"), (PADDING, bytes(20)),
    (KEEPALIVE, b""), (13, b"\x00"), (14, b"\x12\x34"), (15, b"\x00\x00hello"), (26946, b"x" * 8),
    (65001, b"unknown"), (65001, b""), (65535, bytes(60)),
    (COOKIE, b"8octets!"), (COOKIE, b"8octets!" + bytes(range(16))), (COOKIE, b"7 octet"),
    (COOKIE, b"8octets!" + b"short"), (COOKIE, b""), (COOKIE, bytes(41)),
)

# The parts of the whole, of 100.
SHARES = {"exact": 46, "around": 37, "elsewhere": 4, "meta": 4, "class": 2, "opcode": 2,
          "damaged": 5}


@dataclass(frozen=True)
class Question:
    """One message to send, and what it means as far as it means anything."""

    wire: bytes
    kind: str                       # a key of SHARES
    detail: str = ""                # what is damaged, for kind "damaged"
    tcp: bool = False
    qname: Optional[dns.name.Name] = None
    qtype: int = 0
    qclass: int = dns.rdataclass.IN
    opcode: int = 0
    flags: int = 0
    edns: Optional[int] = None      # the size offered, None without OPT
    edns_version: int = 0
    options: tuple = ()

    @property
    def proper(self):
        """Nothing that makes a server count errors or close a connection."""
        return (self.kind not in ("damaged", "opcode") and self.edns_version == 0
                and self.qtype not in TRANSFERS)

    @property
    def has_plain_case(self):
        """Whether the name is all in lower case: names in the reply that end like it are
        compressed to it, so that its case is theirs."""
        return self.qname is not None and self.qname.labels == self.qname.canonicalize().labels

    @property
    def limit(self):
        """The most octets that a UDP reply may have: of a damaged OPT nobody knows."""
        if self.detail:
            return LARGEST_REPLY
        return min(LARGEST_REPLY, max(512, self.edns or 0))

    def __str__(self):
        words = []
        if self.qname is not None:
            words += [str(self.qname), dns.rdataclass.to_text(self.qclass),
                      dns.rdatatype.to_text(self.qtype)]
        if self.opcode:
            words.append(f"opcode={self.opcode}")
        words.append("tcp" if self.tcp else "udp")
        if flags := dns.flags.to_text(self.flags):
            words.append("+" + flags.lower().replace(" ", "+"))
        if self.flags & 0x0040:
            words.append("+z")
        if self.edns is not None:
            words.append(f"edns={self.edns}")
            if self.edns_version:
                words.append(f"version={self.edns_version}")
            words += [f"option={code}:{data.hex()}" for code, data in self.options]
        if self.detail:
            words.append(f"[{self.detail}] {self.wire.hex()}")
        return " ".join(words)


@dataclass
class Envelope:
    """How a question is sent."""

    tcp: bool
    flags: int
    edns: Optional[int]
    edns_version: int
    edns_flags: int
    options: tuple


class Generator:
    """Draws questions about the zones of one set."""

    def __init__(self, zones, seed):
        self.random = random.Random(seed)
        self.zones = zones
        self.names = {zone.origin: sorted(_with_empty(zone)) for zone in zones}
        # Big zones do not crowd out the small ones: a zone is drawn first, then a name.
        self.weights = [min(len(names), 200) for names in self.names.values()]

    def generate(self, count):
        """Lists `count` questions with IDs from 1 up."""
        questions = []
        for kind, share in SHARES.items():
            part = count * share // 100 if kind != "exact" else 0
            questions += [getattr(self, f"_{kind}")() for _ in range(part)]
        questions += self._existing(count - len(questions))
        self.random.shuffle(questions)
        return [_with_id(question, i + 1) for i, question in enumerate(questions)]

    # What is asked.

    def _existing(self, count):
        """Every RRset there is, then existing names with types they mostly do not have."""
        common = [_type(text) for text in COMMON_TYPES]
        present, absent = [], []
        for zone in self.zones:
            for name in self.names[zone.origin]:
                have = zone.nodes.get(name, {})
                present += [(name, rdtype) for rdtype in have]
                absent += [(name, rdtype) for rdtype in common if rdtype not in have]
        self.random.shuffle(present)
        self.random.shuffle(absent)
        pairs = present[:count * 2 // 3]
        pairs += absent[:count - len(pairs)]
        while len(pairs) < count:
            pairs.append((self._some_name(), self._some_type()))
        return [self._query("exact", name, rdtype) for name, rdtype in pairs]

    def _around(self):
        return self._query("around", self._vary(self._some_name()), self._some_type())

    def _elsewhere(self):
        """Names outside the zones: their parents, the root, and names next to them."""
        origin = self.random.choice(self.zones).apex
        choices = [dns.name.root, dns.name.from_text("www.outside.invalid."),
                   dns.name.from_text("test."), dns.name.from_text("com."),
                   dns.name.from_text("x" + self.random.choice(self.zones).origin)
                   if origin != dns.name.root else dns.name.root]
        if origin != dns.name.root:
            choices.append(origin.parent())
        return self._query("elsewhere", self.random.choice(choices), self._some_type())

    def _meta(self):
        name = self._some_name()
        if self.random.random() < 0.5:
            name = self.random.choice(self.zones).apex
        return self._query("meta", name, _type(self.random.choice(META_TYPES)))

    def _class(self):
        qclass = dns.rdataclass.from_text(self.random.choice(CLASSES))
        if qclass == dns.rdataclass.CH and self.random.random() < 0.7:
            name = dns.name.from_text(self.random.choice(CHAOS_NAMES))
            rdtype = _type(self.random.choice(("TXT", "TXT", "ANY", "A", "SOA", "NS")))
        else:
            name, rdtype = self._some_name(), self._some_type()
        return self._query("class", name, rdtype, qclass)

    def _opcode(self):
        opcode = self.random.choice((dns.opcode.NOTIFY, dns.opcode.UPDATE,
                                     self.random.randrange(1, 16)))
        if self.random.random() < 0.5:      # what NOTIFY and UPDATE ask for
            query = self._query("opcode", self.random.choice(self.zones).apex, dns.rdatatype.SOA)
        else:
            query = self._query("opcode", self._some_name(), self._some_type())
        flags = int.from_bytes(query.wire[2:4], "big") | opcode << 11
        wire = query.wire[:2] + flags.to_bytes(2, "big") + query.wire[4:]
        return _replace(query, wire=wire, opcode=opcode)

    def _damaged(self):
        name, rdtype = self._some_name(), self._some_type()
        if self.random.random() < 0.3:
            name = self._vary(name)
        damage = self.random.choice(DAMAGES)
        if damage in (answer_in_query, authority_in_query, additional_in_query):
            name, rdtype = self.random.choice(self.zones).apex, dns.rdatatype.SOA
        query = self._query("damaged", name, rdtype)
        if query.edns_version or query.options:     # one oddity at a time
            return self._damaged()
        return _replace(query, wire=damage(query.wire, self.random), edns_version=0,
                        detail=damage.__name__.replace("_", " ").strip())

    # Names and types.

    def _some_zone(self):
        return self.random.choices(self.zones, self.weights)[0]

    def _some_name(self):
        return self.random.choice(self.names[self._some_zone().origin])

    def _some_type(self):
        draw = self.random.random()
        if draw < 0.25:
            return dns.rdatatype.A
        return _type(self.random.choice(COMMON_TYPES if draw < 0.85 else OTHER_TYPES))

    def _vary(self, name):
        """A name near an existing one: a child, a parent, a sibling, one label changed."""
        labels = list(name.labels)
        step = self.random.randrange(6)
        if step == 0:
            labels.insert(0, self._label())
        elif step == 1:
            labels[:0] = [self._label(), self._label()]
        elif step == 2 and len(labels) > 1:
            labels[0] = self._label()
        elif step == 3 and len(labels) > 2:
            labels[self.random.randrange(len(labels) - 1)] = self._label()
        elif step == 4 and len(labels) > 2:
            labels.insert(self.random.randrange(1, len(labels) - 1), self._label())
        elif len(labels) > 2:
            other = self._some_name().labels
            labels = [*other[:self.random.randrange(1, 4)], *labels]
            labels = [label for label in labels if label] + [b""]
        if b"*" in labels and self.random.random() < 0.7:
            labels[labels.index(b"*")] = self._label()
        try:
            return dns.name.Name(labels)
        except dns.name.NameTooLong:
            return name

    def _label(self):
        if self.random.random() < 0.3:
            size = self.random.choice((1, 1, 2, 3, 8, 20))
            return bytes(self.random.choice(b"abcxyz019-_") for _ in range(size))
        return self.random.choice(LABELS)

    # The envelope.

    def _envelope(self):
        chance = self.random.random
        edns = None
        if chance() < 0.55:
            edns = self.random.choice(EDNS_SIZES if chance() < 0.85 else ODD_EDNS_SIZES)
        options = ()
        if edns is not None and chance() < 0.12:
            options = tuple(self.random.sample(OPTIONS, self.random.choice((1, 1, 1, 2))))
            if sum(code == COOKIE for code, _ in options) > 1:
                options = options[:1]
        flags = 0
        for bit, share in ((dns.flags.RD, 0.3), (dns.flags.CD, 0.1), (dns.flags.AD, 0.1),
                           (dns.flags.AA, 0.03), (dns.flags.RA, 0.01), (dns.flags.TC, 0.01),
                           (0x0040, 0.03)):
            if chance() < share:
                flags |= bit
        version = self.random.choice((1, 1, 2, 255)) if edns is not None and chance() < 0.03 else 0
        edns_flags = 0x4001 if edns is not None and chance() < 0.02 else 0
        return Envelope(chance() < 0.1, flags, edns, version, edns_flags, options)

    def _query(self, kind, name, rdtype, qclass=dns.rdataclass.IN):
        envelope = self._envelope()
        if self.random.random() < 0.3:
            name = self._any_case(name)
        if name.is_absolute() is False:
            name = name.concatenate(dns.name.root)
        query = dns.message.make_query(name, rdtype, qclass, id=0)
        query.flags = dns.flags.Flag(envelope.flags)
        if envelope.edns is not None:
            query.use_edns(envelope.edns_version, envelope.edns_flags, envelope.edns,
                           options=[dns.edns.GenericOption(*option)
                                    for option in envelope.options])
        return Question(query.to_wire(), kind, tcp=envelope.tcp, qname=name, qtype=int(rdtype),
                        qclass=int(qclass), flags=envelope.flags, edns=envelope.edns,
                        edns_version=envelope.edns_version, options=envelope.options)

    def _any_case(self, name):
        return dns.name.Name([bytes(octet ^ 0x20 if chr(octet).isascii() and chr(octet).isalpha()
                                    and self.random.random() < 0.5 else octet for octet in label)
                              for label in name.labels])


def _type(text):
    return dns.rdatatype.from_text(text)


def _replace(question, **changes):
    return Question(**{**question.__dict__, **changes})


def _with_id(question, number):
    """The message ID is what replies are told apart by; a damaged header may have lost it."""
    return _replace(question, wire=number.to_bytes(2, "big")[:len(question.wire)]
                    + question.wire[2:])


def _with_empty(zone):
    """The names of a zone and the empty non-terminals above them."""
    names = set()
    for name in zone.nodes:
        while name not in names and name.is_subdomain(zone.apex):
            names.add(name)
            if name == zone.apex:
                break
            name = name.parent()
    return names


# Damage.  Each takes a proper query and returns what is sent instead.

def _counts(wire, **changes):
    """The message with other counts in its header."""
    counts = dict(zip(("qd", "an", "ns", "ar"), struct.unpack(">4H", wire[4:12])))
    counts.update(changes)
    return wire[:4] + struct.pack(">4H", *counts.values()) + wire[12:]


def _split(wire):
    """The header, the question and the rest (the OPT record, if any) of a query."""
    end = 12
    while wire[end]:
        end += 1 + wire[end]
    end += 5
    return wire[:12], wire[12:end], wire[end:]


def _record(owner, rdtype, rdata, ttl=0):
    return owner + struct.pack(">HHIH", rdtype, 1, ttl, len(rdata)) + rdata


def no_question(wire, _random):
    header, _, rest = _split(wire)
    return _counts(header, qd=0) + rest


def header_only(wire, _random):
    return _counts(wire[:12], qd=0, an=0, ns=0, ar=0)


def header_promises_a_question(wire, _random):
    return _counts(wire[:12], qd=1, an=0, ns=0, ar=0)


def two_questions(wire, chance):
    header, question, rest = _split(wire)
    second = question if chance.random() < 0.5 else b"\xc0\x0c\x00\x10\x00\x01"
    return _counts(header, qd=2) + question + second + rest


def two_questions_promised(wire, _random):
    return _counts(wire, qd=2)


def trailing_octets(wire, chance):
    return wire + chance.randbytes(chance.choice((1, 2, 4, 11, 12, 40)))


def cut_short(wire, chance):
    return wire[:chance.randrange(12, len(wire))]


def cut_in_header(wire, chance):
    return wire[:chance.randrange(0, 12)]


def a_response(wire, _random):
    return wire[:2] + bytes([wire[2] | 0x80]) + wire[3:]


def answer_in_query(wire, _random):
    header, question, rest = _split(wire)
    return _counts(header, an=1) + question + _record(b"\xc0\x0c", 1, b"\xc0\x00\x02\x01") + rest


def authority_in_query(wire, _random):
    header, question, rest = _split(wire)
    soa = b"\x00\x00" + struct.pack(">5I", 1, 2, 3, 4, 5)
    return _counts(header, ns=1) + question + _record(b"\xc0\x0c", 6, soa) + rest


def additional_in_query(wire, _random):
    _, _, rest = _split(wire)
    return _counts(wire, ar=1 + bool(rest)) + _record(b"\x00", 1, b"\xc0\x00\x02\x01")


def answer_promised(wire, _random):
    return _counts(wire, an=1)


def additional_promised(wire, _random):
    return _counts(wire, ar=1 + bool(_split(wire)[2]))


def pointer_to_itself(wire, _random):
    header, question, rest = _split(wire)
    return header + b"\xc0\x0c" + question[-4:] + rest


def pointer_forward(wire, _random):
    header, question, rest = _split(wire)
    return header + b"\xc0\x12" + question[-4:] + question + rest


def pointer_into_header(wire, _random):
    header, question, rest = _split(wire)
    return header + b"\x03www\xc0\x04" + question[-4:] + rest


def reserved_label_type(wire, chance):
    header, question, rest = _split(wire)
    return header + bytes([chance.choice((0x40, 0x41, 0x80, 0xbf))]) + question + rest


def name_too_long(wire, _random):
    header, question, rest = _split(wire)
    return header + b"\x3f" * 1 + b"a" * 63 + (b"\x3f" + b"b" * 63) * 3 + question[-5:] + rest


def opt_twice(wire, _random):
    header, question, _ = _split(wire)
    opt = b"\x00" + struct.pack(">HHIH", 41, 1232, 0, 0)
    return _counts(header, ar=2) + question + opt + opt


def opt_not_at_root(wire, _random):
    header, question, _ = _split(wire)
    return _counts(header, ar=1) + question + b"\xc0\x0c" + struct.pack(">HHIH", 41, 1232, 0, 0)


def opt_in_answer(wire, _random):
    header, question, _ = _split(wire)
    opt = b"\x00" + struct.pack(">HHIH", 41, 1232, 0, 0)
    return _counts(header, an=1, ar=0) + question + opt


def opt_option_overruns(wire, _random):
    header, question, _ = _split(wire)
    option = struct.pack(">HH", 65001, 9) + b"four"
    opt = b"\x00" + struct.pack(">HHIH", 41, 1232, 0, len(option)) + option
    return _counts(header, ar=1) + question + opt


def opt_half_an_option(wire, _random):
    header, question, _ = _split(wire)
    opt = b"\x00" + struct.pack(">HHIH", 41, 1232, 0, 3) + b"abc"
    return _counts(header, ar=1) + question + opt


def opt_rdlength_overruns(wire, _random):
    header, question, _ = _split(wire)
    return _counts(header, ar=1) + question + b"\x00" + struct.pack(">HHIH", 41, 1232, 0, 9)


DAMAGES = (no_question, header_only, header_promises_a_question, two_questions,
           two_questions_promised, trailing_octets, cut_short, cut_in_header, a_response,
           answer_in_query, authority_in_query, additional_in_query, answer_promised,
           additional_promised, pointer_to_itself, pointer_forward, pointer_into_header,
           reserved_label_type, name_too_long, opt_twice, opt_not_at_root, opt_in_answer,
           opt_option_overruns, opt_half_an_option, opt_rdlength_overruns)
