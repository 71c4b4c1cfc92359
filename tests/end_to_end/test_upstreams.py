#!/usr/bin/python3
"""Upstream servers that misbehave, each in a way of its own: what clients see of it.

Usage: test_upstreams.py PATH_TO_TEN35 [WORD...]
"""

import socket
import struct
import threading
import time

from harness import HELLO, addresses, case, dns, ede_codes, equal, framed, free_port, run
from upstream import CLOSE, Pause, Upstream, name_of, no_name, reply, type_of

GOOD = "198.51.100.7"
FORGED = "203.0.113.66"
BLOCKED, NO_REACHABLE_AUTHORITY, NETWORK_ERROR = 15, 22, 23


def good(query):
    return reply(query, "%s 300 A %s" % (query.question[0].name, GOOD))


def forged(query):
    return reply(query, "%s 300 A %s" % (query.question[0].name, FORGED))


def world(t, answer, **how):
    """A server in front of an upstream server that answers so."""
    up = Upstream(answer, **how)
    return t.serve(HELLO, forward=["-f", up.where]), up


def truth(server, name="www.example.", kind="A", within=2.0, **how):
    """The answer is the good one, and it does not take long."""
    began = time.monotonic()
    found = server.ask(name, kind, **how)
    equal(addresses(found), [GOOD], "addresses of %s in %s" % (name, found))
    assert time.monotonic() - began < within, "took %.1f s" % (time.monotonic() - began)
    return found


def in_vain(server, name="www.example.", kind="A", within=6.0):
    began = time.monotonic()
    found = server.ask(name, kind, timeout=8)
    equal(found.rcode(), dns.rcode.SERVFAIL, "RCODE of " + name)
    assert time.monotonic() - began < within, "took %.1f s" % (time.monotonic() - began)
    return found


# ------ answers that are not to what was asked (RFC 5452 §9.1) ------

def before_the_answer(change):
    """By UDP something else comes first; the answer follows, and TCP tells the truth."""
    def answer(query, way):
        if way == "tcp":
            return good(query)
        return [change(query), Pause(0.05), good(query)]
    return answer


def other_id(query):
    wire = forged(query).to_wire()
    return struct.pack(">H", query.id ^ 1) + wire[2:]


def other_letters(query):
    wire = forged(query).to_wire()
    return wire[:13] + bytes([wire[13] ^ 0x20]) + wire[14:]


def other_name(query):
    lie = forged(query)
    lie.question = dns.message.make_query("wwv.example.", "A").question
    return lie


def other_type(query):
    lie = forged(query)
    lie.question = dns.message.make_query(query.question[0].name, "AAAA").question
    return lie


def two_questions(query):
    lie = forged(query)
    lie.question = lie.question + dns.message.make_query("b.example.", "A").question
    return lie


def no_question(query):
    lie = forged(query)
    lie.question = []
    return lie


def a_query(query):
    lie = forged(query)
    lie.flags &= ~dns.flags.QR
    return lie


def cut_to(size):
    return lambda query: forged(query).to_wire()[:size]


@case
def an_answer_to_another_question_is_not_heard_and_ends_nothing(t):
    for change in (other_id, other_letters, other_name, other_type, two_questions, no_question,
                   a_query, cut_to(0), cut_to(5), cut_to(11), cut_to(12), cut_to(20)):
        server, _ = world(t, before_the_answer(change))
        truth(server)
        server.stop()


@case
def an_empty_error_with_the_right_id_ends_nothing(t):
    def error(rcode):
        lie = lambda q: no_question(reply(q, rcode=rcode))
        return before_the_answer(lambda q: struct.pack(">HHHHHH", q.id, 0x8180 | rcode, 0, 0, 0, 0))
    for rcode in (dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.FORMERR):
        server, _ = world(t, error(rcode))
        truth(server)
        server.stop()


@case
def a_server_that_changes_letters_is_known_by_tcp_and_then_believed(t):
    def small(query):
        answer = good(query).to_wire()
        size = len(query.question[0].name.to_wire())
        return answer[:12] + answer[12:12 + size].lower() + answer[12 + size:]
    server, up = world(t, small)
    for i in range(8):
        truth(server, "h%d.example." % i)
    ways = [way for _, _, way in up.asked]
    assert ways.count("tcp") <= 2, "asked by TCP %d times" % ways.count("tcp")


