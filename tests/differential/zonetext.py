#!/usr/bin/python3
"""Reads the same zone text with BIND, NSD, ldns and `ten35 print`, and compares the records.

What each program prints is turned into wire form by BIND's named-compilezone, so that only the
records count, not how they are written.  See README.md beside this file.

Exit codes: 0 no unexplained difference, 1 differences, 77 something needed is not installed.
"""

import argparse
import concurrent.futures
import hashlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

try:
    import dns.rdatatype
except ImportError:
    print("skipped: dnspython is not installed (package python3-dnspython)")
    sys.exit(77)

sys.dont_write_bytecode = True      # no __pycache__ in the source tree

from compare import folded, rdata_text
from programs import NotInstalled, find_program
from rawzone import Refused, compile_zone
from zones import HERE, SHARED, SHARED_ROOTS, origin_of

EXIT_OK, EXIT_DIFFERENT, EXIT_NOT_INSTALLED = 0, 1, 77
SHOWN = 20              # unexplained differences that are printed in full
RECORDS_SHOWN = 4       # records of each side of a difference
TYPES = HERE.parent / "types"
TYPES_ORIGIN = "example."
TYPES_GROUP = "types"
TYPES_HEAD = "$TTL 300\n@ SOA ns host 1 2 3 4 5\n@ NS ns.invalid.\n"


# Readers: each takes (path, origin) and gives records in wire form, or raises Refused.

def read_bind(path, origin):
    return compile_zone(path, origin)


def read_nsd(path, origin):
    printed = run_reader([find_program("nsd-checkzone"), "-p", origin, path.name], path.parent)
    return compile_text(printed, origin)


def read_ldns(path, origin):
    """ldns-read-zone has no option for the origin, so the text says it."""
    with tempfile.NamedTemporaryFile("wb", dir=None) as copy:
        copy.write(f"$ORIGIN {origin}\n".encode() + path.read_bytes())
        copy.flush()
        printed = run_reader([find_program("ldns-read-zone"), copy.name], path.parent)
    return compile_text(printed, origin)


class Ten35Reader:
    """`ten35 print` as a reader."""

    def __init__(self, program):
        self.program = str(Path(program).resolve())

    def __call__(self, path, origin):
        printed = run_reader([self.program, "print", f"{origin}={path}"], path.parent)
        return compile_text(printed, origin)


def run_reader(command, folder):
    done = subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != 0:
        raise Refused(done.stderr.decode(errors="replace"))
    return done.stdout


def compile_text(text, origin):
    """What a reader printed, in wire form; it is a fault of the printer if BIND refuses it."""
    with tempfile.NamedTemporaryFile("wb", suffix=".zone") as file:
        file.write(text)
        file.flush()
        try:
            return compile_zone(Path(file.name), origin)
        except Refused as refusal:
            raise Unreadable(str(refusal)) from refusal


class Unreadable(Exception):
    """A program accepted the zone and printed what BIND cannot read."""


# Texts to read.

@dataclass(frozen=True)
class Text:
    """A zone file, and what is known about it beforehand."""

    path: Path
    origin: str
    group: str
    verdict: Optional[str] = None       # "accept" or "refuse"
    sha256: str = ""
    records: int = 0


def own_texts():
    for path in sorted((HERE / "zones").glob("*.zone")):
        yield Text(path, origin_of(path), "zones")


def root_texts():
    for name in SHARED_ROOTS:
        if (SHARED / name).is_file():
            yield Text(SHARED / name, ".", "root zones")


def listed_texts(group):
    """The files of a folder in the shared data, with the verdict that three servers agree on."""
    table = SHARED / f"{group}.tsv"
    if not table.is_file():
        return
    for line in table.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, origin, verdict, sha256, records = (line.split("\t") + ["", ""])[:5]
        yield Text(SHARED / group / name, origin, group, verdict, sha256, int(records or 0))


def type_texts(folder):
    """A zone for each file of tests/types: the texts that are accepted there."""
    known = types_of_bind()
    for path in sorted(TYPES.glob("*.txt")):
        rdtype = path.stem.upper()
        if rdtype not in known and not rdtype.startswith("TYPE") or rdtype == "SOA":
            continue
        texts = [line.split(" => ") for line in path.read_text().splitlines()]
        texts = [parts[0] for parts in texts
                 if len(parts) > 1 and re.fullmatch("([0-9A-Fa-f]{2})*", parts[1].strip())]
        zone = folder / f"{path.stem}.zone"
        zone.write_text(zone_of_type(rdtype, texts))
        yield from without_refused_lines(Text(zone, TYPES_ORIGIN, TYPES_GROUP))


