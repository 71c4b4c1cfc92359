#!/usr/bin/python3
"""A changed zone file is served by itself; a broken one never harms the zone that is served.

Usage: test_reload.py PATH_TO_TEN35 [WORD...]
"""

import os
import re
import signal
import threading
import time

from harness import (LARGE_SECONDS, WATCH, WATCH_SECONDS, Skip, addresses, case, contains, dns, equal,
                     framed, question, read_message, run, wait_until, zone_text)

OLD, NEW, NEWER = "192.0.2.10", "192.0.2.20", "192.0.2.30"


def www(server):
    return addresses(server.ask("www.example.test."))


def serve_old(t, *arguments, **how):
    server = t.serve(*WATCH, *arguments, t.write("z.zone", zone_text(OLD)), **how)
    server.wait_for("www.example.test.", data=OLD)
    return server


def becomes(server, data, seconds=WATCH_SECONDS):
    server.wait_for("www.example.test.", data=data, seconds=seconds)


def stays(server, data, seconds=2.5):
    """Long enough for two looks at the files."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        equal(www(server), [data], "www.example.test.")
        time.sleep(0.1)


# ------ ways to change a file ------

@case
def by_default_a_change_is_served_after_about_two_seconds(t):
    server = t.serve(t.write("z.zone", zone_text(OLD)))
    server.wait_for("www.example.test.", data=OLD)
    time.sleep(5)  # past the second reading of a file that is very new
    began = time.monotonic()
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)
    print("    served %.1f s after it was written" % (time.monotonic() - began))
    server.logged(r"zone example\.test\. reloaded: 4 records, serial 1,")


@case
def a_file_edited_in_place_is_read_again(t):
    server = serve_old(t)
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def a_file_renamed_over_the_old_one_is_read(t):
    server = serve_old(t)
    t.replace("z.zone", zone_text(NEW))
    becomes(server, NEW)
    t.replace("z.zone", zone_text(NEWER))
    becomes(server, NEWER)


@case
def a_link_that_is_swapped_is_followed(t):
    t.write("one", zone_text(OLD))
    t.write("two", zone_text(NEW))
    os.symlink("one", t.path("z.zone"))
    server = t.serve(*WATCH, t.path("z.zone"))
    server.wait_for("www.example.test.", data=OLD)
    os.symlink("two", t.path("z.next"))
    os.rename(t.path("z.next"), t.path("z.zone"))
    becomes(server, NEW)
    t.write("two", zone_text(NEWER))  # what the link leads to is watched as well
    becomes(server, NEWER)


def two_folders(t):
    for folder, data in (("a", OLD), ("b", NEW)):
        os.mkdir(t.path(folder))
        os.chmod(t.path(folder), 0o755)
        t.write(folder + "/z.zone", zone_text(data))


@case
def a_folder_that_is_a_swapped_link_is_followed(t):
    two_folders(t)
    os.symlink("a", t.path("current"))
    server = t.serve(*WATCH, t.path("current/z.zone"))
    server.wait_for("www.example.test.", data=OLD)
    os.symlink("b", t.path("next"))
    os.rename(t.path("next"), t.path("current"))
    becomes(server, NEW)


@case
def a_folder_that_is_replaced_is_read_in_its_new_place(t):
    two_folders(t)
    os.rename(t.path("a"), t.path("zones"))
    server = t.serve(*WATCH, t.path("zones/z.zone"))
    server.wait_for("www.example.test.", data=OLD)
    os.rename(t.path("zones"), t.path("zones.old"))
    os.rename(t.path("b"), t.path("zones"))
    becomes(server, NEW)
    t.write("zones.old/z.zone", zone_text(OLD))  # nobody looks there any more
    stays(server, NEW)
    t.write("zones/z.zone", zone_text(NEWER))
    becomes(server, NEWER)


@case
def a_path_relative_to_where_the_server_was_started_works(t):
    t.write("z.zone", zone_text(OLD))
    os.chdir(t.folder)
    server = t.serve(*WATCH, "z.zone")
    server.wait_for("www.example.test.", data=OLD)
    t.replace("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def two_edits_within_a_second_leave_the_second(t):
    server = serve_old(t)
    for i, gap in enumerate((0, 0.01, 0.1, 0.5, 0.9)):
        t.write("z.zone", zone_text("192.0.2.%d" % (100 + i)))
        time.sleep(gap)
        t.write("z.zone", zone_text("192.0.2.%d" % (200 + i)))  # the same size
        becomes(server, "192.0.2.%d" % (200 + i))


@case
def a_change_whose_time_and_size_are_those_of_the_old_file_is_noticed(t):
    server = serve_old(t)
    stamp = os.stat(t.path("z.zone"))
    t.replace("z.zone", zone_text(NEW))
    os.utime(t.path("z.zone"), ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    becomes(server, NEW)


@case
def an_older_file_put_in_its_place_is_read(t):
    server = serve_old(t)
    t.write("backup", zone_text(NEW))
    os.utime(t.path("backup"), (1e9, 1e9))
    os.rename(t.path("backup"), t.path("z.zone"))
    becomes(server, NEW)


# ------ what is broken, half there or gone ------

@case
def a_syntax_error_keeps_the_old_zone_whole_and_the_log_says_where_and_why(t):
    server = serve_old(t)
    path = t.write("z.zone", zone_text(NEW, more="nas A 192.0.2.256\n"))
    server.logged(r"z\.zone: not loaded: 1 error")
    contains(server.log(), "%s:7:7: error: invalid IPv4 address '192.0.2.256' [syntax]\n" % path, "the log")
    contains(server.log(), "    7 | nas A 192.0.2.256\n      |       ^", "the log")
    server.logged("the zone that was loaded before is still served")
    stays(server, OLD)
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def an_error_is_said_once_and_not_at_every_look(t):
    server = serve_old(t)
    stays(server, OLD, 4)
    t.write("z.zone", "rubbish\n")
    server.logged("not loaded")
    time.sleep(6)
    assert server.count("not loaded") <= 2, server.log()


@case
def a_file_that_is_written_piece_by_piece_is_read_when_it_is_whole(t):
    server = serve_old(t)
    more = "".join("host%d A 192.0.2.1\n" % i for i in range(40))
    with open(t.path("z.zone"), "w") as f:
        for line in zone_text(NEW, more=more).splitlines(True):
            f.write(line)
            f.flush()
            time.sleep(0.05)
    becomes(server, NEW)
    assert "not loaded" not in server.log(), server.log()
    assert len(set(re.findall(r"reloaded: (\d+) records", server.log()))) == 1, server.log()


@case
def a_file_that_vanishes_keeps_the_zone_and_is_read_when_it_comes_back(t):
    server = serve_old(t)
    os.unlink(t.path("z.zone"))
    server.logged(r"z\.zone: error: cannot read: no such file")
    stays(server, OLD)
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def a_folder_that_vanishes_keeps_the_zone(t):
    two_folders(t)
    server = t.serve(*WATCH, t.path("a/z.zone"))
    server.wait_for("www.example.test.", data=OLD)
    os.rename(t.path("a"), t.path("away"))
    server.logged("cannot read")
    stays(server, OLD)
    os.rename(t.path("b"), t.path("a"))
    becomes(server, NEW)


@case
def an_empty_file_keeps_the_old_zone(t):
    server = serve_old(t)
    t.write("z.zone", "")
    server.logged(r"z\.zone: not loaded: 1 error")
    stays(server, OLD)
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def a_file_cut_anywhere_within_a_record_or_the_soa_keeps_the_old_zone(t):
    server = serve_old(t)
    text = zone_text(NEW, more="mail MX (\n 10 www )\n")
    for cut in (text.index("3600"), text.index("@ IN NS") + 5, text.index(NEW) + 6,
                text.index("10 www")):
        t.write("z.zone", text[:cut])
        before = server.count("not loaded")
        server.signal(signal.SIGHUP)
        server.logged("not loaded", times=before + 1)
        equal(www(server), [OLD], "www.example.test. with %r at the end" % text[:cut][-10:])
    t.write("z.zone", text)
    becomes(server, NEW)


@case
def a_file_written_slowly_is_served_whole_in_the_end(t):
    server = serve_old(t)
    text = zone_text(NEW, more="".join("h%d A 192.0.2.77\n" % i for i in range(50)))
    with open(t.path("z.zone"), "w") as f:
        for at in range(0, len(text), len(text) // 12):
            f.write(text[at:at + len(text) // 12])
            f.flush()
            time.sleep(0.25)
    server.wait_for("h49.example.test.", data="192.0.2.77", seconds=WATCH_SECONDS)
    equal(www(server), [NEW], "www.example.test.")


@case
def a_folder_a_pipe_or_a_device_in_place_of_the_file_keeps_the_zone(t):
    server = serve_old(t)
    makers = [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)]
    for number, make in enumerate(makers):
        os.rename(t.path("z.zone"), t.path("old%d" % number))
        make(t.path("z.zone"))
        server.signal(signal.SIGHUP)
        server.logged("not loaded", times=number + 1)
        equal(www(server), [OLD], "www.example.test.")
    os.unlink(t.path("z.zone"))
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def a_file_that_may_not_be_read_any_more_keeps_the_zone(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to be somebody else than the server")
    server = serve_old(t, user="nobody")
    os.chmod(t.path("z.zone"), 0o600)
    server.logged("no permission")
    stays(server, OLD)
    t.write("z.zone", zone_text(NEW))
    becomes(server, NEW)


@case
def a_zone_that_could_not_be_loaded_at_the_start_is_loaded_when_it_is_mended(t):
    server = t.start(*WATCH, t.write("good.zone", zone_text(OLD)), t.path("other.zone"))
    server.logged("1 of 2 zones are served")
    t.write("other.zone", zone_text(NEW, origin="other.test."))
    server.wait_for("www.other.test.", data=NEW, seconds=WATCH_SECONDS)
    equal(www(server), [OLD], "the zone beside it")


# ------ included files ------

@case
def a_change_of_an_included_file_is_noticed(t):
    os.mkdir(t.path("parts"))
    os.chmod(t.path("parts"), 0o755)
    t.write("parts/hosts", "nas A %s\n" % OLD)
    server = serve_old(t)
    t.write("z.zone", zone_text(OLD, more="$INCLUDE parts/hosts\n"))
    server.wait_for("nas.example.test.", data=OLD, seconds=WATCH_SECONDS)
    t.write("parts/hosts", "nas A %s\n" % NEW)
    server.wait_for("nas.example.test.", data=NEW, seconds=WATCH_SECONDS)
    t.replace("parts/hosts", "nas A %s\n" % NEWER)
    server.wait_for("nas.example.test.", data=NEWER, seconds=WATCH_SECONDS)


@case
def an_error_in_an_included_file_names_that_file_and_keeps_the_zone(t):
    t.write("hosts", "nas A %s\n" % OLD)
    t.write("z.zone", zone_text(OLD, more="$INCLUDE hosts\n"))
    server = t.serve(*WATCH, t.path("z.zone"))
    server.wait_for("nas.example.test.", data=OLD)
    t.write("hosts", "; a comment\nnas A\n")
    server.logged(r"hosts:2:\d+: error: ")
    equal(addresses(server.ask("nas.example.test.")), [OLD], "nas")
    t.write("hosts", "nas A %s\n" % NEW)  # mended there: the zone's own file is as it was
    server.wait_for("nas.example.test.", data=NEW, seconds=WATCH_SECONDS)


@case
def an_included_file_that_vanishes_and_comes_back_is_read(t):
    t.write("hosts", "nas A %s\n" % OLD)
    t.write("z.zone", zone_text(OLD, more="$INCLUDE hosts\n"))
    server = t.serve(*WATCH, t.path("z.zone"))
    server.wait_for("nas.example.test.", data=OLD)
    os.unlink(t.path("hosts"))
    server.logged("not loaded")
    equal(addresses(server.ask("nas.example.test.")), [OLD], "nas")
    time.sleep(4)  # the zone's own file is not new any more
    t.write("hosts", "nas A %s\n" % NEW)
    server.wait_for("nas.example.test.", data=NEW, seconds=WATCH_SECONDS)


# ------ signals ------

@case
def sighup_reads_at_once_where_nobody_looks(t):
    server = t.serve("--watch", "0", t.write("z.zone", zone_text(OLD)))
    server.wait_for("www.example.test.", data=OLD)
    t.write("z.zone", zone_text(NEW))
    stays(server, OLD)
    server.signal(signal.SIGHUP)
    becomes(server, NEW)
    server.logged("reading everything again")


@case(seconds=180)
def a_thousand_sighups_are_a_few_readings(t):
    hosts = "".join("h%d A 192.0.2.77\n" % i for i in range(60000))
    server = t.serve("-v", "--watch", "0", t.write("z.zone", zone_text(OLD, more=hosts)))
    server.wait_for("www.example.test.", data=OLD)
    time.sleep(4)
    before = server.count("same content")
    for _ in range(1000):
        server.signal(signal.SIGHUP)
    server.logged("same content", times=before + 1, seconds=LARGE_SECONDS)
    time.sleep(1.5)
    readings = server.count("same content") - before
    print("    %d readings, %d lines of the log" % (readings, server.log().count("\n")))
    assert readings <= 3, "%d readings" % readings
    t.write("z.zone", zone_text(NEW, more=hosts))
    server.signal(signal.SIGHUP)
    becomes(server, NEW, LARGE_SECONDS)


# ------ the configuration, read again ------

def configured(t, *zones, more=""):
    """Writes a configuration with these zones; its path."""
    for name in zones:
        if not os.path.exists(t.path(name)):
            t.write(name, zone_text(OLD, origin=name + ".test."))
    lines = "".join("zone %s.test. %s\n" % (name, t.path(name)) for name in zones)
    return t.write("ten35.conf", lines + more)


@case
def sighup_adds_and_removes_zones_of_the_configuration(t):
    server = t.serve("-c", configured(t, "one", "two"))
    for name in ("www.one.test.", "www.two.test."):
        server.wait_for(name, data=OLD)
    configured(t, "two", "three")
    server.signal(signal.SIGHUP)
    server.wait_for("www.three.test.", data=OLD)
    server.wait_for("www.two.test.", data=OLD)
    wait_until(lambda: server.ask("www.one.test.").rcode() == dns.rcode.REFUSED, 5, "one is gone")
    t.replace("three", zone_text(NEW, origin="three.test."))  # it is watched like the others
    server.wait_for("www.three.test.", data=NEW, seconds=WATCH_SECONDS)


@case
def a_configuration_with_an_error_changes_nothing_and_the_log_says_where(t):
    server = t.serve("-c", configured(t, "one"))
    server.wait_for("www.one.test.", data=OLD)
    path = configured(t, "two", more="wach 5\n")
    server.signal(signal.SIGHUP)
    server.logged(r"ten35\.conf:2:1: error: unknown word 'wach': did you mean 'watch'")
    server.logged("the old one stays")
    server.wait_for("www.one.test.", data=OLD)
    os.unlink(path)
    server.signal(signal.SIGHUP)
    server.logged("the old one stays", times=2)
    t.replace("one", zone_text(NEW, origin="one.test."))
    server.wait_for("www.one.test.", data=NEW, seconds=WATCH_SECONDS)


@case
def options_of_the_configuration_change_with_sighup(t):
    server = t.serve("-c", configured(t, "one"))
    server.wait_for("www.one.test.", data=OLD)
    assert server.ask("www.one.test.").authority, "no authority section"
    configured(t, "one", more="minimal\n")
    server.signal(signal.SIGHUP)
    wait_until(lambda: not server.ask("www.one.test.").authority, 5, "minimal works")


@case
def what_cannot_change_while_it_runs_is_said(t):
    server = t.serve("-c", configured(t, "one"))
    configured(t, "one", more="listen 127.0.0.2@5399\n")
    server.signal(signal.SIGHUP)
    server.logged("at the next start only")
    server.wait_for("www.one.test.", data=OLD)


@case
def a_new_configuration_loses_no_query_and_leaves_no_process(t):
    server = t.serve("-c", configured(t, "one", "two"))
    server.wait_for("www.one.test.", data=OLD)
    server.wait_for("www.two.test.", data=OLD)
    for i in range(20):
        configured(t, *(("one", "two") if i % 2 else ("two", "one")))
        server.signal(signal.SIGHUP)
        for _ in range(40):
            for name in ("www.one.test.", "www.two.test."):
                equal(addresses(server.ask(name)), [OLD], name)
    server.settled()
    equal(server.count("died|ended"), 0, "complaints in the log")


@case
def a_storm_of_sighups_with_a_configuration_ends_well(t):
    server = t.serve("-c", configured(t, "one", "two"))
    server.wait_for("www.one.test.", data=OLD)
    for _ in range(1000):
        server.signal(signal.SIGHUP)
    t.replace("two", zone_text(NEW, origin="two.test."))
    server.signal(signal.SIGHUP)
    server.wait_for("www.two.test.", data=NEW)
    server.wait_for("www.one.test.", data=OLD)
    server.settled()
    print("    read %d times" % server.count("reading everything again"))


# ------ what goes on meanwhile ------

@case(seconds=240)
def a_change_during_a_reading_is_not_missed(t):
    hosts = "".join("h%d A 192.0.2.77\n" % i for i in range(100000))
    server = t.serve(*WATCH, t.write("z.zone", zone_text(OLD, more=hosts)))
    server.wait_for("www.example.test.", data=OLD)
    for i in range(3):
        t.replace("z.zone", zone_text("192.0.2.%d" % (100 + i), more=hosts))
        server.signal(signal.SIGHUP)
        time.sleep(0.03)
        t.replace("z.zone", zone_text("192.0.2.%d" % (200 + i), more=hosts))
        becomes(server, "192.0.2.%d" % (200 + i), LARGE_SECONDS)


@case
def the_same_content_again_says_nothing(t):
    server = serve_old(t)
    stays(server, OLD, 5)
    before = server.log()
    os.utime(t.path("z.zone"))
    t.replace("z.zone", zone_text(OLD))
    stays(server, OLD, 5)
    equal(server.log(), before, "the log")


@case
def a_serial_that_stays_or_goes_back_is_no_obstacle(t):
    server = serve_old(t)
    t.write("z.zone", zone_text(NEW, serial=0))
    becomes(server, NEW)
    soa = server.ask("example.test.", "SOA").answer[0][0]
    equal(soa.serial, 0, "serial")


@case
def a_connection_outlives_a_reload_and_hears_of_it(t):
    server = serve_old(t)
    with server.connect() as s:
        s.sendall(framed(question("www.example.test.").to_wire()))
        equal(addresses(read_message(s)), [OLD], "before")
        t.write("z.zone", zone_text(NEW))
        becomes(server, NEW)
        s.sendall(framed(question("www.example.test.").to_wire()))
        equal(addresses(read_message(s)), [NEW], "after, on the same connection")


@case
def many_reloads_leave_no_descriptors_memory_or_processes_behind(t):
    server = serve_old(t)
    pids = [server.pid] + server.settled()

    def descriptors():
        return [sorted(os.listdir("/proc/%d/fd" % pid)) for pid in pids]

    stays(server, OLD, 0.5)
    before = descriptors()
    for i in range(40):
        t.replace("z.zone", zone_text("192.0.2.%d" % (100 + i)))
        server.signal(signal.SIGHUP)
        server.wait_for("www.example.test.", data="192.0.2.%d" % (100 + i))
    equal([server.pid] + server.settled(), pids, "processes")
    # The reader has more to say when its zone is served already; its end is heard of last.
    wait_until(lambda: [len(d) for d in descriptors()] == [len(d) for d in before], 5,
               "no more descriptors are open than before")
    maps = open("/proc/%d/maps" % pids[1]).read()
    equal(maps.count("ten35-zone"), 1, "zone images mapped by the server")
    equal(maps.count("ten35-pointers"), 1, "blocks of names of addresses mapped by the server")


@case
def a_large_file_that_is_written_to_while_it_is_read_is_served(t):
    path = t.write("z.zone", zone_text(OLD, more="".join("host%d A 192.0.2.77\n" % i for i in range(400000))))

    def append():
        for _ in range(10):
            with open(path, "a") as f:
                f.write("; more\n")
            time.sleep(0.02)

    writer = threading.Thread(target=append)
    writer.start()
    server = t.start(path)
    server.wait_for("host399999.example.test.", data="192.0.2.77")
    writer.join()


@case
def nothing_is_refused_while_zones_are_read_for_the_first_time(t):
    hosts = "".join("h%d A 192.0.2.77\n" % i for i in range(200000))
    server = t.start(t.write("z.zone", zone_text(OLD, more=hosts)))
    seen = set()
    while "loaded" not in server.log():
        reply = server.try_ask("www.example.test.")
        seen.add(None if reply is None else reply.rcode())
    seen -= {dns.rcode.SERVFAIL, dns.rcode.NOERROR, None}
    equal(seen, set(), "rcodes before the zone was loaded, beside SERVFAIL and NOERROR")
    server.wait_for("h199999.example.test.", data="192.0.2.77")


# ------ a client that asks all the while ------

TOGETHER = 12  # records of one set: all of one version


def version_text(version, serial=None, more=""):
    """A zone whose every address says which version it is: 10.VERSION.0.N."""
    hosts = "".join("all A 10.%d.0.%d\n" % (version, i) for i in range(TOGETHER))
    return zone_text("10.%d.0.99" % version, serial=serial or version,
                     more="mail MX 10 all\nalias CNAME all\n" + hosts + more)


class Client(threading.Thread):
    """Asks until it is stopped; keeps what was seen, and what should not have been."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.asked = 0
        self.versions = []      # in their order, each once in a row
        self.wrong = []
        self.stopped = False
        self.start()
        # What was served before something changes it must have been seen, however late a thread begins.
        wait_until(lambda: self.asked or self.wrong, 10, "the first answer")

    def look(self, name, kind):
        try:
            reply = self.server.ask(name, kind, timeout=5)
        except dns.exception.DNSException as lost:
            return "lost: %r" % lost
        found = [rdata.address for section in (reply.answer, reply.additional) for rrset in section
                 for rdata in rrset if rdata.rdtype == dns.rdatatype.A and rrset.name.labels[0] != b"ns"]
        versions = {int(address.split(".")[1]) for address in found}
        if reply.rcode() != dns.rcode.NOERROR or len(versions) != 1:
            return "%s with versions %s" % (dns.rcode.to_text(reply.rcode()), versions)
        if len(found) != (1 if name.startswith("www") else TOGETHER):
            return "%d addresses" % len(found)
        self.asked += 1
        if self.versions[-1:] != list(versions):
            self.versions += versions
        return None

    def run(self):
        questions = [("all", "A"), ("www", "A"), ("mail", "MX"), ("alias", "A")]
        while not self.stopped:
            for name, kind in questions:
                problem = self.look(name + ".example.test.", kind)
                if problem:
                    self.wrong.append("%s %s: %s" % (name, kind, problem))

    def stop(self, versions):
        """Everything was right, and these versions came one after the other."""
        wait_until(lambda: self.versions[-1:] == versions[-1:], 10, "version %d is seen" % versions[-1])
        self.stopped = True
        self.join()
        equal(self.wrong, [], "wrong answers")
        equal(self.versions, versions, "versions that were seen")
        assert self.asked > 50, "%d questions" % self.asked
        print("    %d questions" % self.asked)