@case
def a_server_that_changes_letters_and_has_no_tcp_gets_no_hearing(t):
    def other_letters_only(query):    # small ones would be right once in a thousand times
        answer = good(query).to_wire()
        size = len(query.question[0].name.to_wire())
        return answer[:12] + answer[12:12 + size].swapcase() + answer[12 + size:]
    server, _ = world(t, other_letters_only, tcp=False)
    in_vain(server)


# ------ records that nobody asked for (RFC 5452 §6, RFC 2181 §5.4.1) ------

@case
def what_was_not_asked_for_is_neither_passed_on_nor_kept(t):
    def generous(query):
        if name_of(query) != "www.example.":
            return reply(query, "%s 300 A 192.0.2.99" % query.question[0].name)
        return reply(query, "%s 300 A %s" % (query.question[0].name, GOOD),
                     "bank.example. 300 A " + FORGED,
                     authority=["example. 300 NS ns.bank.example.", "com. 300 NS ns.evil.example."],
                     additional=["ns.bank.example. 300 A " + FORGED, "com. 300 A " + FORGED])
    server, up = world(t, generous)
    found = truth(server)
    equal((len(found.authority), len(found.additional)), (0, 0), "other sections")
    for name in ("bank.example.", "ns.bank.example.", "com."):
        equal(addresses(server.ask(name)), ["192.0.2.99"], "asked for itself: " + name)
    equal(len(up.asked), 4, "questions upstream")


@case
def an_alias_is_kept_but_records_beside_it_are_not(t):
    def crooked(query):
        if name_of(query) == "a.example.":
            return reply(query, "%s 300 CNAME b.example." % query.question[0].name,
                         "c.example. 300 A " + FORGED)
        return good(query)
    server, up = world(t, crooked)
    truth(server, "a.example.")
    truth(server, "c.example.")
    equal(up.names(), ["a.example.", "b.example.", "c.example."], "questions upstream")


@case
def circles_and_long_chains_of_aliases_end(t):
    def chain(query):
        name = name_of(query)
        if name == "self.example.":
            return reply(query, "%s 300 CNAME self.example." % query.question[0].name)
        if name == "a.example.":
            return reply(query, "%s 300 CNAME b.example." % query.question[0].name,
                         "b.example. 300 CNAME a.example.")
        return reply(query, "%s 300 CNAME n1.example." % query.question[0].name,
                     *["n%d.example. 300 CNAME n%d.example." % (i, i + 1) for i in range(1, 30)])
    server, up = world(t, chain)
    for name in ("self.example.", "a.example.", "long.example."):
        in_vain(server, name, within=1.0)
    assert len(up.asked) <= 12, "%d questions" % len(up.asked)


@case
def a_dname_that_makes_too_long_a_name_is_yxdomain(t):
    left = ".".join("x" * 63 for _ in range(3))
    def dname(query):
        return reply(query, "example. 300 DNAME %s.long." % ".".join("y" * 40 for _ in range(3)))
    server, _ = world(t, dname)
    equal(server.ask(left + ".example.").rcode(), dns.rcode.YXDOMAIN, "RCODE")


# ------ data that is broken ------

def with_rdata(kind, rdata, rdlength=None):
    """An answer with one record of these octets, whose size may be another than it says."""
    def answer(query):
        wire = reply(query).to_wire()
        end = 12 + len(query.question[0].name.to_wire()) + 4
        record = b"\xc0\x0c" + struct.pack(">HHIH", dns.rdatatype.from_text(kind), 1, 300,
                                           len(rdata) if rdlength is None else rdlength) + rdata
        return wire[:6] + b"\0\1\0\0\0\0" + wire[12:end] + record
    return answer


