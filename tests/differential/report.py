"""Collects what the comparison found and prints it."""

import collections
import textwrap

import dns.opcode
import dns.rcode

from compare import OURS

SHOWN = 20              # unexplained differences that are printed in full
KEPT = 40               # ... of each kind that are kept to choose from
WIDTH = 240             # of a line that shows a reply


class Summary:
    """What was found in some cases; summaries of parts add up to that of the whole."""

    def __init__(self):
        self.questions = 0
        self.alike = 0                                          # all servers, in all fields
        self.sides = collections.defaultdict(collections.Counter)   # rule: {peers: cases}
        self.unlisted = collections.defaultdict(collections.Counter)    # field: the same
        self.unexplained_kinds = collections.Counter()          # (what, why)
        self.unexplained = collections.defaultdict(list)        # the same: some of the cases

    def add(self, other):
        self.questions += other.questions
        self.alike += other.alike
        for mine, theirs in ((self.sides, other.sides), (self.unlisted, other.unlisted)):
            for key, counter in theirs.items():
                mine[key] += counter
        self.unexplained_kinds += other.unexplained_kinds
        for kind, cases in other.unexplained.items():
            self.unexplained[kind] += cases[:KEPT - len(self.unexplained[kind])]

    def explain(self, rule, sides):
        self.sides[rule.name][sides] += 1

    def leave_unlisted(self, name, sides):
        self.unlisted[name][sides] += 1

    def complain(self, what, why, case):
        self.unexplained_kinds[what, why] += 1
        if len(self.unexplained[what, why]) < KEPT:
            self.unexplained[what, why].append(case)

    @property
    def unexplained_count(self):
        return self.unexplained_kinds.total()


def print_summary(summary, peers, tested, seconds):
    print(f"\n{summary.questions} questions in {seconds:.0f} s, "
          f"{summary.alike} answered alike by all in everything")
    if tested:
        print(f"\n{'differences by rule':32}{'cases':>8}  {OURS} as "
              + "".join(f"{peer:>8}" for peer in peers) + "    none")
    else:
        print(f"\n{'differences of the peers by rule':32}{'cases':>8}")
    for title, counters in (("", summary.sides), ("no rule: ", summary.unlisted)):
        for key, counter in sorted(counters.items(), key=lambda item: -item[1].total()):
            line = f"{title + key:32}{counter.total():8}"
            if tested:
                line += " " * 11 + "".join(
                    f"{sum(n for sides, n in counter.items() if peer in sides):8}"
                    for peer in peers) + f"{counter[()]:8}"
            print(line)
    print(f"\nunexplained: {summary.unexplained_count}")


def print_unexplained(summary):
    """Up to SHOWN cases, as many kinds as there are before a second of any."""
    for (what, why), count in summary.unexplained_kinds.most_common():
        print(f"  {count:6} {what}: {why}")
    shown = 0
    for turn in range(KEPT):
        for (what, why), cases in summary.unexplained.items():
            if turn < len(cases) and shown < SHOWN:
                shown += 1
                print(f"\n{shown}. {what}: {why}")
                print_case(cases[turn])


def print_case(case):
    print(f"   {case.zone}: {case.question}")
    for server, reply in case.replies.items():
        text = "no reply" if reply is None else reply_text(reply)
        print(f"   {server:6} {textwrap.shorten(text, WIDTH, placeholder=' ...')}")


def reply_text(reply):
    """A reply in one line."""
    words = [dns.rcode.to_text(dns.rcode.Rcode(reply.rcode)),
             *(flag for flag in ("aa", "tc", "rd", "ra", "z", "ad", "cd") if flag in reply.flags),
             f"{len(reply.wire)} octets"]
    if reply.broken:
        words.append(f"({reply.broken})")
    if not reply.question:
        words.append("no question")
    for name in ("answer", "authority", "additional"):
        records = getattr(reply, name)
        if records:
            words.append(f"| {name}: " + "; ".join(str(record) for record in records))
    if reply.edns is not None:
        words.append(f"| edns {reply.edns.version} size {reply.edns.size}"
                     + "".join(f" option {code}:{data.hex()}"
                               for code, data in reply.edns.options))
    return " ".join(words)
