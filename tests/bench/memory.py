#!/usr/bin/env python3
"""Memory of every process of ten35, with a small zone and with a million names.

  memory.py [--small-only] [--names N] [PATH_TO_TEN35]

Small: examples/hello.zone, one server; to reach: below 1 MB resident (RSS) a process, and
480 KiB in all (PSS: a page that two have is half of each) after questions of nine kinds, with
the static binary that `CC=musl-gcc cmake -DTEN35_STATIC=ON` gives (a dynamic one counts pages of
the shared libc as its own, which are in memory anyway).
Large: the big zone of gen.py, after every name in it was asked for once, and as many
that do not exist or lie deeper, so that every page that answers need has been touched; to
reach: at most 200 MB (PSS of all processes).  The zone's image is in memory even where no
process has touched it, and then in nobody's PSS, so the larger of two sums is judged: PSS,
or private memory and images.  Status 1 when a figure is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import gen
from measure import (HERE, NEVER_ASKED, cpu_ticks, free_port, images, memory, memory_of, start, stop,
                     tools, tree, wait_answer)

SMALL_RSS_KB = 1000
SMALL_PSS_KB = 480
# An alias, records of all shapes, a wildcard, a delegation, and names that are not there.
QUESTIONS = ["pi.hello A", "hello SOA", "hello CAA", "_ldap._tcp.hello SRV", "www.hello HTTPS",
             "x.apps.hello A", "www.lab.hello A", "mail.hello AAAA", "nowhere.hello A"]
LARGE_PSS_KB = 200 * 1000 * 1000 // 1024
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))


def command(binary, port, zone):
    user = ["-u", "root"] if os.geteuid() == 0 else []
    return [binary, "-f", NEVER_ASKED, "-a", "127.0.0.1", "-p", str(port)] + user + [zone]


def show(pid, what):
    print(what)
    for p in tree(pid):
        one = memory_of(p)
        if one:
            role = "loader" if p == pid else "server"
            print("  %s: RSS %d KiB, PSS %d, private %d, highest RSS %d" % (
                role, one["rss_kb"], one["pss_kb"], one["private_kb"], one["peak_kb"]))
    total = memory(pid)
    print("  all %d: PSS %d KiB (%.1f MB); images %d KiB" % (
        total["procs"], total["pss_kb"], total["pss_kb"] * 1024 / 1e6, images(pid)))
    return total


def ask(server, port, questions):
    for question in questions:
        if wait_answer("127.0.0.1", port, question, proc=server) is None:
            sys.exit("no answer")


def small(binary, log):
    port = free_port()
    server = start(command(binary, port, os.path.join(ROOT, "examples", "hello.zone")), None, log)
    try:
        ask(server, port, QUESTIONS[:1])
        time.sleep(4)  # past the second reading of a file that is new
        show(server.pid, "small zone, after one question")
        ask(server, port, QUESTIONS[1:])
        total = show(server.pid, "after questions of %d kinds" % len(QUESTIONS))
        return max(memory_of(p)["rss_kb"] for p in tree(server.pid)), total["pss_kb"]
    finally:
        stop(server)


def large(binary, log, names):
    with tempfile.TemporaryDirectory() as folder:
        gen.big(folder, names)
        gen.queries(folder, "touch", [str(names)])
        port = free_port()
        server = start(command(binary, port, os.path.join(folder, "big.zone")), None, log)
        peak = {"pss_kb": 0}
        try:
            up = wait_answer("127.0.0.1", port, "tld.test SOA", pid=server.pid, peak=peak,
                             proc=server)
            if up is None:
                sys.exit("no answer")
            time.sleep(1)
            show(server.pid, "zone of %d names, loaded after %.2f s with %.2f s of processor time; "
                             "highest PSS meanwhile %d KiB" % (names, up, cpu_ticks(server.pid),
                                                               peak["pss_kb"]))
            subprocess.run([os.path.join(tools(), "blast"), "-p", str(port), "-n", str(2 * names),
                            "-t", "120", "-W", "0", os.path.join(folder, "q-touch.txt")],
                           check=True, stdout=subprocess.DEVNULL)
            total = show(server.pid, "after every name was asked for")
            loader = memory_of(server.pid)
            return max(total["pss_kb"], loader["private_kb"] + images(server.pid))
        finally:
            stop(server)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--small-only", action="store_true")
    p.add_argument("--names", type=int, default=1000000)
    p.add_argument("binary", nargs="?", default=os.path.join(ROOT, "build", "ten35"))
    a = p.parse_args()
    log = tempfile.TemporaryFile("w+")
    rss, pss = small(a.binary, log)
    good = rss < SMALL_RSS_KB and pss < SMALL_PSS_KB
    print("small: at most %d KiB RSS a process, limit %d; %d KiB PSS in all, limit %d: %s" % (
        rss, SMALL_RSS_KB, pss, SMALL_PSS_KB, "ok" if good else "MISSED"))
    if not a.small_only:
        pss = large(a.binary, log, a.names)
        limit = LARGE_PSS_KB * a.names // 1000000
        print("large: %d KiB; limit %d: %s" % (pss, limit, "ok" if pss <= limit else "MISSED"))
        good = good and pss <= limit
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
