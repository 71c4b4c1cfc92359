#!/usr/bin/python3
"""ten35 check: in which order it tells what it finds, what it mends, and what it asks of configurations.

Usage: test_check.py PATH_TO_TEN35 [WORD...]
"""

import json
import os
import pty
import re
import shutil
import stat
import subprocess

from harness import Skip, case, contains, equal, run, zone_text


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


# ------ --fix ------

HEAD = "$ORIGIN example.test.\n$TTL 300\n@ SOA ns h 1 3600 900 604800 60\n@ NS ns\nns A 192.0.2.1\n"


def write(t, name, data):
    with open(t.path(name), "wb") as f:
        f.write(data.encode())
    return t.path(name)


def read(t, name):
    with open(t.path(name), "rb") as f:
        return f.read().decode()


@case
def fix_mends_shows_the_lines_and_checks_again(t):
    zone = write(t, "a.zone", HEAD + "w CNAME  ns.example.test ; ours\nx\tTXT b\\c \xe9\n"
                 "a MX 1 missing\na MX 1 missing\n")
    os.chmod(zone, 0o640)
    code, out, err = t.run("check", "--fix", zone)
    equal((code, places(err)), (0, [(zone, 8)]), out + err)
    equal(out, "%s:6\n-w CNAME  ns.example.test ; ours\n+w CNAME  ns.example.test. ; ours\n"
               "%s:9\n-a MX 1 missing\n%s: good: 6 records, serial 1, 1 warning\n" % (zone, zone, zone),
          "standard output")
    equal(read(t, "a.zone"), HEAD + "w CNAME  ns.example.test. ; ours\nx\tTXT b\\c \xe9\na MX 1 missing\n",
          "the file")
    equal(stat.S_IMODE(os.stat(zone).st_mode), 0o640, "mode")
    before = os.stat(zone)
    code, again, _ = t.run("check", "--fix", "-W", zone)
    equal((code, again), (1, "%s: good: 6 records, serial 1, 1 warning\n" % zone), "once more, -W")
    equal((os.stat(zone).st_ino, os.stat(zone).st_mtime_ns), (before.st_ino, before.st_mtime_ns), "untouched")
    equal(os.listdir(t.folder), ["a.zone"], "nothing is left behind")


@case
def fix_keeps_line_ends_and_their_lack(t):
    zone = write(t, "a.zone", (HEAD + "a TXT b\na 60 TXT c\nx TXT y").replace("\n", "\r\n") + "\r\na TXT b")
    code, out, err = t.run("check", "--fix", zone)
    equal((code, err), (0, ""), out)
    equal(read(t, "a.zone"), (HEAD + "a TXT b\na 300 TXT c\nx TXT y\n").replace("\n", "\r\n"), "the file")
    assert "\r" not in out, "a line's end that plays tricks"


@case
def fix_follows_links_and_mends_included_files(t):
    os.mkdir(t.path("real"))
    zone = write(t, "real/a.zone", HEAD + "$INCLUDE more.inc\nw.example.test A 192.0.2.2")
    write(t, "real/more.inc", "m MX 1 ns.example.test")
    os.symlink("real/a.zone", t.path("link.zone"))
    # $INCLUDE looks into the folder of the path that was given.
    os.symlink("real", t.path("folder"))
    code, out, err = t.run("check", "--fix", t.path("folder/a.zone"))
    equal((code, err), (0, ""), out)
    contains(out, "more.inc:1\n-m MX 1 ns.example.test\n+m MX 1 ns.example.test.\n")
    equal((read(t, "real/more.inc"), read(t, "real/a.zone")),
          ("m MX 1 ns.example.test.", HEAD + "$INCLUDE more.inc\nw.example.test. A 192.0.2.2"), "files")
    write(t, "real/a.zone", HEAD + "w.example.test A 192.0.2.2")
    equal(t.run("check", "--fix", t.path("link.zone"))[0::2], (0, ""), "by a link")
    equal(read(t, "real/a.zone"), HEAD + "w.example.test. A 192.0.2.2", "the file behind the link")
    assert os.path.islink(t.path("link.zone")), "the link is gone"
    assert not os.path.islink(zone)


