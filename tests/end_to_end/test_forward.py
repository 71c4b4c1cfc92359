#!/usr/bin/python3
"""Names that no zone has: asked upstream, answered, kept; and everything around that.

Usage: test_forward.py PATH_TO_TEN35 [WORD...]
"""

import os
import re
import socket
import threading
import time

from harness import (HELLO, Skip, WATCH, WATCH_SECONDS, addresses, case, contains, dns, ede_codes,
                     equal, framed, free_port, question, read_message, records, run, wait_until,
                     zone_text)
from network import Network
from upstream import Pause, Upstream, name_of, no_data, no_name, reply, type_of

STALE_ANSWER, BLOCKED, PROHIBITED, NOT_AUTHORITATIVE = 3, 15, 18, 20
NO_REACHABLE_AUTHORITY, NETWORK_ERROR, INVALID_DATA = 22, 23, 24


def fixed(query):
    """A small world: everything has an address, but what begins with "no" does not exist."""
    if name_of(query).startswith("no"):
        return no_name(query)
    if type_of(query) != "A":
        return no_data(query)
    return reply(query, "%s 300 A 198.51.100.7" % query.question[0].name)


def upstream(answer=fixed, **how):
    return Upstream(answer, **how)


def edns_text(message):
    return [o.text for o in message.options if isinstance(o, dns.edns.EDEOption)]


# ------ the way of a question ------

