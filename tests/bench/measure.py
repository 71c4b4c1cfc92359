"""What the measuring commands share: starting a server, waiting for its first answer, and
reading what its processes cost from /proc."""

import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# A raised priority where that is allowed, so that other work preempts neither side.
NICE = ["nice", "-n", os.environ.get("BENCH_NICE", "-10")] if os.geteuid() == 0 else []
# An upstream server for ten35, which has one by itself: no benchmark's question goes there.
NEVER_ASKED = "127.0.0.1@9"
TYPES = {"A": 1, "NS": 2, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "DS": 43, "HTTPS": 65,
         "CAA": 257}


def tools():
    """The folder of blast, echofloor and relay: $BENCH_BIN, or built into a temporary one."""
    folder = os.environ.get("BENCH_BIN")
    if folder and os.path.exists(os.path.join(folder, "relay")):
        return folder
    folder = tempfile.mkdtemp(prefix="ten35-bench.")
    for name in ("blast", "echofloor", "relay"):
        subprocess.check_call([os.environ.get("CC", "cc"), "-O2", "-o", os.path.join(folder, name),
                               os.path.join(HERE, name + ".c")])
    os.environ["BENCH_BIN"] = folder
    return folder


def free_port():
    """A port P such that P and P + 1 are free for UDP and TCP on 127.0.0.1 at this moment."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        try:
            for p in (port, port + 1):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(socket.AF_INET, kind) as s:
                        s.bind(("127.0.0.1", p))
            return port
        except (OSError, OverflowError):
            continue


# ------ asking ------

def query(name, qtype, qid=1, rd=False):
    wire = struct.pack(">HHHHHH", qid, 0x100 if rd else 0, 1, 0, 0, 0)
    for label in name.rstrip(".").split("."):
        if label:
            wire += bytes([len(label)]) + label.encode()
    return wire + b"\0" + struct.pack(">HH", TYPES.get(qtype, 1), 1)


def wait_answer(addr, port, probe, limit=240, step=0.002, pid=0, peak=None, proc=None):
    """Seconds until the probe ("NAME TYPE") is answered NOERROR or NXDOMAIN; None: never.

    With peak, a dict, the largest PSS of the process tree seen meanwhile is left in
    peak["pss_kb"]: one sample each 0.1 s, from 0.3 s on."""
    name, qtype = probe.split()
    start = last = time.monotonic()
    i = 0
    while time.monotonic() - start < limit:
        i = (i + 1) & 0xffff
        if proc is not None and proc.poll() is not None:
            return None
        if peak is not None and time.monotonic() - start > 0.3 and time.monotonic() - last > 0.1:
            peak["pss_kb"] = max(peak["pss_kb"], memory(pid)["pss_kb"])
            last = time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(max(step, 0.05) if i > 200 else step)
            try:
                s.connect((addr, port))
                s.send(query(name, qtype, i, True))
                reply = s.recv(4096)
                if reply[:2] == struct.pack(">H", i) and reply[3] & 15 in (0, 3):
                    return time.monotonic() - start
                time.sleep(step)
            except OSError:
                time.sleep(step / 4)
    return None


# ------ processes ------

def tree(pid):
    """A process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry) as f:
                    parents[int(entry)] = int(f.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass
    found = {pid}
    while True:
        more = {p for p, parent in parents.items() if parent in found} - found
        if not more:
            return sorted(p for p in found if p in parents)
        found |= more


def memory_of(pid):
    """RSS, PSS, private and peak RSS of one process, in KiB; None when it is gone."""
    try:
        with open("/proc/%d/smaps_rollup" % pid) as f:
            rollup = f.read()
        with open("/proc/%d/status" % pid) as f:
            status = f.read()
    except OSError:
        return None

    def field(name, text):
        found = re.search(r"^%s:\s+(\d+)" % name, text, re.M)
        return int(found[1]) if found else 0
    return {"rss_kb": field("Rss", rollup), "pss_kb": field("Pss", rollup),
            "private_kb": field("Private_Dirty", rollup) + field("Private_Clean", rollup),
            "peak_kb": field("VmHWM", status)}


def memory(pid):
    """The same summed over a process tree, and procs, how many there are."""
    total = {"rss_kb": 0, "pss_kb": 0, "private_kb": 0, "peak_kb": 0, "procs": 0}
    for p in tree(pid):
        one = memory_of(p)
        if one:
            for key, value in one.items():
                total[key] += value
            total["procs"] += 1
    return total


def images(pid):
    """KiB of sealed memory files that the processes hold, each counted once.  Pages of
    these that no process has touched are in memory all the same, and in nobody's PSS."""
    sizes = {}
    for p in tree(pid):
        try:
            for fd in os.listdir("/proc/%d/fd" % p):
                path = "/proc/%d/fd/%s" % (p, fd)
                if os.readlink(path).startswith("/memfd:"):
                    stat = os.stat(path)
                    sizes[stat.st_ino] = stat.st_blocks * 512 // 1024
        except OSError:
            pass
    return sum(sizes.values())


def cpu_ticks(pid):
    """User and system time in seconds, children that have ended included."""
    ticks = 0
    for p in tree(pid):
        try:
            with open("/proc/%d/stat" % p) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            ticks += sum(int(v) for v in fields[11:15])
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def start(cmd, core, log):
    """Starts a command on one core."""
    if isinstance(cmd, str):
        cmd = shlex.split(cmd)
    pin = [] if core is None else ["taskset", "-c", str(core)]
    return subprocess.Popen(NICE + pin + cmd, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                            start_new_session=True)


def lives(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def stop(proc):
    """Ends a server and its descendants, by their ids."""
    pids = tree(proc.pid)
    for sig, targets, wait in ((signal.SIGTERM, [proc.pid], 5), (signal.SIGKILL, pids, 3)):
        for pid in targets:
            try:
                os.kill(pid, sig)
            except OSError:
                pass
        end = time.monotonic() + wait
        while time.monotonic() < end:
            proc.poll()
            if not any(map(lives, pids)):
                return
            time.sleep(0.02)
