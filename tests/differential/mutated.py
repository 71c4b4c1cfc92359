#!/usr/bin/env python3
"""Damages zone files in small ways and compares what `ten35 check`, BIND and NSD say of them.

    mutated.py TEN35 [--seed N] [--count N] [--keep FOLDER] [FILE or FOLDER...]

Needs named-checkzone and nsd-checkzone.  ten35 has to end within some seconds, with 0 or 1, and
with a place for each error; it may not accept what both others refuse, nor refuse what both
accept, but for the reasons that this file lists.  Without files those of this repository are
damaged.  See README.md beside this file.

Exit codes: 0 no unexplained difference, 1 differences, 77 something needed is not installed.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True      # no __pycache__ in the source tree

from mutations import mutate
from programs import RELAXED, NotInstalled, find_program

EXIT_OK, EXIT_DIFFERENT, EXIT_NOT_INSTALLED = 0, 1, 77
HERE = Path(__file__).resolve().parent
OWN = [HERE / "zones", HERE.parent / "zones" / "good", HERE.parents[1] / "examples"]
SECONDS = 10            # for one program and one text
LARGE = 100_000         # octets: such files are taken less often, for they take long
SHOWN = 20              # unexplained differences that are printed


# The zones.

@dataclass(frozen=True)
class Source:
    """A zone file as it is, before anything was done to it."""

    path: Path
    origin: str
    text: bytes = field(repr=False)


def origin_of(path, text):
    """From the table beside the folder, a head comment, the first $ORIGIN, or the file's name."""
    said = re.search(rb"(?m)^; origin (\S+)$", text)
    if said:
        return said[1].decode().rstrip(".") + "."
    for folder in path.parents:
        table = folder.parent / f"{folder.name}.tsv"
        if table.is_file():
            for line in table.read_text().splitlines():
                parts = line.split("\t")
                if parts[0] == str(path.relative_to(folder)):
                    return parts[1]
    said = re.search(rb"(?m)^\$ORIGIN[ \t]+(\S*\.)", text)
    soa = re.search(rb"(?m)^(\S*\.)[ \t].*\bSOA\b", text)
    if said or soa:
        return (said or soa)[1].decode()
    return re.sub(r"^db\.|\.(zone|db)$", "", path.name) + "."


def sources_of(paths):
    for path in paths:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            text = file.read_bytes()
            if re.search(rb"\bSOA\b", text) and b"$INCLUDE" not in text:
                yield Source(file.resolve(), origin_of(file.resolve(), text), text)


# The readers.

@dataclass
class Verdict:
    """What a program says of a text."""

    status: int = 0             # None: it did not end
    complaints: tuple = ()

    @property
    def accepts(self):
        return self.status == 0


def run(command, folder):
    try:
        done = subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Verdict(None, ("does not end",))
    return Verdict(done.returncode, tuple(done.stdout.decode(errors="replace").splitlines()))


# What BIND says besides its errors.
BIND_REMARKS = re.compile(
    r"^OK$|loaded serial|loading from master file .* failed|not loaded due to errors"
    r"|using RFC1035 TTL|no TTL specified|ignoring out-of-zone data|does not end with newline"
    r"|> MAXTTL|signature has expired|inherited owner|old style DNSSEC|isc_lex_gettoken|TTL set to prior TTL"
    r"|has \d+ SOA records$")


def read_bind(origin, path):
    verdict = run([find_program("named-checkzone"), *RELAXED, origin, path.name], path.parent)
    return Verdict(verdict.status, tuple(line for line in verdict.complaints
                                         if not BIND_REMARKS.search(line)))


def read_nsd(origin, path):
    verdict = run([find_program("nsd-checkzone"), origin, path.name], path.parent)
    return Verdict(verdict.status, tuple(line for line in verdict.complaints
                                         if re.search(r" error: zone:\d+:", line)))


