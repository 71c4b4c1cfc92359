#!/usr/bin/env python3
"""Takes one guard after the other out of the source, and sees the test that names it fail.

    run.py [--list | --look] [--jobs N] [ID...]

The guards are in guards.toml, under the class of faults that each is against.  The tree is copied
to a temporary folder and built once; then each guard's text is replaced there, what depends on it
is built again, and the test that belongs to it runs.  That test passes as long as nothing is
replaced.  An ID is a class (A3-2) or one guard of it (A3-2.4); without any all are tried.

Exit codes: 0 each test failed without its guard, 1 a guard was not found or its test survived,
2 something is wrong.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

EXIT_OK, EXIT_SURVIVED, EXIT_WRONG = 0, 1, 2
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TREE = ["CMakeLists.txt", "src", "include", "tests", "fuzz", "docs", "examples"]
PROCESSOR_SECONDS = 30      # some faults never end
WALL_SECONDS = 40


class Wrong(Exception):
    """It cannot be tried: said in one line."""


@dataclass(frozen=True)
class Guard:
    id: str
    rule: str
    file: str
    was: str
    now: str
    program: str
    test: str


def read_guards():
    """The guards of all classes; a class without any says what there is instead."""
    guards = []
    for name, row in tomllib.loads((HERE / "guards.toml").read_text()).items():
        rows = row.get("guard", [])
        if not rows and "nothing" not in row:
            raise Wrong(f"guards.toml: {name} has no guard, and does not say why")
        for number, g in enumerate(rows, 1):
            program, _, test = g["test"].partition(": ")
            guards.append(Guard(f"{name}.{number}", g["rule"], g["file"], g["was"], g["now"],
                                program, test))
    return guards


def choose(guards, ids):
    for wanted in ids:
        if not any(wanted in (g.id, g.id.rpartition(".")[0]) for g in guards):
            raise Wrong(f"no guard {wanted}")
    return [g for g in guards if not ids or g.id in ids or g.id.rpartition(".")[0] in ids]


def look(guards):
    """Whether each guard's text is where it is said to be, and no other guard's as well."""
    missing = 0
    seen = {}
    for guard in guards:
        twin = seen.setdefault((guard.file, guard.was, guard.now), guard)
        if twin is not guard:
            missing += 1
            print(f"{guard.id}: {guard.rule}: the same is taken out as {twin.id}")
        times = (ROOT / guard.file).read_text().count(guard.was) if (ROOT / guard.file).exists() else 0
        if times != 1:
            missing += 1
            print(f"{guard.id}: {guard.rule}: its text is {times} times in {guard.file}")
    print(f"{len(guards)} guards, {missing} of them not as they should be")
    return EXIT_SURVIVED if missing else EXIT_OK


class Tree:
    """A copy of the source, and a build of it."""

    def __init__(self, folder, programs, jobs):
        self.source = folder / "source"
        self.build = folder / "build"
        self.jobs = jobs
        self.source.mkdir()
        for name in TREE:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.source / name)
        ninja = ["-G", "Ninja"] if shutil.which("ninja") else []
        self.must(["cmake", "-S", self.source, "-B", self.build, *ninja,
                   "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1 -w"])
        self.must(self.make(programs))

    def make(self, programs):
        return ["cmake", "--build", self.build, f"-j{self.jobs}", "--target", *sorted(programs)]

    def must(self, command):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Wrong(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def failed(self, program):
        """The names of a program's tests that fail; one that ends the program has failed as well."""
        limits = f"ulimit -c 0; ulimit -t {PROCESSOR_SECONDS}; exec \"$0\""
        try:
            done = subprocess.run(["sh", "-c", limits, self.build / "tests" / program],
                                  cwd=self.build / "tests", stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=WALL_SECONDS)
            output, ended = done.stdout, done.returncode >= 0
        except subprocess.TimeoutExpired as late:
            output, ended = late.stdout or b"", False
        text = output.decode(errors="replace")
        names = {line.split(": ")[-1].strip() for line in re.findall(r"\[  FAILED  \] (.*)", text)}
        if not ended:
            names |= set(re.findall(r"\[ RUN      \] (.*)", text)[-1:])
        return names

    def without(self, guard):
        """What came of taking it out: None when its test failed, else what is wrong."""
        path = self.source / guard.file
        text = path.read_text()
        if text.count(guard.was) != 1:
            return f"its text is {text.count(guard.was)} times in {guard.file}"
        path.write_text(text.replace(guard.was, guard.now))
        try:
            self.must(self.make([guard.program]))
            failed = self.failed(guard.program)
        finally:
            path.write_text(text)
        if guard.test not in failed:
            others = ", ".join(sorted(failed)) or "none"
            return f"the test survived: {guard.program}: {guard.test} (failed: {others})"
        return None


def try_all(guards, jobs):
    programs = {g.program for g in guards}
    bad = 0
    with tempfile.TemporaryDirectory() as place:
        tree = Tree(Path(place), programs, jobs)
        for program in sorted(programs):
            failed = tree.failed(program)
            if failed:
                raise Wrong(f"{program} fails with all guards in: {', '.join(sorted(failed))}")
        for guard in guards:
            problem = tree.without(guard)
            bad += problem is not None
            print(f"{guard.id:8} {'SURVIVED' if problem else 'dies'}: {guard.rule}"
                  f" [{problem or f'{guard.program}: {guard.test}'}]", flush=True)
    print(f"{len(guards)} guards, {len(guards) - bad} of them missed by their tests when taken out")
    return EXIT_SURVIVED if bad else EXIT_OK


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--list", action="store_true", help="print the guards and their tests")
    parser.add_argument("--look", action="store_true", help="only see whether they are all there")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    try:
        guards = choose(read_guards(), args.ids)
        if args.look:
            return look(guards)
        if not args.list:
            return try_all(guards, args.jobs)
        for g in guards:
            print(f"{g.id:8} {g.rule} | {g.file} | {g.program}: {g.test}")
        return EXIT_OK
    except Wrong as wrong:
        print(f"run.py: {wrong}", file=sys.stderr)
        return EXIT_WRONG


if __name__ == "__main__":
    sys.exit(main())
