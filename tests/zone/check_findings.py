#!/usr/bin/env python3
"""What `ten35 check` says of the zone files in tests/zone/findings, octet for octet.

	check_findings.py TEN35            compares
	check_findings.py TEN35 --write    writes the .expected files anew: look at the difference

  ID.zone, ID-MORE.zone      a file in which ID is found, each form of it
  ID.expected, ...           what is printed
  ID.clean.zone              one in which it just is not, and nothing else is

Instead of .zone it may be .conf: a configuration, for what is found in files that it names.

Among the first three lines of a file may stand "; origin NAME", the zone's name on the
command line, and "; modified YYYY-MM-DD", when the file was changed.

Three more things have to hold:

  every id in the source has its files
  every id is explained in docs/ten35-zone.5
  every sentence of the code that reads zones is in one of these files, in the
  first line of one in tests/zones/bad, or in a unit test
"""
import calendar
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FINDINGS = os.path.join(ROOT, "tests", "zone", "findings")
SECONDS = 20		# for one file
EARLY = "2000-01-01"	# before any machine that runs this: its clock counts as set
SUFFIX = len(".zone")	# or .conf
# About configurations: ten35.conf(5), tests/end_to_end/test_check.py.
OF_CONFIGURATIONS = {"no-user", "user-cannot-read", "zone-twice"}
NO_FILE = {"memory"}	# tests/zone/test_zonefile_memory.c: memory ends

# Where the sentences are, but for the hints of types, which are examples.
READING = ["src/zone/*.c", "src/dns/*.c", "src/base/ip.c", "src/base/number.c"]
EXAMPLES = {"src/dns/rrtype.c"}
NOT_HEARD = {	# and why
	"out of memory at": "memory ends in tests/zone/test_zonefile_memory.c, at all places",
	"public key longer than 65535 octets": "the record is too long already",
	"missing size": "asked for where there is a word",
	"missing address prefix": "the same",
	"missing service parameter": "the same",
}
UNIT_TESTS = ["tests/base/*.c", "tests/dns/*.c", "tests/zone/*.c", "tests/bugs/*.c"]

ID = re.compile(r'(?:SEVERITY_[A-Z]+,|lint_(?:warn|note)\(l,|report\(c,) *"([a-z0-9-]+)"')
STRING = r'"(?:[^"\\\n]|\\.)*"'


def read(path):
	with open(path, encoding="utf-8", errors="surrogateescape") as f:
		return f.read()


def sources(patterns):
	"""(name, text without comments) of each source file."""
	for pattern in patterns:
		for path in sorted(glob.glob(os.path.join(ROOT, pattern))):
			text = re.sub(r"/\*.*?\*/|_Static_assert.*?;", "", read(path), flags=re.S)
			yield os.path.relpath(path, ROOT), text.replace("'\"'", "' '")


def ids():
	"""All ids of findings in zone files."""
	return {i for _, text in sources(["include/*/*.h", "src/*/*.c"])
		for i in ID.findall(text)} - OF_CONFIGURATIONS


def strings(text):
	"""Each string of a C text, those that stand side by side joined."""
	for row in re.findall(r"(?:%s\s*)+" % STRING, text):
		whole = "".join(s[1:-1] for s in re.findall(STRING, row))
		yield re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), whole)


def as_pattern(sentence):
	parts = re.split(r"%[-0-9.]*[lz]*[a-zA-Z]", sentence.replace("%.0s", ""))
	return re.compile(".*?".join(re.escape(p.replace("%%", "%")) for p in parts))


def sentences():
	"""(file, sentence) of what may be said: strings with a blank in them."""
	for name, text in sources(READING):
		if name in EXAMPLES:
			continue
		for s in strings(text):
			if re.search(r"[a-z] [a-z]", s) and s not in NOT_HEARD:
				yield name, s


def head(path):
	"""What the first lines of a zone file say of it."""
	lines = read(path).split("\n")[:3]
	return {k: v for k, v in re.findall("^; (origin|modified) (\\S+)$", "\n".join(lines), re.M)}