def read_ten35(program, origin, path):
    verdict = run([program, "check", f"{origin}={path.name}"], path.parent)
    return Verdict(verdict.status, tuple(line for line in verdict.complaints
                                         if re.search(r": error: .* \[[a-z-]+\]$", line)))


# The differences that are known.

@dataclass(frozen=True)
class TextRule:
    """A complaint that only some make.  Who refuses for such reasons alone counts for nothing."""

    who: str
    complaint: str          # a regular expression
    reason: str
    line: str = ""          # one for the line in question
    and_all: bool = False   # what else is complained of may follow from it


TEXT_RULES = (
    TextRule("ten35", r"not stand in quotes|quotes where none belong",
             "Quotes belong around strings: no two servers agree on what they mean elsewhere (9)."),
    TextRule("ten35", r"carriage return inside a line",
             "BIND and NSD take one in front of a comment or of another one (2)."),
    TextRule("ten35", r"a backslash ends the line|quoted string is not closed",
             "BIND and NSD take a backslash and the newline behind it, in quotes (10)."),
    TextRule("ten35", r"NUL octet in text",
             "BIND and NSD pass over one in a comment; no text has it (3)."),
    TextRule("ten35", r"TTL larger than 2147483647",
             "BIND makes it 0 and NSD 3600: nobody serves what was written (25)."),
    TextRule("BIND", r"has no NS records|has no address records|is a CNAME \(illegal\)",
             "Whether a zone can be found from outside does not matter to who serves it (46, 51)."),
    TextRule("BIND", r"invalid NS owner name \(wildcard\)",
             "A delegation of exactly that name, as to NSD and Knot (17)."),
    TextRule("NSD", r"out of zone data",
             "Records outside of the zone are passed over, as by BIND and Knot (49)."),
    TextRule("NSD", r"\$ORIGIN directive requires absolute domain name",
             "An origin may be relative to the one before it, as to BIND (12)."),
    TextRule("NSD", r"", "NSD does not know $GENERATE (32).", r"(?i)^\$GENERATE", True),
    TextRule("BIND", r"\$GENERATE:|extra input text",
             "The data of $GENERATE may be several words, and its line need not end (1, 32).",
             r"(?i)^\$GENERATE", True),
    TextRule("NSD", r"date and time is expected",
             "Times of RRSIG may be seconds, as in BIND and Knot (42)."),
    TextRule("NSD", r"unknown character '\$'",
             "A parenthesis may stand in front of an entry, as in BIND (6).", r"^\("),
    TextRule("BIND", r"syntax error",
             "BIND looks into the regular expression of NAPTR; NSD and Knot do not (44).",
             r"NAPTR"),
    TextRule("NSD", r"nested parentheses",
             "Parentheses may be nested, as in BIND (6)."),
)


def by_line(verdict):
    """{number of the line: complaints}; what is about the whole zone stands at 0."""
    found = {}
    for complaint in verdict.complaints:
        number = re.search(r"\bzone:(\d+):", complaint)
        found.setdefault(int(number[1]) if number else 0, []).append(complaint)
    return found


def rule_for(who, complaints, line):
    return next((r for r in TEXT_RULES if r.who == who and re.search(r.line.encode(), line)
                 and any(re.search(r.complaint, c) for c in complaints)), None)


def known(who, verdict, lines, used):
    """True when all lines that a program complains of are in the list."""
    rules = [rule_for(who, complaints, lines[number - 1] if 0 < number <= len(lines) else b"")
             for number, complaints in by_line(verdict).items()]
    used.update(set(rules) - {None})
    return any(r and r.and_all for r in rules) or bool(rules) and None not in rules