def serve_version(t, *arguments, **how):
    server = t.serve(*WATCH, *arguments, t.write("z.zone", version_text(1)), **how)
    server.wait_for("www.example.test.", data="10.1.0.99")
    return server, Client(server)


def version_becomes(server, version):
    becomes(server, "10.%d.0.99" % version)


@case
def whoever_asks_while_files_are_swapped_sees_one_version_after_the_other(t):
    server, client = serve_version(t)
    t.replace("z.zone", version_text(2))
    version_becomes(server, 2)
    t.write("z.zone", version_text(3))                  # in place
    version_becomes(server, 3)
    t.write("four", version_text(4))                    # a link
    os.symlink("four", t.path("link"))
    os.rename(t.path("link"), t.path("z.zone"))
    version_becomes(server, 4)
    t.write("five", version_text(5))
    os.symlink("five", t.path("link"))
    os.rename(t.path("link"), t.path("z.zone"))
    version_becomes(server, 5)
    server.signal(signal.SIGHUP)
    t.replace("five", version_text(6))
    version_becomes(server, 6)
    client.stop([1, 2, 3, 4, 5, 6])


@case
def whoever_asks_while_a_file_is_written_in_pieces_sees_no_piece_of_it(t):
    server, client = serve_version(t)
    for version in (2, 3):
        text = version_text(version)
        with open(t.path("z.zone"), "w") as f:
            for at in range(0, len(text), 20):
                f.write(text[at:at + 20])
                f.flush()
                time.sleep(0.02)
        version_becomes(server, version)
    equal(server.count("not loaded"), 0, "complaints about pieces")
    client.stop([1, 2, 3])


