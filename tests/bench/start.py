#!/usr/bin/env python3
"""From exec to the first answer, with the small zone, in milliseconds.

  start.py [--rounds N] [--peers nsd,knot,...] [PATH_TO_TEN35]

Each round starts the server anew and asks by UDP, again and again, until the first
answer with data comes.  To reach: 10 ms in the median.  Peers run in the same
alternating rounds, and their ratio to ten35 is printed.  Status 1 when it is missed.
"""

import argparse
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import peers as peer_servers
from measure import HERE, NEVER_ASKED, free_port, query, stop

LIMIT_MS = 10
ASK_EVERY_S = 0.0003
GIVE_UP_S = 10
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
ZONE = """$ORIGIN hello.
$TTL 1750
@ IN SOA ns1.hello. hostmaster.hello. ( 2020071701 10800 3600 604800 86400 )
@ NS ns1.hello.
ns1.hello. A 10.0.0.1
lumpi.hello. 300 A 10.0.0.2
pi.hello. CNAME lumpi.hello.
"""


def first_answer_ms(command, port, name="lumpi.hello"):
    """Starts the command; milliseconds from just before exec to an answer with data."""
    wire = query(name, "A")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setblocking(False)
        s.connect(("127.0.0.1", port))
        began = time.perf_counter()
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            while time.perf_counter() - began < GIVE_UP_S:
                try:
                    s.send(wire)
                    if not select.select([s], [], [], ASK_EVERY_S)[0]:
                        continue
                    reply = s.recv(4096)
                except OSError:  # nobody listens there yet
                    time.sleep(ASK_EVERY_S)
                    continue
                if reply[7]:  # ANCOUNT: before the zone is read there is an error instead
                    return (time.perf_counter() - began) * 1000
            sys.exit("no answer from %s" % command)
        finally:
            stop(server)


def ours(binary, zone):
    port = free_port()
    user = ["-u", "root"] if os.geteuid() == 0 else []
    return first_answer_ms([binary, "-f", NEVER_ASKED, "-a", "127.0.0.1", "-p", str(port)] + user + [zone], port)


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=21)
    p.add_argument("--peers", default="")
    p.add_argument("binary", nargs="?", default=os.path.join(ROOT, "build", "ten35"))
    a = p.parse_args()
    others = [peer for peer in a.peers.split(",") if peer]
    times = {name: [] for name in ["ten35"] + others}
    with tempfile.TemporaryDirectory() as work:
        zone = peer_servers.put(os.path.join(work, "hello.zone"), ZONE)
        for _ in range(a.rounds):
            times["ten35"].append(ours(a.binary, zone))
            for peer in others:
                port, command = peer_servers.conf(work, peer, [zone + ":hello."])
                times[peer].append(first_answer_ms(command, port))
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print("%-6s first answer after %.2f ms in the median of %d (%.2f to %.2f), %.1f times ten35"
              % (name, median[name], a.rounds, min(values), max(values),
                 median[name] / median["ten35"]))
    good = median["ten35"] <= LIMIT_MS
    print("limit %d ms: %s" % (LIMIT_MS, "ok" if good else "MISSED"))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