@case
def broken_record_data_is_taken_from_no_server(t):
    for kind, rdata, size in (("A", b"\1\2\3", None), ("A", b"\1\2\3\4\5", None),
                              ("AAAA", b"\0" * 15, None), ("MX", b"\0\1\1a", None),
                              ("MX", b"\0\1\1a\0", 4), ("A", b"\1\2\3\4", 400),
                              ("CNAME", b"\xc0\xff", None), ("SRV", b"\0\1\0\1\0\1\x40", None)):
        bad, fine = Upstream(with_rdata(kind, rdata, size)), Upstream(good)
        server = t.serve(HELLO, forward=["-f", bad.where])
        equal(in_vain(server, kind=kind, within=1.0).answer, [], "nothing of it")
        server.stop()
        server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
        if kind == "A":
            truth(server)
        server.stop()


@case
def times_to_live_are_counted_down_and_have_limits(t):
    ttls = {"zero.example.": 0, "half.example.": 2**31, "all.example.": 2**32 - 1,
            "year.example.": 31536000, "some.example.": 60}
    def answer(query):
        wire = good(query).to_wire()
        at = wire.rindex(struct.pack(">I", 300))
        return wire[:at] + struct.pack(">I", ttls[name_of(query)]) + wire[at + 4:]
    server, up = world(t, answer)
    for name, ttl in (("zero.example.", 0), ("half.example.", 0), ("all.example.", 0),
                      ("year.example.", 86400), ("some.example.", 60)):
        equal(truth(server, name).answer[0].ttl, ttl, "TTL of " + name)
    time.sleep(2.1)
    for name, least, most in (("year.example.", 86396, 86398), ("some.example.", 56, 58)):
        assert least <= truth(server, name).answer[0].ttl <= most, "TTL of %s two seconds later" % name
    before = len(up.asked)
    truth(server, "zero.example.")
    equal(len(up.asked), before + 1, "what has no time to live is asked for again")


@case
def large_answers_go_through_tcp_whole_and_very_large_ones_are_not_kept(t):
    def many(query, way):
        if way == "udp":
            return reply(query, flags=dns.flags.TC)
        count = int(name_of(query).split(".")[0])
        wire = reply(query).to_wire()
        record = b"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc6\x33"
        end = 12 + len(query.question[0].name.to_wire()) + 4
        return wire[:6] + struct.pack(">HHH", count, 0, 0) + wire[12:end] + b"".join(
            record + bytes(divmod(i, 250)) for i in range(count))
    server, up = world(t, many)
    for count, questions in ((90, 1), (4000, 2)):
        name = "%d.example." % count
        before = len([way for _, _, way in up.asked if way == "tcp"])
        for _ in range(2):
            equal(len(addresses(server.ask(name, tcp=True))), count, "addresses of " + name)
        equal(len([way for _, _, way in up.asked if way == "tcp"]) - before, questions,
              "questions for %s by TCP" % name)
    assert server.ask("4000.example.").flags & dns.flags.TC, "by UDP it is cut"


@case
def answers_that_say_nothing_are_kept_for_a_minute_at_most(t):
    def bare(query):
        if name_of(query).startswith("alias"):
            return reply(query, "%s 300 CNAME gone.example." % query.question[0].name,
                         rcode=dns.rcode.NXDOMAIN)
        return reply(query, rcode=dns.rcode.NXDOMAIN if name_of(query).startswith("no") else 0)
    server, up = world(t, bare)
    for name, rcode in (("empty.example.", 0), ("none.example.", 3), ("alias.example.", 3)):
        for _ in range(2):
            equal(server.ask(name).rcode(), rcode, "RCODE of " + name)
    equal(len(server.ask("alias.example.").answer), 1, "the alias is part of the answer")
    equal(len(up.asked), 3, "questions upstream")


@case
def codes_that_nobody_knows_are_failures(t):
    for rcode in (11, 12, 15, 23, 4095):
        bad, fine = Upstream(lambda q: reply(q, rcode=rcode)), Upstream(good)
        server = t.serve(HELLO, forward=["-f", bad.where])
        in_vain(server, within=1.0)
        server.stop()
        server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
        truth(server, within=0.5)
        server.stop()


