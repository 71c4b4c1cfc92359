#!/usr/bin/env python3
"""All that ten35 is measured by, beside its peers, by one command.

  table.py [--rows ROW,...] [--rounds N] [--huge] [--out FOLDER] [PATH_TO_TEN35]

Each row is an alternating run on loopback; the figures are medians.  A peer that is not installed
is left out.  The rows (all of them, some fifteen minutes):

  small     UDP, small zone: processor time a query as a ratio to the echo floor, and user time
  big       the same, 1,000,000 names drawn at random
  root      the same, a zone like the root's: referrals with glue, EDNS
  tcp       processor time a query, 8 connections (what ten35 gives one client) with 10 queries in flight
  hits      forwarding, names that are known: ratio to the echo floor
  misses    forwarding, fresh names: processor time
  load      the big zone: exec to the first answer, memory afterwards and at its highest
  parse     the big zone: text to records in wire form, nothing kept (needs the tests built beside the program)
  idle      small zone: memory of all processes, exec to the first answer
  two       two servers: processor time a query beside that of one
  names     ten35 alone: ratio to the floor with 10 to 1,000,000 names (--huge: 10,000,000)
  zones     the same with 1 to 10,000 zones

--out leaves table.md there, and with gnuplot installed costs.svg and growth.svg.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import forward
import gen
import load
import peers
import start
from measure import HERE, memory, stop, wait_answer
from measure import start as start_process

ROWS = ["small", "big", "root", "tcp", "hits", "misses", "load", "parse", "idle", "two", "names", "zones"]
PROGRAMS = {"nsd": "nsd", "knot": "knotd", "gdnsd": "gdnsd", "unbound": "unbound",
            "kresd": "kresd", "dnsmasq": "dnsmasq", "recursor": "pdns_recursor", "bind": "named"}
NAMES = [10, 1000, 100000, 1000000]
ZONES = [1, 100, 10000]


def installed(servers):
    """Ours, and those of the others that are here; "nsd-min" is a way to run nsd."""
    return [s for s in servers
            if s.startswith("ten35") or shutil.which(PROGRAMS[s.split("-")[0]], path=peers.PATH)]


class Bench:
    def __init__(self, a, work):
        self.a, self.work = a, work
        self.lines, self.bars, self.growth = [], [], []

    def say(self, row, server, text):
        line = "| %s | %s | %s |" % (row, server, text)
        print(line, flush=True)
        self.lines.append(line)

    def ask(self, server, zones, queries, *options):
        """The figures of bench.py for a server with these zones."""
        out = os.path.join(self.work, "result.json")
        if os.path.exists(out):
            os.unlink(out)
        port, command = peers.conf(self.work, server, zones)
        subprocess.check_output([sys.executable, os.path.join(HERE, "bench.py"), "--queries", queries,
                                 "--rounds", str(4 * self.a.rounds), "--json", out, *options, server,
                                 str(port), *command])
        with open(out) as f:
            return json.loads(f.readlines()[-1])

    def zone(self, kind, *words):
        """A zone of gen.py, and its queries; made once."""
        folder = os.path.join(self.work, "-".join((kind,) + words))
        path = os.path.join(folder, kind + ".zone")
        if not os.path.exists(folder):
            gen.main([kind, folder, *words])
            gen.main(["queries", folder, kind, *([path] if kind == "root" else words)])
        return path, os.path.join(folder, "q-%s.txt" % kind)

    def by_floor(self, row, title, servers, zones, queries, *options):
        """With --recall the first has its limit measured as well.  A peer may fail, ten35 may not."""
        for server in installed(servers):
            try:
                r = self.ask(server, zones, queries, *options)
            except subprocess.CalledProcessError:
                if server.startswith("ten35"):
                    raise
                self.say(row, server, "no figure: it ended, or did not answer")
                continue
            if "limit" in r:
                self.say(row, "the limit", "%.2f times the floor: one look into %s KiB, %.0f octets" % (
                    r["limit"], options[-1], r["avg_bytes"]))
                self.bars.append((title, "limit", r["limit"]))
                options = options[:-2]
            self.say(row, server, "%.2f times the floor, %.2f us user, %.0f octets" % (
                r["ratio"], r["user_us"], r["avg_bytes"]))
            self.bars.append((title, server, r["ratio"]))

    # ------ rows ------

    def small(self):
        path, queries = self.zone("small")
        self.by_floor("UDP, 1,000 names", "small zone", ["ten35-min", "gdnsd", "ten35", "nsd", "nsd-min", "knot"],
                      [path], queries, "--recall", "1024")

    def big(self):
        path, queries = self.zone("big", "1000000")
        self.by_floor("UDP, 1,000,000 names", "a million names", ["ten35", "gdnsd", "nsd", "knot"], [path], queries,
                      "--recall", "82000")

    def root(self):
        path, queries = self.zone("root")
        self.by_floor("UDP, referrals with glue", "referrals", ["ten35", "nsd", "knot"], [path], queries, "--edns",
                      "--recall", "1024")

    def tcp(self):
        path, queries = self.zone("small")
        for server in installed(["ten35", "gdnsd", "nsd", "knot"]):
            r = self.ask(server, [path], queries, "--tcp", "--socks", "8", "--window", "80",
                         "--rounds", str(self.a.rounds), "--secs", "2")
            self.say("TCP", server, "%.2f us a query" % r["cpu_us"])

    def forwarding(self, row, title, floor):
        a = SimpleNamespace(rounds=3 * self.a.rounds, secs=0.5)
        bench = forward.Bench(a, self.work)
        try:
            for server in installed(["ten35", "unbound", "recursor", "dnsmasq", "kresd", "bind"]):
                bench.start_server(server)
            rounds = getattr(bench, row)()
            for server in bench.servers:
                self.say(title, server, "%.2f us a query, %.2f times the %s" % (
                    forward.median(rounds, server, "cpu_us"), forward.ratio(rounds, server), floor))
        finally:
            bench.end()

    def hits(self):
        self.forwarding("hits", "known names, forwarded", "echo floor")

    def misses(self):
        self.forwarding("misses", "fresh names, forwarded", "bare relay")

    def load(self):
        path, _ = self.zone("big", "1000000")
        servers = installed(["ten35", "gdnsd", "nsd"])
        runs = {server: [] for server in servers}
        with tempfile.TemporaryFile("w+") as log:
            for _ in range(min(self.a.rounds, 3)):
                for server in servers:
                    runs[server].append(load.load(self.work, server, path, log))
            peaks = {server: load.highest(self.work, server, path, log) for server in servers}
        size = os.path.getsize(path)
        for server in servers:
            seconds, _, after = (statistics.median(column) for column in zip(*runs[server]))
            self.say("load of 1,000,000 names", server, "%.2f s, %.0f MB/s; memory %.0f MB, at its highest %.0f MB" % (
                seconds, size / seconds / 1e6, after / 1e3, peaks[server] / 1e3))

    def parse(self):
        path, _ = self.zone("big", "1000000")
        program = os.path.join(os.path.dirname(os.environ["TEN35_BIN"]), "tests", "parse")
        if os.path.exists(program):
            out = subprocess.check_output(["taskset", "-c", "0", program, "tld.test.", path, str(self.a.rounds)], text=True)
            self.say("parse alone", "ten35", out.strip())

    def idle(self):
        path, _ = self.zone("small")
        for server in installed(["ten35", "gdnsd", "nsd"]):
            times = []
            for _ in range(2 * self.a.rounds + 1):
                port, command = peers.conf(self.work, server, [path])
                times.append(start.first_answer_ms(command, port, "ns1.example.test"))
            port, command = peers.conf(self.work, server, [path])
            with tempfile.TemporaryFile("w+") as log:
                process = start_process(command, None, log)
                wait_answer("127.0.0.1", port, "ns1.example.test A", proc=process)
                pss = memory(process.pid)["pss_kb"]
                stop(process)
            self.say("idle, 1,000 names", server, "%.1f ms to the first answer, %d KiB (PSS)" % (
                statistics.median(times), pss))

    def two(self):
        path, queries = self.zone("small")
        one = self.ask("ten35", [path], queries, "--core", "0,1", "--floor", "none")
        # As many wait for each of the two as for the one: their batches are of one size.
        two = self.ask("ten35-two", [path], queries, "--core", "0,1", "--floor", "none", "--socks", "16",
                       "--window", "256")
        self.say("two servers on two cores", "ten35", "%.2f of the processor time a query of one" % (
            two["cpu_us"] / one["cpu_us"]))

    def grows(self, row, title, sizes, zones_of):
        for n in sizes:
            zones, queries = zones_of(n)
            r = self.ask("ten35", zones, queries)
            self.say(title, "%d" % n, "%.2f times the floor, %.2f us user" % (r["ratio"], r["user_us"]))
            self.growth.append((row, n, r["ratio"]))

    def names(self):
        def zones_of(n):
            path, queries = self.zone("big", str(n))
            return [path], queries
        self.grows("names", "so many names", NAMES + ([10000000] if self.a.huge else []), zones_of)

    def zones(self):
        def zones_of(n):
            _, queries = self.zone("zones", str(n))
            folder = os.path.dirname(queries)
            return ["%s/z%d.test.:z%d.test." % (folder, i, i) for i in range(n)], queries
        self.grows("zones", "so many zones", ZONES, zones_of)


# ------ what is left behind ------

def gnuplot(path, script):
    if shutil.which("gnuplot"):
        head = 'set terminal svg size 820,300 font "sans,12" background "white"\nset output "%s"\n' % path
        subprocess.run(["gnuplot"], input=head + script, text=True, check=True)


def draw_costs(path, bars):
    """Bars from the floor (1.0) upwards, a group for each row."""
    rows, labels, x = [], [], 0
    for i, (title, server, ratio) in enumerate(bars):
        begins = not i or bars[i - 1][0] != title
        x += 2 if i and begins else 1
        if begins:
            labels.append('set label "%s" at %.1f, graph 0.93' % (title, x - 0.4))
        rows.append('%d %.3f "%s" "%s" %d' % (x, ratio, server, title, server.startswith("ten35")))
    gnuplot(path, """$d << END