@case
def whoever_asks_while_a_file_is_broken_or_gone_sees_the_old_version(t):
    server, client = serve_version(t, user="nobody" if os.geteuid() == 0 else "root")
    path = t.path("z.zone")
    broken = 0

    def breaks(what):
        nonlocal broken
        broken += 1
        server.signal(signal.SIGHUP)
        server.logged("not loaded", times=broken)
        equal(www(server), ["10.1.0.99"], what)

    open(path, "w").close()
    breaks("truncated to nothing")
    t.write("z.zone", version_text(9)[:-9])
    breaks("cut")
    t.write("z.zone", version_text(9, more="x A 1.2.3\n"))
    breaks("with an error")
    t.write("z.zone", version_text(9, more="www CNAME all\n"))
    breaks("with what a zone may not be")
    os.unlink(path)
    breaks("gone")
    os.mkdir(path)
    breaks("a folder")
    os.rmdir(path)
    if os.geteuid() == 0:
        os.chmod(t.write("z.zone", version_text(9)), 0o600)
        breaks("not to be read")
        contains(server.log(), "belongs to uid 0 with mode 0600")
    t.write("z.zone", version_text(2))
    version_becomes(server, 2)
    client.stop([1, 2])


@case
def whoever_asks_while_the_folder_is_replaced_sees_one_version_after_the_other(t):
    for folder, version in (("a", 1), ("b", 2)):
        os.mkdir(t.path(folder))
        os.chmod(t.path(folder), 0o755)
        t.write(folder + "/z.zone", version_text(version))
    os.rename(t.path("a"), t.path("zones"))
    server = t.serve(*WATCH, t.path("zones/z.zone"))
    client = Client(server)
    os.rename(t.path("zones"), t.path("zones.old"))
    os.rename(t.path("b"), t.path("zones"))
    version_becomes(server, 2)
    t.write("zones.old/z.zone", version_text(9))        # nobody looks there any more
    server.signal(signal.SIGHUP)
    time.sleep(1)
    t.write("zones/z.zone", version_text(3))
    version_becomes(server, 3)
    client.stop([1, 2, 3])