@case
def a_file_of_two_zones_is_left_alone(t):
    shared = "a TXT b\na TXT b\n"
    write(t, "more.inc", shared)
    one = write(t, "one.zone", HEAD + "$INCLUDE more.inc\nc TXT d\nc TXT d\n")
    two = write(t, "two.zone", HEAD.replace("example", "other") + "$INCLUDE more.inc\n")
    for words in ([one, two], [write(t, "a.conf", "zone example.test %s\nzone other.test %s\n" % (one, two))]):
        write(t, "one.zone", HEAD + "$INCLUDE more.inc\nc TXT d\nc TXT d\n")
        code, out, err = t.run("check", "--fix", *words)
        equal((code, err.count("[duplicate]")), (0, 1), out + err)
        equal((read(t, "more.inc"), read(t, "one.zone")), (shared, HEAD + "$INCLUDE more.inc\nc TXT d\n"), "files")
    twice = write(t, "twice.zone", HEAD + "$INCLUDE more.inc\n$INCLUDE more.inc x\n")
    t.run("check", "--fix", twice)
    equal(read(t, "more.inc"), shared, "included twice by one zone")
    body = "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\nw 60 CNAME ns.x.test\n"
    bare = write(t, "bare.zone", body)
    t.run("check", "--fix", "x.test=" + bare, "y.test=" + bare)
    equal(read(t, "bare.zone"), body, "a file for two origins")
    t.run("check", "--fix", "x.test=" + bare)
    equal(read(t, "bare.zone"), body.replace("ns.x.test", "ns.x.test."), "and for one")


@case
def a_file_that_cannot_be_replaced_stays_and_the_reason_is_said(t):
    zone = write(t, "a.zone", HEAD + "a TXT b\na TXT b\n")
    os.link(zone, t.path("b.zone"))
    code, out, err = t.run("check", "--fix", zone)
    equal(code, 1, "exit status")
    contains(err, "%s: not fixed: it has several names (hard links)\n" % zone)
    assert "\n-" not in out, "what was not done is not shown"
    if os.geteuid() != 0:
        raise Skip("the rest needs root, to become somebody else")
    os.unlink(t.path("b.zone"))
    shutil.copy(t.binary, t.path("ten35"))
    for mode, owner in ((0o644, 0), (0o444, 65534)):
        os.chmod(zone, mode)
        os.chown(zone, owner, owner)
        os.chown(t.folder, owner, owner)
        done = subprocess.run([t.path("ten35"), "check", "--fix", zone], capture_output=True, text=True,
                              check=False, user=65534, group=65534, extra_groups=[])
        equal(done.returncode, 1, "exit status")
        contains(done.stderr, "%s: not fixed: no permission to write it, or into its folder\n" % zone)
        equal(read(t, "a.zone"), HEAD + "a TXT b\na TXT b\n", "the file")
        equal(sorted(os.listdir(t.folder)), ["a.zone", "ten35"], "nothing is left behind")


@case
def a_zone_with_errors_or_that_would_have_some_is_left_alone(t):
    text = HEAD + "a TXT b\na TXT b\nc A 1.2.3\n"
    zone = write(t, "a.zone", text)
    code, out, err = t.run("check", "--fix", zone)
    equal((code, out, read(t, "a.zone")), (1, "%s: 1 error\n" % zone, text), err)
    # Two sets of 40,000 octets each are good; together they would not fit into a message.
    text = HEAD + "".join("%s TXT %s\n" % (owner, " ".join(['"%s%03d"' % (mark, i) + "x" * 200
                                                             for i in range(190)]))
                          for owner, mark in (("big", "a"), ("big.example.test", "b")))
    zone = write(t, "big.zone", text)
    code, out, err = t.run("check", "--fix", zone)
    equal((code, read(t, "big.zone") == text), (0, True), out + err)
    contains(err, "%s: not fixed: with all changes it would have these errors\n" % zone)
    contains(err, "[too-large]")


@case
def fix_tells_programs_in_json_and_people_in_colours(t):
    zone = write(t, "a.zone", HEAD + "a TXT b\na TXT b\na MX 1 x\n")
    code, out, err = t.run("check", "--json", "--fix", zone)
    equal((code, err), (0, "%s:7\n-a TXT b\n" % zone), "standard error")
    equal([json.loads(line)["id"] for line in out.splitlines()], ["target-missing"], "standard output")
    write(t, "a.zone", HEAD + "a 60 TXT b\na 90 TXT c\n")
    ours, theirs = pty.openpty()
    subprocess.run([t.binary, "check", "--fix", zone], stdout=theirs, check=True,
                   env={**os.environ, "NO_COLOR": ""})
    os.close(theirs)
    contains(os.read(ours, 65536).decode(), "\033[31m-a 90 TXT c\033[0m\r\n\033[32m+a 60 TXT c\033[0m\r\n")
    os.close(ours)


