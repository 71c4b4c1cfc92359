#!/usr/bin/env python3
"""Runs the examples of README.md and docs/*.md, so that none of them is a lie.

	run_examples.py TEN35 [PAGE...]

Three kinds of fenced blocks are run, page by page, in one folder of their own
that has build/ten35, a copy of examples/, and the source in it:

  ```sh with "$ " in front of commands   each command, its output compared with
                                         what stands below it
  ```sh without                          one script, which has to end with 0
  ```zone                                lines of a zone file of "example.": those
                                         that end in "; error" must be refused,
                                         the others read

Blocks of any other kind (```console, ```text) are not touched.  In output a
"..." stands for anything, blanks count as one, and "12 ms" is "N ms".  A
command that starts a server runs until the next one or the end of its page; of
its log the lines that are shown must be there, in that order.  The ports 5300 to
5309 are replaced by free ones, and a server that would ask the upstream servers of this
machine asks nobody.  The script that builds and serves is replaced by what it
does in the end.  Ends with 77, which means skipped, where there is no dig.
"""
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS = 120		# for one block: some compile the program
START_SECONDS = 10	# for a server, until it answers
PORT = re.compile(r"\b530[0-9]\b")	# in the pages
STAND_IN = {"sh examples/serve.sh": "build/ten35 -a 127.0.0.1 -p 5300 examples/hello.zone"}
HEAD = "$TTL 3600\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"


class Wrong(Exception):
	pass


def blocks_of(path):
	"""(line, kind, text) of each fenced block."""
	with open(path, encoding="utf-8") as f:
		lines = f.read().split("\n")
	kind, start, kept = None, 0, []
	for number, line in enumerate(lines, 1):
		if kind is None and line.startswith("```"):
			kind, start, kept = line[3:].strip(), number + 1, []
		elif kind is not None and line.startswith("```"):
			yield start, kind, "\n".join(kept) + "\n"
			kind = None
		elif kind is not None:
			kept.append(line)
	if kind is not None:
		raise Wrong("%s:%d: block is not closed" % (path, start))


def steps_of(text):
	"""(command, expected output) of a block with "$ " in front of commands."""
	steps = []
	for line in text.rstrip("\n").split("\n"):
		if line.startswith("$ "):
			steps.append([line[2:], []])
		elif not steps:
			raise Wrong("output before the first command")
		elif steps[-1][0].endswith("\\") and not steps[-1][1]:
			steps[-1][0] += "\n" + line
		else:
			steps[-1][1].append(line)
	return steps


def pattern_of(line):
	line = re.sub(r"\d+ ms\b", "N ms", re.sub(r"\s+", " ", line.strip()))
	return re.compile("".join(".*" if part == "..." else re.escape(part)
				  for part in re.split(r"(\.\.\.)", line)) + r"\Z")


def normal(text):
	return [re.sub(r"\d+ ms\b", "N ms", re.sub(r"\s+", " ", line.strip()))
		for line in text.rstrip("\n").split("\n")] if text.strip() else []


def output_matches(expected, got):
	"""A line "..." alone stands for any number of lines."""
	if not expected:
		return not got
	if expected[0].strip() == "...":
		return any(output_matches(expected[1:], got[i:]) for i in range(len(got) + 1))
	return bool(got) and bool(pattern_of(expected[0]).match(got[0])) and \
		output_matches(expected[1:], got[1:])


def free_port():
	"""A port that is free for UDP and TCP, below those that the system gives to clients."""
	while True:
		port = random.randrange(20000, 32000)
		with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
				socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
			try:
				tcp.bind(("127.0.0.1", port))
				udp.bind(("127.0.0.1", port))
			except OSError:
				continue
			return str(port)


def starts_server(command):
	words = command.split()
	return words[0] == "build/ten35" and words[1] not in ("check", "print", "diff", "sim", "-h", "-V") and \
		not words[1].startswith(("--help", "--version"))


def quiet(command):
	"""The same server, but it asks nobody whom its page does not name."""
	words = command.split()
	if not {"-f", "-c", "--forward"} & set(words):
		words[1:1] = ["-f", "none"]
	return words


