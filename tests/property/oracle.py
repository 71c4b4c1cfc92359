#!/usr/bin/env python3
"""Random responses through the forwarder: what its cache holds is what it may hold.

	oracle.py PLAYER [--runs N] [--seed N]

A question is asked, a made-up response comes, and then the cache is searched for an
answer to every question that there is.  The oracle below knows what RFC 1034, 2308,
4035, 6672 and 8020 and docs/forwarding.md allow: one entry, under the question's own
name and type (or, for "no such name", under its name alone), with these records in this
order and this time to live.  A third of the messages are damaged: then less may be kept,
never anything else.
"""

import argparse
import random
import struct
import subprocess
import sys

A, NS, CNAME, SOA, MX, TXT, AAAA, DNAME, OPT, RRSIG, NSEC = 1, 2, 5, 6, 15, 16, 28, 39, 41, 46, 47
TYPES = {"A": A, "AAAA": AAAA, "CNAME": CNAME, "DNAME": DNAME, "TXT": TXT, "MX": MX, "NS": NS, "SOA": SOA}
CODES = list(TYPES.values())
NAMES = ["www.example.", "a.example.", "b.example.", "sub.a.example.", "example.", "other.org.",
	 "x.other.org.", "y.x.other.org.", "com.", "db.corp.example.", "www.home.example.", "localhost."]
ASKED = 10	# of them: the others are answered without asking
IN, CHAOS = 1, 3
NOERROR, SERVFAIL, NXDOMAIN, YXDOMAIN = 0, 2, 3, 6
QR, TC = 0x8000, 0x0200
MOST_LINKS, DAY, HOUR, MINUTE = 8, 86400, 3600, 60
ANY_TYPE = 255
BATCH = 40


class Broken(Exception):
	"""A message that cannot be read."""


# ------ wire ------

def labels(name):
	return [label.encode() for label in name.split(".") if label]


def name_wire(name):
	return b"".join(bytes([len(label)]) + label for label in labels(name)) + b"\0"


def read_name(wire, at, end=None):
	"""(name in small letters, where it ends); pointers lead backwards."""
	found, after, size, limit = [], None, 1, at
	end = len(wire) if end is None else end
	while True:
		if at >= (len(wire) if after is not None else end):
			raise Broken
		n = wire[at]
		if n >= 0xc0:
			if at + 2 > (len(wire) if after is not None else end):
				raise Broken
			to = (n & 0x3f) << 8 | wire[at + 1]
			after = at + 2 if after is None else after
			if to >= limit:
				raise Broken
			at = limit = to
			continue
		if n & 0xc0:
			raise Broken
		at += 1
		if n == 0:
			return b".".join(found).lower() + b".", at if after is None else after
		if at + n > (len(wire) if after is not None else end):
			raise Broken
		size += n + 1
		if size > 255:
			raise Broken
		found.append(wire[at:at + n].replace(b".", b"\\."))
		at += n


def read_rdata(wire, kind, at, size):
	"""RDATA with its names read out, so that it compares whatever its compression."""
	end = at + size
	if kind == A and size != 4 or kind == AAAA and size != 16:
		raise Broken
	if kind in (NS, CNAME, DNAME):
		target, at = read_name(wire, at, end)
		if at != end:
			raise Broken
		return (target,)
	if kind == MX:
		if size < 3:
			raise Broken
		target, stop = read_name(wire, at + 2, end)
		if stop != end:
			raise Broken
		return (wire[at:at + 2], target)
	if kind == SOA:
		first, at = read_name(wire, at, end)
		second, at = read_name(wire, at, end)
		if at + 20 != end:
			raise Broken
		return (first, second, wire[at:end])
	if kind == NSEC:
		following, at = read_name(wire, at, end)
		return (following, wire[at:end])
	return (wire[at:end],)


