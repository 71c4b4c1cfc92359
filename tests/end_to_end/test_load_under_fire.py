#!/usr/bin/python3
"""Reloads a large zone under 20,000 queries a second: nothing is lost, nothing is mixed.

Usage: test_load_under_fire.py PATH_TO_TEN35 [--full]

By default 100,000 names and 3 reloads, some ten seconds.  With --full, or with
TEN35_FULL=1 in the environment: a million names and 10 reloads, about two minutes.

The load comes from tests/bench/fire.c, which looks at every record of every answer.
A query has five seconds to be answered.  So many queries wait at once as the socket
of the server has room for: as root it takes a larger one (net/listener.c), else the
usual 212,992 octets, which are 277 small datagrams.
"""

import json
import os
import signal
import subprocess
import sys
import time

from harness import ROOT, build, case, equal, run

BENCH = os.path.join(ROOT, "tests", "bench")
sys.path.insert(0, BENCH)
import gen  # noqa: E402

RATE = 20000
WINDOW_ROOT, WINDOW = 2000, 250
FULL = "--full" in sys.argv or os.environ.get("TEN35_FULL") == "1"
NAMES, RELOADS, LIMIT = (1000000, 10, 600) if FULL else (100000, 3, 120)


def reload_under_fire(t, server, fire, first, label):
    """Puts RELOADS versions in place while fire asks; what it counted."""
    window = WINDOW_ROOT if os.geteuid() == 0 else WINDOW
    shooter = subprocess.Popen([fire, server.address, str(server.port), str(RATE), str(window),
                                str(LIMIT), t.path("q-big.txt")], stdout=subprocess.PIPE, text=True)
    try:
        time.sleep(1)
        for v in range(first, first + RELOADS):
            gen.version(t.path("big.zone"), t.path("next.zone"), v)
            os.rename(t.path("next.zone"), t.path("served.zone"))
            server.signal(signal.SIGHUP)
            server.logged(r"reloaded: .* serial %d," % (gen.SERIAL + v), seconds=LIMIT)
        time.sleep(1)
        shooter.send_signal(signal.SIGTERM)
        result = json.loads(shooter.communicate(timeout=30)[0])
    finally:
        if shooter.poll() is None:
            shooter.kill()
            shooter.wait()
    print("    %s: %d queries in %.1f s (%.0f a second), lost %d, mixed %d, older %d, wrong %d, "
          "versions %d, slowest answer %.1f ms, generator held up %.1f ms at most" % (
              label, result["sent"], result["seconds"], result["sent"] / result["seconds"],
              result["lost"], result["mixed"], result["older"], result["wrong"],
              result["versions"], result["slowest_ms"], result["held_up_ms"]))
    return result


@case(seconds=LIMIT)
def a_reload_under_fire_loses_nothing_and_mixes_no_versions(t):
    fire = build(t, "bench/fire.c")
    gen.big(t.folder, NAMES)
    gen.queries(t.folder, "big", [str(NAMES)])
    gen.version(t.path("big.zone"), t.path("served.zone"), 1)
    os.chmod(t.path("served.zone"), 0o644)
    server = t.start("--watch", "0", t.path("served.zone"))
    server.wait_for("tld.test.", "SOA", seconds=60)
    result = reload_under_fire(t, server, fire, 2, "UDP")
    for what in ("lost", "mixed", "older", "wrong"):
        equal(result[what], 0, what)
    equal(result["newest"], 1 + RELOADS, "the last version that was seen")
    equal(result["versions"], 1 + RELOADS, "versions seen")
    equal(server.count("died|ended|cut short"), 0, "complaints in the log")
    server.settled()


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--full"]
    run()
