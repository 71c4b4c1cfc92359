#!/usr/bin/python3
"""TCP clients that are slow, broken, greedy or gone (RFC 7766), against the real server.

Usage: test_tcp.py PATH_TO_TEN35 [WORD...]
"""

import contextlib
import resource
import shutil
import socket
import struct
import time

from harness import (HELLO, Skip, alive, case, dns, equal, framed, free_port, is_sanitized,
                     open_files, question, read_message, records, rss_kib, run, wait_until,
                     zone_text)
from network import Network

# The limits of net/tcp.h, and how late a busy machine may be.
CONNECTIONS, PER_CLIENT = 32, 8
MESSAGE_S, IDLE_S, STALL_S = 3, 10, 10
LATE_S = 4

PI = {"pi.hello. 1750 CNAME lumpi.hello.", "lumpi.hello. 300 A 10.0.0.2"}
WIRE = framed(question("pi.hello.").to_wire())


def serve(t, *arguments, **how):
    server = t.serve(*arguments, HELLO, **how)
    server.wait_for("pi.hello.", tcp=True)
    server.worker = server.settled()[0]
    server.idle_files = open_files(server.worker)
    return server


def is_well(server):
    """The same process answers by UDP and TCP; seconds that it took."""
    began = time.monotonic()
    for tcp in (False, True):
        equal(records(server.ask("pi.hello.", tcp=tcp).answer), PI, "answer")
    took = time.monotonic() - began
    assert alive(server.worker), "the server died:\n%s" % server.log()
    return took


def has_closed_all(server, seconds=LATE_S):
    wait_until(lambda: open_files(server.worker) <= server.idle_files, seconds,
               "the server's descriptors are back at %d" % server.idle_files)


def closed_after(s, seconds):
    """Waits for the end of a connection that was not reset; seconds until it came."""
    began = time.monotonic()
    s.settimeout(seconds)
    while s.recv(65536):
        pass
    return time.monotonic() - began


# ------ messages in pieces, and several at once ------

@case
def a_length_below_a_header_closes_without_reset(t):
    server = serve(t)
    for size in (0, 1, 11):
        with server.connect() as s:
            s.sendall(struct.pack(">H", size) + b"x" * size)
            closed_after(s, LATE_S)
    is_well(server)
    has_closed_all(server)


@case
def a_message_in_single_octets_is_answered(t):
    with serve(t).connect() as s:
        for octet in WIRE:
            s.sendall(bytes([octet]))
            time.sleep(0.005)
        equal(records(read_message(s).answer), PI, "answer")


@case
def two_messages_and_a_part_of_a_third_in_one_segment(t):
    with serve(t).connect() as s:
        s.sendall(WIRE + WIRE + WIRE[:7])
        for _ in range(2):
            equal(records(read_message(s).answer), PI, "answer")
        s.settimeout(0.3)
        with contextlib.suppress(socket.timeout):
            raise AssertionError("an answer to half a question: %r" % s.recv(100))
        s.settimeout(5)
        s.sendall(WIRE[7:])
        equal(records(read_message(s).answer), PI, "the third answer")


@case
def a_hundred_queries_in_one_write_get_a_hundred_answers(t):
    with serve(t).connect() as s:
        queries = [question("n%d.apps.hello." % i) for i in range(100)]
        s.sendall(b"".join(framed(q.to_wire()) for q in queries))
        replies = {}
        for _ in queries:
            reply = read_message(s)
            replies[reply.id, reply.question[0].name] = reply.rcode()
        equal(replies, {(q.id, q.question[0].name): dns.rcode.NOERROR for q in queries}, "answers")


@case
def a_connection_closed_in_one_direction_still_gets_its_answer(t):
    server = serve(t)
    with server.connect() as s:
        s.sendall(WIRE + WIRE)
        s.shutdown(socket.SHUT_WR)
        for _ in range(2):
            equal(records(read_message(s).answer), PI, "answer")
        closed_after(s, LATE_S)
    has_closed_all(server)


@case
def an_answer_too_large_for_udp_comes_whole_over_tcp(t):
    many = "".join("many A 10.9.%d.%d\n" % divmod(i, 250) for i in range(1500))
    server = t.serve(t.write("z.zone", zone_text(more=many)))
    reply = server.wait_for("many.example.test.", "A")
    assert reply.flags & dns.flags.TC, "TC is not set"
    assert len(reply.to_wire()) <= 1232
    reply = server.ask("many.example.test.", "A", tcp=True)
    equal((len(reply.answer[0]), bool(reply.flags & dns.flags.TC)), (1500, False), "answer")