class Record:
	def __init__(self, owner, kind, klass, ttl, rdata, where=None):
		self.owner, self.kind, self.klass, self.ttl = owner, kind, klass, ttl
		self.wire_rdata, self.where = rdata, where

	def rdata(self, wire):
		return read_rdata(wire, self.kind, *self.where)


class Message:
	"""A message as it came."""

	def __init__(self, wire):
		self.wire = wire
		if len(wire) < 12:
			raise Broken
		self.id, self.flags, *counts = struct.unpack(">6H", wire[:12])
		self.counts = counts
		at, self.questions, self.sections = 12, [], []
		for _ in range(counts[0]):
			name, at = read_name(wire, at)
			if at + 4 > len(wire):
				raise Broken
			self.questions.append((name, *struct.unpack(">HH", wire[at:at + 4])))
			at += 4
		for count in counts[1:]:
			section = []
			for _ in range(count):
				name, at = read_name(wire, at)
				if at + 10 > len(wire):
					raise Broken
				kind, klass, ttl, size = struct.unpack(">HHIH", wire[at:at + 10])
				at += 10
				if at + size > len(wire):
					raise Broken
				section.append(Record(name, kind, klass, ttl, wire[at:at + size], (at, size)))
				at += size
			self.sections.append(section)

	def rcode(self):
		high = [r.ttl >> 24 for r in self.sections[2] if r.kind == OPT]
		return self.flags & 15 | (high[0] << 4 if high else 0)


# ------ what may be kept ------

def is_within(name, domain):
	return domain == b"." or name == domain or name.endswith(b"." + domain)


def place(name):
	for domain in (b"home.example.", b"localhost.", b"corp.example."):
		if is_within(name, domain):
			return domain
	return b"."


def is_private(kind, rdata):
	if kind == A:
		return rdata[0][0] in (0, 10, 127) or rdata[0][:2] == b"\xc0\xa8"
	if kind == AAAA:
		return rdata[0][0] & 0xfe == 0xfc or rdata[0][:12] == bytes(12) or \
			rdata[0][:12] == bytes(10) + b"\xff\xff" and is_private(A, (rdata[0][12:],))
	return False


