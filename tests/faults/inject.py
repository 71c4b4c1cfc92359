#!/usr/bin/env python3
"""Every system call of a server's life fails, and every process of it is killed, at each step.

	inject.py TEN35 [--sample N] [CALL...]

Starts a server under strace, has it read its zone again, and ends it; strace makes the
n-th call of a kind fail with an errno, or kills who makes it, in every process that makes
so many.  For each call that the life consists of, for each of its errnos, and for each n
there is one such life.  What has to hold:

  * a start that fails ends with a status that is not 0, and says why
  * what was served once is served on: the old zone, or the new one, never anything else
  * when the faults are over, a SIGHUP brings the new zone within ten seconds
  * SIGTERM ends everything, with status 0 unless the fault hit just that
  * when the process that was started is killed, nobody stays

--sample N takes every N-th of all lives; CALL takes these calls only.  Needs strace and
the right to trace; ends with 77, which means skipped, without.
"""
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import dns.message
import dns.rcode

START_S, BACK_S, END_S = 6, 10, 8
ZONE = "$TTL 60\n@ SOA ns h %d 2 3 4 5\n@ NS ns\nns A 10.0.0.1\nwww A 10.0.%d.1\n"

# Errors by the manuals, for those calls that can fail at all in a life like this.  Not
# close(): it closes although it fails, but a call that strace lets fail is not made.  The
# simulator has that (tests/sim/test_faults.c).
ERRORS = {
	"accept4": "EMFILE ECONNABORTED", "bind": "EACCES EADDRINUSE ENOMEM", "brk": "ENOMEM",
	"clone": "EAGAIN ENOMEM", "clone3": "EAGAIN ENOMEM", "fallocate": "EINTR EIO ENOSPC EOPNOTSUPP",
	"fcntl": "EINVAL EPERM", "fork": "EAGAIN ENOMEM", "fstat": "EIO ENOMEM",
	"ftruncate": "EINTR EIO ENOSPC EPERM", "getrandom": "EINTR ENOSYS", "getsockname": "ENOBUFS",
	"kill": "EPERM", "listen": "EADDRINUSE", "memfd_create": "EMFILE ENFILE ENOMEM ENOSYS",
	"mmap": "EAGAIN ENFILE ENOMEM", "munmap": "ENOMEM", "newfstatat": "EACCES EIO ENOMEM ENOENT",
	"openat": "EACCES EINTR EIO EMFILE ENFILE ENOMEM ENOENT ESTALE",
	"poll": "EINTR ENOMEM", "ppoll": "EINTR ENOMEM", "pread64": "EINTR EIO", "prctl": "EINVAL EPERM",
	"pwrite64": "EINTR EIO ENOSPC",
	"prlimit64": "EPERM", "read": "EINTR EIO EAGAIN ESTALE", "recvfrom": "EAGAIN EINTR ENOMEM",
	"recvmmsg": "EAGAIN EINTR ENOMEM ENOSYS", "recvmsg": "EAGAIN EINTR ENOMEM ECONNREFUSED",
	"sendmmsg": "EAGAIN EINTR ENOBUFS ENOMEM EPERM ENOSYS", "sendmsg": "EAGAIN EINTR ENOBUFS ENOMEM EPIPE",
	"sendto": "EAGAIN ENOBUFS", "setsockopt": "ENOPROTOOPT ENOMEM", "socket": "EMFILE ENFILE ENOBUFS EAFNOSUPPORT",
	"socketpair": "EMFILE ENFILE ENOMEM", "wait4": "EINTR", "write": "EAGAIN EINTR EIO ENOSPC EPIPE",
}
# As often as somebody asks, and all alike: so many of them are enough.
REPEATED = {"poll": 15, "ppoll": 15, "recvmmsg": 10, "sendmmsg": 10}
# Where a process may be killed: whatever it does, on the way in or out of one of these.
KILLED = ("openat", "read", "mmap", "memfd_create", "ftruncate", "sendmsg", "recvmsg", "close", "clone", "munmap")


def children(pid):
	try:
		with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
			return [int(word) for word in f.read().split()]
	except OSError:
		return []


def family(pid):
	return [pid] + list(itertools.chain.from_iterable(map(family, children(pid))))


def alive(pid):
	try:
		with open("/proc/%d/stat" % pid) as f:
			return f.read().rpartition(")")[2].split()[0] not in "ZX"
	except OSError:
		return False


class Wrong(Exception):
	pass


