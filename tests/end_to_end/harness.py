"""What the end-to-end tests share: cases, servers of their own, and questions to ask.

A test file defines functions with @case whose names read as rules, and ends with
run().  Each case runs in a process of its own with a folder of its own, several at a
time, because most of them wait; it is ended when it takes too long.  Only loopback
and free ports are used, and only processes that a case started are ended, by their id.
"""

import collections
import contextlib
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

NOT_INSTALLED = 77  # what ctest takes for "skipped"

try:
    import dns.edns
    import dns.exception
    import dns.flags
    import dns.message
    import dns.query
    import dns.rcode
    import dns.rdatatype
    import dns.reversename
    import dns.rrset
except ImportError:
    # Debian's dnspython belongs to Debian's Python, which may not be the first in PATH.
    debian = "/usr/bin/python3"
    if os.path.exists(debian) and os.path.realpath(sys.executable) != os.path.realpath(debian):
        os.execv(debian, [debian] + sys.argv)
    print("skipped: dnspython is not installed (package python3-dnspython)")
    sys.exit(NOT_INSTALLED)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HELLO = os.path.join(ROOT, "examples", "hello.zone")
AT_ONCE = 4          # cases
CASE_SECONDS = 60    # of one case, unless it asks for more
START_SECONDS = 20   # for a small zone, on a machine that is busy or with sanitizers
WATCH = ["--watch", "1"]
# By then a change is noticed: one look, one reading, one more look, and much slack, for
# readers are nice to others, and tests of sanitized programs have busy neighbours.
WATCH_SECONDS = 24
LARGE_SECONDS = 60   # a large zone at that low priority

CASES = []


class Skip(Exception):
    """This machine lacks what a case needs."""


def case(function=None, *, seconds=CASE_SECONDS):
    """Marks a function as a case; its name is the rule that it proves."""
    if function is None:
        return lambda f: case(f, seconds=seconds)
    CASES.append((function, seconds))
    return function


def rule(function):
    return function.__name__.replace("_", " ")


# ------ waiting ------

def wait_until(condition, seconds, what):
    """The first true value of condition(); a failure that says what did not come."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %g s in vain until %s" % (seconds, what))
        time.sleep(0.02)


def equal(found, expected, what):
    assert found == expected, "%s: expected %r, found %r" % (what, expected, found)


def contains(text, part, what="the output"):
    assert part in text, "%s lacks %r:\n%s" % (what, part, text)


# ------ ports and processes ------

def free_port(host="127.0.0.1"):
    """A port that is free for UDP and TCP at this moment, in every family that there is."""
    hosts = {host, "0.0.0.0"} | ({"::"} if has_ip6() else set())
    while True:
        # Below the ports that the system gives to clients: no query takes it meanwhile.
        port = random.randrange(20000, 32000)
        try:
            for at in hosts:
                family = socket.AF_INET6 if ":" in at else socket.AF_INET
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(family, kind) as s:
                        if family == socket.AF_INET6:
                            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                        s.bind((at, port))
        except OSError:
            continue
        return port


def has_ip6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def stat_of(pid):
    """(state, parent, start time in ticks) of a process, or None when it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[19])


def alive(pid):
    stat = stat_of(pid)
    return stat is not None and stat[0] not in "ZX"


def children(pid):
    """The children of a process that live, the oldest first."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = stat_of(int(entry))
            if stat and stat[1] == pid and stat[0] not in "ZX":
                found.append((stat[2], int(entry)))
    return [child for _, child in sorted(found)]


def status_of(pid):
    """/proc/PID/status as {field: words}."""
    with open("/proc/%d/status" % pid) as f:
        return {line.split(":")[0]: line.split(":")[1].split() for line in f if ":" in line}


def rss_kib(pid):
    return int(status_of(pid)["VmRSS"][0])


def open_files(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def is_sanitized(binary):
    """Sanitizers change how much memory and time things take."""
    with open(binary, "rb") as f:
        return b"__asan_init" in f.read()


def build(t, source, *words):
    """Compiles a program of tests/ into the case's folder; its path."""
    path = t.path(os.path.basename(source)[:-2])
    for compiler in (os.environ.get("CC", "cc"), "gcc", "clang"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run([compiler, "-O2", "-o", path, os.path.join(os.path.dirname(HERE), source),
                            *words], check=True)
            return path
    raise Skip("no C compiler here")


# ------ questions ------

def question(name, kind="A", edns=True, **more):
    return dns.message.make_query(name, kind, use_edns=0 if edns else -1, **more)


def ask_at(address, port, name, kind="A", tcp=False, timeout=5, source=None, **more):
    q = question(name, kind, **more)
    if tcp:
        return dns.query.tcp(q, address, port=port, timeout=timeout, source=source)
    # Other cases run at the same time, and some send to every port.
    return dns.query.udp(q, address, port=port, timeout=timeout, source=source, ignore_unexpected=True)


def records(section):
    """A section as a set of 'name TTL TYPE data'."""
    return {"%s %d %s %s" % (rrset.name, rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata)
            for rrset in section for rdata in rrset}


def addresses(reply):
    """The data of the A and AAAA records in the answer section, sorted."""
    return sorted(rdata.address for rrset in reply.answer for rdata in rrset
                  if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA))


