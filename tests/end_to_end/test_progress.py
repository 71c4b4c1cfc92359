#!/usr/bin/env python3
"""How far reading is, on a terminal; and nothing of it anywhere else."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

from harness import WATCH, case, children, contains, equal, free_port, is_sanitized, run, zone_text

# What takes a second or two; with sanitizers everything takes several times as long.
RECORDS = 300000 if len(sys.argv) > 1 and is_sanitized(sys.argv[1]) else 1500000
DRAWN = re.compile(rb"ten35: (\d+) %, (\d+) records, (\d+) a second: (\S+)\033\[K\r")
ORDERED = re.compile(rb"ten35: (\d+) records, now put in order: ")
SLOW = 1.5      # seconds: what takes longer than that has to be drawn, whatever the machine


def large_zone(t, name="large.zone", more=""):
    """As many records as text; their file is 30 MB."""
    lines = ["h%d A 192.0.2.%d\n" % (i, i & 255) for i in range(RECORDS)]
    return t.write(name, zone_text(more="".join(lines) + more))


def made_up_zone(t, records=200000):
    """The same by a few lines."""
    return t.write("made.zone", zone_text(more="".join(
        "$GENERATE 1-50000 h%d-$ A 192.0.2.1\n" % i for i in range(records // 50000))))


def slowly(process, seen=lambda: False):
    """Whatever the machine, the program does not get far in half a second."""
    for _ in range(5):
        if seen() or process.poll() is not None:
            return
        for number, seconds in ((signal.SIGSTOP, 0.6), (signal.SIGCONT, 0.03)):
            with contextlib.suppress(OSError):
                process.send_signal(number)
            time.sleep(seconds)


def hold_up_reader(process, known):
    """The next process that reads zones stands still, so that it takes long whatever the machine."""
    end = time.monotonic() + 20
    while not (fresh := set(children(process.pid)) - known):
        assert time.monotonic() < end, "nobody reads the zone again"
        time.sleep(0.01)
    time.sleep(0.05)        # it has begun
    for number, seconds in ((signal.SIGSTOP, SLOW), (signal.SIGCONT, 0)):
        for pid in fresh:
            os.kill(pid, number)
        time.sleep(seconds)


class Terminal:
    """A program whose standard error is a terminal; `seen` is what it wrote there."""

    def __init__(self, *command, **environment):
        self.ours, theirs = pty.openpty()
        self.seen = b""
        self.began = time.monotonic()
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=theirs,
                                        env={**os.environ, "TERM": "xterm", **environment})
        os.close(theirs)

    def read(self, until=None, since=0, seconds=60):
        """Reads until this is seen, or up to the end of the program."""
        end = time.monotonic() + seconds
        while not (until and re.search(until, self.seen[since:])):
            assert time.monotonic() < end, "waited in vain for %r:\n%r" % (until, self.seen[-2000:])
            if not select.select([self.ours], [], [], 0.1)[0]:
                continue
            try:
                part = os.read(self.ours, 65536)
            except OSError:
                part = b""      # nobody is left at the other end
            if not part:
                break
            self.seen += part
        return self.seen

    def slowly(self):
        def has_drawn():
            while select.select([self.ours], [], [], 0)[0]:
                try:
                    self.seen += os.read(self.ours, 65536)
                except OSError:
                    return True
            return DRAWN.search(self.seen)
        slowly(self.process, has_drawn)
        return self

    def finished(self):
        """The exit status, when all is read."""
        self.read()
        self.seconds = time.monotonic() - self.began
        status = self.process.wait(timeout=10)
        os.close(self.ours)
        return status

    def screen(self):
        """The rows as somebody sees them in the end."""
        rows, column = [""], 0
        for piece in re.findall(r"\033\[K|\r|\n|[^\033\r\n]+", self.seen.decode()):
            if piece == "\r":
                column = 0
            elif piece == "\n":
                rows.append("")
            elif piece == "\033[K":
                rows[-1] = rows[-1][:column]
            else:
                rows[-1] = rows[-1][:column].ljust(column) + piece + rows[-1][column + len(piece):]
                column += len(piece)
        return rows


def grows(numbers):
    return all(a <= b for a, b in zip(numbers, numbers[1:]))


def drawn(terminal, file, records):
    """What was drawn makes sense: (percents, records)."""
    rows = DRAWN.findall(terminal.seen)
    if terminal.seconds > SLOW:
        assert len(rows) >= 2, "%d lines in %.1f s" % (len(rows), terminal.seconds)
    for percent, count, rate, name in rows:
        equal((file.startswith(name.decode()), int(percent) < 100, int(count) <= records, int(rate) > 0),
              (True, True, True, True), "a line")
    assert grows([int(row[0]) for row in rows]) and grows([int(row[1]) for row in rows]), rows
    return rows


@case(seconds=120)
def a_long_reading_is_told_of_and_leaves_no_trace(t):
    zone = large_zone(t, more="elsewhere. A 192.0.2.1\n")
    terminal = Terminal(t.binary, "check", zone, NO_COLOR="1")
    equal(terminal.finished(), 0, "exit status")
    if drawn(terminal, zone, RECORDS + 5):
        equal([int(n) for n in ORDERED.findall(terminal.seen)], [RECORDS + 5], "the last word")
    assert not re.search(DRAWN.pattern + b"/", terminal.seen), "a finding behind a line that was not erased"
    rows = terminal.screen()
    contains(rows[0], "%s:%d:1: warning: record of 'elsewhere.'" % (zone, RECORDS + 7), "the first row")
    equal((len(rows), rows[-1]), (5, ""), "rows in the end")


@case(seconds=120)
def print_and_diff_tell_it_as_well(t):
    zone = made_up_zone(t)
    for tool in (["print", zone], ["diff", zone, zone]):
        terminal = Terminal(t.binary, *tool).slowly()
        equal(terminal.finished(), 0, "exit status of " + tool[0])
        assert DRAWN.search(terminal.seen), "%s: %r" % (tool[0], terminal.seen)
        equal(terminal.screen(), [""], "the screen after " + tool[0])


@case(seconds=120)
def a_server_tells_it_and_its_log_has_whole_lines(t):
    zone = made_up_zone(t, RECORDS)
    server = Terminal(t.binary, "-f", "none", "-a", "127.0.0.1", "-p", free_port(), "-u", "root", zone)
    server.read(DRAWN.pattern + rb"|loaded: ")
    server.process.send_signal(signal.SIGUSR1)     # others write to the terminal meanwhile
    server.read(rb"server 0: udp ")
    server.read(rb"loaded: .*\n")
    server.process.send_signal(signal.SIGTERM)
    equal(server.finished(), 0, "exit status")
    rows = server.screen()
    equal(rows.pop(), "", "the last row")
    for row in rows:
        assert re.fullmatch(r"ten35: (listening at|server 0: |cache: |zone |not started as|started as).*", row) \
            and " a second" not in row and "put in order" not in row, row
    assert any(re.fullmatch(r"ten35: zone \S+ loaded: %d records, serial 1, \d+ ms" % (RECORDS + 4), row)
               for row in rows), rows


@case(seconds=120)
def reading_that_changes_nothing_leaves_no_trace(t):
    zone = made_up_zone(t, RECORDS)
    server = Terminal(t.binary, "-f", "none", "-a", "127.0.0.1", "-p", free_port(), "-u", "root", *WATCH, zone)
    server.read(rb"loaded: .*\n")
    before, known = len(server.seen), set(children(server.process.pid))
    os.utime(zone)
    hold_up_reader(server.process, known)
    server.read(ORDERED.pattern + rb"[^\r]*\r\033\[K\r", before)
    server.process.send_signal(signal.SIGTERM)
    equal(server.finished(), 0, "exit status")
    equal(server.screen()[-1], "", "the last row")


@case(seconds=120)
def a_server_that_ends_while_it_reads_leaves_no_trace(t):
    zone = made_up_zone(t, RECORDS)
    server = Terminal(t.binary, "-f", "none", "-a", "127.0.0.1", "-p", free_port(), "-u", "root", zone)
    server.read(DRAWN.pattern + rb"|loaded: ")
    server.process.send_signal(signal.SIGTERM)
    equal(server.finished(), 0, "exit status")
    equal(server.screen()[-1], "", "the last row")


@case(seconds=120)
def nothing_of_it_is_seen_elsewhere(t):
    zone = made_up_zone(t)
    check = subprocess.Popen([t.binary, "check", zone], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    slowly(check)
    equal(check.communicate(), ("%s: good: 200004 records, serial 1\n" % zone, ""), "in a pipe")
    dumb = Terminal(t.binary, "check", zone, TERM="dumb").slowly()
    equal((dumb.finished(), dumb.seen), (0, b""), "on a terminal that knows nothing")


@case(seconds=120)
def nothing_of_it_is_seen_in_a_log(t):
    zone = made_up_zone(t, RECORDS)
    log = t.serve(zone).log()
    assert "\r" not in log and "\033" not in log and " a second" not in log, log
    server = Terminal(t.binary, "--syslog", "-f", "none", "-a", "127.0.0.1", "-p", free_port(), "-u", "root", zone)
    time.sleep(SLOW)
    server.process.send_signal(signal.SIGTERM)
    equal(server.finished(), 0, "exit status")
    assert b"\033" not in server.seen and b" a second" not in server.seen, server.seen


if __name__ == "__main__":
    run()
