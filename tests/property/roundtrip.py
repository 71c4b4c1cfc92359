#!/usr/bin/env python3
"""What print and diff say of a zone is true, whoever reads it.

	roundtrip.py TEN35 [--zones N] [--seed N]

Zones are made up: one of every text in tests/types, and random ones, in layouts that vary.
For each of them

  * what `print` prints is read as the same zone: printed again it is the same, and `diff`
    finds nothing;
  * `print --json` is ASCII, JSON, and has the records that were printed;
  * `print --wire` has the records that dnspython reads in the same text, and the digest of
    its octets is the one that dnspython computes for the zone (RFC 8976 §3.3);
  * `diff` lists exactly the changes that were made to a copy, and the other way round their
    mirror image.
"""

import argparse
import collections
import hashlib
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

NOT_INSTALLED = 77  # what ctest takes for "skipped"

try:
	import dns.name
	import dns.rdata
	import dns.rdataclass
	import dns.rdatatype
	import dns.zone
except ImportError:
	# Debian's dnspython belongs to Debian's Python, which may not be the first in PATH.
	debian = "/usr/bin/python3"
	if os.path.exists(debian) and os.path.realpath(sys.executable) != os.path.realpath(debian):
		os.execv(debian, [debian] + sys.argv)
	print("skipped: dnspython is not installed (package python3-dnspython)")
	sys.exit(NOT_INSTALLED)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOA = "%s 3600 IN SOA ns.%s hostmaster.%s %d 7200 3600 1209600 300\n"
ASCII = 128
# Names in the data of these types are in lower case on the wire (RFC 4034 §6.2).
LISTED = {"NS", "MD", "MF", "CNAME", "SOA", "MB", "MG", "MR", "PTR", "MINFO", "MX", "RP", "AFSDB", "RT",
	  "SIG", "PX", "NXT", "SRV", "NAPTR", "KX", "DNAME", "RRSIG"}

with open(os.path.join(ROOT, "include", "dns", "rrtype_rows.h"), encoding="utf-8") as table:
	ROWS = re.findall(r'ROW\((\d+), "([^"]+)", (\w+)', table.read())
CODES = {kind: int(code) for code, kind, _ in ROWS} | {"TA": 32768, "DLV": 32769}

Record = collections.namedtuple("Record", "owner ttl type rdata octets")


def code_of(kind):
	"""The number of a type; dnspython does not know all of them."""
	return CODES.get(kind) or int(kind[4:])


def equal(found, expected, what):
	if isinstance(found, list) and isinstance(expected, list):
		both = [row for row in found if row in expected]
		assert found == expected, "%s:\n  missing: %.2000r\n  too many: %.2000r\n  (%d are right)" % (
			what, [row for row in expected if row not in both], [row for row in found if row not in both], len(both))
	assert found == expected, "%s:\n  expected %.2000r\n  found    %.2000r" % (what, expected, found)


class Tool:
	"""The program, and a folder for the zones that it is given."""

	def __init__(self, binary, folder):
		self.binary, self.folder = binary, folder

	def write(self, name, text):
		path = os.path.join(self.folder, name)
		with open(path, "w", encoding="latin-1") as f:
			f.write(text)
		return path

	def run(self, *words, status=0):
		done = subprocess.run([self.binary, *words], capture_output=True, check=False, timeout=60)
		assert done.returncode == status, "%s: status %d\n%s" % (words, done.returncode, done.stderr[:2000])
		return done.stdout.decode("ascii")


# ------ three readings of one zone ------

def in_text(text):
	"""The records that print shows: (owner, ttl, type, rdata)."""
	rows = [line.split("\t", 4) for line in text.splitlines()]
	assert all(row[2] == "IN" for row in rows)
	return [(row[0], int(row[1]), row[3], row[4]) for row in rows]


def in_json(text):
	zone = json.loads(text)
	assert all(r["class"] == "IN" for r in zone["records"])
	return zone, [Record(r["owner"], r["ttl"], r["type"], r["rdata"], bytes.fromhex(r["rdata_hex"]))
		      for r in zone["records"]]


