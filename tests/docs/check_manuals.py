#!/usr/bin/env python3
"""Fails when a directive of src/app/config.c is missing in the manual pages, or
when a page has one that the program does not know."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(path):
	with open(os.path.join(ROOT, path), encoding="utf-8") as f:
		return f.read()


def main():
	rows = re.findall(r'^\t\{ "([a-z-]+)",\s+(?:\'(.)\'|0),', read("src/app/config.c"), re.M)
	words = {text for text, _ in rows}
	letters = {letter for _, letter in rows if letter}
	pages = {
		"docs/ten35.conf.5": set(re.findall(r"^\.It (?:Xo )?Ic ([a-z-]+)", read("docs/ten35.conf.5"), re.M)),
		"docs/ten35.8": set(re.findall(r"^\.It.*?Fl -([a-z-]+)", read("docs/ten35.8"), re.M)) -
			{"help", "version"},
	}
	short = set(re.findall(r"^\.It Fl ([a-zA-Z]) ", read("docs/ten35.8"), re.M)) - set("cfhV")
	wrong = ["%s: %s" % (path, ", ".join(sorted(has ^ words)))
		 for path, has in pages.items() if has != words]
	if short != letters:
		wrong.append("docs/ten35.8: letters %s" % ", ".join(sorted(short ^ letters)))
	if not rows:
		wrong.append("no directives found in src/app/config.c")
	print("\n".join(wrong) if wrong else "%d directives, all in the manuals" % len(words))
	sys.exit(1 if wrong else 0)


if __name__ == "__main__":
	main()
