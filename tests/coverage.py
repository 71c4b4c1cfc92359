#!/usr/bin/env python3
"""Tables of what tests reach, from the JSON of `llvm-cov export`.

	coverage.py EXPORT --least FLOOR=PERCENT... [--corpus] [--short]

A branch is one of the two ways a condition can go; each operand of && and || is
a condition.  Prints lines and branches by floor and by file, and each branch that
nothing takes; with --short only the floors.  Ends with 1 when one of the floors
that are named is below its least percentage of branches.

What nothing can take is not counted:

  * conditions of assert(): they are what callers promise;
  * conditions that the compiler knows, as in while (true);
  * what functions return that only report, as words_fail_at() does in
    `return known || words_fail_at(...)`: they are false each time (REPORTS);
  * what stands in tests/coverage.txt, a line each, by function and text so that
    it outlives edits; "corpus: " before one means that inputs cannot take it,
    which is believed only with --corpus, and may be a whole file or function:

	src/base/log.c:log_line: if (left < 0) | reason
	corpus: src/base/files.c | reason
	corpus: src/base/text.c:put_padded | reason

A line there that is not in the source any more is an error.
"""
import argparse
import collections
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXCLUSIONS = os.path.join(ROOT, "tests", "coverage.txt")
FLOORS = ["base", "dns", "zone", "serve", "net", "tool", "app", "sim"]
CODE = 0			# a kind of region
REPORTS = "words_fail_at(", "refuse_address("


class Source:
	"""A file: its lines, and where its asserts are."""

	def __init__(self, path):
		with open(os.path.join(ROOT, path), encoding="utf-8") as f:
			self.text = f.read()
		self.lines = self.text.split("\n")
		self.asserts = list(self.find_asserts())

	def find_asserts(self):
		starts = [0]
		for line in self.lines:
			starts.append(starts[-1] + len(line) + 1)
		place, line = {}, 0
		for found in re.finditer(r"\bassert\(", self.text):
			depth, end = 1, found.end()
			while depth and end < len(self.text):
				depth += {"(": 1, ")": -1}.get(self.text[end], 0)
				end += 1
			yield tuple(self.place(starts, at) for at in (found.start(), end))

	@staticmethod
	def place(starts, at):
		line = next(i for i, start in enumerate(starts) if start > at)
		return line, at - starts[line - 1] + 1

	def in_assert(self, line, column):
		return any(a <= (line, column) < b for a, b in self.asserts)

	def line(self, number):
		return self.lines[number - 1].strip()

	def is_report(self, line, column):
		return self.lines[line - 1][column - 1:].lstrip("!").startswith(REPORTS)


class Branch:
	"""A condition, how often it was true and false, and in which function."""

	def __init__(self, path, line, column, function):
		self.path, self.line, self.column, self.function = path, line, column, function
		self.counts = [0, 0]
		self.folded = True	# the same in all copies of an inline function

	def missed(self):
		return [way for way, count in zip(("true", "false"), self.counts) if not count]


def is_folded(function, branch):
	"""A condition without counts in code that ran: the compiler knows it."""
	if branch[4] or branch[5]:
		return False
	around = [r for r in function["regions"] if r[7] == CODE and r[5] == branch[6]
		and (r[0], r[1]) <= (branch[0], branch[1]) and (branch[2], branch[3]) <= (r[2], r[3])]
	# The smallest is the last that begins.
	return bool(around) and max(around, key=lambda r: (r[0], r[1], -r[2], -r[3]))[4] > 0


def branches_of(export):
	"""All conditions of src and include, without those of asserts."""
	sources, found = {}, {}
	for function in export["functions"]:
		for branch in function["branches"]:
			path = os.path.relpath(function["filenames"][branch[6]], ROOT)
			if not path.startswith(("src/", "include/")):
				continue
			if not os.path.exists(os.path.join(ROOT, path)):
				continue	# of a program that is left over in the build folder
			source = sources.setdefault(path, None) or Source(path)
			sources[path] = source
			line, column = branch[0], branch[1]
			if path == "include/base/assert.h" or source.in_assert(line, column):
				continue
			key = path, line, column
			if key not in found:
				found[key] = Branch(*key, function["name"].split(":")[-1])
			found[key].counts[0] += branch[4]
			found[key].counts[1] += branch[5]
			found[key].folded &= is_folded(function, branch) or source.is_report(line, column)
	return sources, [found[key] for key in sorted(found) if not found[key].folded]