def in_wire(text):
	"""(owner, ttl, type, RDATA) of each line, as its octets say."""
	records = []
	for line in text.splitlines():
		octets = bytes.fromhex(line)
		owner, at = dns.name.from_wire(octets, 0)
		kind, klass, ttl, size = struct.unpack_from(">HHIH", octets, at)
		equal((klass, at + 10 + size), (1, len(octets)), "class and length of " + line)
		records.append((owner, ttl, kind, octets[at + 10:]))
	return records


def same_zone(tool, path, origin, what):
	"""The properties that need no second opinion; the zone's records."""
	printed = tool.run("print", path)
	again = tool.write("again.zone", printed)
	equal(tool.run("print", again), printed, what + ": printed again")
	equal(tool.run("diff", path, again), "", what + ": a zone and what was printed of it")
	zone, records = in_json(tool.run("print", "--json", path))
	equal([r[:4] for r in records], in_text(printed), what + ": JSON and text")
	equal((zone["origin"], zone["serial"]), (origin, int(records[0].rdata.split()[2])), what + ": JSON's head")
	wire = in_wire(tool.run("print", "--wire", path))
	equal(wire, sorted(wire, key=lambda r: (r[0], r[2], r[3])), what + ": order of the wire")
	assert all(name == name.canonicalize() for name, *_ in wire), what + ": letters of owners"
	by_name = [(dns.name.from_text(r.owner), r.ttl, code_of(r.type), r.octets) for r in records]
	fold = {CODES[kind] for kind in LISTED}
	def folded(rows):
		return sorted((n.canonicalize(), t, k, d.lower() if k in fold else d) for n, t, k, d in rows)
	equal(folded(wire), folded(by_name), what + ": JSON and wire")
	return records, wire


# ------ every type ------

def texts_of_types():
	"""(type, text, octets) of every line in tests/types that is accepted."""
	folder = os.path.join(ROOT, "tests", "types")
	for file in sorted(os.listdir(folder)):
		with open(os.path.join(folder, file), encoding="latin-1") as f:
			lines = f.read().splitlines()
		kind = os.path.splitext(file)[0].upper()
		for line in lines:
			parts = line.split("=>")
			if line.startswith(";") or len(parts) < 2 or parts[1].strip().startswith("!"):
				continue
			octets = parts[1].strip()
			if re.fullmatch("[0-9A-Fa-f]*", octets):
				yield kind, parts[0].strip(), bytes.fromhex(octets)


def every_type_survives(tool):
	rows = [row for row in texts_of_types() if row[0] != "SOA"]
	missing = {kind for _, kind, flags in ROWS if flags != "META"} - {kind for kind, _, _ in rows} - {"SOA"}
	equal(missing, set(), "types without a text in tests/types")
	lines = [SOA % ("example.", "example.", "example.", 1)]
	lines += ["t%d.example. 60 %s %s\n" % (i, kind, text) for i, (kind, text, _) in enumerate(rows)]
	path = tool.write("types.zone", "$ORIGIN example.\n" + "".join(lines))
	records, _ = same_zone(tool, path, "example.", "every type")
	found = {r.owner: r.octets for r in records}
	for i, (kind, text, octets) in enumerate(rows):
		equal(found["t%d.example." % i].hex(), octets.hex(), "%s %s" % (kind, text[:200]))
	print("%d texts of %d types" % (len(rows), len({kind for kind, _, _ in rows})))


def the_longest_texts_survive(tool):
	"""A bitmap of all types, and of all ports: many characters for each octet."""
	body = "a.example. 60 NSEC b.example. %s\n" % " ".join("TYPE%d" % i for i in range(65536))
	body += "b.example. 60 WKS 192.0.2.1 6 %s\n" % " ".join(str(i) for i in range(65536))
	body += "c.example. 60 TXT %s\n" % " ".join('"%s"' % ("\\200" * 255) for _ in range(254))
	path = tool.write("long.zone", SOA % ("example.", "example.", "example.", 1) + body)
	records, _ = same_zone(tool, path, "example.", "long texts")
	equal([len(r.octets) for r in records][1:], [11 + 256 * 34, 5 + 8192, 254 * 256], "octets of data")


