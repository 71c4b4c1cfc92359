#!/usr/bin/env python3
"""Load time and memory of the million-name zone, side by side in alternating runs.

  load.py [--rounds N] [--names N] [--peers ten35,gdnsd,nsd] [PATH_TO_TEN35]

A run is from the start of the server to its first answer from the zone, all its
processes on core 0.  Prints, for each server, the medians of that time, of the processor
time spent, and of the memory after loading and at its highest (PSS of all processes; for
ten35 also the image, most of which no process has touched by then), and as ratios to the
first one's.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

import gen
import peers as peer_servers
from measure import HERE, cpu_ticks, images, memory, start, stop, wait_answer

ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))


def load(work, peer, zone, log):
    port, command = peer_servers.conf(work, peer, [zone])
    server = start(command, 0, log)
    peak = {"pss_kb": 0}
    try:
        seconds = wait_answer("127.0.0.1", port, "tld.test SOA", pid=server.pid, peak=peak,
                              proc=server)
        if seconds is None:
            log.seek(0)
            sys.exit("%s does not answer:\n%s" % (peer, log.read()[-2000:]))
        time.sleep(0.5)
        after = memory(server.pid)["pss_kb"] + images(server.pid)
        return seconds, cpu_ticks(server.pid), after, max(after, peak["pss_kb"])
    finally:
        stop(server)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--names", type=int, default=1000000)
    p.add_argument("--peers", default="ten35,gdnsd,nsd")
    p.add_argument("binary", nargs="?")
    a = p.parse_args()
    if a.binary:
        os.environ["TEN35_BIN"] = os.path.abspath(a.binary)
    names = a.peers.split(",")
    runs = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryFile("w+") as log:
        gen.big(work, a.names)
        for _ in range(a.rounds):
            for name in names:
                runs[name].append(load(work, name, os.path.join(work, "big.zone"), log))
    medians = {name: [statistics.median(column) for column in zip(*rows)]
               for name, rows in runs.items()}
    first = medians[names[0]]
    for name in names:
        m = medians[name]
        print("%-6s %6.2f s (%.2f), %6.2f s of processor time (%.2f), memory %7d KiB (%.2f), "
              "highest %7d KiB (%.2f)" % tuple(
                  [name] + [x for pair in zip(m, [v / f for v, f in zip(m, first)]) for x in pair]))
    print("in brackets: as a multiple of %s's; medians of %d alternating runs" % (names[0], a.rounds))


if __name__ == "__main__":
    main()