class Life:
	"""One life of a server, with one fault in it."""

	def __init__(self, ten35, fault):
		self.folder = tempfile.mkdtemp(prefix="ten35-faults-")
		self.log_path = os.path.join(self.folder, "log")
		self.trace_path = os.path.join(self.folder, "trace")
		self.write(1)
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
			s.bind(("127.0.0.1", 0))
			self.port = s.getsockname()[1]
		words = ["strace", "-f", "-qq", "-o", self.trace_path] + (["-e", "inject=" + fault, "-e",
			"trace=" + fault.partition(":")[0]] if fault else [])
		self.strace = subprocess.Popen(
			words + [ten35, "-a", "127.0.0.1", "-p", str(self.port), "-f", "none", "--watch", "0",
				 "-u", "root", "example.test=" + self.zone],
			stdout=subprocess.DEVNULL, stderr=open(self.log_path, "w"), stdin=subprocess.DEVNULL)
		self.pids = set()

	@property
	def zone(self):
		return os.path.join(self.folder, "zone")

	def write(self, version):
		with open(self.zone + ".new", "w") as f:
			f.write(ZONE % (version, version))
		os.rename(self.zone + ".new", self.zone)

	def log(self):
		with open(self.log_path) as f:
			return f.read()

	def loader(self):
		pids = children(self.strace.pid)
		return pids[0] if pids else None

	def ask(self):
		"""The version that is answered; None: no answer; else what is wrong with it."""
		query = dns.message.make_query("www.example.test.", "A")
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
			s.settimeout(0.3)
			try:
				s.sendto(query.to_wire(), ("127.0.0.1", self.port))
				reply = dns.message.from_wire(s.recv(4096))
			except OSError:
				return None
		if reply.rcode() != dns.rcode.NOERROR or not reply.answer:
			return dns.rcode.to_text(reply.rcode())
		return int(reply.answer[0][0].address.split(".")[2])

	def until(self, wanted, seconds, allowed):
		"""Asks until there is the wanted version; True when it came."""
		end = time.monotonic() + seconds
		while time.monotonic() < end:
			self.pids.update(family(self.strace.pid))
			got = self.ask()
			if got == wanted:
				return True
			if got not in allowed:
				raise Wrong("the answer is %r, and only %r may be" % (got, allowed))
			if self.strace.poll() is not None:
				return False
		return False

	def hup(self):
		pid = self.loader()
		if pid:
			os.kill(pid, signal.SIGHUP)

	def run(self, may_end):
		"""The whole life; may_end: the process that was started may be the one that is hit."""
		if not self.until(1, START_S, (None, "SERVFAIL", "REFUSED")):
			return self.has_failed_to_start()
		self.write(2)
		self.hup()
		if not self.until(2, 2, (1, None)):
			if self.strace.poll() is not None:
				if not may_end:
					raise Wrong("it ended with status %r" % self.strace.returncode)
				return self.is_gone()
			self.hup()
			if not self.until(2, BACK_S, (1, None)):
				if self.strace.poll() is not None and may_end:
					return self.is_gone()
				raise Wrong("the new zone is not served ten seconds after the fault")
		return self.ends(may_end)

	def has_failed_to_start(self):
		if self.strace.poll() is None:
			self.hup()  # a fault in the first reading may be over by now
			if self.until(1, BACK_S, (None, "SERVFAIL", "REFUSED")):
				return self.ends(True)
			raise Wrong("it neither serves nor ends")
		if self.strace.returncode == 0:
			raise Wrong("it does not start, and says status 0")
		if self.strace.returncode > 0 and self.strace.returncode < 128 and not self.log().strip():
			raise Wrong("it does not start, and does not say why")
		self.is_gone()

	def ends(self, may_end):
		self.pids.update(family(self.strace.pid))
		pid = self.loader()
		if pid:
			os.kill(pid, signal.SIGTERM)
		try:
			status = self.strace.wait(END_S)
		except subprocess.TimeoutExpired:
			raise Wrong("SIGTERM does not end it")
		if status != 0 and not may_end:
			raise Wrong("it ended with status %r" % status)
		self.is_gone()

	def is_gone(self):
		end = time.monotonic() + END_S
		while any(map(alive, self.pids - {self.strace.pid})):
			if time.monotonic() > end:
				raise Wrong("processes are left: %r" % [p for p in self.pids if alive(p)])
			time.sleep(0.02)

	def close(self):
		for pid in self.pids | set(family(self.strace.pid)):
			try:
				os.kill(pid, signal.SIGKILL)
			except ProcessLookupError:
				pass
		self.strace.wait()
		shutil.rmtree(self.folder, ignore_errors=True)


def calls_of_a_life(ten35):
	"""How often each call is made by the process that makes it most often."""
	life = Life(ten35, None)
	try:
		life.run(False)
		counts = {}
		with open(life.trace_path) as f:
			for line in f:
				m = re.match(r"(\d+) +(?:<\.\.\. )?([a-z0-9_]+)\(", line)
				if m:
					key = m.group(2), m.group(1)
					counts[key] = counts.get(key, 0) + 1
	finally:
		life.close()
	most = {}
	for (call, _), n in counts.items():
		most[call] = max(n, most.get(call, 0))
	return most


def lives(most, only):
	for call in sorted(most):
		if only and call not in only:
			continue
		for n in range(1, min(most[call], REPEATED.get(call, most[call])) + 1):
			for error in ERRORS.get(call, "").split():
				yield "%s:error=%s:when=%d" % (call, error, n)
			if call in KILLED:
				yield "%s:signal=KILL:when=%d" % (call, n)


def main():
	words = sys.argv[2:]
	sample = 1
	if words[:1] == ["--sample"]:
		sample, words = int(words[1]), words[2:]
	if not shutil.which("strace") or subprocess.run(["strace", "-o", "/dev/null", "true"],
							  capture_output=True).returncode:
		print("no strace, or no right to trace: skipped")
		sys.exit(77)
	most = calls_of_a_life(sys.argv[1])
	print("a life is %d kinds of calls; those that fail here: %s" % (
		len(most), " ".join("%s %d" % (c, n) for c, n in sorted(most.items()) if c in ERRORS)))
	wrong = count = 0
	for fault in itertools.islice(lives(most, words), 0, None, sample):
		life = Life(sys.argv[1], fault)
		count += 1
		try:
			life.run("signal=KILL" in fault or "when=" in fault and fault.startswith(("ppoll", "kill", "wait4")))
		except Wrong as e:
			wrong += 1
			print("FAIL %s: %s\n%s" % (fault, e, life.log()), flush=True)
		finally:
			life.close()
	print("%d lives, %d wrong" % (count, wrong))
	sys.exit(1 if wrong else 0)


if __name__ == "__main__":
	main()