@case
def a_zone_transfer_is_refused_and_the_connection_goes_on(t):
    server = serve(t)
    with server.connect() as s:
        s.sendall(framed(question("hello.", "AXFR").to_wire()) + WIRE)
        reply = read_message(s)
        assert reply.rcode() in (dns.rcode.REFUSED, dns.rcode.NOTIMP), reply
        equal(len(reply.answer), 0, "records")
        equal(records(read_message(s).answer), PI, "answer")


# ------ limits ------

@case
def a_message_that_comes_too_slowly_is_cut_off_after_three_seconds(t):
    server = serve(t)
    with server.connect() as s:
        s.sendall(struct.pack(">H", 65535))
        began = time.monotonic()
        s.settimeout(0.5)
        while True:
            try:
                if not s.recv(1):
                    break
            except socket.timeout:
                s.sendall(b"x")
            except ConnectionError:
                break
            is_well(server)
        took = time.monotonic() - began
        print("    closed after %.1f s" % took)
        assert MESSAGE_S - 0.5 <= took <= MESSAGE_S + LATE_S, took


@case
def a_client_that_says_nothing_is_cut_off_after_three_seconds(t):
    with serve(t).connect() as s:
        took = closed_after(s, MESSAGE_S + LATE_S)
        print("    closed after %.1f s" % took)
        assert took >= MESSAGE_S - 0.5, took


@case
def an_idle_connection_is_closed_after_ten_seconds(t):
    with serve(t).connect() as s:
        s.sendall(WIRE)
        read_message(s)
        took = closed_after(s, IDLE_S + LATE_S)
        print("    closed after %.1f s" % took)
        assert took >= IDLE_S - 0.5, took