class Answer:
	"""What is kept of a message."""

	def __init__(self, message, name, kind, signed):
		self.m, self.name, self.kind, self.signed = message, name, kind, signed
		self.answer, self.authority, self.ttl, self.rcode = [], [], DAY, message.rcode()
		self.private = False
		self.listed = [[r for r in section if r.klass == IN and r.kind != OPT]
			       for section in message.sections]

	def keep(self, section, owner, kind, ttl, rdata):
		section.append((owner, kind, ttl, rdata))
		self.ttl = min(self.ttl, ttl)
		self.private = self.private or is_private(kind, rdata)

	@staticmethod
	def time(r):
		return 0 if r.ttl > 0x7fffffff else r.ttl

	def rrset(self, owner, kind):
		return [r for r in self.listed[0] if r.owner == owner and r.kind == kind]

	def keep_rrset(self, owner, kind, most=None):
		rrset = self.rrset(owner, kind)
		ttl = min([DAY] + [self.time(r) for r in rrset])
		left = len(rrset) if most is None else most
		for r in self.listed[0]:
			if r.owner != owner:
				continue
			if r.kind == kind and left > 0:
				left -= 1
				self.keep(self.answer, owner, kind, ttl, r.rdata(self.m.wire))
			elif r.kind == RRSIG and self.signed and r.wire_rdata[:2] == struct.pack(">H", kind):
				self.keep(self.answer, owner, RRSIG, ttl, r.rdata(self.m.wire))
		return rrset

	def follow_dname(self, at):
		for r in self.listed[0]:
			if r.kind == DNAME and r.owner != at and is_within(at, r.owner):
				target = r.rdata(self.m.wire)[0]
				rrset = self.keep_rrset(r.owner, DNAME, 1)
				made = at if r.owner == b"." else at[:-len(r.owner)]
				made += b"" if target == b"." else target
				ttl = min([DAY] + [self.time(x) for x in rrset])
				self.keep(self.answer, at, CNAME, ttl, (made,))
				return made
		return None

	def follow(self, at):
		to = self.follow_dname(at)
		if to is None and self.rrset(at, CNAME):
			to = self.rrset(at, CNAME)[0].rdata(self.m.wire)[0]
			self.keep_rrset(at, CNAME, 1)
		return to

	def is_alias(self, at):
		return bool(self.rrset(at, CNAME)) or any(
			r.kind == DNAME and r.owner != at and is_within(at, r.owner) for r in self.listed[0])

	def endless(self):
		self.rcode, self.ttl = SERVFAIL, min(self.ttl, MINUTE)
		return True

	def soa(self, at):
		for r in self.listed[1]:
			if r.kind == SOA and is_within(at, r.owner):
				rdata = r.rdata(self.m.wire)
				ttl = min(self.time(r), struct.unpack(">I", rdata[2][16:])[0], HOUR)
				self.keep(self.authority, r.owner, SOA, ttl, rdata)
				return True
		return False

	def proofs(self):
		for r in self.listed[1] if self.signed else []:
			covered = struct.unpack(">H", r.wire_rdata[:2])[0] if r.kind == RRSIG and \
				len(r.wire_rdata) > 1 else 0
			if r.kind == NSEC or covered in (NSEC, 50, SOA):
				self.keep(self.authority, r.owner, r.kind, min(self.time(r), DAY),
					  r.rdata(self.m.wire))

	def nothing(self, at, aliases):
		if self.soa(at):
			self.proofs()
			return True
		if self.rcode == NOERROR and aliases:
			return True
		if self.rcode == NOERROR and any(r.kind == NS for r in self.listed[1]):
			return False
		self.ttl = min(self.ttl, MINUTE)
		return True

	def walk(self):
		"""False when nothing of it is to be kept."""
		at, seen = self.name, []
		while True:
			if self.kind == CNAME and self.follow_dname(at):
				self.proofs()
				return self.rcode == NOERROR
			if self.rrset(at, self.kind):
				self.keep_rrset(at, self.kind)
				self.proofs()
				return self.rcode == NOERROR
			if len(seen) == MOST_LINKS and self.is_alias(at):
				return self.endless()
			to = self.follow(at)
			if to is None:
				return self.nothing(at, seen)
			seen.append(at)
			if to in seen:
				return self.endless()
			at = to
			if place(at) != place(self.name):
				self.rcode = NOERROR
				return True


def allowed(wire, name, kind, signed):
	"""The one entry that may be there: (type, TTL, RCODE, answer, authority), or None."""
	try:
		m = Message(wire)
		if not m.flags & QR or m.flags & 0x7800 or m.questions != [(name, kind, IN)] or m.flags & TC:
			return None
		if m.rcode() not in (NOERROR, NXDOMAIN, YXDOMAIN):
			return None
		a = Answer(m, name, kind, signed)
		if not a.walk():
			return None
	except Broken:
		return None
	if a.private and place(name) != b"corp.example.":
		return kind, MINUTE, NOERROR, [], []
	no_name = a.rcode == NXDOMAIN and not a.answer
	return ANY_TYPE if no_name else kind, a.ttl, a.rcode, a.answer, a.authority


# ------ what comes ------

