#!/usr/bin/python3
"""ten35 check: in which order it tells what it finds, what it mends, and what it asks of configurations.

Usage: test_check.py PATH_TO_TEN35 [WORD...]
"""

import re

from harness import case, equal, run, zone_text


def places(text):
    """The (file, line) of each finding, in the order in which they were told."""
    return [(name, int(line)) for name, line in
            re.findall(r"^(\S+?):(\d+):\d+: (?:error|warning|note): ", text, re.M)]


# ------ order ------

@case
def findings_come_in_the_order_of_files_and_lines(t):
    # Rules look at names in the order in which they are first met; these lines go another way.
    t.write("more.inc", "q MX 1 gone\nother.org. A 192.0.2.1\nb MX 1 gone\n")
    zone = t.write("order.zone", zone_text(more="a A 192.0.2.2\nb A 192.0.2.3\n$INCLUDE more.inc\n"
                                                "b MX 1 missing\nother.org. A 192.0.2.1\n"
                                                "a MX 1 missing\nb A 192.0.2.3\n"))
    code, out, err = t.run("check", zone)
    equal(code, 0, "exit status\n" + out + err)
    equal(places(err), [(zone, n) for n in (10, 11, 12, 13)] + [("more.inc", n) for n in (1, 2, 3)], err)
    bad = t.write("bad.zone", zone_text(more="b A 192.0.2.2\nc A 192.0.2.2\nc CNAME b\nb CNAME c\nwww CNAME b\n"))
    equal(places(t.run("check", bad)[2]), [(bad, 9), (bad, 10), (bad, 11)], "errors")


if __name__ == "__main__":
    run()
