#!/usr/bin/env python3
"""How fast a zone file becomes records in wire form, beside simdzone, in alternating runs.

  parse.py [--rounds N] ZONE_BENCH ORIGIN FILE [PARSE]

PARSE is tests/parse of a build of this project (build/tests/parse), ZONE_BENCH the program
`zone-bench` that simdzone (the parser of NSD 4.10 and later) is built with.  No package has
that, so it has to be built from its source.  Both read the file and forget its records, on
core 0; simdzone runs its plain C ("fallback") and, for who has AVX2, its vectors ("haswell").
Prints the medians of the processor time, and as multiples of simdzone's in plain C the medians
of the pairs and the ratio of the best two.
"""

import argparse
import os
import re
import statistics
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PLAIN = "simdzone, plain C"


def processor_time(command):
    """Seconds of a command on core 0, and what it printed."""
    p = subprocess.Popen(["taskset", "-c", "0"] + command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True)
    out = p.stdout.read()
    _, status, used = os.wait4(p.pid, 0)
    if status != 0:
        raise SystemExit("%s: %s" % (command[0], out))
    return used.ru_utime + used.ru_stime, out


def ours(a):
    """Its own figure: the program reads the file a second time, to its image."""
    out = processor_time([a.parse, a.origin, a.file, "1"])[1]
    return os.path.getsize(a.file) / 1e6 / float(re.match(r"(\d+) MB/s", out).group(1))


def theirs(a, kernel):
    return processor_time([a.zone_bench, "-t", kernel, "parse", a.file])[0]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=9)
    p.add_argument("zone_bench")
    p.add_argument("origin")
    p.add_argument("file")
    p.add_argument("parse", nargs="?", default=os.path.join(ROOT, "build", "tests", "parse"))
    a = p.parse_args()
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        has_vectors = " avx2 " in f.read()
    seconds = {"ten35": [], PLAIN: [], **({"simdzone, AVX2": []} if has_vectors else {})}
    for _ in range(a.rounds):
        for name in seconds:
            seconds[name].append(ours(a) if name == "ten35" else theirs(a, "fallback" if name == PLAIN else "haswell"))
    for name, all_of_them in seconds.items():
        print("%-18s %.3f s, %.2f of %s in pairs, %.2f best to best" % (
            name, statistics.median(all_of_them),
            statistics.median(x / y for x, y in zip(all_of_them, seconds[PLAIN])), PLAIN,
            min(all_of_them) / min(seconds[PLAIN])))


if __name__ == "__main__":
    main()