@case
def what_was_mended_is_served_alike(t):
    was = write(t, "was.zone", HEAD + "a TXT b\na 60 TXT c\nA TXT b\nb 7 A 192.0.2.2\n  9 A 192.0.2.3\n")
    now = t.path("now.zone")
    shutil.copy(was, now)
    equal(t.run("check", "--fix", "-W", now)[0::2], (0, ""), "fix")
    equal(t.run("diff", was, now), (0, "", ""), "differences")


# ------ configurations ------

@case
def a_zone_that_is_named_twice_is_an_error(t):
    zone = t.write("a.zone", zone_text())
    conf = t.write("a.conf", "zone example.test %s\nzone b.example.test %s\nzone EXAMPLE.test. %s overlay\n"
                             "zone example.test. %s\nzone b..c %s\nzone b..c %s\n" % ((zone,) * 6))
    code, _, err = t.run("check", conf)
    equal(code, 1, "exit status")
    equal([line for line in err.splitlines() if "[zone-twice]" in line],
          ["%s:3:6: error: this zone is named on line 1 already [zone-twice]" % conf,
           "%s:4:6: error: this zone is named on line 3 already [zone-twice]" % conf], err)


@case
def a_user_that_is_not_there_is_an_error(t):
    conf = t.write("a.conf", "user nobody\nwatch 1\nuser  no-such-user-here\n")
    code, _, err = t.run("check", conf)
    equal(code, 1, "exit status")
    contains(err, "%s:3:7: error: no such user in /etc/passwd (a number works too: UID:GID) [no-user]\n" % conf)
    for user in ("nobody", "root", "123:456"):
        equal(t.run("check", t.write("a.conf", "user %s\n" % user))[0::2], (0, ""), user)


@case
def a_file_that_the_user_could_not_read_is_a_warning(t):
    if os.geteuid() != 0:
        raise Skip("needs root: others see only what they can read themselves")
    os.mkdir(t.path("shut"))
    zone = t.write("shut/a.zone", zone_text())
    os.symlink(zone, t.path("link"))

    def warned(path, user="user 12:34\n", code=0):
        found, out, err = t.run("check", t.write("a.conf", "%szone example.test %s\n" % (user, path)))
        equal(found, code, out + err)
        return re.findall(r"^\S+:(\d+:\d+): warning: (user .*) \[user-cannot-read\]$", err, re.M)

    for owner, mode, folder, good in (
            ((0, 0), 0o644, 0o755, True), ((0, 0), 0o640, 0o755, False), ((0, 34), 0o640, 0o755, True),
            ((12, 0), 0o400, 0o755, True), ((12, 34), 0o044, 0o755, False), ((0, 34), 0o604, 0o755, False),
            ((0, 0), 0o644, 0o711, True), ((0, 0), 0o644, 0o744, False), ((0, 0), 0o644, 0o700, False)):
        os.chown(zone, *owner)
        os.chmod(zone, mode)
        os.chmod(t.path("shut"), folder)
        for path in (zone, t.path("link")):
            found = warned(path)
            equal(found == [], good, "%s %o %o: %s" % (owner, mode, folder, found))
        equal(warned(zone, "user root\n"), [], "root reads all")
    equal(warned(zone), [("2:19", "user '12:34' cannot read it: '%s' has uid 0, gid 0 and mode 0700" %
                          t.path("shut"))], "the folder is named")
    contains(warned(zone, "")[0][1], "user 'nobody'", "the default")
    equal(warned(t.path("absent"), code=1), [], "what is not there is an error of its own")


@case
def what_is_wrong_with_a_file_of_several_zones_is_told_once(t):
    os.chdir(t.folder)
    t.write("home.zone", zone_text("192.0.2.1", origin="home.arpa.", more="mx MX 1 missing\n"))
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n")
    t.write("hosts", "192.168.1.5.5 nas\n")
    t.write("ten35.conf", "zone home.arpa home.zone\nzone home.arpa vpn.zone for wg0\nhosts hosts in home.arpa\n"
                          "hosts hosts in lan\n")
    code, out, err = t.run("check", "ten35.conf")
    equal((code, err.count("not an IPv4 or IPv6 address"), err.count("[target-missing]")), (0, 1, 1), "findings")
    equal(out, "ten35.conf: good: 3 zones, 0 forwarded domains\n"
               "home.zone: good: 5 records, serial 1, 2 warnings\n"
               "vpn.zone: good: 6 records, serial 1, 2 warnings (2 told above)\n"
               "lan.: good: 1 record, serial 1, 1 warning (1 told above)\n", "standard output")
    equal(t.run("check", "--json", "ten35.conf")[1].count("\n"), 2, "lines of JSON")
    equal(t.run("check", "-W", "ten35.conf")[0], 1, "exit status with -W")


if __name__ == "__main__":
    run()