def fault_of(ours, peers, text, used):
    """What is wrong with ten35's verdict, or None."""
    if ours.status is None:
        return "does not end"
    if ours.status not in (0, 1):
        return f"ends with {ours.status}"
    if ours.status == 1 and not ours.complaints:
        return "refuses without a reason"
    if any(peer.status is None or peer.status < 0 for peer in peers.values()):
        return None
    lines = text.split(b"\n")
    if not ours.accepts and all(peer.accepts for peer in peers.values()):
        return None if known("ten35", ours, lines, used) else "refuses what both accept"
    if ours.accepts and not any(peer.accepts for peer in peers.values()):
        return (None if any([known(name, peer, lines, used) for name, peer in peers.items()])
                else "accepts what both refuse")
    return None


# The run.

@dataclass
class Table:
    texts: int = 0
    votes: collections.Counter = field(default_factory=collections.Counter)
    used: collections.Counter = field(default_factory=collections.Counter)
    faults: list = field(default_factory=list)


def texts_of(sources, seed, count):
    """(source, damaged text, what was done), the same ones for the same seed."""
    r = random.Random(seed)
    for _ in range(count):
        source = r.choice(sources)
        while len(source.text) > LARGE and r.random() < 0.99:
            source = r.choice(sources)
        yield source, *mutate(r, source.text)


def judge(program, source, text):
    with tempfile.TemporaryDirectory(prefix="mutated-") as folder:
        path = Path(folder) / "zone"
        path.write_bytes(text)
        ours = read_ten35(program, source.origin, path)
        peers = {"BIND": read_bind(source.origin, path), "NSD": read_nsd(source.origin, path)}
    return ours, peers


def compare(program, sources, seed, count):
    table = Table()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = list(texts_of(sources, seed, count))
        jobs = [pool.submit(judge, program, source, text) for source, text, _ in texts]
        for (source, text, done), job in zip(texts, jobs):
            ours, peers = job.result()
            votes = (ours.accepts, *(peer.accepts for peer in peers.values()))
            table.texts += 1
            table.votes[votes] += 1
            fault = fault_of(ours, peers, text, table.used)
            if fault:
                table.faults.append((source, text, done, fault, ours, peers))
    return table


def changed_lines(old, new):
    """The lines that damage has touched, a few of them."""
    before = set(old.splitlines())
    return [line for line in new.splitlines() if line not in before][:4]


def report(table, keep):
    print(f"{table.texts} texts")
    for votes, n in sorted(table.votes.items(), reverse=True):
        print("  %6d  " % n + ", ".join(f"{who} {'accepts' if vote else 'refuses'}" for who, vote
                                        in zip(("ten35", "BIND", "NSD"), votes)))
    for rule, n in table.used.most_common():
        print(f"  {n:6}  known: {rule.who}: {rule.complaint}")
    for i, (source, text, done, fault, ours, peers) in enumerate(table.faults):
        if keep:
            (keep / f"{i:03}.zone").write_bytes(f"; origin {source.origin}\n".encode() + text)
        if i >= SHOWN and not keep:
            continue
        print(f"\n{i:03} {source.path.name} ({source.origin}), {done}: {fault}")
        for line in changed_lines(source.text, text):
            print(f"    > {line[:150]!r}")
        for who, verdict in (("ten35", ours), *peers.items()):
            print(f"    {who:6} {verdict.status} " + " / ".join(verdict.complaints[:3])[:400])
    print(f"{len(table.faults)} unexplained differences")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ten35", help="the program to test")
    parser.add_argument("paths", nargs="*", type=Path, help="zone files, or folders of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500, help="damaged texts")
    parser.add_argument("--keep", type=Path, help="a folder for texts with differences")
    arguments = parser.parse_intermixed_args()
    try:
        for program in ("named-checkzone", "nsd-checkzone"):
            find_program(program)
    except NotInstalled as missing:
        print(f"skipped: {missing}")
        return EXIT_NOT_INSTALLED
    sources = list(sources_of(arguments.paths or OWN))
    print(f"{len(sources)} zone files, seed {arguments.seed}")
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    table = compare(str(Path(arguments.ten35).resolve()), sources, arguments.seed, arguments.count)
    report(table, arguments.keep)
    return EXIT_DIFFERENT if table.faults else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
