#!/usr/bin/python3
"""Networks that lose, delay, double and reorder packets between us and upstream servers, and
packets that come from where they should not.

Usage: test_network.py PATH_TO_TEN35 [--full] [WORD...]

Each case has namespaces of its own, so that nothing of it reaches the machine's network.
With --full, or TEN35_FULL=1, there are more questions.
"""

import os
import random
import re
import select
import socket
import subprocess
import sys
import time

from harness import HELLO, Skip, addresses, build, case, dns, equal, free_port, question, run, zone_text
from network import Network, ip
from upstream import Pause, Upstream, reply

FULL = "--full" in sys.argv or os.environ.get("TEN35_FULL") == "1"
if "--full" in sys.argv:
    sys.argv.remove("--full")
QUESTIONS = 5000 if FULL else 1000
RATE = 100          # questions in a second
HERE, THERE = "192.0.2.1", "192.0.2.9"


def in_namespace(namespace, *words):
    return subprocess.run(["ip", "netns", "exec", namespace] + list(words), capture_output=True,
                          text=True, check=False)


def lose(net, percent):
    """Packets are lost in both directions: by netem, or where the kernel has none, by iptables."""
    for namespace, end in ((net.server, net.server_end), (net.client, net.client_end)):
        done = in_namespace(namespace, "tc", "qdisc", "replace", "dev", end, "root", "netem",
                            "delay", "10ms", "loss", "%d%%" % percent)
        if done.returncode != 0:
            done = in_namespace(namespace, "iptables", "-A", "INPUT", "-i", end, "-m", "statistic",
                                "--mode", "random", "--probability", "%.2f" % (percent / 100),
                                "-j", "DROP")
        if done.returncode != 0:
            raise Skip("neither netem nor iptables here: %s" % done.stderr.strip())


def upstream_zone(t):
    more = "*.w A 203.0.113.5\n*.big TXT %s\n" % " ".join('"%s"' % ("x" * 250) for _ in range(8))
    return t.write("up.zone", zone_text(origin="world.example.", www="203.0.113.5", more=more))


def pair(t, net, *more):
    """A server here whose upstream servers are there, at two ports."""
    net.at_server("addr", "add", HERE + "/24", "dev", "lan")
    net.at_client("addr", "add", THERE + "/24", "dev", "pc")
    prefix = ["ip", "netns", "exec", net.client]
    ups = [t.serve(upstream_zone(t), address=THERE, prefix=prefix) for _ in range(2)]
    words = [w for up in ups for w in ("-f", "%s@%d" % (THERE, up.port))]
    return t.serve(*more, HELLO, address=HERE, prefix=net.prefix(), forward=words)


def enter_server(net):
    net.client = net.server
    net.enter_client()


def ask_many(server, name, count=QUESTIONS, kind="A", rate=RATE, patience=6.0):
    """Asks for name % 0, name % 1 ... at a rate; how many were answered with records, and the times."""
    sent, took = {}, []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((server.address, server.port))
        began = time.monotonic()
        at = 0
        while True:
            now = time.monotonic()
            while at < count and now >= began + at / rate:
                q = question(name % at, kind)
                q.id = at % 65536
                sent[q.id] = now
                s.send(q.to_wire())
                at += 1
            if (at == count and not sent) or now > began + count / rate + patience:
                return took
            if select.select([s], [], [], 1 / rate)[0]:
                reply = s.recv(65535)
                number = int.from_bytes(reply[:2], "big")
                if number in sent:
                    waited = time.monotonic() - sent.pop(number)
                    if reply[3] & 15 == 0 and reply[6:8] != b"\0\0":
                        took.append(waited)


def answered(took, count, share):
    assert len(took) >= count * share, "%d of %d were answered (%.2f %%)" % (
        len(took), count, 100 * len(took) / count)


def with_table_of(t, net, entries):
    """In front of a command: the server's namespace, whose table of connections seems so small."""
    script = 'mount --bind "$0" /proc/sys/net/netfilter/nf_conntrack_max && exec "$@"'
    prefix = ["unshare", "-m", "sh", "-c", script, t.write("max", "%d\n" % entries)]
    if subprocess.run(net.prefix() + prefix + ["true"], capture_output=True, check=False).returncode:
        raise Skip("no mount namespaces here, or no table of connections")
    return net.prefix() + prefix


def entries_after_a_flood(t, net, prefix):
    """20,000 questions of four clients, each answered after 100 ms; (entries, share answered)."""
    port = free_port()
    server = t.serve(HELLO, prefix=prefix, forward=["-f", "127.0.0.1@%d" % port])
    guess = build(t, "end_to_end/guess.c", "-lm")
    done = subprocess.run(net.prefix() + [guess, str(server.port), str(port), "20000", "100", "4"],
                          capture_output=True, text=True, check=False)
    found = dict(line.split() for line in done.stdout.splitlines())
    used = int(in_namespace(net.server, "cat", "/proc/sys/net/netfilter/nf_conntrack_count").stdout)
    server.stop()
    return used, int(found["answered"]) / 20000


