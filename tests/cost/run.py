#!/usr/bin/env python3
"""Counts what the worst inputs cost, in instructions, and compares with a table.

	run.py COST [CASE...]		compares with tests/cost/table.txt
	run.py COST --write		writes the table

COST is the program of tests/cost/cost.c, as cmake makes it (Release).  Each case is
run twice under callgrind, with its size and with twice that: what it costs must not
grow by more than 2.2 (worse than linear), and not be more than a tenth above the table.
Instructions are the same on each run, but not for each compiler: the table is for the
one that it names, and with others only the growth is looked at.  77 without valgrind.
"""
import os
import re
import shutil
import subprocess
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table.txt")
GROWTH = 2.2
# The libc has copies of memcpy() and the like for each kind of processor: always the plain one.
PLAIN = dict(os.environ, GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-BMI2,-ERMS,-MOVBE,-RTM")
WORSE = 1.10
COLLECTED = re.compile(rb"Collected : ([0-9]+)")


def count(cost, case, n):
	done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
			       "--toggle-collect=measure", cost, case, str(n)], capture_output=True, env=PLAIN)
	found = COLLECTED.search(done.stderr)
	if done.returncode or not found:
		sys.exit("%s %d: status %d\n%s" % (case, n, done.returncode, done.stderr.decode()))
	return int(found.group(1))


def compiler(cost):
	"""As it signed the program, and for which machine."""
	text = subprocess.run(["readelf", "-p", ".comment", cost], capture_output=True, text=True).stdout
	return "%s, %s" % (re.findall(r"\]\s+(.*)", text)[-1], os.uname().machine)


def read_table():
	with open(TABLE) as f:
		lines = [line.split() for line in f if line.strip() and not line.startswith("#")]
	return {case: int(instructions) for case, _, instructions, _ in lines}


def write_table(cost, rows):
	with open(TABLE, "w") as f:
		f.write("# Instructions by tests/cost/run.py: case, size, at that size, growth when it is doubled.\n")
		f.write("# compiler: %s\n" % compiler(cost))
		for case, n, once, growth in rows:
			f.write("%-20s %6d %12d %5.2f\n" % (case, n, once, growth))


def main():
	cost, words = sys.argv[1], sys.argv[2:]
	if not shutil.which("valgrind"):
		print("no valgrind: skipped")
		sys.exit(77)
	cases = [line.split() for line in subprocess.run([cost], capture_output=True, text=True).stdout.splitlines()]
	writes = words == ["--write"]
	table = {} if writes or not os.path.exists(TABLE) else read_table()
	if table and "compiler: %s\n" % compiler(cost) not in open(TABLE).read():
		print("another compiler than the table's: only growth is looked at")
		table = {}
	rows, wrong = [], 0
	for case, n in cases:
		if words and not writes and case not in words:
			continue
		once, twice = count(cost, case, int(n)), count(cost, case, 2 * int(n))
		growth = twice / once
		rows.append((case, int(n), once, growth))
		beside = once / table[case] if case in table else None
		bad = growth > GROWTH or bool(beside and beside > WORSE)
		wrong += bad
		print("%-20s %6s %12d  x %4.2f%s%s" % (case, n, once, growth, "  %5.3f of the table" % beside
			if beside else "", "  <-- worse" if bad else ""), flush=True)
	if writes:
		write_table(cost, rows)
	print("%d cases, %d worse" % (len(rows), wrong))
	sys.exit(1 if wrong else 0)


if __name__ == "__main__":
	main()