class Generator:
	def __init__(self, seed):
		self.r = random.Random(seed)

	def name(self):
		return self.r.choice(NAMES)

	def address(self, size):
		public = self.r.random() < 0.93
		if size == 4:
			return bytes([198 if public else self.r.choice((10, 127, 0)), 51, 100, self.r.randrange(4)])
		return (b"\x20\x01\x0d\xb9" if public else b"\xfd\0\0\0") + bytes(11) + bytes([self.r.randrange(4)])

	def wire(self, name, qname):
		return b"\xc0\x0c" if name == qname and self.r.random() < 0.5 else name_wire(name)

	def rdata(self, kind, qname):
		if kind in (A, AAAA):
			return self.address(4 if kind == A else 16)
		if kind in (NS, CNAME, DNAME):
			return self.wire(self.name(), qname)
		if kind == MX:
			return b"\0\1" + self.wire(self.name(), qname)
		if kind == SOA:
			return self.wire(self.name(), qname) + name_wire("h.") + struct.pack(
				">5I", 1, 2, 3, 4, self.r.choice((0, 30, 60, 9999)))
		if kind == RRSIG:
			return struct.pack(">H", self.r.choice(CODES + [NSEC])) + bytes(20)
		if kind == NSEC:
			return name_wire(self.name()) + b"\0\1\x40"
		return bytes([2]) + self.r.choice((b"ab", b"cd"))

	def record(self, qname, owner=None, kind=None):
		owner = owner or (qname if self.r.random() < 0.4 else self.name())
		kind = kind or self.r.choice(CODES + [CNAME, A, RRSIG, NSEC])
		klass = IN if self.r.random() < 0.97 else CHAOS
		ttl = self.r.choice((60, 300, 300, 7, 0, 100000, 2**31, 2**32 - 1)) if self.r.random() < 0.4 else 300
		rdata = self.rdata(kind, qname)
		return self.wire(owner, qname) + struct.pack(">HHIH", kind, klass, ttl, len(rdata)) + rdata

	def answer(self, qname, kind):
		"""What a server might say: a chain that leads to data, and whatever else."""
		found, at = [], qname
		while self.r.random() < 0.35:
			to = self.name()
			rdata = self.wire(to, qname)
			found.append(self.wire(at, qname) + struct.pack(">HHIH", CNAME, IN, 300, len(rdata)) + rdata)
			at = to
		for _ in range(self.r.choice((0, 1, 1, 2))):
			found.append(self.record(qname, at, kind))
		for _ in range(self.r.choice((0, 0, 1, 2, 5))):
			found.append(self.record(qname))
		if self.r.random() < 0.3:
			self.r.shuffle(found)
		return found

	def message(self, name, kind):
		qname = NAMES[name]
		answer = self.answer(qname, kind) if self.r.random() < 0.85 else []
		authority = [self.record(qname, kind=self.r.choice((SOA, SOA, NS, NSEC, RRSIG, A)))
			     for _ in range(self.r.choice((0, 0, 1, 1, 2, 3)))]
		additional = [self.record(qname) for _ in range(self.r.choice((0, 0, 1, 2)))]
		if self.r.random() < 0.5:
			additional.append(b"\0" + struct.pack(">HHIH", OPT, 1232, 0, 0))
		rcode = self.r.choice((NOERROR,) * 10 + (NXDOMAIN,) * 4 + (SERVFAIL, 5, YXDOMAIN, 1, 9))
		flags = QR | 0x0180 | rcode | self.r.choice((0,) * 30 + (TC, 0x0400, 0x0020))
		return struct.pack(">6H", 0, flags, 1, len(answer), len(authority), len(additional)) + \
			name_wire(qname) + struct.pack(">HH", kind, IN) + b"".join(answer + authority + additional)

	def damage(self, wire):
		wire = bytearray(wire)
		for _ in range(self.r.choice((1, 1, 2, 4))):
			how, at = self.r.randrange(5), self.r.randrange(len(wire))
			if how == 0:
				wire[at] = self.r.randrange(256)
			elif how == 1:
				wire[at] ^= 1 << self.r.randrange(8)
			elif how == 2 and len(wire) > 20:
				del wire[at:at + self.r.choice((1, 2, 11))]
			elif how == 3:
				wire[at:at] = self.r.choice((b"\0", b"\xc0\x0c", bytes(11), b"\3foo"))
			else:
				piece = self.r.randrange(len(wire))
				wire[at:at] = wire[piece:piece + self.r.choice((2, 12, 30))]
			if len(wire) < 13:
				break
		return bytes(wire[:4000])

	def case(self):
		"""(name, type, flags, message): numbers of what is asked, and what comes."""
		name, kind, flags = self.r.randrange(ASKED), self.r.randrange(len(CODES)), self.r.randrange(2)
		wire = self.message(name, CODES[kind])
		damaged = self.r.random() < 0.33
		if damaged:
			wire = self.damage(wire)
			flags |= 2 if self.r.random() < 0.05 else 0
		return name, kind, flags, wire, damaged


