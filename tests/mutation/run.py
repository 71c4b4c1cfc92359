#!/usr/bin/env python3
"""Changes the source in one small place at a time, and sees whether a test notices.

    run.py [--sample N] [--seed N] [--jobs N] [--build FOLDER] [--survivors FILE]
           [--only FILE] [FILE...]

Mutates the files of tests.txt, or those that are named.  For each mutant the one object is built
and put before the library that the test programs are linked with; then they run, the quick ones
first, until one fails, which kills it.  So does running for too long.  A mutant that compiles to
the same octets as the original is none.  Survivors that nothing can tell from the original are
listed in equivalent.txt, with the reason.

Exit codes: 0 all mutants were killed or are listed, 1 some were not, 2 something is wrong.
"""

import argparse
import concurrent.futures
import json
import math
import os
import random
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.dont_write_bytecode = True      # no __pycache__ in the source tree

from mutants import mutants_of

EXIT_OK, EXIT_SURVIVORS, EXIT_WRONG = 0, 1, 2
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROCESSOR_SECONDS = 1   # of a mutant, besides three times what the test takes of itself
WALL_SECONDS = 60       # for one test, whatever it waits for
MEMORY_KIB = 4 << 20    # of addresses: a mutant may ask for very much
FLAGS = "-O1 -w"        # quick to build, and still much of what is the same becomes the same


class Wrong(Exception):
    """It cannot be tried: said in one line."""