def zone_of_type(rdtype, texts):
    return TYPES_HEAD + "".join(f"r{i} {rdtype} {text}\n" for i, text in enumerate(texts))


def without_refused_lines(text):
    """The text without the lines that BIND refuses, and each such line as a text of its own."""
    for _ in range(20):
        try:
            compile_zone(text.path, text.origin)
            break
        except Refused as refusal:
            numbers = {int(n) for n in re.findall(rf"{text.path.name}:(\d+):", str(refusal))}
            lines = text.path.read_text().splitlines(keepends=True)
            refused = [line for i, line in enumerate(lines, 1) if i in numbers]
            if not refused:
                break
            text.path.write_text("".join(line for i, line in enumerate(lines, 1)
                                         if i not in numbers))
            yield from lines_alone(text, refused, "types that BIND refuses")
    yield text


def lines_alone(text, lines, group):
    """A text for each of the lines of a text."""
    for line in lines:
        alone = text.path.with_name(f"{text.path.stem}-{line.split()[0]}.zone")
        alone.write_text(TYPES_HEAD + line)
        yield Text(alone, text.origin, group)


def types_of_bind():
    said = subprocess.run([find_program("named-rrchecker"), "-T"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return set(said.split())


# Comparing.

@dataclass
class Outcome:
    """What one reader made of a text: records, or why there are none."""

    records: Optional[frozenset] = None     # (owner, type, ttl, rdata)
    exact: tuple = ()
    complaint: str = ""
    unreadable: bool = False

    @property
    def verdict(self):
        return "accept" if self.records is not None or self.unreadable else "refuse"

    @property
    def key(self):
        """What is compared over readers: the records as far as they are known."""
        return self.records if self.records is not None else self.verdict


def read(reader, text):
    try:
        records = reader(text.path, text.origin)
    except Unreadable as error:
        return Outcome(complaint=str(error), unreadable=True)
    except Refused as refusal:
        return Outcome(complaint=str(refusal))
    return Outcome(frozenset((record.owner.canonicalize(), record.rdtype, record.ttl,
                              folded(record.rdtype, record.rdata)) for record in records),
                   tuple(records))


def canonical_hash(records):
    """The SHA-256 that the shared tables have: of Python's text for the sorted list of
    (owner, type, class, TTL, rdata), owner and rdata in wire form with lower case names."""
    listed = sorted((record.owner.to_digestable(), int(record.rdtype), 1, record.ttl,
                     folded(record.rdtype, record.rdata)) for record in records)
    return hashlib.sha256(repr(listed).encode()).hexdigest()


@dataclass(frozen=True)
class Rule:
    name: str
    applies: Callable       # (text, {reader: Outcome}) -> bool
    reason: str


NEWER_KEYS = re.compile(r"\b(docpath|ohttp|pvd|tls-supported-groups)\b")

RULES = (
    Rule("newer-svcb-keys",
         lambda text, outcomes: text.path.stem.startswith("svcb-")
         and NEWER_KEYS.search(text.path.read_text() + outcomes["ten35"].complaint),
         "Keys of SVCB that have got their names since; ten35 reads and prints them by name."),
    Rule("loc-lower-case",
         lambda text, outcomes: text.path.stem.startswith("loc-")
         and re.search(r"\d [nsew] ", text.path.read_text()),
         "The letters of a LOC in lower case; RFC 1876 section 3 does not say, ten35 takes both."),
)


@dataclass
class Table:
    """What was found in one group of texts."""

    texts: int = 0
    alike: int = 0
    sided: int = 0
    listed: int = 0
    unexplained: list = field(default_factory=list)     # (text, why, outcomes)


def judge(text, outcomes, table):
    ours = outcomes.get("ten35")
    peers = {name: outcome for name, outcome in outcomes.items() if name != "ten35"}
    table.texts += 1
    faults = list(faults_of(text, ours, peers)) if ours else []
    if ours and any(rule.applies(text, outcomes) for rule in RULES):
        table.listed += 1
    elif faults:
        table.unexplained += [(text, fault, outcomes) for fault in faults]
    elif len({outcome.key for outcome in peers.values()}) == 1:
        table.alike += 1
    else:
        table.sided += 1


def faults_of(text, ours, peers):
    """What is wrong with ten35's reading of a text."""
    verdicts = {outcome.verdict for outcome in peers.values()}
    if text.verdict is not None and ours.verdict != text.verdict:
        yield f"{ours.verdict}, but the table says {text.verdict}"
    elif ours.verdict not in verdicts:
        yield f"{ours.verdict}, as no peer"
    elif ours.unreadable and peers["bind"].records is not None:
        yield "prints what BIND cannot read"
    elif ours.records is not None and all(
            outcome.records not in (None, ours.records) for outcome in peers.values()):
        yield "other records"
    if ours.records is not None and text.sha256:
        if canonical_hash(ours.exact) != text.sha256:
            yield "the table has another SHA-256"
        if len(ours.exact) != text.records:
            yield f"{len(ours.exact)} records where the table has {text.records}"
    bind = peers.get("bind")
    if ours.records is not None and bind and bind.records == ours.records:
        if {r.rdata for r in ours.exact} != {r.rdata for r in bind.exact}:
            yield "upper and lower case in data differ from BIND's"


def describe(text, why, outcomes):
    lines = [f"{text.path.name} ({text.origin}): {why}"]
    ours = outcomes["ten35"]
    for name, outcome in outcomes.items():
        said = f"{len(outcome.exact)} records" if outcome.records is not None else (
            f"{outcome.verdict}s: " + " / ".join(outcome.complaint.strip().splitlines()[:3])[:300])
        lines.append(f"   {name:6} {said}")
    for name, outcome in outcomes.items():
        if outcome.records is None or ours.records is None or outcome.records == ours.records:
            continue
        for sign, rest in (("+", ours.records - outcome.records),
                           ("-", outcome.records - ours.records)):
            for owner, rdtype, ttl, rdata in sorted(rest)[:RECORDS_SHOWN]:
                lines.append(f"   {sign} ({name}) {owner} {ttl} {dns.rdatatype.to_text(rdtype)} "
                             f"{rdata_text(rdtype, rdata)}"[:200])
    return "\n".join(lines)


def all_texts(folder):
    yield from own_texts()
    yield from root_texts()
    yield from type_texts(folder)
    yield from listed_texts("checkzone")
    yield from listed_texts("real-zones")


def compare(readers, folder):
    """Reads all texts with all readers: {group: Table}."""
    texts = list(all_texts(folder))
    tables = {}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        jobs = [{name: pool.submit(read, reader, text) for name, reader in readers.items()}
                for text in texts]
        for text, job in zip(texts, jobs):
            outcomes = {name: future.result() for name, future in job.items()}
            if text.group == TYPES_GROUP and "ten35" in outcomes and outcomes["ten35"].unreadable:
                judge_lines(text, readers, tables)
            else:
                judge(text, outcomes, tables.setdefault(text.group, Table()))
    return tables


def judge_lines(text, readers, tables):
    """A text of which one record is in the way of the others: each record by itself."""
    lines = text.path.read_text().splitlines(keepends=True)[TYPES_HEAD.count("\n"):]
    for line in lines_alone(text, lines, "types, one by one"):
        outcomes = {name: read(reader, line) for name, reader in readers.items()}
        judge(line, outcomes, tables.setdefault(line.group, Table()))


def report(tables):
    """Prints what was found and returns how much of it is unexplained."""
    print(f"{'':28}{'texts':>8}{'alike':>8}{'peers differ':>14}{'listed':>8}{'unexplained':>13}")
    for group, table in tables.items():
        print(f"{group:28}{table.texts:8}{table.alike:8}{table.sided:14}{table.listed:8}"
              f"{len(table.unexplained):13}")
    unexplained = [item for table in tables.values() for item in table.unexplained]
    for item in unexplained[:SHOWN]:
        print("\n" + describe(*item))
    return len(unexplained)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ten35", nargs="?", help="the program to test")
    parser.add_argument("--no-ten35", action="store_true", help="compare only the peers")
    arguments = parser.parse_args()
    readers = {"bind": read_bind, "nsd": read_nsd, "ldns": read_ldns}
    if not arguments.no_ten35:
        if arguments.ten35 is None:
            parser.error("the path of ten35 is missing (or --no-ten35)")
        readers["ten35"] = Ten35Reader(arguments.ten35)
    try:
        for program in ("named-compilezone", "named-rrchecker", "nsd-checkzone",
                        "ldns-read-zone"):
            find_program(program)
        with tempfile.TemporaryDirectory(prefix="zonetext-") as folder:
            tables = compare(readers, Path(folder))
    except NotInstalled as missing:
        print(f"skipped: {missing}")
        return EXIT_NOT_INSTALLED
    return EXIT_DIFFERENT if report(tables) else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
