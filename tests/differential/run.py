#!/usr/bin/python3
"""Asks NSD, Knot DNS, BIND and ten35 the same questions about the same zones and compares the
replies.  See README.md beside this file.

Exit codes: 0 no unexplained difference, 1 differences, 77 something needed is not installed.
"""

import argparse
import concurrent.futures
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

try:
    import dns.version  # noqa: F401  (dnspython, needed by everything below)
except ImportError:
    print("skipped: dnspython is not installed (package python3-dnspython)")
    sys.exit(77)

sys.dont_write_bytecode = True      # no __pycache__ in the source tree

import asker
import servers
from compare import Case, ZoneData, defects
from questions import Generator
from report import Summary, print_summary, print_unexplained
from rules import PAGE_PATH, RULES, page
from zones import zone_sets

EXIT_OK, EXIT_DIFFERENT, EXIT_NOT_INSTALLED = 0, 1, 77
MOST_IN_A_SET = 60000           # a question's number is its message ID
CHUNK = 400                     # questions that a process compares at a time
# Of 100 questions: how many are for each further set of zones.  The first gets the rest.
PERCENT_OF_SET = {"root": 8, "root-2020-signed": 8, "root-2026-stripped": 8}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ten35", nargs="?", help="the program to test")
    parser.add_argument("--queries", type=int, default=24000, help="how many (24000)")
    parser.add_argument("--seed", type=int, default=1, help="other questions for another number")
    parser.add_argument("--peers", default=",".join(servers.PEERS), help="nsd,knot,bind")
    parser.add_argument("--no-ten35", action="store_true", help="compare only the peers")
    arguments = parser.parse_args()
    arguments.peers = arguments.peers.split(",")
    if unknown := set(arguments.peers) - set(servers.PEERS):
        parser.error(f"no such peer: {', '.join(unknown)}")
    if arguments.no_ten35:
        arguments.ten35 = None
    elif arguments.ten35 is None:
        parser.error("the path of ten35 is missing (or --no-ten35)")
    if arguments.queries > MOST_IN_A_SET:
        parser.error(f"at most {MOST_IN_A_SET} queries")
    return arguments


# Asking.

def ask_all(running, questions, sentinel_name):
    """Asks every server everything, all servers at the same time.

    Returns [(question, {server: wire or None})].
    """
    with concurrent.futures.ThreadPoolExecutor(len(running)) as pool:
        replies = list(pool.map(
            lambda server: ask_one(server, questions, sentinel_name), running))
    return [(question, {server.name: of_server.get(i)
                        for server, of_server in zip(running, replies)})
            for i, question in enumerate(questions)]


def ask_one(server, questions, sentinel_name):
    """The replies of one server: {index of question: wire}."""
    replies = {}
    pause = 1.05 / server.errors_per_second if server.errors_per_second else 0

    def keep(indexes, found):
        replies.update((indexes[at], wire) for at, wire in found.items())

    for proper, wait in ((True, 0), (False, pause)):
        indexes = [i for i, question in enumerate(questions)
                   if not question.tcp and question.proper == proper]
        keep(indexes, asker.ask_udp(server.port, [questions[i].wire for i in indexes], wait))
    indexes = [i for i, question in enumerate(questions) if question.tcp]
    alone = {at for at, i in enumerate(indexes) if not questions[i].proper}
    keep(indexes, asker.ask_tcp(server.port, [questions[i].wire for i in indexes], alone,
                                sentinel_name, pause))
    return replies


def run_set(zones, questions, running):
    """Starts the servers with the zones of one set, asks the questions, and ends the servers."""
    try:
        for server in running:
            server.start(zones)
        for server in running:
            server.wait_until_ready(zones)
        pairs = ask_all(running, questions, zones[0].apex)
        for server in running:
            if not server.running():
                raise servers.Failed(f"{server.name} ended while it was asked:\n"
                                     f"{server.complaint()}")
        return pairs
    finally:
        for server in running:
            server.stop()


# Judging.

def judge(case, summary):
    """Adds one case to the summary."""
    summary.questions += 1
    different = list(case.differences())
    summary.alike += not different
    for name in different:
        judge_field(case, name, summary)


def judge_field(case, name, summary):
    """One field in which the servers are not alike: listed, on a peer's side, or unexplained."""
    sides = case.sides(name)
    rule = next((rule for rule in RULES if name in rule.fields and rule.when(case)), None)
    if rule is None and case.tested and not sides:
        summary.complain(name, "no rule", case)
    elif rule is None:
        summary.leave_unlisted(name, sides)
    elif case.tested and not (rule.expect(case) if rule.expect else sides):
        summary.complain(name, f"rule {rule.name} expects otherwise", case)
    else:
        summary.explain(rule, sides)


def judge_chunk(pairs, data, zone_set):
    """Judges the replies to some questions, in a process of its own."""
    summary = Summary()
    for question, wires in pairs:
        case = Case(question, wires, data, zone_set)
        judge(case, summary)
        if case.tested and case.ours is not None:
            for defect in defects(case, case.ours):
                summary.complain("defect", defect, case)
    return summary


def judge_all(pairs, zones, zone_set, summary):
    data = ZoneData(zones)
    chunks = [pairs[i:i + CHUNK] for i in range(0, len(pairs), CHUNK)]
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(mp_context=context) as pool:
        jobs = [pool.submit(judge_chunk, chunk, data, zone_set) for chunk in chunks]
        for job in jobs:
            summary.add(job.result())


def compare(arguments, folder):
    """The whole comparison; returns its summary."""
    summary = Summary()
    sets = zone_sets()
    rest = 100 - sum(PERCENT_OF_SET[name] for name, _ in sets[1:])
    for zone_set, zones in sets:
        count = arguments.queries * PERCENT_OF_SET.get(zone_set, rest) // 100
        questions = Generator(zones, arguments.seed).generate(count)
        running = [servers.PEERS[name](folder / zone_set) for name in arguments.peers]
        if arguments.ten35:
            running.append(servers.Ten35(folder / zone_set, arguments.ten35))
        if summary.questions == 0:
            print("\n".join(f"{server.name}: {server.version()}" for server in running))
        pairs = run_set(zones, questions, running)
        judge_all(pairs, zones, zone_set, summary)
        print(f"{zone_set}: {len(zones)} zones, {len(questions)} questions", flush=True)
    return summary


def page_is_current():
    """Whether the page in docs/decisions says what the rules say."""
    return PAGE_PATH.is_file() and PAGE_PATH.read_text() == page()


def main():
    arguments = parse_arguments()
    start = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="differential-") as folder:
            summary = compare(arguments, Path(folder))
    except servers.NotInstalled as missing:
        print(f"skipped: {missing}")
        return EXIT_NOT_INSTALLED
    except servers.Failed as failure:
        print(failure)
        return EXIT_DIFFERENT
    print_summary(summary, arguments.peers, bool(arguments.ten35), time.monotonic() - start)
    print_unexplained(summary)
    if not page_is_current():
        print(f"\n{PAGE_PATH} is not what rules.py prints; write it anew")
        return EXIT_DIFFERENT
    return EXIT_DIFFERENT if summary.unexplained_count else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