def check(ten35, folder, name):
	"""What is printed for a file, and whether it was found good."""
	said = head(os.path.join(folder, name))
	when = calendar.timegm(time.strptime(said.get("modified", EARLY), "%Y-%m-%d"))
	os.utime(os.path.join(folder, name), (when, when))
	argument = said["origin"] + "=" + name if "origin" in said else name
	done = subprocess.run([ten35, "check", argument], cwd=folder, stdin=subprocess.DEVNULL,
			      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
	return done.stdout.decode("utf-8", "surrogateescape"), done.returncode


def id_of(name, known):
	"""The id that a file is for: the longest that its name begins with."""
	stem = name[:-SUFFIX]
	fits = [i for i in known if stem == i or stem.startswith((i + "-", i + "."))]
	return max(fits, key=len, default=None)


def faults_of_file(ten35, folder, name, known, write):
	which = id_of(name, known)
	if which is None:
		yield "%s: there is no finding of this name" % name
		return
	got, status = check(ten35, folder, name)
	if name[:-SUFFIX].endswith(".clean"):
		if not re.fullmatch(r"(\S+: good: \d+ [a-z]+, [a-z0-9 ]+\n)+", got) or status != 0:
			yield "%s: something is found:\n%s" % (name, got)
		return
	expected = os.path.join(FINDINGS, name[:-SUFFIX] + ".expected")
	if write:
		with open(expected, "w", encoding="utf-8", errors="surrogateescape") as f:
			f.write(got)
	if "[%s]" % which not in got:
		yield "%s: [%s] is not found:\n%s" % (name, which, got)
	if (status != 0) != (": error: " in got):
		yield "%s: ended with %d:\n%s" % (name, status, got)
	if not os.path.exists(expected):
		yield "%s: the .expected file is missing (--write)" % name
	elif read(expected) != got:
		yield "%s: not as expected, but:\n%s" % (name, got)


def faults_of_files(ten35, known, write):
	names = sorted(n for n in os.listdir(FINDINGS) if n.endswith((".zone", ".conf")))
	for i in sorted(known - NO_FILE):
		for stem in (i, i + ".clean"):
			if stem + ".zone" not in names and stem + ".conf" not in names:
				yield "findings/%s.zone is missing" % stem
	with tempfile.TemporaryDirectory(prefix="ten35-findings-") as folder:
		copy = os.path.join(folder, "findings")
		shutil.copytree(FINDINGS, copy)
		for at, _, files in os.walk(copy):
			for name in files:
				os.utime(os.path.join(at, name), (0, 0))
		for name in names:
			yield from faults_of_file(ten35, copy, name, known, write)


def faults_of_manual(known):
	manual = read(os.path.join(ROOT, "docs", "ten35-zone.5"))
	findings = manual[manual.index(".Sh FINDINGS"):manual.index(".Sh EXAMPLES")]
	explained = {i for line in re.findall(r"^\.It Li (.+)$", findings, re.M)
		     for i in re.split(" , ", line)}
	for i in sorted(known - explained):
		yield "docs/ten35-zone.5 does not explain %s" % i
	for i in sorted(explained - known):
		yield "docs/ten35-zone.5 explains %s, which is never found" % i


def faults_of_sentences():
	said = "".join(read(p) for p in glob.glob(os.path.join(FINDINGS, "*.expected")))
	said += "".join(read(p).split("\n")[0] + "\n"
			for p in glob.glob(os.path.join(ROOT, "tests/zones/bad/*.zone")))
	tested = "\n".join(s for _, text in sources(UNIT_TESTS) for s in strings(text))
	for name, sentence in sentences():
		pattern = as_pattern(sentence)
		if not pattern.search(said) and not pattern.search(tested):
			yield "%s: no test hears \"%s\"" % (name, sentence)


def main():
	if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--write"]):
		sys.exit(__doc__)
	known = ids()
	faults = list(faults_of_files(os.path.abspath(sys.argv[1]), known, len(sys.argv) == 3))
	faults += list(faults_of_manual(known)) + list(faults_of_sentences())
	for fault in faults:
		print(fault)
	print("%d ids, %d files, %d sentences, %d faults" % (
		len(known), len(glob.glob(os.path.join(FINDINGS, "*.zone"))),
		len(list(sentences())), len(faults)))
	sys.exit(1 if faults else 0)


if __name__ == "__main__":
	main()