def read_lines(path):
    """(number, line) without blank lines and comments."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def read_tests():
    return {line.split()[0]: line.split()[1:] for _, line in read_lines(HERE / "tests.txt")}


def read_equivalent():
    """{what entry() says of a mutant: reason}"""
    known = {}
    for number, line in read_lines(HERE / "equivalent.txt"):
        mutant, _, reason = line.rpartition(" | ")
        if mutant.count(" | ") < 3 or not reason.strip():
            raise Wrong(f"equivalent.txt:{number}: not 'file | function | was | now | reason'")
        known[mutant] = reason
    return known


def entry(file, mutant):
    function = mutant.function if mutant.nth == 1 else f"{mutant.function}#{mutant.nth}"
    return f"{file} | {function} | {mutant.was} | {mutant.now}"


# Building.

class Build:
    """A build of the tests, and how one object of it and a program with that object are made."""

    def __init__(self, folder, programs, jobs):
        self.folder = folder
        self.command(["cmake", "-S", ROOT, "-B", folder, "-G", "Unix Makefiles",
                      "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_C_FLAGS={FLAGS}",
                      "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"])
        self.command(["cmake", "--build", folder, f"-j{jobs}", "--target", *sorted(programs)])
        entries = json.loads((folder / "compile_commands.json").read_text())
        self.compiles = {e["file"]: e for e in entries}
        self.seconds = {p: self.measure(p) for p in sorted(programs)}

    def command(self, command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Wrong(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def compile(self, file, source, out):
        """The text becomes an object, which is the same for the same program; False if it is no C."""
        how = self.compiles[str(ROOT / file)]
        words = shlex.split(how["command"])
        words[words.index("-o") + 1] = str(out)
        words[words.index("-c"):] = ["-x", "c", "-c", "-"]
        done = subprocess.run(words, cwd=how["directory"], input=f'#line 1 "{file}"\n{source}',
                              capture_output=True, text=True)
        return done.returncode == 0

    def link(self, program, objects, out):
        folder = self.folder / "tests"
        text = (folder / "CMakeFiles" / f"{program}.dir" / "link.txt").read_text()
        words = shlex.split(text)
        at = words.index("-o") + 1
        words[at:at + 1] = [str(out), *map(str, objects)]
        self.command_in(words, folder)

    def command_in(self, words, folder):
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise Wrong(f"cannot link:\n{done.stderr[-2000:]}")

    def measure(self, program):
        """How long it keeps a processor busy of itself; it has to succeed."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        if not self.passes(self.folder / "tests" / program, WALL_SECONDS):
            raise Wrong(f"{program} fails without any change")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def passes(self, program, seconds):
        limits = f"ulimit -c 0; ulimit -t {math.ceil(seconds)}; ulimit -v {MEMORY_KIB}; exec \"$0\""
        try:
            done = subprocess.run(["sh", "-c", limits, str(program)], cwd=self.folder / "tests",
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode in (0, 77)


# Trying.

@dataclass
class Target:
    """A file, the programs that have to notice, and what it compiles to."""

    file: str
    programs: list
    source: str
    original: bytes


def make_target(build, file, programs, folder):
    source = (ROOT / file).read_text()
    out = folder / "original.o"
    if not build.compile(file, source, out):
        raise Wrong(f"{file} does not compile")
    return Target(file, programs, source, out.read_bytes())


def try_mutant(build, target, mutant, folder):
    """What became of it: 'invalid', 'same', 'survived', or the program that killed it."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        out, program = Path(place) / "mutant.o", Path(place) / "program"
        if not build.compile(target.file, mutant.apply(target.source), out):
            return "invalid"
        if out.read_bytes() == target.original:
            return "same"
        for name in target.programs:
            build.link(name, [out], program)
            if not build.passes(program, PROCESSOR_SECONDS + 3 * build.seconds[name]):
                return name
    return "survived"


def try_all(build, target, mutants, jobs, folder):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        fates = pool.map(lambda m: try_mutant(build, target, m, folder), mutants)
        yield from zip(mutants, fates)


# Telling.

def report(target, fates, known, seconds):
    """Prints a file's line and its survivors; returns those that are not listed."""
    counts = Counter(fate for _, fate in fates)
    survivors = [m for m, fate in fates if fate == "survived"]
    unknown = [m for m in survivors if entry(target.file, m) not in known]
    real = len(fates) - counts["invalid"] - counts["same"]
    killed = real - len(survivors)
    listed = len(survivors) - len(unknown)
    share = 100 * killed / real if real else 100
    print(f"{target.file}: {real} mutants, {killed} killed ({share:.1f} %), {listed} listed as "
          f"equivalent, {len(unknown)} survived; {seconds:.0f} s", flush=True)
    for m in unknown:
        print(f"    {target.file}:{m.line}: {entry(target.file, m)}", flush=True)
    for m, fate in fates:
        if fate != "survived" and entry(target.file, m) in known:
            print(f"    {target.file}:{m.line}: listed, but {fate}: {entry(target.file, m)}")
    return unknown


def chosen(file, mutants, only):
    if only is None:
        return mutants
    wanted = set(only.read_text().splitlines())
    return [m for m in mutants if entry(file, m) in wanted]


def sample(mutants, most, seed):
    if most is None or most >= len(mutants):
        return mutants
    return sorted(random.Random(seed).sample(mutants, most), key=lambda m: m.start)


def run(args, tests, known):
    files = [os.path.relpath(Path(f).resolve(), ROOT) for f in args.files] or list(tests)
    for file in files:
        if file not in tests:
            raise Wrong(f"{file} is not in tests.txt")
    build = Build(args.build.resolve(), {p for f in files for p in tests[f]}, args.jobs)
    unknown = []
    with tempfile.TemporaryDirectory() as place:
        for file in files:
            target = make_target(build, file, tests[file], Path(place))
            mutants = sample(chosen(file, mutants_of(target.source), args.only), args.sample,
                             args.seed)
            began = time.monotonic()
            fates = list(try_all(build, target, mutants, args.jobs, place))
            left = report(target, fates, known, time.monotonic() - began)
            unknown += [entry(file, m) for m in left]
    if args.survivors:
        args.survivors.write_text("".join(f"{line}\n" for line in unknown))
    return EXIT_SURVIVORS if unknown else EXIT_OK


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--sample", type=int, help="so many mutants of each file")
    parser.add_argument("--seed", type=int, default=1, help="which ones; default: 1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--survivors", type=Path, help="where to write those that are not listed")
    parser.add_argument("--only", type=Path, help="what --survivors wrote: try only these")
    args = parser.parse_args()
    try:
        return run(args, read_tests(), read_equivalent())
    except Wrong as wrong:
        print(f"run.py: {wrong}", file=sys.stderr)
        return EXIT_WRONG


if __name__ == "__main__":
    sys.exit(main())