@case
def an_edit_within_one_tick_of_the_clock_with_the_old_time_put_back_is_served(t):
    server, client = serve_version(t)
    for version in (2, 3, 4):                           # always the same size
        before = os.stat(t.path("z.zone"))
        t.write("z.zone", version_text(version))
        os.utime(t.path("z.zone"), ns=(before.st_atime_ns, before.st_mtime_ns))
        equal(os.stat(t.path("z.zone")).st_mtime_ns, before.st_mtime_ns, "the time")
        equal(os.stat(t.path("z.zone")).st_size, before.st_size, "the size")
        version_becomes(server, version)
    client.stop([1, 2, 3, 4])


@case
def whoever_asks_while_the_configuration_changes_sees_one_version_after_the_other(t):
    t.write("z.zone", version_text(1))
    t.write("other", version_text(2))

    def config(path, more=""):
        return t.write("ten35.conf", "zone example.test. %s\nservers 2\n%s" % (t.path(path), more))

    server = t.serve(*WATCH, "-c", config("z.zone"))
    client = Client(server)
    config("other")
    server.signal(signal.SIGHUP)
    wait_until(lambda: client.versions[-1:] == [2], WATCH_SECONDS, "the other file is served")
    config("other", "nsid here\n")                      # nothing that concerns the zone
    server.signal(signal.SIGHUP)
    server.logged("reading everything again", times=2)
    time.sleep(0.5)
    config("z.zone", "wrong\n")
    server.signal(signal.SIGHUP)
    server.logged("the old one stays")
    for i in range(10):                                 # quicker than it can be read
        config("other", "nsid n%d\n" % i)
        server.signal(signal.SIGHUP)
        time.sleep(0.01)
    server.settled(2)
    # While one server has taken over and the other has not, both versions are seen.
    client.stopped = True
    client.join()
    equal(client.wrong, [], "wrong answers")
    equal(client.versions[0], 1, "the first version")
    equal(client.versions[-1], 2, "the last version")
    assert set(client.versions) == {1, 2}, client.versions


