#!/usr/bin/env python3
"""One DNS server against the echo floor, in alternating rounds.

  bench.py [options] NAME PORT START-COMMAND...
  bench.py --pid PID [options] NAME PORT          (a server that is running already)

Starts the server on core 0, waits until it answers, then asks from core 1 in rounds:
floor, server, floor, server, ...  Prints the medians: processor time of the server for
an answered query (all its processes, from /proc/PID/task/*/schedstat), the same of the
floor, and the ratio of the two, which is the figure to compare; microseconds move with
the machine, so many short rounds tell more than a few long ones.  `user` is the part of it
spent outside the kernel.  With --recall, what an answer of that size out of a memory of so
many KiB costs at least is measured in the same rounds.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from measure import NICE, cpu_ticks, free_port, memory, start, stop, tools, wait_answer


def blast(folder, a, addr, port, pid):
    command = NICE + ["taskset", "-c", str(a.gencore), os.path.join(folder, "blast"), "-a", addr,
                      "-p", str(port), "-w", str(a.window), "-s", str(a.socks), "-t", str(a.secs),
                      "-W", str(a.warm), "-P", str(pid)]
    command += [] if a.nogso else ["-g"]
    command += ["-e"] if a.edns else []
    command += ["-r"] if a.rd else []
    command += ["-q", str(a.rate)] if a.rate else []
    return json.loads(subprocess.check_output(command + [a.queries], timeout=a.secs + a.warm + 60))


def dnsperf_tcp(a, port, pid):
    before = cpu_ticks(pid)
    text = subprocess.check_output(
        NICE + ["taskset", "-c", str(a.gencore), "dnsperf", "-m", "tcp", "-s", a.addr, "-p",
                str(port), "-d", a.queries, "-l", str(a.secs), "-c", str(a.socks), "-q",
                str(a.window), "-T", "1"], text=True, stderr=subprocess.STDOUT, timeout=a.secs + 60)
    used = cpu_ticks(pid) - before

    def number(label):
        return float(re.search(label + r":\s+([\d.]+)", text)[1])
    n, seconds = number("Queries completed"), number(r"Run time \(s\)")
    return {"answered": n, "lost": number("Queries lost"), "qps": n / seconds,
            "cpu_us": used * 1e6 / max(n, 1), "user_us": 0, "cpu_share": used / seconds,
            "avg_bytes": 0, "rcode": {}}


def arguments():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--queries", required=True, help='file of lines "NAME TYPE"')
    p.add_argument("--addr", default="127.0.0.1")
    p.add_argument("--probe", help="question to wait for (the first of the queries)")
    p.add_argument("--rounds", type=int, default=20)
    p.add_argument("--secs", type=float, default=0.5)
    p.add_argument("--warm", type=float, default=0.1)
    p.add_argument("--window", type=int, default=128)
    p.add_argument("--socks", type=int, default=4)
    p.add_argument("--rate", type=float, default=0)
    p.add_argument("--nogso", action="store_true")
    p.add_argument("--edns", action="store_true")
    p.add_argument("--rd", action="store_true")
    p.add_argument("--floor", default="mmsg", help="kind of echofloor, or none")
    p.add_argument("--pad", type=int, default=0, help="octets of the floor's replies, at least")
    p.add_argument("--recall", type=int, default=0, help="KiB of the limit's table")
    p.add_argument("--tcp", action="store_true", help="dnsperf by TCP instead; no floor")
    p.add_argument("--json", help="append the result to this file")
    p.add_argument("--core", default="0")
    p.add_argument("--gencore", type=int, default=1)
    p.add_argument("--limit", type=float, default=240, help="seconds to wait for an answer")
    p.add_argument("--pid", type=int)
    p.add_argument("name")
    p.add_argument("port", type=int)
    p.add_argument("cmd", nargs=argparse.REMAINDER)
    return p.parse_args()


def median(rounds, key):
    return statistics.median(r[key] for r in rounds)


def echo(folder, a, log, kind, *words):
    """An echofloor on core 0: its port and the process."""
    port = free_port()
    process = start([os.path.join(folder, "echofloor"), kind, "127.0.0.1", str(port), *map(str, words)], a.core, log)
    time.sleep(0.2)
    return port, process


def rounds(a, folder, pid, floor, limit):
    """[(floor, limit, server)] of each round; of what is not wanted None."""
    out = []
    for number in range(1, a.rounds + 1):
        below, least = (blast(folder, a, "127.0.0.1", e[0], e[1].pid) if e else None for e in (floor, limit))
        served = dnsperf_tcp(a, a.port, pid) if a.tcp else blast(folder, a, a.addr, a.port, pid)
        if not served["answered"]:
            sys.exit("bench.py: %s answered nothing in round %d" % (a.name, number))
        out.append((below, least, served))
    return out


def summarize(result, pairs):
    served = [s for _, _, s in pairs]
    floors = [f for f, _, _ in pairs if f]
    for key, digits in (("cpu_us", 3), ("user_us", 3), ("qps", 0), ("cpu_share", 2),
                        ("avg_bytes", 1)):
        result[key] = round(median(served, key), digits)
    result["cpu_us_min"] = round(min(s["cpu_us"] for s in served), 3)
    result["qps_max"] = round(max(s["qps"] for s in served))
    result["lost"] = sum(s["lost"] for s in served)
    result["rcode"] = served[-1]["rcode"]
    if floors:
        result["floor_us"] = round(median(floors, "cpu_us"), 3)
        result["ratio"] = round(statistics.median(s["cpu_us"] / f["cpu_us"] for f, _, s in pairs), 2)
        result["ratio_min"] = round(result["cpu_us_min"] / min(f["cpu_us"] for f in floors), 2)
    if floors and pairs[0][1]:
        result["limit"] = round(statistics.median(l["cpu_us"] / f["cpu_us"] for f, l, _ in pairs), 2)
    return result


def main():
    a = arguments()
    folder = tools()
    with open(a.queries) as f:
        probe = a.probe or " ".join(f.readline().split())
    log = tempfile.TemporaryFile("w+")
    result = {"name": a.name, "queries": os.path.basename(a.queries), "tcp": a.tcp}
    server = floor = limit = None
    peak = {"pss_kb": 0}
    try:
        if not a.pid:
            server = start(a.cmd, a.core, log)
        pid = a.pid or server.pid
        up = wait_answer(a.addr, a.port, probe, limit=a.limit, pid=pid, peak=peak, proc=server)
        if up is None:
            log.seek(0)
            print(log.read()[-2000:], file=sys.stderr)
            sys.exit("%s: no answer" % a.name)
        time.sleep(0.3)
        idle = memory(pid)
        result.update(start_s=round(up, 4), pss_kb=idle["pss_kb"], rss_kb=idle["rss_kb"],
                      pss_peak_kb=max(peak["pss_kb"], idle["pss_kb"]), load_cpu_s=cpu_ticks(pid))
        if a.floor != "none" and not a.tcp:
            floor = echo(folder, a, log, a.floor, a.pad)
        if floor and a.recall:
            size = blast(folder, a, a.addr, a.port, pid)["avg_bytes"]
            limit = echo(folder, a, log, "recall", round(size), a.recall)
        summarize(result, rounds(a, folder, pid, floor, limit))
        result["pss_after_kb"] = memory(pid)["pss_kb"]
    finally:
        for process in (floor and floor[1], limit and limit[1], server):
            if process:
                stop(process)
    print("%(name)-8s %(queries)-13s cpu %(cpu_us)6.3f us (user %(user_us)5.3f)  %(qps)7d q/s "
          "(max %(qps_max)7d)  lost %(lost)d  %(avg_bytes)4.0f B" % result, end="")
    if "ratio" in result:
        print("  ratio to floor %(ratio).2f (min/min %(ratio_min).2f, floor %(floor_us).3f us)"
              % result, end="")
    if "limit" in result:
        print("  limit %(limit).2f" % result, end="")
    print("  pss %(pss_kb)d KiB, peak %(pss_peak_kb)d, after %(pss_after_kb)d" % result)
    if a.json:
        with open(a.json, "a") as f:
            f.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