# ------ random zones ------

class Maker:
	"""Random records, and random ways to write them down."""

	def __init__(self, seed):
		self.random = random.Random(seed)
		self.origin = self.random.choice(["example.", "a.Example.", "x.y.example.", "."])

	def label(self):
		r = self.random
		if r.random() < 0.8:
			return r.choice("abcdefgXYZ") + r.choice(["", "1", "-x", "_y"])
		return "".join(r.choice(["\\%03d" % r.randrange(256), "\\.", "\\@", "\\\"", "A", "z", "*", "\\;"])
			       for _ in range(r.randrange(1, 9)))

	def name(self):
		"""A name of the zone, absolute."""
		labels = [self.label() for _ in range(self.random.choice([1, 1, 1, 2, 3]))]
		if self.random.random() < 0.1:
			labels.insert(0, "*")
		return ".".join(labels) + "." + self.origin.lstrip(".")

	def target(self):
		return self.random.choice([self.name(), "host.Example.net.", "."])

	def string(self, below=256):
		r = self.random
		octets = [r.randrange(below) for _ in range(r.choice([0, 1, 5, 30, 255]))]
		return '"%s"' % "".join("\\%03d" % o if o < 32 or o > 126 or chr(o) in '"\\' else chr(o) for o in octets)

	def hexes(self, least, most):
		return self.random.randbytes(self.random.randrange(least, most)).hex()

	def data(self, kind):
		"""Strings of ASCII where dnspython takes octets above for letters, and writes them as UTF-8."""
		r, n = self.random, self.random.randrange
		return {
			"A": lambda: "%d.%d.%d.%d" % (n(256), n(256), n(256), n(256)),
			"AAAA": lambda: ":".join("%x" % n(1 << r.choice([1, 16])) for _ in range(8)),
			"NS": self.target, "PTR": self.target, "CNAME": self.target, "DNAME": self.target,
			"MX": lambda: "%d %s" % (n(65536), self.target()),
			"TXT": lambda: " ".join(self.string() for _ in range(n(1, 4))),
			"SRV": lambda: "%d %d %d %s" % (n(9), n(9), n(65536), self.target()),
			"NAPTR": lambda: '%d %d "s" %s "" %s' % (n(9), n(9), self.string(ASCII), self.target()),
			"RP": lambda: "%s %s" % (self.target(), self.target()),
			"AFSDB": lambda: "%d %s" % (n(9), self.target()),
			"CAA": lambda: "%d issue %s" % (n(256), self.string(ASCII)),
			"SSHFP": lambda: "%d %d %s" % (n(5), n(3, 256), self.hexes(1, 40)),
			"TLSA": lambda: "%d %d %d %s" % (n(4), n(2), n(3, 256), self.hexes(1, 64)),
			"DS": lambda: "%d 13 2 %s" % (n(65536), self.random.randbytes(32).hex()),
			"NSEC": lambda: "%s A TXT TYPE%d" % (self.target(), n(1000, 65536)),
			"RRSIG": lambda: "%s 13 2 60 20260201000000 20260101000000 %d %s AAAA"
				% (r.choice(["A", "NS", "TXT"]), n(65536), self.target()),
			"SVCB": lambda: "%d %s port=%d ipv4hint=192.0.2.%d" % (n(1, 9), self.target(), n(65536), n(256)),
			"TYPE65280": lambda: (lambda h: "\\# %d %s" % (len(h) // 2, h))(self.hexes(0, 40)),
		}[kind]()

	KINDS = ["A", "AAAA", "NS", "PTR", "MX", "TXT", "SRV", "NAPTR", "RP", "AFSDB", "CAA", "SSHFP", "TLSA", "DS",
		 "NSEC", "RRSIG", "SVCB", "TYPE65280"]

	def zone(self):
		"""{(owner, type): (ttl, [rdata])}: what a zone may be (RFC 1034 §3.6.2, RFC 6672 §2.4)."""
		r, sets = self.random, {}
		for _ in range(r.choice([1, 5, 40])):
			owner, kinds = self.name(), [r.choice(self.KINDS) for _ in range(r.randrange(1, 4))]
			taken = {dns.name.from_text(n) for n, _ in sets}
			this = dns.name.from_text(owner)
			if this in taken:
				continue
			if r.random() < 0.1:
				kinds = ["CNAME"]
			elif r.random() < 0.05 and not any(n.is_subdomain(this) for n in taken):
				kinds = ["DNAME"]
			above = {dns.name.from_text(n) for n, kind in sets if kind == "DNAME"}
			if any(this.is_subdomain(n) for n in above):
				continue
			for kind in kinds:
				count = 1 if kind in ("CNAME", "DNAME", "NSEC") else r.choice([1, 1, 2, 5])
				rows = {dns.rdata.from_text("IN", kind, t): t for t in
					(self.data(kind) for _ in range(count))}
				sets[owner, kind] = (r.choice([0, 60, 3600, 2147483647]), list(rows.values()))
		return sets

	# ------ layout ------

	def written(self, text):
		"""The same record, perhaps on several lines, with a comment."""
		r = self.random
		if r.random() < 0.3:
			text += " ; a comment \"( of no concern"
		elif r.random() < 0.3:
			owner, rest = text.split(" ", 1)
			text = owner + " ( ;\n  " + rest + "\n)"
		return text + r.choice(["\n", "\r\n", "\n\n"])

	def owner_shown(self, owner):
		relative = owner[:-len(self.origin) - 1] if self.origin != "." else owner[:-1]
		return relative if self.random.random() < 0.7 else owner

	def plain(self, sets):
		"""As every reader understands it."""
		return SOA % (self.origin, self.origin.lstrip("."), self.origin.lstrip("."), 1) + "".join(
			"%s %d IN %s %s\n" % (owner, ttl, kind, data)
			for (owner, kind), (ttl, rows) in sets.items() for data in rows)

	def text(self, sets, serial=1):
		r = self.random
		below = self.origin.lstrip(".")
		lines = ["$ORIGIN %s\n" % self.origin, SOA % (self.origin, below, below, serial)]
		rows = sorted((owner, kind, ttl, data) for (owner, kind), (ttl, all_) in sets.items() for data in all_)
		r.shuffle(rows)
		for owner, kind, ttl, data in rows:
			heading = r.choice(["%d IN" % ttl, "IN %d" % ttl, str(ttl)])
			lines.append(self.written("%s %s %s %s" % (self.owner_shown(owner), heading, kind, data)))
		return "".join(lines)


def same_as_dnspython(zone, records, wire, octets, what):
	"""A second reader finds the same records, and makes the same digest of them."""
	theirs = sorted((name.canonicalize(), rdataset.ttl, rdataset.rdtype, rdata.to_digestable(dns.name.root))
			for name, rdataset in zone.iterate_rdatasets() for rdata in rdataset)
	equal(sorted(wire), theirs, what + ": dnspython's records")
	equal(len(records), len(theirs), what + ": how many")
	equal(hashlib.sha384(octets).hexdigest(), zone.compute_digest(1).digest.hex(), what + ": the zone's digest")


# ------ changes ------

def shown(owner, origin):
	"""Relative to the zone's name, but for the root."""
	if owner == origin:
		return "@"
	return owner[:-len(origin) - 1] if origin != "." else owner


def differences(was, now, origin):
	"""What diff has to say, line by line in any order.  Both: {(owner, type): (ttl, {rdata})}."""
	lines = []
	for owner, kind in set(was) | set(now):
		(old_ttl, old), (new_ttl, new) = was.get((owner, kind), (None, set())), now.get((owner, kind), (None, set()))
		head = "%s %s" % (shown(owner, origin), kind)
		lines += ["- %s %s" % (head, data) for data in old - new]
		lines += ["+ %s %s" % (head, data) for data in new - old]
		if old and new and old_ttl != new_ttl:
			lines.append("~ %s TTL %d -> %d" % (head, old_ttl, new_ttl))
	return lines


def mirrored(line):
	if line[0] in "+-":
		return {"+": "-", "-": "+"}[line[0]] + line[1:]
	return re.sub(r"(\d+) -> (\d+)$", r"\2 -> \1", line)


def changed(r, sets, maker):
	"""A copy with some records less, some more, and some TTLs changed."""
	copy = {}
	for (owner, kind), (ttl, rows) in sets.items():
		rows = {data for data in sorted(rows) if r.random() < 0.8}
		if r.random() < 0.2:
			ttl += 1 if ttl < 2147483647 else -1
		if rows:
			copy[owner, kind] = (ttl, rows)
	owners = {owner for owner, kind in sets if kind in ("CNAME", "DNAME")}
	for i in range(r.randrange(4)):
		owner = r.choice([o for o, _ in sets] or ["new%d.%s" % (i, maker.origin.lstrip("."))])
		if owner in owners:
			continue
		ttl, rows = copy.get((owner, "A"), (77, set()))
		copy[owner, "A"] = (ttl, rows | {"192.0.2.%d" % r.randrange(256)})
	return copy


def diff_tells_what_was_changed(tool, maker, records, what):
	"""RRSIGs are left out: those of a name are as many RRsets as types that they cover."""
	was = collections.defaultdict(lambda: (0, set()))
	for r in records[1:]:
		if r.type != "RRSIG":
			was[r.owner, r.type] = (r.ttl, was[r.owner, r.type][1] | {r.rdata})
	was = dict(was)
	now = changed(maker.random, was, maker)
	serial = maker.random.choice([1, 2])
	old, new = tool.write("old.zone", maker.text(was)), tool.write("new.zone", maker.text(now, serial))
	expected = differences(was, now, records[0].owner)
	expected += ["~ @ SOA serial 1 -> 2"] if serial == 2 else []
	found = tool.run("diff", old, new, status=1 if expected else 0).splitlines()
	equal(sorted(found), sorted(expected), what + ": what was changed")
	back = tool.run("diff", new, old, status=1 if expected else 0).splitlines()
	equal(sorted(back), sorted(mirrored(line) for line in expected), what + ": the mirror image")
	return len(expected)


def random_zones_survive(tool, count, seed):
	records_seen = changes_seen = 0
	for i in range(count):
		what = "zone %d of seed %d" % (i, seed)
		maker = Maker("%d/%d" % (seed, i))
		sets = maker.zone()
		text = maker.text(sets)
		path = tool.write("random.zone", text)
		try:
			records, wire = same_zone(tool, path, maker.origin, what)
			zone = dns.zone.from_text(maker.plain(sets), maker.origin, relativize=False, check_origin=False)
			same_as_dnspython(zone, records, wire, bytes.fromhex(tool.run("print", "--wire", path)), what)
			changes_seen += diff_tells_what_was_changed(tool, maker, records, what)
		except Exception:
			print("%s:\n%s" % (what, text))
			raise
		records_seen += len(records)
	print("%d zones, %d records, %d changes" % (count, records_seen, changes_seen))


def main():
	p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
	p.add_argument("binary")
	p.add_argument("--zones", type=int, default=100)
	p.add_argument("--seed", type=int, default=1)
	a = p.parse_args()
	with tempfile.TemporaryDirectory(prefix="ten35-roundtrip.") as folder:
		tool = Tool(os.path.abspath(a.binary), folder)
		every_type_survives(tool)
		the_longest_texts_survive(tool)
		random_zones_survive(tool, a.zones, a.seed)


if __name__ == "__main__":
	main()