@case
def a_flood_of_silent_connections_keeps_nobody_out(t):
    server = serve(t)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most, slowest = 0, 0
    with contextlib.ExitStack() as held:
        for i in range(600):
            if hard < 700 and i == hard - 100:
                break
            held.enter_context(server.connect(source="127.0.1.%d" % (1 + i // 8)))
            if i % 20 == 0:
                time.sleep(0.01)  # it may be between taking one and closing another
                most = max(most, open_files(server.worker) - server.idle_files)
                slowest = max(slowest, is_well(server))
    print("    at most %d held, an honest client waited %.1f ms at most" % (most, slowest * 1e3))
    assert most <= CONNECTIONS, "%d connections held" % most
    assert slowest < 1, "an honest client waited %.1f s" % slowest
    has_closed_all(server)


def idle_connection(server, source="127.0.0.1"):
    s = server.connect(source=source)
    s.sendall(WIRE)
    read_message(s)
    return s


def is_open(s):
    """Whether a question on this connection is still answered."""
    try:
        s.sendall(WIRE)
        return records(read_message(s).answer) == PI
    except (OSError, EOFError):
        return False


@case
def the_ninth_connection_of_a_client_takes_the_place_of_its_oldest_idle_one(t):
    server = serve(t)
    with contextlib.ExitStack() as held:
        other = held.enter_context(idle_connection(server, "127.0.9.9"))
        mine = [held.enter_context(idle_connection(server)) for _ in range(PER_CLIENT)]
        mine.append(held.enter_context(idle_connection(server)))
        equal([is_open(s) for s in mine], [False] + [True] * PER_CLIENT, "my connections")
        assert is_open(other), "another client's connection was closed"


@case
def when_all_seats_are_taken_the_oldest_idle_connection_makes_way(t):
    server = serve(t)
    with contextlib.ExitStack() as held:
        all_ = [held.enter_context(idle_connection(server, "127.0.2.%d" % (1 + i // 8)))
                for i in range(CONNECTIONS)]
        all_.append(held.enter_context(idle_connection(server, "127.0.3.1")))
        equal([is_open(s) for s in all_], [False] + [True] * CONNECTIONS, "connections")


# ------ clients that take nothing, vanish or break off ------

@case
def a_client_that_never_reads_is_stopped_and_closed_after_ten_seconds(t):
    many = "".join("many A 10.9.%d.%d\n" % divmod(i, 250) for i in range(1500))
    server = t.serve(t.write("z.zone", zone_text(more=many)))
    server.wait_for("many.example.test.", "A", tcp=True)
    worker = server.settled()[0]
    before = rss_kib(worker)
    wire = framed(question("many.example.test.").to_wire()) * 100
    with socket.socket() as s:
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):  # so that the kernel holds little
            s.setsockopt(socket.SOL_SOCKET, buffer, 8192)
        s.connect((server.address, server.port))
        s.settimeout(0.2)
        sent, began = 0, time.monotonic()
        while sent < 100 * len(wire):  # 10,000 queries, if it would take them
            try:
                sent += s.send(wire)
            except socket.timeout:
                break
            except ConnectionError:
                break
        stalled = time.monotonic()
        growth, held = rss_kib(worker) - before, open_files(worker)
        print("    took %d of 10000 queries, memory grew by %d KiB" % (
            sent * 100 // len(wire), growth))
        assert sent < 100 * len(wire), "it reads on although nobody takes the answers"
        if not is_sanitized(t.binary):
            assert growth <= 256, "memory grew by %d KiB" % growth
        equal(server.ask("www.example.test.", tcp=True).rcode(), dns.rcode.NOERROR, "another")
        wait_until(lambda: open_files(worker) < held, STALL_S + LATE_S, "the server closes")
        took = time.monotonic() - stalled
        print("    closed %.1f s after the last octet that it took" % took)
        assert took >= STALL_S - 1.5, took


@case
def a_reset_in_the_middle_of_our_answers_harms_nobody(t):
    server = serve(t)
    for i in range(40):
        s = server.connect()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.setblocking(False)
        with contextlib.suppress(OSError):
            for _ in range(20 + i):
                s.send(WIRE * 50)
        s.close()  # unread answers and SO_LINGER 0: RST
    is_well(server)
    has_closed_all(server)


@case
def clients_that_vanish_without_a_word_are_forgotten(t):
    with Network() as net:
        net.at_server("addr", "add", "10.77.0.1/24", "dev", net.server_end)
        for i in range(7):
            net.at_client("addr", "add", "10.77.0.%d/24" % (100 + i), "dev", net.client_end)
        port = free_port()
        server = t.serve(HELLO, listen=False, port=port, prefix=net.prefix())
        worker = server.settled()[0]
        baseline = open_files(worker)
        net.enter_client()
        server.address = "10.77.0.1"
        with contextlib.ExitStack() as held:
            for i in range(50):
                held.enter_context(idle_connection(server, "10.77.0.%d" % (100 + i % 7)))
            most = open_files(worker) - baseline
            assert 20 <= most <= CONNECTIONS, most
            net.at_client("link", "set", net.client_end, "down")  # nobody hears our FIN any more
            began = time.monotonic()
            wait_until(lambda: open_files(worker) <= baseline, IDLE_S + LATE_S,
                       "the server has closed them")
            print("    %d closed after %.1f s" % (most, time.monotonic() - began))


# ------ when the system runs short ------

def cpu_ticks(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@case
def out_of_descriptors_it_serves_on_quietly(t):
    if not shutil.which("prlimit"):
        raise Skip("prlimit is not here")
    server = t.serve(HELLO, prefix=["prlimit", "--nofile=22:22"])
    server.wait_for("pi.hello.", tcp=True)
    worker = server.settled()[0]
    lines = server.log().count("\n")
    with contextlib.ExitStack() as held:
        for i in range(40):
            held.enter_context(server.connect(source="127.0.4.%d" % (1 + i // 8)))
        before, began = cpu_ticks(worker), time.monotonic()
        while time.monotonic() - began < 2:
            equal(records(server.ask("pi.hello.").answer), PI, "answer by UDP")
            time.sleep(0.1)
        share = (cpu_ticks(worker) - before) / 100 / (time.monotonic() - began)
    more = server.log().count("\n") - lines
    print("    %.1f %% of a processor, %d lines of the log" % (100 * share, more))
    assert share < 0.25, "it spins: %.0f %%" % (100 * share)
    assert more <= 3, "%d lines of the log" % more
    server.wait_for("pi.hello.", tcp=True)
    equal(server.servers(), [worker], "the server")


if __name__ == "__main__":
    run(at_once=8)