# ------ the comparison ------

class Reader:
	"""What the player prints."""

	def __init__(self, stream):
		self.stream = stream

	def octets(self, n):
		found = self.stream.read(n)
		if len(found) != n:
			raise SystemExit("the player ended")
		return found

	def case(self):
		"""([(name, type, flags, TTL, RCODE, message)], how many were added)."""
		entries = []
		while self.octets(1) == b"E":
			name, kind, flags = self.octets(3)
			ttl, rcode, size = struct.unpack(">IBH", self.octets(7))
			entries.append((name, kind, flags, ttl, rcode, self.octets(size)))
		return entries, self.octets(1)[0]


def is_case_right(case, entries, added):
	"""None, or what is wrong."""
	name, kind, flags, wire, damaged = case
	qname = NAMES[name].encode()
	expected = None if flags & 2 else allowed(put_question(wire, qname), qname, CODES[kind], flags & 1)
	if added != len(entries):
		return "%d entries were added, %d are answers to questions" % (added, len(entries))
	if not entries:
		return "nothing is kept, but %r" % (expected,) if expected and not damaged else None
	if len(entries) > 1 or expected is None:
		return "kept, but should not be: %r" % entries
	where, what, with_flags, ttl, rcode, kept = entries[0]
	what = CODES[what] if what != ANY_TYPE else what
	m = Message(kept)
	got = (what, ttl, rcode) + tuple([(r.owner, r.kind, r.ttl, r.rdata(kept)) for r in section]
					 for section in m.sections[:2])
	if (where, with_flags) != (name, flags & 1) or got != expected:
		return "kept:    %r\nallowed: %r" % ((where, with_flags) + got, (name, flags & 1) + expected)
	return None


def put_question(wire, qname):
	"""As the player does: the letters of the question, wherever that stands in a damaged message."""
	plain = name_wire(qname.decode())
	if len(wire) < 12 + len(plain):
		return wire
	return wire[:12] + plain + wire[12 + len(plain):]


def main():
	parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
	parser.add_argument("player")
	parser.add_argument("--runs", type=int, default=20000)
	parser.add_argument("--seed", type=int, default=1)
	arguments = parser.parse_args()
	player = subprocess.Popen([arguments.player, *TYPES, "--", *NAMES], stdin=subprocess.PIPE,
				  stdout=subprocess.PIPE)
	generator, reader = Generator(arguments.seed), Reader(player.stdout)
	done = kept = wrong = 0
	while done < arguments.runs and wrong < 5:
		cases = [generator.case() for _ in range(BATCH)]
		player.stdin.write(b"".join(bytes(c[:3]) + struct.pack(">H", len(c[3])) + c[3] for c in cases))
		player.stdin.flush()
		for case in cases:
			entries, added = reader.case()
			problem = is_case_right(case, entries, added)
			done += 1
			kept += bool(entries)
			if problem:
				wrong += 1
				print("run %d: %s %s flags %d\n%s\n%s\n" % (
					done, NAMES[case[0]], list(TYPES)[case[1]], case[2], case[3].hex(), problem))
	player.stdin.close()
	if player.wait() != 0:
		wrong += 1
		print("the player ended with status %d" % player.returncode)
	print("%d runs, %d answers kept, %d wrong" % (done, kept, wrong))
	sys.exit(1 if wrong or not kept else 0)


if __name__ == "__main__":
	main()
