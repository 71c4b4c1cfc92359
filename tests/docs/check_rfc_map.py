#!/usr/bin/env python3
"""Fails when docs/rfc-map.md names a file or a function that does not exist, or
when a comment of the source cites an RFC section that the map does not have."""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAP = "docs/rfc-map.md"
SECTION = r"(?: ?§([\d.]*\d)| section ([\d.]*\d)| appendix ([A-Z][\d.]*\d|[A-Z]))?"
CITED = re.compile(r"RFC (\d+)" + SECTION)
ROW = re.compile(r"(\d{3,5})" + SECTION)


def read(path):
	with open(os.path.join(ROOT, path), encoding="utf-8") as f:
		return f.read()


def key(match):
	number, *sections = match.groups()
	return number, next((s for s in sections if s), "")


def check_names(line, number):
	"""`path`: `name`, `name`; `path`: ...  and paths of tests."""
	wrong = []
	text = None
	for word, is_path in re.findall(r"`(([\w./-]+/)?[\w.-]+)`", line):
		if is_path:
			text = read(word) if os.path.exists(os.path.join(ROOT, word)) else None
			if text is None:
				wrong.append("%s:%d: no file %s" % (MAP, number, word))
		elif text is not None and not re.search(r"\b%s\b" % re.escape(word), text):
			wrong.append("%s:%d: no %s in the file before it" % (MAP, number, word))
	return wrong


def main():
	wrong, known = [], set()
	for number, line in enumerate(read(MAP).split("\n"), 1):
		wrong += check_names(line, number)
		cells = line.split("|")
		if len(cells) > 2:
			known.update(key(m) for m in ROW.finditer(cells[1]))
	numbers = {n for n, _ in known}
	for path in sorted(glob.glob(ROOT + "/src/*/*.c") + glob.glob(ROOT + "/include/*/*.h")):
		if "/sim/" in path: # it plays what is around a server
			continue
		for number, line in enumerate(read(path).split("\n"), 1):
			for cited in map(key, CITED.finditer(line)):
				if cited in known or (not cited[1] and cited[0] in numbers):
					continue
				wrong.append("%s:%d: RFC %s §%s is not in %s" % (
					os.path.relpath(path, ROOT), number, cited[0], cited[1], MAP))
	print("\n".join(wrong) if wrong else "%d sections, all in their places" % len(known))
	sys.exit(1 if wrong else 0)


if __name__ == "__main__":
	main()