@case
def a_referral_is_no_answer(t):
    server, _ = world(t, lambda q: reply(q, authority=["example. 300 NS ns.example."],
                                         additional=["ns.example. 300 A 192.0.2.1"]))
    in_vain(server, within=1.0)


# ------ TCP that goes wrong (RFC 7766) ------

def truncated(then):
    def answer(query, way):
        return reply(query, flags=dns.flags.TC) if way == "udp" else then(query)
    return answer


@case
def tcp_that_is_refused_costs_one_attempt_and_the_next_server_is_asked(t):
    bad, fine = Upstream(truncated(good), tcp=False), Upstream(good)
    server = t.serve(HELLO, forward=["-f", bad.where])
    in_vain(server)
    assert len(bad.asked) <= 10
    server.stop()
    server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
    truth(server, "b.example.")


@case
def tcp_that_is_closed_without_an_answer_is_tried_twice_at_most(t):
    bad, fine = Upstream(truncated(lambda q: CLOSE)), Upstream(good)
    server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
    for i in range(5):
        truth(server, "h%d.example." % i)
    assert bad.connections <= 10, "%d connections" % bad.connections
    server.stop()
    alone = Upstream(truncated(lambda q: CLOSE))
    server = t.serve(HELLO, forward=["-f", alone.where])
    in_vain(server)
    assert len(alone.asked) <= 10, "%d questions" % len(alone.asked)


@case
def messages_by_tcp_that_are_empty_or_cut_or_truncated_are_no_answers(t):
    def size_alone(query):
        return b""
    def flagged(query):
        return reply(query, flags=dns.flags.TC)
    for wrong in (size_alone, flagged, cut_to(12), cut_to(30), other_id, other_name):
        bad, fine = Upstream(truncated(wrong)), Upstream(good)
        server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
        truth(server, within=3.0)
        server.stop()


@case
def a_server_that_promises_more_by_tcp_than_it_sends_is_left_after_a_while(t):
    port = free_port()
    listener = socket.create_server(("127.0.0.1", port))
    fine = Upstream(lambda q: [Pause(0.8), good(q)])
    bad = Upstream(lambda q: reply(q, flags=dns.flags.TC), port=port, tcp=False)
    server = t.serve(HELLO, forward=["-f", bad.where, "-f", fine.where])
    listener.settimeout(5)
    found = []
    asking = threading.Thread(target=lambda: found.append(server.ask("www.example.")))
    asking.start()
    stream, _ = listener.accept()
    stream.sendall(b"\xff\xff" + b"x" * 100)
    asking.join()
    equal(addresses(found[0]), [GOOD], "the other server's answer")


# ------ EDNS (RFC 6891 §7) ------

@case
def a_server_that_does_not_know_edns_is_asked_without(t):
    def old(query):
        return reply(query, rcode=dns.rcode.FORMERR) if query.edns >= 0 else good(query)
    server, up = world(t, old)
    for i in range(8):
        truth(server, "h%d.example." % i, within=0.5)
    tail = [dns.message.from_wire(wire).edns for wire in up.wire[-2:]]
    equal(tail, [-1, -1], "EDNS of the last questions: TCP has confirmed it")


@case
def errors_about_edns_by_udp_alone_change_nothing_for_good(t):
    def liar(query, way):
        return reply(query, rcode=dns.rcode.FORMERR) if query.edns >= 0 and way == "udp" else good(query)
    server, up = world(t, liar)
    for i in range(8):
        truth(server, "h%d.example." % i, within=0.5)
    last = up.wire[-1]
    equal(dns.message.from_wire(last).edns, 0, "EDNS of the last question")


# ------ who answers whom ------

@case
def an_answer_that_comes_too_late_goes_to_nobody(t):
    server, up = world(t, lambda q: [Pause(6.5), good(q)])
    in_vain(server)
    time.sleep(2.0)
    equal(server.try_ask("lumpi.hello.") is not None, True, "the server lives")


@case
def packets_from_elsewhere_are_not_heard(t):
    """The sockets are connected: an attacker who knows the port is not who was asked."""
    def answer(query):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(forged(query).to_wire(), ("127.0.0.1", up.ports[-1]))
        return [Pause(0.1), good(query)]
    up = Upstream(answer)
    server = t.serve(HELLO, forward=["-f", up.where])
    for i in range(5):
        truth(server, "h%d.example." % i)