@case
def zones_are_answered_here_and_all_other_names_are_asked_upstream_once(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    equal(addresses(server.ask("lumpi.hello.")), ["10.0.0.2"], "a name of the zone")
    equal(up.asked, [], "questions upstream")
    for _ in range(3):
        found = server.ask("www.example.")
        equal(addresses(found), ["198.51.100.7"], "a name of the world")
        assert found.flags & dns.flags.RA and not found.flags & dns.flags.AA
    equal(up.asked, [("www.example.", "A", "udp")], "questions upstream")


@case
def a_name_that_does_not_exist_is_asked_once_for_all_types_and_all_names_below(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    for name, kind in (("none.example.", "A"), ("none.example.", "TXT"), ("a.b.none.example.", "MX")):
        found = server.ask(name, kind)
        equal(found.rcode(), dns.rcode.NXDOMAIN, "RCODE of %s %s" % (name, kind))
        equal(len(found.authority), 1, "SOA of %s %s" % (name, kind))
    equal(up.names(), ["none.example."], "questions upstream")


@case
def without_upstream_servers_other_names_are_refused_and_it_is_said_why(t):
    server = t.serve("-f", "none", HELLO, forward=())
    found = server.ask("www.example.")
    equal(found.rcode(), dns.rcode.REFUSED, "RCODE")
    equal(ede_codes(found), [NOT_AUTHORITATIVE], "extended error")
    contains(str(edns_text(found)), "no upstream server is known")
    assert not found.flags & dns.flags.RA, "recursion is not available"


@case
def what_does_not_desire_recursion_is_answered_from_zones_alone(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    server.ask("www.example.")
    found = server.ask("www.example.", flags=0)
    equal((found.rcode(), ede_codes(found)), (dns.rcode.REFUSED, [NOT_AUTHORITATIVE]), "RD=0")
    equal(addresses(server.ask("lumpi.hello.", flags=0)), ["10.0.0.2"], "a name of the zone")


@case
def questions_that_come_at_the_same_time_are_one_question_upstream(t):
    up = upstream(lambda q: [Pause(0.3), fixed(q)])
    server = t.serve(HELLO, forward=["-f", up.where])
    found = []
    threads = [threading.Thread(target=lambda: found.append(server.ask("www.example.")))
               for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal([addresses(f) for f in found], [["198.51.100.7"]] * 20, "answers")
    equal(up.asked, [("www.example.", "A", "udp")], "questions upstream")


@case
def each_question_leaves_with_an_id_a_port_and_letters_of_its_own(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    # Three of 50 are the same by chance in one turn of a thousand (ports), but not in two turns.
    for turn in "ab":
        up.wire.clear()
        up.ports.clear()
        for i in range(50):
            server.ask("host-with-a-long-name-%s%d.example." % (turn, i))
        ids = {wire[:2] for wire in up.wire}
        letters = {wire[13:33] for wire in up.wire}
        if len(ids) >= 49 and len(set(up.ports)) >= 49 and len(letters) >= 49:
            return
    raise AssertionError("%d ids, %d ports, %d spellings of 50" % (len(ids), len(set(up.ports)), len(letters)))


# ------ aliases between here and there ------

ALIASES = zone_text(more="out CNAME www.example.com.\nback CNAME away.example.com.\n")


@case
def an_alias_that_leads_out_of_a_zone_is_followed_in_one_reply(t):
    up = upstream()
    server = t.serve(t.write("z", ALIASES), forward=["-f", up.where])
    found = server.ask("out.example.test.")
    equal(records(found.answer), {"out.example.test. 300 CNAME www.example.com.",
                                  "www.example.com. 300 A 198.51.100.7"}, "the answer")
    equal(up.names(), ["www.example.com."], "questions upstream")


@case
def an_alias_of_the_world_that_leads_into_a_zone_is_answered_from_the_zone(t):
    def world(query):
        return reply(query, "%s 60 CNAME www.example.test." % query.question[0].name,
                     "www.example.test. 60 A 203.0.113.66")    # not for it to say
    up = upstream(world)
    server = t.serve(t.write("z", ALIASES), forward=["-f", up.where])
    found = server.ask("back.example.test.")
    equal(addresses(found), ["192.0.2.10"], "the zone's own address")
    equal(len(found.answer), 3, "two aliases and the address")


@case
def names_that_an_overlay_lacks_are_asked_upstream_and_those_that_it_has_never(t):
    up = upstream()
    zone = t.write("z", zone_text(origin="corp.example.", more="a.deep A 192.0.2.5\n"))
    conf = t.write("c.conf", "zone corp.example %s overlay\nforward . %s\n" % (zone, up.where))
    server = t.serve("-c", conf, forward=())
    equal(addresses(server.ask("www.corp.example.")), ["192.0.2.10"], "a name of the file")
    for name in ("www.corp.example.", "deep.corp.example."):
        found = server.ask(name, "AAAA")
        equal((found.rcode(), len(found.answer)), (dns.rcode.NOERROR, 0), "no data for %s" % name)
    equal(up.asked, [], "questions upstream")
    equal(addresses(server.ask("other.corp.example.")), ["198.51.100.7"], "a name that it lacks")
    equal(server.ask("none.corp.example.").rcode(), dns.rcode.NXDOMAIN, "what nobody has")


# ------ names that stay here ------

@case
def special_names_and_private_reverse_names_never_leave(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    equal(addresses(server.ask("localhost.")), ["127.0.0.1"], "localhost")
    equal(addresses(server.ask("a.localhost.", "AAAA")), ["::1"], "below localhost")
    for name in ("printer.local.", "x.home.arpa.", "a.onion.", "b.internal.", "c.test.", "d.invalid.",
                 "e.alt.", "1.0.168.192.in-addr.arpa.", "5.0.0.10.in-addr.arpa.",
                 "1.0.64.100.in-addr.arpa.", "2.1.20.172.in-addr.arpa."):
        equal(server.ask(name, "PTR").rcode(), dns.rcode.NXDOMAIN, "RCODE of " + name)
    equal(server.ask("_dns.resolver.arpa.", "SVCB").rcode(), dns.rcode.NOERROR, "resolver.arpa")
    equal(up.asked, [], "questions upstream")
    server.ask("1.2.0.8.in-addr.arpa.", "PTR")
    equal(up.names(), ["1.2.0.8.in-addr.arpa."], "public reverse names do leave")


@case
def a_forward_line_goes_before_special_names_and_the_longest_domain_wins(t):
    office = upstream(lambda q: reply(q, "%s 60 PTR a.corp.example." % q.question[0].name))
    other, world = upstream(lambda q: reply(q, "%s 60 A 10.1.1.1" % q.question[0].name)), upstream()
    conf = t.write("c.conf", "forward 10.8.0.0/16 %s\nforward corp.example %s\nforward lab.corp.example "
                   "none\nforward . %s\n" % (office.where, other.where, world.where))
    server = t.start("-c", conf, forward=())
    equal(len(server.ask("1.0.8.10.in-addr.arpa.", "PTR").answer), 1, "the range of the office")
    equal(server.ask("1.0.9.10.in-addr.arpa.", "PTR").rcode(), dns.rcode.NXDOMAIN, "another range")
    equal(addresses(server.ask("a.corp.example.")), ["10.1.1.1"], "its domain may be private")
    equal(server.ask("a.lab.corp.example.").rcode(), dns.rcode.NXDOMAIN, "nobody's")
    equal(addresses(server.ask("a.example.")), ["198.51.100.7"], "the world")
    equal((office.names(), other.names(), world.names()),
          (["1.0.8.10.in-addr.arpa."], ["a.corp.example."], ["a.example."]), "who was asked what")


@case
def names_of_a_zone_that_cannot_be_read_fail_here_and_are_not_asked_upstream(t):
    up = upstream()
    broken = t.write("broken.zone", zone_text(origin="b.example.", more="a A 1.2.3\n"))
    conf = t.write("c.conf", "zone a.example %s\nzone b.example %s\nforward . %s\n" %
                   (t.path("not-there"), broken, up.where))
    server = t.start("-c", conf, forward=())
    server.logged("0 of 2 zones are served")
    for name in ("www.a.example.", "www.b.example."):
        found = server.ask(name)
        equal((found.rcode(), ede_codes(found)), (dns.rcode.SERVFAIL, [INVALID_DATA]), name)
    equal(addresses(server.ask("www.c.example.")), ["198.51.100.7"], "the world is there")
    equal(up.names(), ["www.c.example."], "questions upstream")
    t.write("not-there", zone_text(origin="a.example."))
    server.wait_for("www.a.example.", data="192.0.2.10", seconds=WATCH_SECONDS)


# ------ private addresses ------

@case
def public_names_have_no_private_addresses_unless_that_is_allowed(t):
    def rebind(query):
        if type_of(query) == "HTTPS":
            return reply(query, "%s 60 HTTPS 1 . ipv4hint=127.0.0.1" % query.question[0].name)
        return reply(query, "%s 60 A 192.168.1.1" % query.question[0].name)
    up = upstream(rebind)
    server = t.serve(HELLO, forward=["-f", up.where, "--private-ok", "mine.example"])
    for kind in ("A", "HTTPS"):
        found = server.ask("evil.example.", kind)
        equal((found.rcode(), len(found.answer), ede_codes(found)),
              (dns.rcode.NOERROR, 0, [BLOCKED]), "the answer to " + kind)
    contains(server.log(), "evil.example.")
    equal(addresses(server.ask("a.mine.example.")), ["192.168.1.1"], "an allowed name")


# ------ upstream servers that fail ------

@case
def a_dead_server_costs_one_wait_and_then_the_other_is_asked_first(t):
    dead, up = upstream(lambda q: None), upstream()
    server = t.serve(HELLO, forward=["-f", dead.where, "-f", up.where])
    for i in range(5):
        began = time.monotonic()
        equal(addresses(server.ask("h%d.example." % i)), ["198.51.100.7"], "answer")
        assert time.monotonic() - began < (1.5 if i == 0 else 0.3), "question %d took too long" % i


@case
def a_port_where_nobody_listens_is_noticed_at_once(t):
    up = upstream()
    nobody = "127.0.0.1@%d" % free_port()
    server = t.serve(HELLO, forward=["-f", nobody, "-f", up.where])
    for i in range(20):
        equal(addresses(server.ask("h%d.example." % i)), ["198.51.100.7"], "answer")


def failing(rcode, ede=None):
    return upstream(lambda q: reply(q, rcode=rcode, ede=ede))


@case
def what_fails_at_one_server_is_asked_of_the_next(t):
    for rcode in (dns.rcode.SERVFAIL, dns.rcode.REFUSED, 23):
        bad, good = failing(rcode), upstream()
        server = t.serve(HELLO, forward=["-f", bad.where, "-f", good.where])
        began = time.monotonic()
        for i in range(4):
            equal(addresses(server.ask("h%d.example." % i)), ["198.51.100.7"], "answer")
        assert time.monotonic() - began < 1, "an error is no reason to wait"
        server.stop()


@case
def when_nobody_answers_it_is_servfail_within_six_seconds_with_the_reason(t):
    dead = upstream(lambda q: None)
    server = t.serve(HELLO, forward=["-f", dead.where])
    began = time.monotonic()
    found = server.ask("www.example.", timeout=7)
    assert time.monotonic() - began < 6
    equal((found.rcode(), ede_codes(found)), (dns.rcode.SERVFAIL, [NETWORK_ERROR]), "answer")
    assert len(dead.asked) <= 10, "%d packets for one question" % len(dead.asked)


@case
def when_all_servers_fail_the_failure_is_kept_for_a_while(t):
    bad = failing(dns.rcode.SERVFAIL, ede=9)
    server = t.serve(HELLO, forward=["-f", bad.where])
    for _ in range(10):
        found = server.ask("www.example.")
        equal((found.rcode(), ede_codes(found)), (dns.rcode.SERVFAIL, [9]), "answer")
    assert len(bad.asked) <= 2, "asked %d times" % len(bad.asked)


@case
def stale_answers_are_given_when_nobody_answers_and_say_so(t):
    life = [True]
    up = upstream(lambda q: reply(q, "%s 1 A 198.51.100.7" % q.question[0].name) if life[0] else None)
    server = t.serve(HELLO, forward=["-f", up.where, "--stale"])
    server.ask("www.example.")
    life[0] = False
    time.sleep(1.1)
    began = time.monotonic()
    found = server.ask("www.example.")
    assert time.monotonic() - began < 3, "before clients give up"
    equal((addresses(found), ede_codes(found)), (["198.51.100.7"], [STALE_ANSWER]), "stale")
    equal(found.answer[0].ttl, 30, "TTL of a stale answer")


# ------ TCP ------

def large(query, way):
    if way == "udp":
        return reply(query, flags=dns.flags.TC)
    return reply(query, *["%s 60 TXT \"%03d %s\"" % (query.question[0].name, i, "x" * 200)
                          for i in range(50)])


@case
def truncated_answers_are_fetched_by_tcp_over_one_connection_and_cut_for_the_client(t):
    up = upstream(large)
    server = t.serve(HELLO, forward=["-f", up.where])
    found = server.ask("a.example.", "TXT")
    assert found.flags & dns.flags.TC, "too large for UDP"
    equal(len(server.ask("a.example.", "TXT", tcp=True).answer[0]), 50, "records by TCP")
    for i in range(10):
        server.ask("a%d.example." % i, "TXT")
    equal(up.connections, 1, "connections")


@case
def a_tcp_client_gets_its_answers_as_they_come(t):
    def slow(query):
        return [Pause(1.0), fixed(query)] if name_of(query).startswith("slow") else fixed(query)
    up = upstream(slow)
    server = t.serve(HELLO, forward=["-f", up.where])
    with server.connect() as stream:
        names = ["slow.example.", "quick.example.", "lumpi.hello."]
        for name in names:
            stream.sendall(framed(question(name).to_wire()))
        came = [read_message(stream).question[0].name.to_text() for _ in names]
    equal(came[-1], "slow.example.", "the last answer")


@case
def a_tcp_client_that_leaves_while_it_waits_does_no_harm(t):
    up = upstream(lambda q: [Pause(0.5), fixed(q)])
    server = t.serve(HELLO, forward=["-f", up.where])
    for i in range(20):
        with server.connect() as stream:
            stream.sendall(framed(question("h%d.example." % i).to_wire()))
    time.sleep(0.8)
    equal(addresses(server.ask("h3.example.")), ["198.51.100.7"], "a later question")
    equal(len(server.servers()), 1, "the server lives")


# ------ where upstream servers come from ------

@case
def a_file_of_upstream_servers_is_watched(t):
    one, two = upstream(), upstream(lambda q: reply(q, "%s 1 A 203.0.113.2" % q.question[0].name))
    path = t.write("resolv", "# by the provider\nsearch lan\nnameserver %s\noptions ndots:2\n" % one.where)
    server = t.serve(*WATCH, HELLO, forward=["-f", path])
    equal(addresses(server.ask("a.example.")), ["198.51.100.7"], "the first server's answer")
    t.replace("resolv", "nameserver %s\n" % two.where)
    count = iter(range(1000))
    wait_until(lambda: addresses(server.ask("b%d.example." % next(count))) == ["203.0.113.2"],
               WATCH_SECONDS, "the other server is asked")
    t.replace("resolv", "")
    wait_until(lambda: server.ask("c%d.example." % next(count)).rcode() == dns.rcode.REFUSED,
               WATCH_SECONDS, "nobody is asked")
    t.replace("resolv", "nameserver %s\n" % one.where)
    wait_until(lambda: addresses(server.ask("d%d.example." % next(count))) == ["198.51.100.7"],
               WATCH_SECONDS, "the first one is asked again")


@case
def a_file_of_upstream_servers_may_come_later(t):
    up = upstream()
    server = t.serve(*WATCH, HELLO, forward=["-f", t.path("resolv")])
    equal(server.ask("a.example.").rcode(), dns.rcode.REFUSED, "before there is a file")
    t.write("resolv", "nameserver %s\n" % up.where)
    count = iter(range(1000))
    wait_until(lambda: server.ask("b%d.example." % next(count)).rcode() == dns.rcode.NOERROR,
               WATCH_SECONDS, "the server is asked")


def with_resolv_conf(path):
    """In front of a command: it sees that file at /etc/resolv.conf."""
    if os.geteuid() != 0:
        raise Skip("needs root for a mount of its own")
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    prefix = ["unshare", "-m", "sh", "-c", script, path]
    if os.system("unshare -m true 2>/dev/null") != 0:
        raise Skip("no mount namespaces here")
    return prefix


@case
def without_being_told_it_asks_the_servers_of_resolv_conf_but_never_itself(t):
    up = upstream()
    port = free_port()
    path = t.write("resolv", "nameserver 127.0.0.1@%d\nnameserver %s\n" % (port, up.where))
    server = t.serve(HELLO, forward=(), port=port, prefix=with_resolv_conf(path))
    equal(addresses(server.ask("www.example.")), ["198.51.100.7"], "answer")
    contains(server.log(), "upstream servers for .: %s (this server itself is left out)\n" % up.where)
    equal(up.names(), ["www.example."], "questions upstream")


@case
def an_upstream_server_that_is_this_server_is_refused_at_the_start(t):
    port = free_port()
    for upstreams in (["127.0.0.1@%d" % port], ["192.0.2.1", "127.0.0.1@%d" % port]):
        words = [w for u in upstreams for w in ("-f", u)]
        status, _, said = t.run("-a", "127.0.0.1", "-p", port, *words, HELLO)
        equal(status, 2, "exit status")
        contains(said, "127.0.0.1@%d" % port)
    status, _, said = t.run("-p", port, "-f", "127.0.0.1#%d" % port, HELLO)
    equal(status, 2, "exit status when it listens everywhere")


# ------ signals, several servers ------

@case
def sighup_keeps_what_is_known(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    server.ask("www.example.")
    server.signal(1)
    time.sleep(0.5)
    server.ask("www.example.")
    equal(len(up.asked), 1, "questions upstream")


@case
def sighup_takes_other_upstream_servers_from_the_configuration(t):
    one, two = upstream(), upstream(lambda q: reply(q, "%s 1 A 203.0.113.2" % q.question[0].name))
    conf = t.write("c.conf", "zone hello %s\nforward . %s\n" % (HELLO, one.where))
    server = t.serve("-c", conf, forward=())
    equal(addresses(server.ask("a.example.")), ["198.51.100.7"], "before")
    t.write("c.conf", "zone hello %s\nforward . %s\n" % (HELLO, two.where))
    server.signal(1)
    count = iter(range(1000))
    wait_until(lambda: addresses(server.ask("b%d.example." % next(count))) == ["203.0.113.2"],
               WATCH_SECONDS, "the other server is asked")
    server.settled() # until then who asks the first one may still get a question
    t.write("c.conf", "zone hello %s\nforwrad . %s\n" % (HELLO, one.where))
    server.signal(1)
    server.logged("did you mean 'forward'")
    equal(addresses(server.ask("c.example.")), ["203.0.113.2"], "a wrong file changes nothing")


@case
def who_waits_while_the_configuration_changes_still_gets_an_answer(t):
    slow = Upstream(lambda q: [Pause(1.0), fixed(q)])
    conf = t.write("c.conf", "zone hello %s\nforward . %s\n" % (HELLO, slow.where))
    server = t.serve("-c", conf, forward=())
    for tcp in (False, True):
        name, found = "www%d.example." % tcp, []
        waiter = threading.Thread(target=lambda: found.append(addresses(server.ask(name, tcp=tcp))))
        waiter.start()
        wait_until(lambda: name in slow.names(), 5, "it is asked")
        old = server.servers()
        t.write("c.conf", "zone hello %s\nforward . %s\ncache %dM\n" % (HELLO, slow.where, 8 + tcp))
        server.signal(1)
        waiter.join()
        equal(found, [["198.51.100.7"]], "the answer")
        wait_until(lambda: not set(old) & set(server.servers()), 5, "the old server is gone")


@case
def sigusr1_tells_of_upstream_servers_and_the_cache(t):
    up, dead = upstream(), free_port()
    server = t.serve(HELLO, forward=["-f", up.where, "-f", "127.0.0.1@%d" % dead])
    for i in range(8):
        equal(addresses(server.ask("h%d.example." % i)), ["198.51.100.7"], "answer")
    server.counters()
    server.logged("^ten35: upstream server %s: well, round trip [0-9]+ ms$" % re.escape(up.where))
    server.logged("^ten35: upstream server 127.0.0.1@%d: (down|not asked yet), " % dead)
    server.logged("^ten35: cache: [1-9][0-9]* of [0-9]+ KiB in use$")
    quiet = t.serve(HELLO)
    quiet.counters()
    time.sleep(0.2)
    equal(quiet.count("upstream server|cache:"), 0, "lines of a server that asks nobody")


@case
def several_servers_forward_each_by_itself(t):
    up = upstream()
    server = t.serve("--servers", "3", HELLO, forward=["-f", up.where])
    for i in range(60):
        equal(addresses(server.ask("h%d.example." % (i % 5))), ["198.51.100.7"], "answer")
    assert 5 <= len(up.asked) <= 15, "%d questions upstream" % len(up.asked)


@case
def a_killed_server_forgets_and_goes_on(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    server.ask("www.example.")
    os.kill(server.settled()[0], 9)
    wait_until(lambda: server.try_ask("www.example.") is not None, 5, "the next server answers")
    equal(addresses(server.ask("www.example.")), ["198.51.100.7"], "answer")


@case
def statistics_tell_of_each_upstream_server(t):
    up = upstream()
    server = t.serve(HELLO, forward=["-f", up.where])
    server.ask("www.example.")
    server.signal(10)
    server.logged(r"upstream .*%s" % up.where.replace(".", r"\."))


@case
def it_forwards_without_any_zone(t):
    up = upstream()
    server = t.start(forward=["-f", up.where])
    equal(addresses(server.ask("www.example.")), ["198.51.100.7"], "answer")


# ------ where late answers leave from ------

@case
def a_late_answer_leaves_from_the_address_that_was_asked(t):
    up = upstream(lambda q: [Pause(0.2), fixed(q)])
    server = t.serve(HELLO, listen=False, forward=["-f", up.where])
    for i, address in enumerate(("127.0.0.1", "127.0.0.2", "127.1.2.3")):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.sendto(question("h%d.example." % i).to_wire(), (address, server.port))
            equal(s.recvfrom(4096)[1], (address, server.port), "source of the reply")


# ------ for whom ------

@case
def strangers_are_refused_and_neighbours_are_served(t):
    with Network() as net:
        net.at_server("addr", "add", "192.0.2.1/24", "dev", "lan")
        net.at_server("route", "add", "198.51.100.0/24", "via", "192.0.2.9")
        net.at_client("addr", "add", "192.0.2.9/24", "dev", "pc")
        net.at_client("addr", "add", "198.51.100.9/32", "dev", "pc")
        port = free_port()
        up = t.write("up.zone", zone_text(origin="world.example.", www="203.0.113.5"))
        t.serve(up, address="127.0.0.1", port=port, prefix=net.prefix())
        server = t.serve(HELLO, address="192.0.2.1", prefix=net.prefix(),
                         forward=["-f", "127.0.0.1@%d" % port])
        net.enter_client()
        found = ask_from(server, "192.0.2.9", "www.world.example.")
        equal(addresses(found), ["203.0.113.5"], "a neighbour")
        found = ask_from(server, "198.51.100.9", "www.world.example.")
        equal(found.rcode(), dns.rcode.REFUSED, "a stranger")
        assert not found.flags & dns.flags.RA, "recursion is not available to it"
        equal(len(found.to_wire()), len(question("www.world.example.").to_wire()),
              "octets that come back, which may hit somebody who never asked")
        found = ask_from(server, "198.51.100.9", "www.world.example.", dns.query.tcp)
        equal((found.rcode(), ede_codes(found)), (dns.rcode.REFUSED, [PROHIBITED]), "by TCP")
        found = ask_from(server, "198.51.100.9", "lumpi.hello.")
        equal(addresses(found), ["10.0.0.2"], "zones are for everybody")


def ask_from(server, source, name, way=dns.query.udp):
    return way(question(name), server.address, port=server.port, timeout=5, source=source)


if __name__ == "__main__":
    run()
