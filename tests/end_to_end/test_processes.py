#!/usr/bin/python3
"""A loader and its servers: who they are, what happens when one dies, how they end.

Usage: test_processes.py PATH_TO_TEN35 [WORD...]
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

from harness import (HELLO, LARGE_SECONDS, START_SECONDS, WATCH, WATCH_SECONDS, Skip, addresses, alive,
                     case, children, contains, dns, equal, free_port, open_files, question, records,
                     run, status_of, wait_until, zone_text)

NOBODY = 65534
LARGE = 400000


def large_zone(www, names=LARGE):
    return zone_text(www, origin="large.test.",
                     more="".join("h%d A 192.0.2.77\n" % i for i in range(names)))


def answered(server, names):
    """Waits until all these names are answered with data; how long that took, in seconds."""
    began = time.monotonic()
    for name in names:
        server.wait_for(name)
    return time.monotonic() - began


def three_zones(t):
    t.write("large.zone", large_zone("192.0.2.10"))
    server = t.start("--watch", "0", t.write("one.zone", zone_text(origin="one.test.")),
                     t.path("large.zone"), t.write("two.zone", zone_text(origin="two.test.")))
    return server, ["www.one.test.", "www.large.test.", "h%d.large.test." % (LARGE - 1),
                    "www.two.test."]


def begin_reading(t, server):
    """Has the large zone read again; returns while that is under way."""
    t.replace("large.zone", large_zone("192.0.2.20"))
    server.signal(signal.SIGHUP)
    wait_until(lambda: len(children(server.pid)) == 2, 10, "a process reads zones")


# ------ what is large ------

def huge_kib(pid):
    """KiB of sealed zones that the process reads through huge pages."""
    try:
        with open("/proc/%d/smaps" % pid) as f:
            parts = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", f.read())
    except PermissionError:
        raise Skip("somebody else's process")
    return sum(int(re.search(r"ShmemPmdMapped:\s+(\d+)", part)[1]) for part in parts if "memfd:ten35-zone" in part)


@case
def a_large_zone_lies_in_huge_pages_where_the_kernel_makes_them(t):
    kernel = tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups()))
    if kernel < (6, 1) or not os.path.exists("/sys/kernel/mm/transparent_hugepage"):
        raise Skip("an older kernel, or one without them")
    server = t.start("--watch", "0", t.write("large.zone", large_zone("192.0.2.10")))
    server.wait_for("www.large.test.")

    def is_huge():
        server.wait_for("h1.large.test.")             # a page that was small is looked up anew
        return huge_kib(server.servers()[0]) > 0
    wait_until(is_huge, 5, "it lies in huge pages")


# ------ a process dies ------

@case(seconds=120)
def a_server_killed_while_a_large_zone_is_read_loses_no_zone(t):
    server, names = three_zones(t)
    answered(server, names)
    begin_reading(t, server)
    victim = server.servers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not alive(victim), 5, "it is dead")
    gone = time.monotonic()
    server.wait_for("www.one.test.")
    first = time.monotonic() - gone
    answered(server, names)
    every = time.monotonic() - gone
    print("    next answer after %.1f ms, every zone after %.1f ms" % (first * 1e3, every * 1e3))
    server.logged(r"server 0 died by signal 9: started again")
    server.wait_for("www.large.test.", data="192.0.2.20", seconds=LARGE_SECONDS)  # and the reading was not disturbed
    assert server.servers()[0] != victim


@case
def a_server_killed_during_the_first_reading_gets_all_zones(t):
    server, names = three_zones(t)
    wait_until(lambda: len(children(server.pid)) == 2, 10, "a process reads zones")
    os.kill(server.servers()[0], signal.SIGKILL)
    answered(server, names)


@case
def servers_that_die_again_and_again_come_back(t):
    server = t.serve(HELLO)
    server.wait_for("pi.hello.")
    for _ in range(6):
        for pid in server.servers():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    began = time.monotonic()
    server.wait_for("pi.hello.")
    print("    back after %.2f s, %d starts" % (time.monotonic() - began,
                                                server.count("started again")))


@case
def one_of_three_servers_dies_and_the_others_go_on(t):
    server = t.serve("--servers", "3", HELLO)
    server.wait_for("pi.hello.")
    before = server.settled(3)
    os.kill(before[1], signal.SIGKILL)
    wait_until(lambda: len(server.servers()) == 3 and before[1] not in server.servers(), 5,
               "there are three again")
    assert before[0] in server.servers() and before[2] in server.servers(), "others ended, too"
    for _ in range(30):
        server.wait_for("pi.hello.")


@case(seconds=120)
def the_reading_process_is_killed_and_the_zone_is_read_again(t):
    server, names = three_zones(t)
    answered(server, names)
    begin_reading(t, server)
    os.kill(children(server.pid)[-1], signal.SIGKILL)
    server.logged("reading was cut short")
    equal(addresses(server.ask("www.large.test.")), ["192.0.2.10"], "the old zone")
    server.signal(signal.SIGHUP)
    server.wait_for("www.large.test.", data="192.0.2.20", seconds=LARGE_SECONDS)


@case(seconds=120)
def a_killed_reading_is_made_up_for_at_the_next_look(t):
    t.write("large.zone", large_zone("192.0.2.10"))
    server = t.serve(*WATCH, t.path("large.zone"))
    server.wait_for("www.large.test.")
    begin_reading(t, server)
    os.kill(children(server.pid)[-1], signal.SIGKILL)
    server.wait_for("www.large.test.", data="192.0.2.20", seconds=LARGE_SECONDS)


def port_is_free(port):
    try:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as s:
                s.bind(("127.0.0.1", port))
        return True
    except OSError:
        return False


@case
def when_the_loader_is_killed_the_servers_end_and_the_port_is_free(t):
    server = t.serve("--servers", "2", HELLO)
    pids = server.settled(2)
    server.signal(signal.SIGKILL)
    server.finished()
    began = time.monotonic()
    wait_until(lambda: not any(map(alive, pids)), 5, "the servers are gone")
    wait_until(lambda: port_is_free(server.port), 5, "the port is free")
    print("    after %.1f ms" % ((time.monotonic() - began) * 1e3))


def processor_ticks(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@case
def when_the_loader_is_killed_during_a_reading_nobody_stays(t):
    server, names = three_zones(t)
    answered(server, names)
    begin_reading(t, server)
    pids = children(server.pid)
    # Who has worked so long has asked the kernel to end it with the loader.
    wait_until(lambda: processor_ticks(pids[-1]) >= 5, START_SECONDS, "it reads")
    os.kill(pids[-1], signal.SIGSTOP)  # so that it cannot come to its end by itself
    server.signal(signal.SIGKILL)
    server.finished()
    began = time.monotonic()
    try:
        wait_until(lambda: not any(map(alive, pids)), 5, "all children are gone")
    finally:
        for pid in filter(alive, pids):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: port_is_free(server.port), 5, "the port is free")
    print("    after %.1f ms" % ((time.monotonic() - began) * 1e3))


# ------ the end ------

def ends_within_a_second(server, number=signal.SIGTERM):
    pids = children(server.pid)
    began = time.monotonic()
    server.signal(number)
    equal(server.finished(), 0, "exit status")
    took = time.monotonic() - began
    print("    %.1f ms" % (took * 1e3))
    assert took < 1, "it took %.2f s" % took
    assert not any(map(alive, pids)), "a child is still there"


@case
def a_stopped_server_does_not_keep_sigterm_from_ending_all(t):
    server = t.serve(t.write("z.zone", zone_text()))
    (stopped,) = server.settled()
    os.kill(stopped, signal.SIGSTOP)
    server.signal(signal.SIGTERM)
    equal(server.finished(3), 0, "the exit status")
    wait_until(lambda: not alive(stopped), 2, "the stopped server is gone")


@case
def closed_standard_descriptors_do_not_become_sockets(t):
    path = t.write("z.zone", zone_text())
    port = free_port()
    done = subprocess.Popen(["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", t.binary, "-u", "root", "-a",
                             "127.0.0.1", "-p", str(port), path])
    try:
        wait_until(lambda: children(done.pid), START_SECONDS, "a server runs")
        for pid in [done.pid] + children(done.pid):
            equal([os.readlink("/proc/%d/fd/%d" % (pid, fd)) for fd in range(3)],
                  ["/dev/null"] * 3, "what descriptors 0 to 2 are")
    finally:
        done.terminate()
        equal(done.wait(timeout=5), 0, "the exit status")


@case
def sigterm_ends_within_a_second_with_status_0(t):
    server = t.serve("--servers", "2", HELLO)
    server.wait_for("pi.hello.")
    with server.connect(), server.connect():
        ends_within_a_second(server)


@case
def sigterm_during_a_reading_ends_within_a_second(t):
    server, names = three_zones(t)
    answered(server, names)
    begin_reading(t, server)
    ends_within_a_second(server)


@case
def sigterm_during_the_first_reading_ends_within_a_second(t):
    server, _ = three_zones(t)
    wait_until(lambda: len(children(server.pid)) == 2, 10, "a process reads zones")
    ends_within_a_second(server)


# ------ rights ------

def needs_root():
    if os.geteuid() != 0:
        raise Skip("needs root, to give it up")


def rights_of(pid):
    status = status_of(pid)
    return {field: status[field] for field in ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff",
                                               "CapAmb")}


def belongs_to(server, uid, gid):
    """Every process is this user in all four ways (real, effective, saved, file system)."""
    pids = [server.pid] + children(server.pid)
    assert len(pids) >= 2, pids
    zero = ["0000000000000000"]
    for pid in pids:
        equal(rights_of(pid), {"Uid": [str(uid)] * 4, "Gid": [str(gid)] * 4, "Groups": [],
                               "CapInh": zero, "CapPrm": zero, "CapEff": zero, "CapAmb": zero},
              "rights of process %d" % pid)


def readable_hello(t):
    """The example where anybody may read it."""
    with open(HELLO) as f:
        return t.write("hello.zone", f.read())


@case
def started_as_root_every_process_is_nobody_and_cannot_go_back(t):
    needs_root()
    server = t.serve(readable_hello(t), user=None)
    server.wait_for("pi.hello.")
    belongs_to(server, NOBODY, NOBODY)
    contains(server.log(), "now user nobody", "the log")
    server.signal(signal.SIGHUP)
    os.kill(server.servers()[0], signal.SIGKILL)
    server.wait_for("pi.hello.")
    belongs_to(server, NOBODY, NOBODY)


@case
def the_process_that_reads_has_no_more_rights(t):
    needs_root()
    t.write("large.zone", large_zone("192.0.2.10"))
    server = t.serve(t.path("large.zone"), user=None)
    server.wait_for("www.large.test.")
    begin_reading(t, server)
    belongs_to(server, NOBODY, NOBODY)


@case
def a_user_is_a_name_or_two_numbers(t):
    needs_root()
    belongs_to(t.serve(readable_hello(t), user="12345:54321"), 12345, 54321)
    belongs_to(t.serve(readable_hello(t), user="daemon"), 1, 1)


@case
def ports_below_1024_are_bound_before_root_is_given_up(t):
    needs_root()
    port = next(p for p in range(1023, 700, -1) if port_is_free(p))
    server = t.serve(readable_hello(t), user="nobody", port=port)
    server.wait_for("pi.hello.")
    belongs_to(server, NOBODY, NOBODY)
    server.signal(signal.SIGHUP)
    os.kill(server.servers()[0], signal.SIGKILL)  # the next one needs no right to the port
    server.wait_for("pi.hello.")


@case
def a_port_below_1024_without_root_names_the_ways_out(t):
    needs_root()
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as f:
        if int(f.read()) < 1024:
            raise Skip("here everybody may have ports below 1024")
    binary = shutil.copy(t.binary, t.path("ten35"))
    done = subprocess.run([binary, "-a", "127.0.0.1", "-p", "1023", readable_hello(t)], user=NOBODY,
                          group=NOBODY, extra_groups=[], capture_output=True, text=True, timeout=10)
    equal(done.returncode, 2, "exit status")
    contains(done.stderr, "ports below 1024 need root", "standard error")
    contains(done.stderr, "-p", "standard error")


@case
def a_zone_file_that_only_root_may_read_is_noticed_at_the_start(t):
    needs_root()
    path = t.write("hello.zone", zone_text())
    os.chmod(path, 0o600)
    server = t.start(path, user=None)
    equal(server.finished(), 3, "exit status")
    for part in ("hello.zone: error: cannot read: no permission", "65534", "0600", "-u"):
        contains(server.log(), part, "the log")


# ------ what a server can be asked ------

@case
def sigusr1_logs_one_line_for_each_server(t):
    server = t.serve("--servers", "1", HELLO)
    before = server.counters()
    for i in range(9):
        server.ask("pi.hello.")
        server.ask("nobody%d.hello." % i, tcp=True)
    server.ask("example.com.")
    counted = server.counters() - before
    equal([counted[what] for what in ("udp", "NOERROR", "tcp", "NXDOMAIN", "REFUSED")],
          [10, 9, 9, 9, 1], counted)


@case
def a_storm_of_signals_disturbs_no_answer(t):
    server = t.serve(HELLO)
    server.wait_for("pi.hello.")
    targets = [server.pid] + server.settled()
    end, asked = time.monotonic() + 2, 0
    while time.monotonic() < end:
        for _ in range(50):
            for pid in targets:
                os.kill(pid, signal.SIGUSR1)
        equal(server.ask("pi.hello.").rcode(), dns.rcode.NOERROR, "rcode")
        equal(server.ask("pi.hello.", tcp=True).rcode(), dns.rcode.NOERROR, "rcode by TCP")
        asked += 2
    equal([server.pid] + server.settled(), targets, "processes")
    print("    %d signals, %d answers" % (asked * 25 * len(targets), asked))


@case
def a_log_that_nobody_reads_stops_nothing(t):
    port = free_port()
    command = [t.binary, "-a", "127.0.0.1", "-p", str(port), "-q", HELLO]
    if os.geteuid() == 0:
        command[1:1] = ["-u", "root"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", port))
            s.settimeout(5)
            wire = question("pi.hello.").to_wire()
            wait_until(lambda: b"ten35" in os.read(process.stderr.fileno(), 4096), 5, "it runs")
            time.sleep(0.3)
            for _ in range(3000):  # some 200 KiB of log into a pipe that holds 64
                s.send(wire)
                assert len(s.recv(4096)) > 40
            process.stderr.close()  # and now a pipe that nobody can read any more
            for _ in range(100):
                s.send(wire)
                assert len(s.recv(4096)) > 40
    finally:
        process.terminate()
        equal(process.wait(timeout=5), 0, "exit status")


# ------ many zones ------

@case(seconds=120)
def a_thousand_zones_are_served(t):
    count = 1000
    lines = []
    for i in range(count):
        path = t.write("%d.zone" % i, zone_text("10.1.%d.%d" % divmod(i, 250),
                                                origin="z%d.test." % i))
        lines.append("zone z%d.test. %s\n" % (i, path))
    began = time.monotonic()
    server = t.start(*WATCH, "-c", t.write("ten35.conf", "".join(lines)))
    server.wait_for("www.z%d.test." % (count - 1), seconds=60)
    print("    loaded after %.2f s" % (time.monotonic() - began))

    def all_are_there():
        for i in range(count):
            equal(addresses(server.wait_for("www.z%d.test." % i)),
                  ["10.1.%d.%d" % divmod(i, 250)], "zone %d" % i)
    all_are_there()
    t.write("500.zone", zone_text("10.2.2.2", origin="z500.test."))
    server.wait_for("www.z500.test.", data="10.2.2.2", seconds=2 * WATCH_SECONDS)
    t.write("500.zone", zone_text("10.1.2.0", origin="z500.test."))
    server.wait_for("www.z500.test.", data="10.1.2.0", seconds=2 * WATCH_SECONDS)
    os.kill(server.servers()[0], signal.SIGKILL)
    began = time.monotonic()
    all_are_there()
    print("    all of them asked %.2f s after the server was killed" % (time.monotonic() - began))
    assert open_files(server.settled()[0]) < 100, "the server keeps descriptors of images"


@case
def a_child_zone_beside_its_parent_is_served_from_its_own_file(t):
    parent = zone_text("192.0.2.10", more="sub NS ns.sub\nns.sub A 192.0.2.3\n"
                       "sub DS 1 8 2 %s\n" % ("ab" * 32))
    child = zone_text("192.0.2.20", origin="sub.example.test.")
    for order in ((parent, child), (child, parent)):
        server = t.serve(*(t.write("%d.zone" % i, text) for i, text in enumerate(order)))
        server.logged(r"zone .* loaded", times=2)
        reply = server.wait_for("www.sub.example.test.", data="192.0.2.20")
        assert reply.flags & dns.flags.AA, "AA is not set"
        reply = server.ask("sub.example.test.", "NS")
        assert reply.flags & dns.flags.AA, "AA is not set"
        equal(records(reply.answer), {"sub.example.test. 300 NS ns.sub.example.test."}, "NS")
        reply = server.ask("sub.example.test.", "DS")
        assert reply.flags & dns.flags.AA, "AA is not set"
        equal([rrset.name.to_text() for rrset in reply.answer], ["sub.example.test."], "DS")
        equal(server.ask("gone.sub.example.test.").rcode(), dns.rcode.NXDOMAIN, "rcode")
        equal(addresses(server.ask("www.example.test.")), ["192.0.2.10"], "the parent's")
        server.stop()


@case
def one_broken_zone_of_three_does_not_keep_the_others_back(t):
    server = t.start(*WATCH, t.write("one.zone", zone_text(origin="one.test.")),
                     t.write("bad.zone", zone_text(origin="bad.test.", more="x A y\n")),
                     t.write("two.zone", zone_text(origin="two.test.")))
    server.logged("2 of 3 zones are served")
    for name in ("www.one.test.", "www.two.test."):
        server.wait_for(name)
    equal(server.ask("www.bad.test.").rcode(), dns.rcode.SERVFAIL, "rcode of the broken one")
    t.write("bad.zone", zone_text(origin="bad.test."))
    server.wait_for("www.bad.test.", seconds=WATCH_SECONDS)


if __name__ == "__main__":
    run()