@case
def errors_from_elsewhere_make_no_server_ill(t):
    up = Upstream(good)
    server = t.serve(HELLO, forward=["-f", up.where])
    truth(server, "a.example.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        lie = reply(dns.message.make_query("www.example.", "A"), rcode=dns.rcode.SERVFAIL).to_wire()
        for port in range(1024, 65536, 3):
            if port not in (up.port, server.port):
                other.sendto(lie, ("127.0.0.1", port))
    truth(server, "b.example.", within=0.3)


@case
def addresses_of_our_own_networks_are_not_taken_from_public_names(t):
    lies = {"a.example.": ("A", "192.168.1.1"), "b.example.": ("AAAA", "::ffff:10.0.0.1"),
            "c.example.": ("SVCB", "1 . ipv4hint=127.0.0.1"), "d.example.": ("A", "0.0.0.0"),
            "e.example.": ("AAAA", "fd00::1"), "f.example.": ("HTTPS", "1 . ipv6hint=fe80::1")}
    def answer(query):
        kind, data = lies[name_of(query)]
        return reply(query, "%s 300 %s %s" % (query.question[0].name, kind, data))
    server, _ = world(t, answer)
    for name, (kind, _) in lies.items():
        found = server.ask(name, kind)
        equal((found.rcode(), len(found.answer), ede_codes(found)), (0, 0, [BLOCKED]), name)


@case
def impossible_upstream_servers_are_refused_where_they_stand(t):
    for address, status in (("0.0.0.0", 1), ("::", 1), ("255.255.255.255", 1), ("224.0.0.1", 1),
                            ("ff02::1", 1), ("0.1.2.3", 1)):
        conf = t.write("c.conf", "# a line\nforward . %s\n" % address)
        code, _, said = t.run("-c", conf, "-p", free_port())
        equal(code, status, "exit status for " + address)
        assert "%s:2:11: error: " % conf in said, said
    port = free_port()
    conf = t.write("c.conf", "listen 127.0.0.1@%d\nforward . 127.0.0.1@%d\n" % (port, port))
    code, _, said = t.run("-c", conf)
    equal(code, 2, "exit status for itself")
    conf = t.write("c.conf", "listen 127.0.0.1@%d\nforward . ::ffff:127.0.0.1@%d\n" % (port, port))
    code, _, said = t.run("-c", conf)
    assert code in (1, 2), "exit status for itself in IPv6's letters: %d, %s" % (code, said)


# ------ loops (RFC 9520 §3.2 does not know them; peers do) ------

def neighbours(t):
    """Two servers, each the upstream server of the other."""
    for _ in range(5):
        port = free_port()
        first = t.serve(HELLO, forward=["-f", "127.0.0.1@%d" % port])
        second = t.start(HELLO, port=port, forward=["-f", "127.0.0.1@%d" % first.port])
        if "cannot listen" not in second.log():     # somebody may have taken the port meanwhile
            second.ready()
            return first, second
    raise AssertionError("no port stays free")


@case
def two_servers_that_ask_each_other_notice_it(t):
    first, second = neighbours(t)
    took = []
    for i in range(5):      # a busy machine may be too slow to notice it, once
        began = time.monotonic()
        found = first.ask("www%d.example." % i, timeout=8)
        equal(found.rcode(), dns.rcode.SERVFAIL, "RCODE")
        took.append(time.monotonic() - began)
        if took[-1] < 2:
            break
    assert took[-1] < 2, "took %s s" % took
    # It is told though nothing more happens that would be an occasion.
    for server in (first, second):
        if server.counters()["looped"]:
            server.logged("forwarding loop: [0-9]+ times")
    for server in (first, second):
        equal(addresses(server.ask("lumpi.hello.")), ["10.0.0.2"], "its zone is still served")
        server.signal(10)
    for i in range(20):
        first.ask("h%d.example." % i, timeout=8)


if __name__ == "__main__":
    run()
