#!/usr/bin/env python3
"""Servers that ask another one, side by side: answers from the cache, answers that have to be
fetched, how long both take, and memory.

  forward.py [--peers ten35,unbound,kresd,dnsmasq,bind,recursor] [--rounds N] [WHAT...]

WHAT is hits, misses, latency or memory (all of them).  All servers run at once on core 0, each
with one worker and a large cache; on core 1 are the load generator and the upstream server, a
ten35 with a wildcard zone.  In each round every server is asked, after it the floor: the echo
for hits, the bare relay (with a fresh socket for each question) for misses.  Printed are
medians over the rounds, and the ratio to the floor of the same round, which is the figure to
compare.

  hits      processor time of a server for one of 2,000 names that it knows
  misses    the same for names that it has never heard of
  latency   at 200 questions a second: microseconds, p50 and p99
  memory    of ten35 with its default cache, before and after --names names (200,000)

Status 1 when ten35 misses a goal: hits 1.2 times the echo, misses half of the best peer, p50 of a
miss no worse than the best peer's, and memory 4.4 MiB above what it was.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from measure import HERE, NICE, free_port, memory, start, stop, tools, wait_answer
from peers import FORWARDERS, conf_forwarder

HITS, HIT_GOAL, MEMORY_GOAL_KB = 2000, 1.2, 4506
WARM = 0.3  # seconds before misses are counted
FRESH_A_SECOND = 300000  # names, more than any server can ask others for
PROBE = "probe.wild.test A"
WILD = """$ORIGIN wild.test.
$TTL 3600
@ SOA ns hostmaster 1 3600 900 604800 60
@ NS ns
ns A 192.0.2.1
* A 192.0.2.2
"""


class Bench:
    def __init__(self, a, work):
        self.a, self.work = a, work
        self.folder = tools()
        self.log = open(os.path.join(work, "log"), "w")
        self.servers, self.running = {}, []
        self.next_name = 0
        zone = self.file("wild.zone", WILD)
        self.upstream = free_port()
        binary = os.environ.get("TEN35_BIN") or os.path.realpath(os.path.join(HERE, "../../build/ten35"))
        user = ["-u", "root"] if os.geteuid() == 0 else []
        self.run([binary, "-f", "none", "--minimal", "-a", "127.0.0.1", "-p", str(self.upstream), *user,
                  zone], 1)
        if wait_answer("127.0.0.1", self.upstream, PROBE, limit=10) is None:
            sys.exit("no upstream server")

    def file(self, name, text):
        path = os.path.join(self.work, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def run(self, command, core):
        process = start(command, core, self.log)
        self.running.append(process)
        return process

    def start_server(self, name):
        port, command = conf_forwarder(self.work, name, self.upstream)
        process = self.run(command, 0)
        if wait_answer("127.0.0.1", port, PROBE, limit=30, proc=process) is None:
            sys.exit("%s does not answer" % name)
        self.servers[name] = (port, process.pid)

    def start_floor(self, kind):
        port = free_port()
        words = ["echofloor", "mmsg", "127.0.0.1", str(port), "60"] if kind == "echo" else \
            ["relay", "fresh", "127.0.0.1", str(port), str(self.upstream)]
        process = self.run([os.path.join(self.folder, words[0])] + words[1:], 0)
        time.sleep(0.2)
        return port, process.pid

    def end(self):
        for process in reversed(self.running):
            stop(process)
        self.log.close()

    # Questions.

    def hit_names(self):
        return self.file("hits", "".join("h%04d.wild.test A\n" % i for i in range(HITS)))

    def fresh_names(self, count):
        first, self.next_name = self.next_name, self.next_name + count
        return self.file("misses", "".join("m%08d.wild.test A\n" % i for i in range(first, first + count)))

    def blast(self, server, names, *words):
        port, pid = server
        command = NICE + ["taskset", "-c", "1", os.path.join(self.folder, "blast"), "-r", "-p", str(port),
                          "-P", str(pid), *map(str, words), names]
        return json.loads(subprocess.check_output(command, timeout=120))

    def warm(self):
        names = self.hit_names()
        for server in self.servers.values():
            for _ in range(2):
                self.blast(server, names, "-w", 16, "-n", HITS, "-W", 0, "-t", 5)

    # The parts.  Each returns {server: [figure of each round]}.

    def in_turns(self, floor, one):
        """[{server or "floor": figures}] of each round."""
        order = [*self.servers.items(), ("floor", floor)]
        return [{name: one(server) for name, server in order} for _ in range(self.a.rounds)]

    def hits(self):
        floor = self.start_floor("echo")
        self.warm()
        names = self.hit_names()
        return self.in_turns(floor, lambda s: self.blast(s, names, "-g", "-w", 128, "-s", 4, "-W", 0.2,
                                                         "-t", self.a.secs))

    def misses(self):
        floor = self.start_floor("relay")
        count = int(FRESH_A_SECOND * (WARM + self.a.secs))

        def one(server):
            told = self.blast(server, self.fresh_names(count), "-w", 64, "-s", 2, "-W", WARM, "-t", self.a.secs)
            if told["rounds"]:
                sys.exit("forward.py: %d names were not enough: those asked for again are no misses" % count)
            return told
        return self.in_turns(floor, one)

    def latency(self):
        # A virtual processor that sleeps takes longer to wake than all of this; so it must not.
        self.running.append(subprocess.Popen(
            ["timeout", "900", "taskset", "-c", "0", "chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]))
        self.warm()
        names = self.hit_names()

        def one(server):
            slow = ("-q", 200, "-t", 3, "-W", 0.3, "-w", 64, "-s", 4)
            return {"miss": self.blast(server, self.fresh_names(1000), *slow)["lat_us"],
                    "hit": self.blast(server, names, *slow)["lat_us"]}
        return self.in_turns((self.upstream, 1), one)


def median(rounds, name, key):
    return statistics.median(r[name][key] for r in rounds)


def ratio(rounds, name):
    return statistics.median(r[name]["cpu_us"] / r["floor"]["cpu_us"] for r in rounds)


def print_costs(title, floor, rounds):
    print("\n%s: processor time a question, and its ratio to the %s (%.2f us)" % (
        title, floor, median(rounds, "floor", "cpu_us")))
    for name in rounds[0]:
        if name != "floor":
            print("  %-10s %7.2f us  user %6.2f  %8d q/s  lost %d   ratio %.2f" % (
                name, median(rounds, name, "cpu_us"), median(rounds, name, "user_us"),
                median(rounds, name, "qps"), sum(r[name]["lost"] for r in rounds), ratio(rounds, name)))


def print_latency(rounds):
    print("\nlatency at 200 questions a second, microseconds (upstream server itself: the last line)")
    for name in rounds[0]:
        def of(kind, p, name=name):
            return statistics.median(r[name][kind][p] for r in rounds)
        print("  %-10s miss p50 %4.0f p99 %5.0f   hit p50 %4.0f p99 %5.0f" % (
            name, of("miss", "p50"), of("miss", "p99"), of("hit", "p50"), of("hit", "p99")))


def peers_best(rounds, figure):
    others = [name for name in rounds[0] if name not in ("floor", "ten35")]
    return min((figure(name), name) for name in others) if others else None


class Goals:
    def __init__(self):
        self.missed = 0

    def demand(self, text, good):
        print("%s %s" % ("ok  " if good else "FAIL", text))
        self.missed += not good


def judge_costs(goals, hits, misses):
    if hits:
        goals.demand("hits: %.2f times the echo floor, at most %.1f" % (ratio(hits, "ten35"), HIT_GOAL),
                     ratio(hits, "ten35") <= HIT_GOAL)
    if misses:
        best = peers_best(misses, lambda name: ratio(misses, name))
        if best:
            goals.demand("misses: %.2f of %s's, at most 0.5" % (ratio(misses, "ten35") / best[0], best[1]),
                         ratio(misses, "ten35") <= best[0] / 2)


def judge_latency(goals, rounds):
    best = peers_best(rounds, lambda name: statistics.median(r[name]["miss"]["p50"] for r in rounds))
    ours = statistics.median(r["ten35"]["miss"]["p50"] for r in rounds)
    if best:
        goals.demand("p50 of a miss: %.0f us, %s %.0f us" % (ours, best[1], best[0]), ours <= best[0])


def measure_memory(goals, a, work):
    """With the default cache; a process of its own, so that nothing else is counted."""
    os.environ["TEN35_CACHE"] = "4M"
    bench = Bench(a, work)
    try:
        bench.start_server("ten35")
        port, pid = bench.servers["ten35"]
        before, left = memory(pid)["rss_kb"], a.names
        while left > 0:
            count = min(left, 500000)
            bench.blast((port, pid), bench.fresh_names(count), "-w", 64, "-s", 2, "-W", 0, "-n", count,
                        "-t", 100)
            left -= count
        after = memory(pid)["rss_kb"]
    finally:
        bench.end()
        del os.environ["TEN35_CACHE"]
    print("\nmemory of all processes of ten35: %d KiB before, %d after %d names" % (before, after, a.names))
    goals.demand("%d KiB more, at most %d" % (after - before, MEMORY_GOAL_KB), after - before <= MEMORY_GOAL_KB)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--peers", default=",".join(FORWARDERS))
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--secs", type=float, default=0.5)
    p.add_argument("--names", type=int, default=200000)
    p.add_argument("what", nargs="*", default=["hits", "misses", "latency", "memory"])
    a = p.parse_args()
    goals = Goals()
    results = {}
    with tempfile.TemporaryDirectory(prefix="ten35-bench.") as work:
        os.chmod(work, 0o755)
        if set(a.what) - {"memory"}:
            bench = Bench(a, work)
            try:
                for name in a.peers.split(","):
                    bench.start_server(name)
                for what in ("hits", "misses", "latency"):
                    if what in a.what:
                        results[what] = getattr(bench, what)()
            finally:
                bench.end()
        if "hits" in results:
            print_costs("hits", "echo floor", results["hits"])
        if "misses" in results:
            print_costs("misses", "bare relay", results["misses"])
        if "latency" in results:
            print_latency(results["latency"])
        print()
        judge_costs(goals, results.get("hits"), results.get("misses"))
        if "latency" in results:
            judge_latency(goals, results["latency"])
        if "memory" in a.what:
            measure_memory(goals, a, work)
    sys.exit(1 if goals.missed else 0)


if __name__ == "__main__":
    main()