@case(seconds=180)
def a_configuration_that_changes_faster_than_it_can_be_read_delays_no_answer(t):
    t.write("z.zone", version_text(1))
    hosts = "".join("h%d A 192.0.2.77\n" % i for i in range(200000))
    t.write("large", zone_text(OLD, origin="large.test.", more=hosts))

    def config(i):
        return t.write("ten35.conf", "zone example.test. %s\nzone large.test. %s\nnsid n%d\n"
                       % (t.path("z.zone"), t.path("large"), i))

    server = t.serve(*WATCH, "-c", config(0))
    server.wait_for("www.large.test.", data=OLD)
    client = Client(server)
    before = 0
    for i in range(1, 41):
        config(i)
        server.signal(signal.SIGHUP)
        server.logged("reading everything again", times=i)
        if i == 5:
            before = client.asked
        time.sleep(0.05)
    asked = client.asked - before
    assert asked > 20, "%d answers in two seconds" % asked
    server.settled(1, LARGE_SECONDS)
    client.stop([1])


# ------ what the log says of a change ------

@case
def the_log_says_what_has_changed(t):
    server = serve_old(t)
    t.write("z.zone", zone_text(OLD, serial=2, more="nas A 192.0.2.7\n"))
    server.logged(r"^ten35: zone example\.test\.: \+ nas A 192\.0\.2\.7$")
    server.logged(r"^ten35: zone example\.test\.: ~ @ SOA serial 1 -> 2$")
    t.write("z.zone", zone_text(OLD, serial=3, more="nas 60 A 192.0.2.7\n"))
    server.logged(r"^ten35: zone example\.test\.: ~ nas A TTL 300 -> 60$")
    t.write("z.zone", zone_text(NEW, serial=4))
    server.logged(r"^ten35: zone example\.test\.: - nas A 192\.0\.2\.7$")
    server.logged(r"^ten35: zone example\.test\.: - www A 192\.0\.2\.10$")
    server.logged(r"^ten35: zone example\.test\.: \+ www A 192\.0\.2\.20$")
    t.write("z.zone", zone_text(NEW, serial=5, more="".join("h%d A 192.0.2.77\n" % i for i in range(40))))
    server.logged(r"^ten35: zone example\.test\.: 40 records added, 0 removed, 0 TTLs changed$")
    equal(server.count(r"\+ h\d+ A"), 0, "lines of single hosts")
    equal(server.count("did not increase"), 0, "complaints about serials that did")


