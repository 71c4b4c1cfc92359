#!/usr/bin/env python3
"""Load time and memory of the million-name zone, side by side in alternating runs.

  load.py [--rounds N] [--names N] [--peers ten35,gdnsd,nsd] [PATH_TO_TEN35]

A run is from the start of the server to its first answer from the zone, all its
processes on core 0; it is asked fifty times a second, for who answers that he is not ready
does so on that core.  Prints, for each server, the medians of that time, of the processor
time spent until then, and of the memory after loading (PSS of all processes; for ten35 also
the image, most of which no process has touched by then), and as ratios to the first one's.
Memory at its highest is of one more run: to add it up takes a tenth of the time.
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


def settle(pid):
    """Waits for what is done behind the first answer: ten35's reader looks for warnings."""
    before = None
    for _ in range(50):
        now = cpu_ticks(pid)
        if now == before:
            break
        before = now
        time.sleep(0.1)


def load(work, peer, zone, log, peak=None):
    port, command = peer_servers.conf(work, peer, [zone])
    server = start(command, 0, log)
    try:
        seconds = wait_answer("127.0.0.1", port, "tld.test SOA", pid=server.pid, peak=peak,
                              proc=server, step=0.02)
        spent = cpu_ticks(server.pid)
        if seconds is None:
            log.seek(0)
            sys.exit("%s does not answer:\n%s" % (peer, log.read()[-2000:]))
        settle(server.pid)
        return seconds, spent, memory(server.pid)["pss_kb"] + images(server.pid)
    finally:
        stop(server)


def highest(work, peer, zone, log):
    peak = {"pss_kb": 0}
    after = load(work, peer, zone, log, peak)[2]
    return max(after, peak["pss_kb"])


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
        zone = os.path.join(work, "big.zone")
        for _ in range(a.rounds):
            for name in names:
                runs[name].append(load(work, name, zone, log))
        peaks = {name: highest(work, name, zone, log) for name in names}
    medians = {name: [statistics.median(column) for column in zip(*rows)] + [peaks[name]]
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
