#!/usr/bin/python3
"""Asks Unbound questions, and ten35 that asks Unbound, or NSD and BIND: the answers are the same.

    forwarded.py TEN35 [--queries N] [--seed N]

NSD and BIND serve the zones of zones/, Unbound resolves names in them and nowhere else, and
three ten35 have no zones:

    over-unbound    passes everything on to Unbound
    over-servers    passes each zone's names on to NSD or BIND, the zones in turn
    over-dnsmasq    passes everything on to dnsmasq, which asks Unbound

Each question is asked of all, of ten35 twice: the second answer comes from its cache.  RCODE,
answer section and the SOA of a "no" have to be those of Unbound; header flags and TTLs those
of somebody who passes answers on.

Exit codes: 0 no unexplained difference, 1 differences, 77 something needed is not installed.
"""

import argparse
import collections
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

try:
    import dns.version  # noqa: F401
except ImportError:
    print("skipped: dnspython is not installed (package python3-dnspython)")
    sys.exit(77)

sys.dont_write_bytecode = True

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

import asker
import servers
from compare import CNAME, DNAME, SOA, rdata_text, read_reply
from questions import Generator
from zones import zone_sets

SHOWN = 20
SECONDS = 30                    # that the whole takes
MOST_ALIASES = 8                # that ten35 follows in one response
SIGNATURES = {46, 47, 50}       # RRSIG, NSEC, NSEC3
QUERY_TYPES = range(1, 128)     # others are no records


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ten35")
    parser.add_argument("--queries", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def make_questions(zones, arguments):
    """(name, type, DO) of proper questions about what is in the zones and around it."""
    found = {}
    for q in Generator(zones, arguments.seed).generate(2 * arguments.queries):
        if (q.proper and q.kind in ("exact", "around") and q.qtype in (*QUERY_TYPES, 257, 65280)
                and any(q.qname.is_subdomain(zone.apex) for zone in zones)):
            found[(q.qname, q.qtype)] = None
    rows = list(found)[:arguments.queries]
    return [(name, rdtype, i % 3 == 0) for i, (name, rdtype) in enumerate(rows)]


def to_wire(number, question):
    name, rdtype, wants_signatures = question
    q = dns.message.make_query(name, rdtype, use_edns=0, want_dnssec=wants_signatures, payload=1232)
    q.id = number
    return q.to_wire()


def by_tcp(port, wire):
    with socket.create_connection((servers.HOST, port), timeout=5) as stream:
        stream.sendall(struct.pack(">H", len(wire)) + wire)
        with stream.makefile("rb") as octets:
            size = octets.read(2)
            return octets.read(int.from_bytes(size, "big")) if size else None


def ask(port, questions):
    """A reply to each question, by TCP if it is truncated; None for silence."""
    wires = [to_wire(i + 1, q) for i, q in enumerate(questions)]
    replies = asker.ask_udp(port, wires)
    cut = [i for i, wire in replies.items() if wire[2] & 2]
    for i in cut:
        replies[i] = by_tcp(port, wires[i])
    return [replies.get(i) for i in range(len(questions))]


# What has to be alike.

def identity(record):
    return (record.owner, record.rdtype, record.rdata)


def answer_of(reply):
    return frozenset(identity(r) for r in reply.answer)


def soa_of(reply):
    return frozenset(identity(r) for r in reply.authority if r.rdtype == SOA)


def differences(question, truth, ours):
    """What is wrong with our reply, in words."""
    _, rdtype, wants_signatures = question
    if ours.broken:
        yield "cannot be read: " + ours.broken
        return
    if truth.rcode == dns.rcode.NOERROR and rdtype != CNAME and (
            is_circle(truth.answer) or aliases_of(truth) > MOST_ALIASES):
        if ours.rcode != dns.rcode.SERVFAIL:
            yield "too many aliases are no failure"
        return
    if ours.rcode != truth.rcode:
        yield "RCODE %s" % dns.rcode.to_text(ours.rcode)
        return
    if ours.flags & {"aa", "ad", "tc"} or not ours.flags >= {"qr", "rd", "ra"}:
        yield "flags %s" % sorted(ours.flags)
    if truth.rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        if answer_of(ours) != answer_of(truth):
            yield "answer section"
        is_no = not any(r.rdtype == rdtype for r in truth.answer)
        if is_no and soa_of(ours) != soa_of(truth):
            yield "SOA"
        # RFC 6672 §3.1: what a DNAME makes has its TTL; Unbound 1.17 has none.  It also cuts
        # the TTL of an SOA once that has been part of a "no".
        times = {identity(r): r.ttl + SECONDS for r in truth.answer if r.ttl > 0 and r.rdtype != SOA}
        if any(r.ttl > times.get(identity(r), r.ttl) for r in ours.answer):
            yield "TTL grew"
    if not wants_signatures and rdtype not in SIGNATURES and any(
            r.rdtype in SIGNATURES for r in ours.answer + ours.authority):
        yield "signatures"
    if not is_in_order(ours.answer):
        yield "order of aliases"


def aliases_of(reply):
    return sum(r.rdtype == CNAME for r in reply.answer)


def is_circle(records):
    """Its last alias leads to the name of an earlier one, or below a DNAME that was used."""
    aliases = [r for r in records if r.rdtype == CNAME]
    if not aliases:
        return False
    last = rdata_text(CNAME, aliases[-1].rdata).lower()
    return last in [a.owner for a in aliases] or any(
        last.endswith("." + r.owner) for r in records if r.rdtype == DNAME)


def is_in_order(records):
    """Each alias leads to the next, and the last one to the records behind it."""
    aliases = [r for r in records if r.rdtype == CNAME]
    return all(rdata_text(CNAME, a.rdata).lower() == b.owner for a, b in zip(aliases, aliases[1:]))


class Summary:
    def __init__(self):
        self.counts = collections.Counter()
        self.shown = []

    def judge(self, who, question, truth, ours):
        wrong = ["no reply"] if ours is None else list(differences(question, truth, ours))
        self.counts[who, "alike" if not wrong else ", ".join(wrong)] += 1
        if wrong and len(self.shown) < SHOWN:
            self.shown.append((who, question, wrong, truth, ours))

    def wrong(self):
        return sum(n for (_, what), n in self.counts.items()
                   if what != "alike")

    def print(self):
        for (who, what), n in sorted(self.counts.items()):
            print("%-24s %7d  %s" % (who, n, what))
        for who, (name, rdtype, do), wrong, truth, ours in self.shown:
            print("\n%s: %s %s%s: %s" % (who, name, dns.rdatatype.to_text(rdtype), " +do" if do else "",
                                         ", ".join(wrong)))
            for whose, reply in (("resolver", truth), ("ten35", ours)):
                print("  %s:" % whose, "no reply" if reply is None else
                      "%s %s" % (dns.rcode.to_text(reply.rcode), sorted(reply.flags)))
                for section in ("answer", "authority") if reply else ():
                    for record in getattr(reply, section)[:8]:
                        print("    %s: %.120s" % (section, record))


def read(wire):
    return None if wire is None else read_reply(wire)


def compare(arguments, folder):
    summary = Summary()
    zones = [z for name, zones in zone_sets() if name == "zones" for z in zones]
    questions = make_questions(zones, arguments)
    nsd, bind = servers.Nsd(folder), servers.Bind(folder)
    unbound, dnsmasq = servers.Unbound(folder), servers.Dnsmasq(folder)
    running = [nsd, bind]
    try:
        nsd.start(zones)
        bind.start(zones)
        nsd.wait_until_ready(zones)
        bind.wait_until_ready(zones)
        unbound.resolves = nsd.port
        dnsmasq.asks = unbound.port
        ours = {
            "over-unbound": servers.Forwarder(folder / "1", arguments.ten35, lambda i: unbound.port),
            "over-servers": servers.Forwarder(folder / "2", arguments.ten35,
                                              lambda i: (nsd, bind)[i % 2].port),
            "over-dnsmasq": servers.Forwarder(folder / "3", arguments.ten35, lambda i: dnsmasq.port),
        }
        running += [unbound, dnsmasq, *ours.values()]
        for server in running[2:]:
            server.start(zones)
            server.wait_until_it_answers(zones[0].origin)
        print("%s: %s\n%s: %s" % (unbound.name, unbound.version(), dnsmasq.name, dnsmasq.version()))
        truth = [read(wire) for wire in ask(unbound.port, questions)]
        rows = [(q, t) for q, t in zip(questions, truth) if t and t.rcode != dns.rcode.SERVFAIL]
        print("%d questions, %d of which the resolver can answer" % (len(questions), len(rows)))
        questions, truth = zip(*rows)
        for who, server in ours.items():
            for time_ in ("miss", "hit"):
                for question, t, o in zip(questions, truth, ask(server.port, questions)):
                    summary.judge("%s, %s" % (who, time_), question, t, read(o))
    finally:
        for server in running:
            server.stop()
    return summary


def main():
    arguments = parse_arguments()
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="forwarded-") as folder:
            summary = compare(arguments, Path(folder))
    except servers.NotInstalled as missing:
        print(f"skipped: {missing}")
        return 77
    except servers.Failed as failure:
        print(failure)
        return 1
    summary.print()
    print("%.0f s" % (time.monotonic() - start))
    return 1 if summary.wrong() else 0


if __name__ == "__main__":
    sys.exit(main())
