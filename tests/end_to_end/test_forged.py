#!/usr/bin/python3
"""Forged answers: what an attacker has to guess, and what becomes of a million guesses.

Usage: test_forged.py PATH_TO_TEN35 [--full] [WORD...]

The attacker of these cases is stronger than any that is off the path: it sees the port of
every question, sends from the very address and port that was asked, and is quicker than
the right answer.  With --full, or TEN35_FULL=1, entropy is measured over 1,000,000
questions instead of 200,000.
"""

import contextlib
import os
import random
import subprocess
import sys
import time

from harness import HELLO, addresses, build, case, equal, free_port, run
from upstream import Upstream, name_of, reply

FULL = "--full" in sys.argv or os.environ.get("TEN35_FULL") == "1"
if "--full" in sys.argv:
    sys.argv.remove("--full")
GOOD, FORGED = "198.51.100.7", "203.0.113.66"
PACKETS, QUESTIONS = 1000000, 50
ENTROPY = 1000000 if FULL else 200000


class Attacker:
    """Meets every question of a server with forged answers, with all IDs but the right one.

    Each name is attacked once, for a second at most: questions must not queue up here.
    """

    def __init__(self, t, with_letters, tcp):
        self.with_letters = with_letters
        self.dice, self.peer, self.sent, self.attacked = random.Random(35), None, 0, set()
        self.up = Upstream(self.answer, tcp=tcp)
        self.server = t.serve(HELLO, forward=["-f", self.up.where])

    def answer(self, query, way):
        if way == "udp":    # by TCP there is no port to see: it goes on where the last one was
            self.peer = ("127.0.0.1", self.up.ports[-1])
        if name_of(query) not in self.attacked:
            self.attacked.add(name_of(query))
            self.flood(query)
        return reply(query, "%s 300 A %s" % (query.question[0].name, GOOD))

    def flood(self, query):
        lie = bytearray(reply(query, "%s 300 A %s" % (query.question[0].name, FORGED)).to_wire())
        if not self.with_letters:
            lie[12:] = bytes(lie[12:]).lower()
        end = time.monotonic() + 1
        for _ in range(PACKETS // QUESTIONS):
            guess = self.dice.randrange(65535)
            guess += guess >= query.id
            lie[0:2] = guess.to_bytes(2, "big")
            with contextlib.suppress(ConnectionRefusedError):
                self.up.udp.sendto(lie, self.peer)
            self.sent += 1
            if time.monotonic() > end:
                break

    def ask(self, form):
        """Names of this form are asked for until a million packets went out; then again."""
        names = []
        while self.sent < PACKETS:
            names.append(form % len(names))
            equal(addresses(self.server.ask(names[-1], timeout=10)), [GOOD], names[-1])
        for name in names:
            equal(addresses(self.server.ask(name)), [GOOD], "what is kept of " + name)


@case(seconds=180)
def of_a_million_forged_answers_four_meet_an_open_port_and_none_is_taken(t):
    attacker = Attacker(t, with_letters=True, tcp=True)
    attacker.ask("host-%d.example.")
    forged = attacker.server.counters()["forged"]
    assert 4 <= forged <= 8, "%d forged packets came to an open port" % forged
    # From then on it asks by TCP, so that there is no port to send to.  Each name that was asked
    # for by UDP met a forgery, if one only; on a busy machine it is asked for more than once.
    by_udp = set(attacker.up.names("udp"))
    assert len(by_udp) <= 4, "asked for by UDP: %s" % by_udp


@case(seconds=180)
def where_there_is_no_tcp_a_million_forged_answers_fail_at_id_and_letters(t):
    attacker = Attacker(t, with_letters=False, tcp=False)
    attacker.ask("a-host-with-many-letters-%d.example.")
    assert attacker.server.counters()["forged"] > 100000, "the attacker was not quick enough to be one"
    equal(set(attacker.up.names()), attacker.attacked, "names asked for")


@case(seconds=600)
def ports_ids_and_letters_cannot_be_foretold(t):
    guess = build(t, "end_to_end/guess.c", "-lm")
    port = free_port()
    server = t.serve("--cache", "256K", HELLO, forward=["-f", "127.0.0.1@%d" % port])
    done = subprocess.run([guess, str(server.port), str(port), str(ENTROPY)], capture_output=True,
                          text=True, check=False)
    found = dict(line.split() for line in done.stdout.splitlines())
    print("    " + ", ".join("%s %s" % item for item in found.items()))
    equal(done.returncode, 0, "exit status")
    value = {name: float(number) for name, number in found.items()}
    assert value["answered"] >= 0.999 * ENTROPY, "answers"
    # Each port is used for up to four questions: so many different ones are to be seen.
    assert value["ports"] >= (60000 if FULL else 30000), "ports"
    assert value["ids"] >= (65000 if FULL else 60000), "IDs"
    equal(value["reused"], 0, "ports that were used twice within 64 questions")
    # z values: one in 30,000 runs is beyond four.
    for name in ("chi2_ids", "chi2_both"):
        assert abs(value[name]) < 4, name
    assert value["letters"] < 5, "letters"
    assert abs(value["serial"]) < (0.005 if FULL else 0.012), "serial correlation of ports"


if __name__ == "__main__":
    run()