def ede_codes(reply):
    return [option.code for option in reply.options if isinstance(option, dns.edns.EDEOption)]


def framed(wire):
    """A message as it goes over TCP."""
    return struct.pack(">H", len(wire)) + wire


def read_exactly(stream, n):
    data = b""
    while len(data) < n:
        part = stream.recv(n - len(data))
        if not part:
            raise EOFError("closed after %d of %d octets" % (len(data), n))
        data += part
    return data


def read_message(stream):
    size = struct.unpack(">H", read_exactly(stream, 2))[0]
    return dns.message.from_wire(read_exactly(stream, size))


# ------ a server ------

class Server:
    """A ten35 that is running; its log is collected in a file."""

    def __init__(self, case_, arguments, address="127.0.0.1", port=None, user="root", listen=True,
                 prefix=(), forward=("-f", "none")):
        self.address = address
        self.prefix = list(prefix)
        self.log_path = case_.path("log-%d" % len(case_.servers))
        for _ in range(5):
            self.port = port or free_port()
            command = list(prefix) + [case_.binary]
            if listen:
                command += ["-a", address]
            command += ["-p", str(self.port)]
            if user and os.geteuid() == 0:
                command += ["-u", user]
            # Without being told otherwise nobody is asked: no test speaks to the world.
            self.command = command + list(forward) + [str(a) for a in arguments]
            with open(self.log_path, "wb") as log:
                self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                                stderr=log)
            self.pid = self.process.pid
            wait_until(lambda: "listening at" in self.log() or self.process.poll() is not None,
                       START_SECONDS, "the server listens")
            # Between our look and its bind somebody may have taken the port.
            if port or "cannot listen" not in self.log():
                return

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def logged(self, pattern, seconds=START_SECONDS, times=1):
        """Waits until the log has so many lines that match."""
        def enough():
            return len(re.findall(pattern, self.log(), re.M)) >= times
        wait_until(enough, seconds, "the log says %r %d times:\n%s" % (pattern, times, self.log()))

    def count(self, pattern):
        return len(re.findall(pattern, self.log(), re.M))

    def ask(self, name, kind="A", address=None, **more):
        return ask_at(address or self.address, self.port, name, kind, **more)

    def try_ask(self, name, kind="A", timeout=0.3, **more):
        """The reply, or None when none came."""
        try:
            return self.ask(name, kind, timeout=timeout, **more)
        except (dns.exception.DNSException, OSError, EOFError):
            return None

    def wait_for(self, name, kind="A", data=None, seconds=START_SECONDS, **more):
        """Waits for a NOERROR answer, and if data is given, for that address in it."""
        def good():
            reply = self.try_ask(name, kind, **more)
            if reply is None or reply.rcode() != dns.rcode.NOERROR:
                return None
            return reply if data is None or data in addresses(reply) else None
        return wait_until(good, seconds, "%s %s is answered%s; the log:\n%s" % (
            name, kind, " with %s" % data if data else "", self.log()[-3000:]))

    def ready(self):
        """Waits until the processes that answer have what the log tells of (EDE 14 until then).

        The question is one that is never passed on: without RD, for a name of no zone.
        """
        in_namespace = "netns" in self.prefix
        def is_loading():
            if not in_namespace:
                reply = self.try_ask("nowhere.example.", flags=0)
                return reply is not None and reply.rcode() == dns.rcode.SERVFAIL
            said = subprocess.run([*self.prefix, "dig", "+norec", "+tries=1", "+time=1", "-p", str(self.port),
                                   "@" + self.address, "nowhere.example."], capture_output=True,
                                  text=True, check=False).stdout
            return "status: SERVFAIL" in said
        in_a_row = 1 if in_namespace else 4     # there may be more than one
        wait_until(lambda: not any(is_loading() for _ in range(in_a_row)), START_SECONDS, "all is read")

    def counters(self):
        """What server 0 has counted until now (SIGUSR1): {"udp": 11, "NOERROR": 10, ...}."""
        pattern = r"^ten35: server 0: (udp .*)$"
        before = self.count(pattern)
        self.signal(signal.SIGUSR1)
        self.logged(pattern, times=before + 1)
        words = re.findall(pattern, self.log(), re.M)[-1].split()
        return collections.Counter(dict(zip(words[::2], map(int, words[1::2]))))

    def connect(self, source=None, timeout=5):
        s = socket.create_connection((self.address, self.port), timeout=timeout,
                                     source_address=(source, 0) if source else None)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return s

    def signal(self, number):
        os.kill(self.pid, number)

    def servers(self):
        """The processes that answer, the oldest first; while zones are read, also who reads."""
        return children(self.pid)

    def settled(self, count=1, seconds=START_SECONDS):
        """The processes that answer, once nobody reads zones and there are so many."""
        found = []

        def are_so_many():
            found[:] = self.servers()   # a moment later somebody may read again
            return len(found) == count
        wait_until(are_so_many, seconds, "%d processes" % count)
        return found

    def finished(self, seconds=START_SECONDS):
        """The exit status, once it has ended by itself."""
        return self.process.wait(timeout=seconds)

    def stop(self):
        """Ends it; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                for pid in [self.pid] + children(self.pid):
                    with contextlib.suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
                self.process.wait(timeout=5)
        return self.process.returncode


# ------ a case ------

ZONE = """$ORIGIN %(origin)s
$TTL 300
@ IN SOA ns.%(origin)s hostmaster.%(origin)s %(serial)d 3600 900 604800 60
@ IN NS ns
ns IN A 192.0.2.1
www IN A %(www)s
"""


def zone_text(www="192.0.2.10", origin="example.test.", serial=1, more=""):
    """A small zone whose www says which version it is."""
    return ZONE % {"www": www, "origin": origin, "serial": serial} + more


class Case:
    """What a case works with: a folder, and the servers that it started."""

    def __init__(self, binary):
        self.binary = binary
        self.servers = []
        self.folder = tempfile.mkdtemp(prefix="ten35-test.")
        os.chmod(self.folder, 0o755)  # servers may be somebody else

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """Writes a file in place; its path."""
        with open(self.path(name), "w") as f:
            f.write(text)
        os.chmod(self.path(name), 0o644)
        return self.path(name)

    def replace(self, name, text):
        """Replaces a file by a new one with rename(), as editors do."""
        os.rename(self.write(name + ".new", text), self.path(name))

    def start(self, *arguments, **how):
        """Starts a server and does not wait for zones."""
        server = Server(self, arguments, **how)
        self.servers.append(server)
        return server

    def serve(self, *arguments, **how):
        """Starts a server and waits until it has read its zones."""
        server = self.start(*arguments, **how)
        server.logged(r"^ten35: (zone .* loaded|.*: not loaded|no zone could)")
        server.ready()
        return server

    def run(self, *arguments, user="root", **how):
        """Runs ten35 to its end: exit status, standard output, standard error."""
        done = subprocess.run([self.binary] + [str(a) for a in arguments], capture_output=True,
                              text=True, timeout=START_SECONDS, stdin=subprocess.DEVNULL, **how)
        return done.returncode, done.stdout, done.stderr

    def end(self):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def run_case(function, seconds, binary):
    """In a process of its own: 0, 1, or NOT_INSTALLED, and what there is to say on stdout."""
    def too_late(*_):
        raise AssertionError("not done after %d s" % seconds)

    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(seconds)
    work = Case(binary)
    try:
        function(work)
        result = 0
    except Skip as why:
        print("    %s" % why)
        result = NOT_INSTALLED
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        for server in work.servers:
            print("    the log of %s:\n%s" % (" ".join(server.command), server.log()[-4000:]))
        result = 1
    signal.alarm(0)
    work.end()
    return result


def start_case(function, seconds, binary):
    output = tempfile.TemporaryFile("w+")
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        result = run_case(function, seconds, binary)
        sys.stdout.flush()
        os._exit(result)
    return pid, (function, output, time.monotonic())


def report(running, counts):
    """Waits for one case and prints its line."""
    pid, status = os.wait()
    function, output, began = running.pop(pid)
    result = {0: "ok", NOT_INSTALLED: "skip"}.get(os.waitstatus_to_exitcode(status), "FAIL")
    counts[result] += 1
    print("%-4s %s (%.1f s)" % (result, rule(function), time.monotonic() - began))
    output.seek(0)
    sys.stdout.write(output.read())
    sys.stdout.flush()


def run(at_once=AT_ONCE):
    """Runs the cases of a test file: BINARY [WORD...] runs those with a word in their names."""
    if len(sys.argv) < 2:
        sys.exit("usage: %s PATH_TO_TEN35 [WORD...]" % sys.argv[0])
    binary = os.path.abspath(sys.argv[1])
    words = sys.argv[2:]
    counts = {"ok": 0, "skip": 0, "FAIL": 0}
    running = {}
    for function, seconds in CASES:
        if words and not any(word in rule(function) for word in words):
            continue
        if len(running) == at_once:
            report(running, counts)
        pid, entry = start_case(function, seconds, binary)
        running[pid] = entry
    while running:
        report(running, counts)
    print("%(ok)d passed, %(FAIL)d failed, %(skip)d skipped" % counts)
    sys.exit(1 if counts["FAIL"] else 0)