@case
def the_same_content_with_another_time_is_told_to_those_who_want_to_know(t):
    server = serve_old(t, "-v")
    time.sleep(3)
    before = server.count("same content")
    os.utime(t.path("z.zone"), (1e9, 1e9))
    server.logged(r"^ten35: zone example\.test\.: read again, same content$", times=before + 1)
    equal(server.count("reloaded"), 0, "reloads")


@case(seconds=180)
def so_is_that_of_a_large_zone_which_is_served_before_all_is_known_of_it(t):
    hosts = "".join("h%d A 192.0.2.77\n" % i for i in range(100000))
    server = t.serve(*WATCH, "-v", t.write("z.zone", zone_text(OLD, more=hosts)))
    server.wait_for("www.example.test.", data=OLD)
    for again in (1, 2):
        os.utime(t.path("z.zone"), (1e9 + again, 1e9 + again))
        server.logged(r"^ten35: zone example\.test\.: read again, same content$", LARGE_SECONDS, again)
    equal(server.count("reloaded"), 0, "reloads")


@case
def names_in_another_order_are_read_again_and_nothing_is_told_to_be_different(t):
    one, other = "one A 192.0.2.1\n", "other A 192.0.2.2\n"
    server = t.serve(*WATCH, "-v", t.write("z.zone", zone_text(OLD, more=one + other)))
    server.wait_for("www.example.test.", data=OLD)
    t.write("z.zone", zone_text(OLD, more=other + one))
    server.logged(r"^ten35: zone example\.test\. reloaded: ")
    equal(server.count(r"^ten35: zone example\.test\.: [-+~]"), 0, "differences")
    equal(server.count("did not increase"), 0, "complaints about the serial")


@case
def a_serial_that_did_not_increase_is_told_and_the_zone_is_served(t):
    server = serve_old(t)
    last = 4294967295
    told = 0
    # (serial, is it newer than the one before?)  RFC 1982 section 3.2
    for i, (serial, newer) in enumerate(((2, True), (2, False), (1, False), (0x7fffffff, True),
                                         (last, False), (0, True), (0x7fffffff, True), (last, False),
                                         (5, True), (0x80000005, False), (0x80000004, False))):
        t.replace("z.zone", zone_text("192.0.2.%d" % (100 + i), serial=serial))
        server.signal(signal.SIGHUP)
        becomes(server, "192.0.2.%d" % (100 + i))
        told += not newer
        equal(server.count("zone example.test.: serial %d did not increase" % serial) > 0 or newer, True,
              "serial %d" % serial)
        equal(server.count("did not increase"), told, "complaints up to serial %d (case %d)" % (serial, i))


if __name__ == "__main__":
    run(at_once=6)