@case(seconds=180)
def many_clients_and_a_slow_upstream_leave_room_in_the_table_of_connections(t):
    """A3-10: each port that is opened is an entry there for half a minute or longer."""
    entries = 4096
    with Network() as net:
        if in_namespace(net.server, "iptables", "-A", "INPUT", "-m", "conntrack", "--ctstate",
                        "NEW", "-j", "ACCEPT").returncode != 0:
            raise Skip("no iptables here")
        prefix = with_table_of(t, net, entries)
        in_namespace(net.server, "ping", "-c1", "-W1", "127.0.0.1")
        used, share = entries_after_a_flood(t, net, prefix)
        print("    %d of %d entries, %.1f %% answered" % (used, entries, 100 * share))
        assert used <= 0.6 * entries, "%d entries of %d are used" % (used, entries)
        used, _ = entries_after_a_flood(t, net, with_table_of(t, net, 10 * entries))
        print("    without a limit: %d" % used)
        assert used > entries, "that was no flood: %d entries without a limit" % used


@case(seconds=120)
def one_packet_in_ten_is_lost_and_999_of_1000_questions_are_answered(t):
    with Network() as net:
        server = pair(t, net)
        lose(net, 10)
        enter_server(net)
        answered(ask_many(server, "h%d.w.world.example.", rate=200), QUESTIONS, 0.999)


@case(seconds=120)
def three_packets_in_ten_are_lost_and_98_of_100_questions_are_answered(t):
    with Network() as net:
        server = pair(t, net)
        lose(net, 30)
        enter_server(net)
        answered(ask_many(server, "h%d.w.world.example."), QUESTIONS, 0.98)


@case(seconds=120)
def delayed_doubled_and_reordered_answers_are_no_forgeries(t):
    dice = random.Random(35)

    def answer(query):
        good = reply(query, "%s 60 A 203.0.113.5" % query.question[0].name)
        return [Pause(dice.expovariate(1 / 0.03)), good] * dice.choice((1, 1, 1, 2, 3))
    up = Upstream(answer)
    server = t.serve(HELLO, forward=["-f", up.where])
    took = ask_many(server, "h%d.example.", rate=200)
    answered(took, QUESTIONS, 0.999)
    server.signal(10)
    server.logged("forged 0")
    assert up.connections == 0, "TCP is for forgeries"


@case(seconds=120)
def truncated_answers_come_by_tcp_through_a_network_that_loses_packets(t):
    with Network() as net:
        server = pair(t, net)
        lose(net, 5)
        enter_server(net)
        count = QUESTIONS // 5
        good = 0
        for i in range(count // 4):
            try:
                good += len(server.ask("h%d.big.world.example." % i, "TXT", tcp=True, timeout=8).answer)
            except (dns.exception.DNSException, EOFError, OSError):
                pass
        assert good >= 0.98 * (count // 4), "%d of %d" % (good, count // 4)


@case(seconds=120)
def two_servers_with_addresses_of_their_own_that_ask_each_other_notice_it(t):
    with Network() as net:
        net.at_server("addr", "add", HERE + "/24", "dev", "lan")
        net.at_client("addr", "add", THERE + "/24", "dev", "pc")
        one, two = free_port(), free_port()
        first = t.serve(HELLO, address=HERE, port=one, prefix=net.prefix(),
                        forward=["-f", "%s@%d" % (THERE, two)])
        second = t.serve(HELLO, address=THERE, port=two, prefix=["ip", "netns", "exec", net.client],
                         forward=["-f", "%s@%d" % (HERE, one)])
        enter_server(net)
        for i in range(30):
            began = time.monotonic()
            found = first.ask("h%d.example." % i, timeout=8)
            equal(found.rcode(), dns.rcode.SERVFAIL, "RCODE")
            assert time.monotonic() - began < 2, "took %.1f s" % (time.monotonic() - began)
        equal(addresses(first.ask("lumpi.hello.")), ["10.0.0.2"], "its zone is still served")
        first.signal(10)
        second.signal(10)
        first.logged("looped")
        second.logged("looped")
        asked = sum(int(re.search(r" packets (\d+)", line).group(1)) for server in (first, second)
                    for line in server.log().splitlines() if " packets " in line)
        assert asked <= 4 * 30, "%d packets for 30 questions" % asked


@case
def who_uses_a_neighbours_address_on_another_interface_is_a_stranger(t):
    with Network() as net:
        net.at_server("addr", "add", HERE + "/24", "dev", "lan")
        net.at_client("addr", "add", THERE + "/24", "dev", "pc")
        ip("link", "add", "wan", "netns", net.server, "type", "veth", "peer", "name", "far",
           "netns", net.client)
        net.at_server("addr", "add", "198.51.100.1/24", "dev", "wan")
        net.at_server("link", "set", "wan", "up")
        net.at_client("link", "set", "far", "up")
        net.at_client("route", "add", "198.51.100.1/32", "dev", "far", "src", THERE)
        for where in ("all", "wan"):
            in_namespace(net.server, "sysctl", "-qw", "net.ipv4.conf.%s.rp_filter=0" % where)
        up = t.serve(upstream_zone(t), address="127.0.0.1", prefix=net.prefix())
        server = t.serve(HELLO, listen=False, prefix=net.prefix(),
                         forward=["-f", "127.0.0.1@%d" % up.port])
        before = server.counters()
        net.enter_client()
        equal(addresses(server.ask("www.world.example.", address=HERE)), ["203.0.113.5"],
              "the neighbour itself")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((THERE, 0))
            s.sendto(question("a.w.world.example.").to_wire(), ("198.51.100.1", server.port))
            time.sleep(0.5)
        counted = server.counters() - before
        equal([counted[what] for what in ("udp", "asked", "REFUSED")], [2, 1, 1], counted)


if __name__ == "__main__":
    run(at_once=2)  # they wait more than they work, and the longest comes first