%s
END
%s
set boxwidth 0.8
set style fill solid
set yrange [0.9:*]
set offsets 0, 0, 0.5, 0
set ylabel "processor time, floor = 1"
set xtics rotate by -40
set grid y
plot $d using 1:2:($5 == 1 ? 0x2060a0 : 0xb0b0b0):xtic(3) with boxes lc rgb variable notitle, \\
     $d using 1:2:(sprintf("%%.2f", $2)) with labels offset 0,0.6 notitle, 1 lc rgb "black" notitle
""" % ("\n".join(rows), "\n".join(labels)))


def draw_growth(path, growth):
    blocks = ["$%s << END\n%s\nEND" % (row, "\n".join("%d %.3f" % (n, y) for r, n, y in growth if r == row))
              for row in sorted({r for r, _, _ in growth})]
    plots = ['$%s using 1:2 with linespoints title "%s"' % (row, row) for row in sorted({r for r, _, _ in growth})]
    gnuplot(path, """%s
set logscale x
set yrange [0.9:*]
set ylabel "processor time, floor = 1"
set grid
plot %s
""" % ("\n".join(blocks), ", ".join(plots)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rows", default=",".join(ROWS))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--huge", action="store_true")
    p.add_argument("--out")
    p.add_argument("binary", nargs="?", default=os.path.realpath(os.path.join(HERE, "../../build/ten35")))
    a = p.parse_args()
    os.environ["TEN35_BIN"] = os.path.abspath(a.binary)
    with tempfile.TemporaryDirectory(prefix="ten35-bench.") as work:
        os.chmod(work, 0o755)
        bench = Bench(a, work)
        print("| what | server | figure |\n|---|---|---|")
        for row in a.rows.split(","):
            getattr(bench, row)()
        if a.out:
            os.makedirs(a.out, exist_ok=True)
            with open(os.path.join(a.out, "table.md"), "w") as f:
                f.write("| what | server | figure |\n|---|---|---|\n" + "\n".join(bench.lines) + "\n")
            if bench.bars:
                draw_costs(os.path.join(a.out, "costs.svg"), bench.bars)
            if bench.growth:
                draw_growth(os.path.join(a.out, "growth.svg"), bench.growth)


if __name__ == "__main__":
    main()