class Exclusions:
	"""tests/coverage.txt."""

	def __init__(self, with_corpus):
		self.errors = []
		self.files = set()
		self.functions = {}	# (path, function): "file:line" of the exclusion
		self.lines = {}		# (path, function, text): "file:line" of the exclusion
		with open(EXCLUSIONS, encoding="utf-8") as f:
			for number, line in enumerate(f, 1):
				line = line.strip()
				if line and not line.startswith("#"):
					self.read(line, f"tests/coverage.txt:{number}", with_corpus)

	def read(self, line, place, with_corpus):
		what, bar, reason = line.rpartition(" | ")
		if not bar or not reason.strip():
			self.errors.append(f"{place}: no reason")
			return
		for_corpus = what.startswith("corpus: ")
		what = what[len("corpus: "):] if for_corpus else what
		path, _, rest = what.partition(":")
		function, _, text = rest.partition(": ")
		if not os.path.exists(os.path.join(ROOT, path)):
			self.errors.append(f"{place}: no such file: {path}")
		elif for_corpus and not with_corpus:
			return
		elif not rest and for_corpus:
			self.files.add(path)
		elif not text and for_corpus:
			self.functions[path, function] = place
		elif not text:
			self.errors.append(f"{place}: neither a function nor a line: {what}")
		else:
			self.lines[path, function, text] = place

	def apply(self, sources, branches):
		"""Takes out what is excluded; the rest of an exclusion's line is counted."""
		used, kept = set(), []
		for branch in branches:
			used.add((branch.path, branch.function))
			key = branch.path, branch.function, sources[branch.path].line(branch.line)
			used.add(key)
			if branch.path in self.files or (branch.path, branch.function) in self.functions:
				continue
			if key not in self.lines:
				kept.append((branch, branch.missed(), 2))
			elif branch.missed() != ["true", "false"]:
				kept.append((branch, [], 2 - len(branch.missed())))
		for key, place in [*self.lines.items(), *self.functions.items()]:
			if key not in used:
				self.errors.append(f"{place}: there is no such line: {': '.join(key)}")
		return kept


def floor_of(path):
	parts = path.split("/")
	return parts[1] if len(parts) > 2 else "main"


def percent(hit, all_):
	return 100.0 * hit / all_ if all_ else 100.0


def row(name, numbers):
	lines_hit, lines, ways_hit, ways = numbers
	return (f"{name:<34} {lines_hit:>6} of {lines:>6} {percent(lines_hit, lines):6.2f} %"
		f"   {ways_hit:>6} of {ways:>6} {percent(ways_hit, ways):6.2f} %")


def count(export, kept, left_out):
	"""{file: [lines reached, lines, branches taken, branches]}"""
	files = collections.defaultdict(lambda: [0, 0, 0, 0])
	for file in export["files"]:
		path = os.path.relpath(file["filename"], ROOT)
		lines = file["summary"]["lines"]
		if path.startswith(("src/", "include/")) and lines["count"] and \
				path not in left_out and os.path.exists(os.path.join(ROOT, path)):
			files[path][0] += lines["covered"]
			files[path][1] += lines["count"]
	for branch, missed, ways in kept:
		files[branch.path][2] += ways - len(missed)
		files[branch.path][3] += ways
	return files


def print_missed(sources, kept):
	print("\nnever taken:")
	for branch, missed, _ in kept:
		if missed:
			print(f"{branch.path}:{branch.line}:{branch.column}: {' and '.join(missed)}: "
				f"{sources[branch.path].line(branch.line)}")
	print()


def main():
	parser = argparse.ArgumentParser(description="What tests reach.")
	parser.add_argument("export")
	parser.add_argument("--least", nargs="+", default=[])
	parser.add_argument("--corpus", action="store_true")
	parser.add_argument("--short", action="store_true")
	args = parser.parse_args()
	least = {floor: float(number) for floor, number in
		(word.split("=") for word in args.least)}
	with open(args.export, encoding="utf-8") as f:
		export = json.load(f)["data"][0]

	sources, branches = branches_of(export)
	exclusions = Exclusions(args.corpus)
	kept = exclusions.apply(sources, branches)
	files = count(export, kept, exclusions.files)
	if not args.short:
		print_missed(sources, kept)
	print(f"{'':<34} {'lines':^25}   {'branches':^25}")
	if not args.short:
		for path in sorted(files, key=lambda path: (floor_of(path), path)):
			print(row(path, files[path]))
		print()
	low = []
	for floor in FLOORS + ["main"]:
		numbers = [sum(column) for column in
			zip(*(files[path] for path in files if floor_of(path) == floor))]
		if numbers:
			print(row(floor, numbers))
			if percent(*numbers[2:]) < least.get(floor, 0):
				low.append(f"{floor} {least[floor]:g} %")
	for error in exclusions.errors:
		print(error)
	if low:
		print(f"fewer branches than there have to be: {', '.join(low)}")
	sys.exit(1 if low or exclusions.errors else 0)


main()