class Page:
	"""One page: a folder, a port, and the servers that it has started."""

	def __init__(self, path, ten35):
		self.path = path
		self.ports = {}
		self.servers = []
		self.folder = tempfile.mkdtemp(prefix="ten35-docs-")
		os.chmod(self.folder, 0o755)	# for user nobody
		shutil.copytree(os.path.join(ROOT, "examples"),
				os.path.join(self.folder, "examples"))
		for part in ("CMakeLists.txt", "include", "src", "tests", "fuzz"):	# for what compiles
			os.symlink(os.path.join(ROOT, part), os.path.join(self.folder, part))
		os.mkdir(os.path.join(self.folder, "build"))
		shutil.copy(ten35, os.path.join(self.folder, "build", "ten35"))

	def with_ports(self, text):
		"""The same with ports that are free here."""
		return PORT.sub(lambda m: self.ports.setdefault(m.group(), free_port()), text)

	def stop_servers(self):
		for server, log in self.servers:
			server.send_signal(signal.SIGTERM)
			try:
				server.wait(10)
			except subprocess.TimeoutExpired:
				server.kill()
				server.wait()
			log.close()
		self.servers = []

	def close(self):
		self.stop_servers()
		shutil.rmtree(self.folder, ignore_errors=True)

	def run(self, script, name="sh"):
		"""Runs a script in a session of its own, and ends all that is left of it."""
		with tempfile.TemporaryFile() as out:
			p = subprocess.Popen([name, "-c", script], cwd=self.folder, stdout=out,
					     stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
					     start_new_session=True)
			try:
				status = p.wait(SECONDS)
			except subprocess.TimeoutExpired:
				status = None
			self.end_group(p.pid)
			p.poll()
			out.seek(0)
			text = out.read().decode("utf-8", "replace")
		if status is None:
			raise Wrong("not done within %d s:\n%s" % (SECONDS, text))
		return status, text

	@staticmethod
	def end_group(group):
		"""Ends what is left, and waits: the next example wants the same ports."""
		end = time.monotonic() + 5
		try:
			os.killpg(group, signal.SIGTERM)
			while time.monotonic() < end:
				os.killpg(group, 0)
				time.sleep(0.02)
			os.killpg(group, signal.SIGKILL)
		except ProcessLookupError:
			pass

	def start(self, command, expected):
		self.stop_servers()
		log = open(os.path.join(self.folder, "log"), "w+b")
		server = subprocess.Popen(quiet(command), cwd=self.folder, stdout=log, stderr=log,
					  stdin=subprocess.DEVNULL)
		self.servers.append((server, log))
		end = time.monotonic() + START_SECONDS
		while not self.log_is_right(log, expected):
			if time.monotonic() > end or server.poll() is not None:
				raise Wrong("log of '%s' is not as shown:\n%s" % (command, self.text(log)))
			time.sleep(0.05)

	@staticmethod
	def text(log):
		log.flush()
		with open(log.name, encoding="utf-8", errors="replace") as f:
			return f.read()

	def log_is_right(self, log, expected):
		lines = normal(self.text(log))
		for line in expected or ["...zone...loaded..."]:
			line = self.with_ports(line)
			while lines and not pattern_of(line).match(lines[0]):
				lines.pop(0)
			if not lines:
				return False
			lines.pop(0)
		return True

	def shell(self, text):
		if not text.startswith("$ "):
			if "build/ten35 -" in text:
				self.stop_servers()	# it starts its own
			text = self.with_ports(text)
			status, out = self.run("set -e\n" + text)
			if status != 0:
				raise Wrong("ended with %d:\n%s" % (status, out))
			return
		status = 0
		for command, expected in steps_of(text):
			command = self.with_ports(STAND_IN.get(command, command))
			if starts_server(command):
				self.start(command, expected)
				continue
			status, out = self.run("(exit %d)\n%s" % (status, command))
			expected = [self.with_ports(line) for line in expected]
			if not output_matches(expected, normal(out)):
				raise Wrong("'%s' wrote:\n%s" % (command, out))

	def zone(self, text, ten35):
		path = os.path.join(self.folder, "block.zone")
		first = HEAD.count("\n") + 1
		lines = text.split("\n")
		with open(path, "w", encoding="utf-8") as f:
			f.write(HEAD + text)
		out = subprocess.run([ten35, "check", "example=block.zone"], cwd=self.folder,
				     stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
				     timeout=SECONDS).stdout.decode("utf-8", "replace")
		refused = {int(n) for n in re.findall(r"^block\.zone:(\d+):\d+: error", out, re.M)}
		meant = {first + i for i, line in enumerate(lines) if line.endswith("; error")}
		if refused != meant:
			raise Wrong("refused: %s\nmeant:   %s\n%s" % (
				[lines[n - first] for n in sorted(refused - meant)],
				[lines[n - first] for n in sorted(meant - refused)], out))


def run_page(path, ten35):
	page = Page(path, ten35)
	wrong = done = 0
	try:
		for line, kind, text in blocks_of(path):
			try:
				if kind == "sh":
					page.shell(text)
				elif kind == "zone":
					page.zone(text, ten35)
				else:
					continue
				done += 1
			except Wrong as e:
				wrong += 1
				print("%s:%d: %s" % (os.path.relpath(path, ROOT), line, e))
	finally:
		page.close()
	print("%s: %d examples, %d wrong" % (os.path.relpath(path, ROOT), done + wrong, wrong))
	return wrong


def main():
	if len(sys.argv) < 2:
		sys.exit(__doc__)
	if not shutil.which("dig"):
		print("no dig: skipped")
		sys.exit(77)
	ten35 = os.path.abspath(sys.argv[1])
	pages = [os.path.abspath(p) for p in sys.argv[2:]]
	if not pages:
		docs = os.path.join(ROOT, "docs")
		pages = [os.path.join(ROOT, "README.md")] + sorted(
			os.path.join(at, name) for at, _, names in os.walk(docs)
			for name in names if name.endswith(".md"))
	sys.exit(1 if sum(run_page(p, ten35) for p in pages) else 0)


if __name__ == "__main__":
	main()
