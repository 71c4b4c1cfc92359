#!/usr/bin/python3
"""The command line: what is typed, what is answered, what is said when it was wrong.

Usage: test_command_line.py PATH_TO_TEN35 [WORD...]
"""

import json
import os
import pty
import re
import signal
import socket
import subprocess

from harness import (HELLO, Skip, addresses, ask_at, case, contains, dns, ede_codes, equal,
                     free_port, has_ip6, records, run, zone_text)

# The zone that the project began with, as it was.
FIRST_ZONE = """$ORIGIN hello.
$TTL 1750
@             IN  SOA  ns1.hello. hostmaster.hello. ( 2020071701 3H 1H 1W 1D )
                  NS   ns1.hello.
ns1.hello.        A    10.0.0.1
lumpi.hello.  300 A    10.0.0.2
pi.hello.         CNAME lumpi.hello.
"""
PI = {"pi.hello. 1750 CNAME lumpi.hello.", "lumpi.hello. 300 A 10.0.0.2"}


def refused(t, arguments, status, *parts):
    """Runs it and expects this exit status and these words on stderr, none on stdout."""
    code, out, err = t.run(*arguments)
    equal(code, status, "exit status of %s\n%s" % (arguments, err))
    equal(out, "", "standard output")
    for part in parts:
        contains(err, part, "standard error")
    return err


# ------ one command, one zone file ------

@case
def the_first_zone_is_served_with_no_configuration(t):
    server = t.serve(t.write("first.zone", FIRST_ZONE))
    for tcp in (False, True):
        reply = server.ask("pi.hello.", "A", tcp=tcp)
        equal(reply.rcode(), dns.rcode.NOERROR, "rcode")
        equal(records(reply.answer), PI, "answer")
        assert reply.flags & dns.flags.AA, "AA is not set"
        equal(records(reply.authority), {"hello. 1750 NS ns1.hello."}, "authority")


@case
def minimal_turns_the_authority_section_off(t):
    server = t.serve("--minimal", HELLO)
    reply = server.ask("pi.hello.", "A")
    equal(records(reply.answer), PI, "answer")
    equal((reply.authority, reply.additional), ([], []), "other sections")


@case
def every_record_of_the_example_is_answered(t):
    server = t.serve(HELLO)
    expected = {
        ("hello.", "SOA"): {"hello. 1750 SOA ns1.hello. hostmaster.hello. "
                            "2020071701 10800 3600 604800 86400"},
        ("ns1.hello.", "AAAA"): {"ns1.hello. 1750 AAAA fd00:35::1"},
        ("hello.", "MX"): {"hello. 1750 MX 10 mail.hello."},
        ("hello.", "TXT"): {'hello. 1750 TXT "v=spf1 mx -all"'},
        ("hello.", "CAA"): {'hello. 1750 CAA 0 issue "letsencrypt.org"'},
        ("www.hello.", "HTTPS"): {'www.hello. 1750 HTTPS 1 . alpn="h2" ipv4hint="10.0.0.4"'},
        ("_ldap._tcp.hello.", "SRV"): {"_ldap._tcp.hello. 1750 SRV 0 5 389 lumpi.hello."},
        ("any.thing.apps.hello.", "A"): {"any.thing.apps.hello. 1750 A 10.0.0.5"},
    }
    for (name, kind), rrs in expected.items():
        reply = server.ask(name, kind)
        equal(records(reply.answer), rrs, "%s %s" % (name, kind))
        assert reply.flags & dns.flags.AA, "AA is not set"


@case
def a_delegation_is_answered_with_a_referral_and_glue(t):
    reply = t.serve(HELLO).ask("box.lab.hello.", "A")
    equal(reply.rcode(), dns.rcode.NOERROR, "rcode")
    assert not reply.flags & dns.flags.AA, "AA is set"
    equal(records(reply.answer), set(), "answer")
    equal(records(reply.authority), {"lab.hello. 1750 NS ns.lab.hello."}, "authority")
    equal(records(reply.additional), {"ns.lab.hello. 1750 A 10.0.7.1"}, "additional")


@case
def a_name_that_is_not_there_is_nxdomain_with_the_soa(t):
    reply = t.serve(HELLO).ask("nobody.hello.", "A")
    equal(reply.rcode(), dns.rcode.NXDOMAIN, "rcode")
    equal([rrset.ttl for rrset in reply.authority], [1750], "TTL of the SOA: min(TTL, MINIMUM)")


@case
def a_name_outside_all_zones_is_refused_and_the_reason_is_given(t):
    reply = t.serve(HELLO).ask("example.com.", "A")
    equal(reply.rcode(), dns.rcode.REFUSED, "rcode")
    equal(ede_codes(reply), [20], "extended error: not authoritative")


@case
def the_question_comes_back_octet_for_octet(t):
    reply = t.serve(HELLO).ask("Pi.hELLO.", "A")
    equal(reply.question[0].name.to_text(), "Pi.hELLO.", "question")


# ------ help, version, exit codes ------

@case
def help_is_printed_and_names_every_way_to_call_it(t):
    for option in ("-h", "--help"):
        code, out, err = t.run(option)
        equal((code, err), (0, ""), option)
        for part in ("ZONEFILE", "check", "print", "--listen", "-p", "--minimal", "-u", "SIGHUP",
                     "examples/hello.zone"):
            contains(out, part, "the help")
        assert max(map(len, out.splitlines())) <= 110, "a line of the help is too long to read"


@case
def version_is_printed(t):
    for option in ("-V", "--version"):
        code, out, err = t.run(option)
        equal((code, out.split()[0], err), (0, "ten35", ""), option)


@case
def sigterm_and_sigint_end_with_status_0(t):
    for number in (signal.SIGTERM, signal.SIGINT):
        server = t.serve(HELLO)
        server.signal(number)
        equal(server.finished(), 0, "exit status after signal %d" % number)


@case
def nothing_to_serve_is_a_configuration_error(t):
    refused(t, [], 1, "nothing to serve", "--help")
    refused(t, ["-p", "5300"], 1, "nothing to serve")


@case
def an_unknown_option_gets_a_guess(t):
    refused(t, ["--prot", "5300"], 1, "unknown option --prot", "did you mean --port")
    refused(t, ["--minimel"], 1, "did you mean --minimal")
    refused(t, ["--frobnicate"], 1, "unknown option --frobnicate", "--help")
    refused(t, ["-Z"], 1, "unknown option -Z")


@case
def an_option_without_its_argument_says_what_it_needs(t):
    refused(t, ["--port"], 1, "--port needs PORT")
    refused(t, ["-p"], 1, "--port needs PORT")
    refused(t, ["-c"], 1, "-c needs FILE")


@case
def a_value_that_makes_no_sense_is_refused(t):
    refused(t, ["-p", "65536", HELLO], 1, "--port")
    refused(t, ["-p", "dns", HELLO], 1, "--port")
    refused(t, ["-a", "300.0.0.1", HELLO], 1, "--listen", "not an IP address")


@case
def a_user_that_does_not_exist_is_refused(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to become somebody else")
    refused(t, ["-u", "no-such-user-here", "-a", "127.0.0.1", "-p", str(free_port()), HELLO],
            1, "no-such-user-here", "UID:GID")


@case
def a_zone_file_with_an_error_ends_with_status_1(t):
    bad = t.write("bad.zone", zone_text(more="www A 1.2.3\n"))
    refused(t, ["-a", "127.0.0.1", "-p", str(free_port()), "-u", "root", bad], 1,
            "%s:7:7: error: " % bad, "^", "nothing to serve")


@case
def a_file_that_cannot_be_read_ends_with_status_3(t):
    refused(t, ["-a", "127.0.0.1", "-p", str(free_port()), t.path("absent.zone")], 3,
            "absent.zone", "no such file")
    refused(t, ["-c", t.path("absent.conf")], 3, "absent.conf", "no such file")


# ------ a port that is taken ------

@case
def a_taken_port_names_the_process_that_has_it_and_what_to_do(t):
    port = free_port()
    for kind, text in ((socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "TCP")):
        with socket.socket(socket.AF_INET, kind) as s:
            s.bind(("127.0.0.1", port))
            if kind == socket.SOCK_STREAM:
                s.listen()
            err = refused(t, ["-a", "127.0.0.1", "-p", str(port), HELLO], 2,
                          "cannot listen at 127.0.0.1@%d (%s)" % (port, text), "-p", "-a")
            contains(err, "python3", "the sentence that names us")


@case
def a_second_server_on_the_same_port_is_noticed(t):
    server = t.serve(HELLO)
    refused(t, ["-a", "127.0.0.1", "-p", str(server.port), HELLO], 2, "ten35", str(server.pid))
    refused(t, ["-p", str(server.port), HELLO], 2, "ten35", str(server.pid))
    refused(t, ["--servers", "3", "-p", str(server.port), HELLO], 2, "ten35", str(server.pid))


@case
def the_port_is_free_again_at_once_after_tcp_was_used(t):
    server = t.serve(HELLO)
    s = server.connect()
    server.ask("pi.hello.", tcp=True)
    server.stop()
    s.close()
    again = t.serve(HELLO, port=server.port)
    again.wait_for("pi.hello.", tcp=True)


# ------ addresses and ports ------

@case
def by_default_every_local_address_is_served(t):
    server = t.serve(HELLO, listen=False)
    for address in ["127.0.0.1", "127.0.0.2"] + (["::1"] if has_ip6() else []):
        for tcp in (False, True):
            equal(records(server.ask("pi.hello.", address=address, tcp=tcp).answer), PI, address)


@case
def only_the_named_addresses_are_served(t):
    server = t.serve("-a", "127.0.0.3", HELLO)
    server.ask("pi.hello.", address="127.0.0.1")
    server.ask("pi.hello.", address="127.0.0.3")
    assert server.try_ask("pi.hello.", address="127.0.0.2") is None, "127.0.0.2 answers, too"


@case
def an_address_may_carry_its_port_behind_an_at_or_a_hash_sign(t):
    one, two, three = free_port(), free_port(), free_port()
    server = t.serve("-a", "127.0.0.2@%d" % one, "--listen", "127.0.0.2#%d" % two,
                     "-a127.0.0.2:%d" % three, HELLO)
    for port in (one, two, three):
        for tcp in (False, True):
            equal(records(ask_at("127.0.0.2", port, "pi.hello.", tcp=tcp).answer), PI, str(port))
    server.ask("pi.hello.")


@case
def port_0_is_one_port_of_the_kernels_choice_for_udp_and_tcp(t):
    log = t.serve("-a", "127.0.0.2@0", HELLO).log()
    ports = re.findall(r"listening at 127\.0\.0\.2@(\d+) \((UDP|TCP)\)", log)
    equal(([kind for _, kind in ports], ports[0][0]), (["UDP", "TCP"], ports[1][0]), log)
    for tcp in (False, True):
        equal(records(ask_at("127.0.0.2", int(ports[0][0]), "pi.hello.", tcp=tcp).answer), PI, log)


@case
def an_ipv6_address_may_carry_its_port(t):
    if not has_ip6():
        raise Skip("this machine has no ::1")
    one, two = free_port(), free_port()
    t.serve("-a", "::1@%d" % one, "-a", "[::1]:%d" % two, HELLO)
    for port in (one, two):
        equal(records(ask_at("::1", port, "pi.hello.").answer), PI, str(port))


@case
def forwarding_to_none_is_accepted_and_nonsense_is_refused(t):
    for arguments in (["-f", "none"], ["--forward", ".", "none"]):
        server = t.serve(*arguments, HELLO, forward=())
        reply = server.ask("www.example.com.")
        equal(reply.rcode(), dns.rcode.REFUSED, "rcode")
        equal(ede_codes(reply), [20], "reason")
        assert not reply.flags & dns.flags.RA, "RA is set"
    refused(t, ["-f", "nobody", HELLO], 1, "-f nobody", "is an IP address")
    refused(t, ["-f", "0.0.0.0", HELLO], 1, "-f 0.0.0.0", "this host")
    refused(t, ["-f", "none", "-f", "192.0.2.1", HELLO], 1, "'none' stands alone")


@case
def letters_may_stand_together_and_a_double_dash_ends_options(t):
    zone = t.write("-odd.zone", FIRST_ZONE)
    server = t.serve("-vq", "--", zone)
    server.ask("pi.hello.")
    server.logged(r"query\[A\] pi\.hello\. from 127\.0\.0\.1 -> NOERROR \d+ udp")


@case
def several_servers_share_the_port(t):
    server = t.serve("--servers", "3", HELLO)
    server.settled(3)
    for _ in range(20):
        equal(records(server.ask("pi.hello.").answer), PI, "answer")
        equal(records(server.ask("pi.hello.", tcp=True).answer), PI, "answer by TCP")


@case
def the_name_and_version_of_the_server_are_told_only_when_configured(t):
    silent = t.serve(HELLO)
    equal(silent.ask("version.bind.", "TXT", rdclass="CH").rcode(), dns.rcode.REFUSED, "silent")
    open_ = t.serve("--version-text", "two words", "--nsid", "box", HELLO)
    for name, text in (("version.bind.", '"two words"'), ("id.server.", '"box"')):
        answer = open_.ask(name, "TXT", rdclass="CH").answer
        equal([rdata.to_text() for rrset in answer for rdata in rrset], [text], name)


# ------ a configuration file ------

@case
def a_configuration_file_says_the_same_as_options(t):
    port = free_port()
    zone = t.write("first.zone", FIRST_ZONE)
    conf = t.write("ten35.conf", "# a comment\n\nzone hello. %s   # another\n"
                                 "listen 127.0.0.2@%d 127.0.0.3\nuser root\nminimal\n" % (zone, port))
    server = t.serve("-c", conf, listen=False, user=None)
    reply = ask_at("127.0.0.2", port, "pi.hello.")
    equal((records(reply.answer), reply.authority), (PI, []), "answer and authority")
    equal(records(server.ask("pi.hello.", address="127.0.0.3").answer), PI, "127.0.0.3")


@case
def a_path_with_blanks_is_quoted_in_the_configuration(t):
    zone = t.write("two words.zone", FIRST_ZONE)
    conf = t.write("ten35.conf", 'zone hello. "%s"\n' % zone)
    equal(records(t.serve("-c", conf).ask("pi.hello.").answer), PI, "answer")


@case
def errors_of_the_configuration_show_line_column_and_caret(t):
    conf = t.write("ten35.conf", "listen 127.0.0.1\n  uesr nobody\nport 99999999\n"
                                 "zone hello.\nlisten nowhere\n")
    err = refused(t, ["-c", conf], 1)
    for part in ("%s:2:3: error: unknown word 'uesr': did you mean 'user'? [syntax]\n"
                 "    2 |   uesr nobody\n"
                 "      |   ^~~~\n" % conf,
                 "%s:3:6: error: " % conf, "%s:4:1: error: expected 'zone ORIGIN FILE [overlay] [no-ptr] [for WHOM]'" % conf,
                 "%s:5:8: error: not an IP address" % conf):
        contains(err, part, "standard error")


# ------ the origin ------

BARE = "@ 300 IN SOA ns hostmaster 1 2 3 4 5\n@ 300 NS ns\nns 300 A 192.0.2.1\nwww 300 A 192.0.2.10\n"


@case
def the_origin_may_be_named_on_the_command_line(t):
    zone = t.write("bare.zone", BARE)
    for origin in ("example.test.", "example.test", "EXAMPLE.test"):
        equal(addresses(t.serve("%s=%s" % (origin, zone)).ask("www.example.test.")), ["192.0.2.10"],
              origin)


@case
def the_origin_may_be_named_for_check_and_print(t):
    zone = t.write("bare.zone", BARE)
    code, out, err = t.run("check", "example.test.=%s" % zone)
    equal((code, err), (0, ""), "check")
    contains(out, "good: 4 records")
    code, out, err = t.run("print", "example.test.=%s" % zone)
    equal((code, err), (0, ""), "print")
    contains(out, "www.example.test.\t300\tIN\tA\t192.0.2.10\n")


@case
def without_an_origin_a_relative_file_is_an_error_that_names_the_way_out(t):
    zone = t.write("bare.zone", BARE)
    code, _, err = t.run("check", zone)
    equal(code, 1, "exit status")
    contains(err, "%s:1:1: error:" % zone)
    contains(err, "$ORIGIN")
    contains(err, "ORIGIN=FILE")


@case
def an_origin_that_is_no_name_is_an_error(t):
    zone = t.write("bare.zone", BARE)
    for origin in ("a..b", "x" * 64):
        code, _, err = t.run("check", "%s=%s" % (origin, zone))
        equal(code, 1, "exit status for %s: %s" % (origin, err))


# ------ check and print ------

@case
def check_finds_all_errors_of_all_files_in_one_run(t):
    bad = t.write("bad.zone", zone_text(more="a A 1.2.3\nb A 192.0.2.1 junk\nc NOTYPE x\n"))
    good = t.write("good.zone", zone_text())
    code, out, err = t.run("check", bad, good)
    equal(code, 1, "exit status")
    for part in ("%s:7:5: error: " % bad, "    7 | a A 1.2.3\n", "%s:8:15: error: " % bad,
                 "%s:9:3: error: " % bad):
        contains(err, part, "standard error")
    equal(out, "%s: 3 errors\n%s: good: 4 records, serial 1\n" % (bad, good), "standard output")


@case
def check_shows_all_errors_and_warnings(t):
    bad = t.write("bad.zone", zone_text(more="".join("h%d A x\n" % i for i in range(30))))
    code, _, err = t.run("check", bad)
    equal((code, err.count(": error: ")), (1, 30), "exit status and errors shown")
    odd = t.write("odd.zone", zone_text(more="".join("h%d MX 1 x\n" % i for i in range(30))))
    code, out, err = t.run("check", odd)
    equal((code, err.count("[target-missing]")), (0, 30), "exit status and warnings shown")
    contains(out, "30 warnings", "standard output")
    equal(t.run("check", "-W", odd)[0], 1, "exit status when warnings count")
    many = t.write("many.zone", zone_text(more="".join("h%d MX 1 x\n" % i for i in range(1500))))
    code, out, err = t.run("check", many)
    equal((code, err.count("[target-missing]")), (0, 1000), "exit status and warnings shown")
    contains(err, "... and 500 more warnings\n")
    contains(out, ", 1500 warnings\n", "standard output")
    equal(t.run("check", "-W", t.write("good.zone", zone_text()))[0], 0, "without any")


@case
def check_tells_programs_in_json(t):
    odd = t.write("odd.zone", zone_text(more="a MX 1 x\nb A 1.2.3\n"))
    code, out, err = t.run("check", "--json", odd)
    equal((code, err), (1, ""), "exit status and standard error")
    found = [json.loads(line) for line in out.splitlines()]
    equal([(f["file"], f["line"], f["column"], f["width"], f["severity"], f["id"]) for f in found],
          [(odd, 8, 5, 5, "error", "syntax")], "findings")


@case
def check_is_in_colours_on_a_terminal_only(t):
    bad = t.write("bad.zone", zone_text(more="a A 1.2.3\n"))
    def seen(**environment):
        ours, theirs = pty.openpty()
        subprocess.run([t.binary, "check", bad], stdout=subprocess.DEVNULL, stderr=theirs, check=False,
                       env={**os.environ, **environment})
        os.close(theirs)
        text = b""
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:
            pass
        os.close(ours)
        return text
    assert b"\033[1;31merror: " in seen(NO_COLOR=""), "colours"
    assert b"\033" not in seen(NO_COLOR="1"), "no colours"
    assert "\033" not in t.run("check", bad)[2], "none in a file"


@case
def diff_tells_what_has_changed(t):
    old = t.write("old.zone", zone_text(more="a A 192.0.2.1\nb A 192.0.2.2\n"))
    new = t.write("new.zone", zone_text(serial=2, more="b 60 A 192.0.2.2\nc A 192.0.2.3\n"))
    code, out, err = t.run("diff", old, new)
    equal((code, err), (1, ""), "exit status and standard error")
    lines = out.splitlines()
    equal([lines[0], lines[1], lines[3]],
          ["~ @ SOA serial 1 -> 2", "- a A 192.0.2.1", "+ c A 192.0.2.3"], "differences")
    assert lines[2].startswith("~ b A TTL ") and lines[2].endswith(" -> 60"), lines[2]
    equal(t.run("diff", old, old), (0, "", ""), "the same")
    code, out, err = t.run("diff", old, t.path("gone"))
    equal((code, out), (2, ""), "exit status when one cannot be read")
    contains(err, "cannot read", "standard error")
    equal(t.run("diff", old)[0], 2, "exit status when one is missing")


@case
def subcommands_tell_how_they_are_used(t):
    code, out, _ = t.run("check", "--help")
    equal(code, 0, "exit status")
    contains(out, "usage: ten35 check", "standard output")
    for words in (["check"], ["check", "-x"], ["check", "-c"], ["check", "-W"]):
        code, _, err = t.run(*words)
        equal(code, 1, "exit status")
        contains(err, "usage: ten35 check", "standard error")
    contains(t.run("check", "--hosts", "hosts", "in", "lan")[2], "not understood here: --hosts\n", "check")
    contains(t.run("check", t.write("a.zone", zone_text()), "-W")[2], "not understood here: -W\n", "check")
    for words in (["check", "-c"], ["check", "-W"]):
        assert "not understood" not in t.run(*words)[2], words
    for tool, status in (("print", 1), ("diff", 2)):
        for words, code in (([tool, "-h"], 0), ([tool], status), ([tool, "-x"], status)):
            found, out, err = t.run(*words)
            equal((found, bool(out)), (code, code == 0), words)
            contains(out + err, "usage: ten35 " + tool, "what is said")
    # An option takes one word of what a line of a file takes several of.
    code, out, _ = t.run("--help")
    for option in ("--forward DOMAIN UPSTREAM ", "--allow NETWORK ", "ten35 diff "):
        contains(out, option, "the help")


@case
def check_reads_a_configuration_and_the_zones_that_it_names(t):
    good = t.write("good.zone", zone_text())
    bad = t.write("bad.zone", zone_text(more="a A 1.2.3\n"))
    fine = t.write("fine.conf", "zone example.test %s\nforward . 192.0.2.1\n" % good)
    for words in ([fine], ["-c", fine]):
        code, out, err = t.run("check", *words)
        equal((code, err), (0, ""), "check")
        equal(out, "%s: good: 1 zone, 1 forwarded domain\n%s: good: 4 records, serial 1\n" %
              (fine, good), "standard output")
    # RFC 2317 §4: a domain may look like a network, as long as it goes on.
    other = t.write("other.conf", "forward 0/25.2.0.192.in-addr.arpa 192.0.2.1\n")
    equal(t.run("check", other)[0], 0, "check of a classless domain")
    wrong = t.write("wrong.conf", "forwrad . 192.0.2.1\nzone example.test %s\ncache much\n" % bad)
    code, out, err = t.run("check", wrong)
    equal(code, 1, "exit status")
    for part in ("%s:1:1: error: unknown word 'forwrad': did you mean 'forward'? [syntax]\n"
                 "    1 | forwrad . 192.0.2.1\n      | ^~~~~~~\n" % wrong,
                 "%s:3:7: error: " % wrong, "%s:7:5: error: " % bad):
        contains(err, part, "standard error")
    equal(out, "%s: 2 errors\n%s: 1 error\n" % (wrong, bad), "standard output")


@case
def each_directive_has_its_own_error_at_its_own_word(t):
    for line, column, says in (
            ("forward . 192.0.2.1 none", 21, "'none' stands alone"),
            ("forward . 0.0.0.0", 11, "this address is this host"),
            ("forward . 224.0.0.1", 11, "not the address of one host"),
            ("forward . 192.0.2.1@0", 11, "port 0 cannot be asked"),
            ("forward . corp", 11, "an upstream server is an IP address"),
            ("forward a..b 192.0.2.1", 9, "label"),
            ("forward 10.8/16 192.0.2.1", 9, "not a network"),
            ("forward 10.0.0.0/33 192.0.2.1", 9, "a number of bits"),
            ("forward 0.0.0.0/0 192.0.2.1", 9, "at least one bit"),
            ("forward .", 1, "expected 'forward DOMAIN UPSTREAM...'"),
            ("allow 10.0.0.0/8 everybody", 18, "not a network"),
            ("private-ok a..b", 12, "label"),
            ("cache 1K", 7, "from 256K to 1G"),
            ("cache 2G", 7, "1G"),
            ("cache lots", 7, "a size is a number"),
            ("stale 1x", 7, "a time"),
            ("stale 8d", 7, "at most 7d"),
            ("trust-ad yes", 1, "expected 'trust-ad'"),
            ("zone x. x.zone underlay", 16, "'overlay', 'no-ptr'"),
    ):
        conf = t.write("one.conf", line + "\n")
        code, _, err = t.run("check", conf)
        equal(code, 1, "exit status of check of '%s'" % line)
        contains(err, "%s:1:%d: error: " % (conf, column), "standard error for '%s'" % line)
        contains(err, says, "standard error for '%s'" % line)


@case
def check_and_print_say_how_to_be_called(t):
    for tool in ("check", "print"):
        code, _, err = t.run(tool)
        equal(code, 1, "exit status")
        contains(err, "usage: ten35 %s" % tool)


@case
def print_gives_absolute_names_and_reads_back_as_the_same_zone(t):
    code, out, err = t.run("print", HELLO)
    equal((code, err), (0, ""), "print")
    contains(out, "pi.hello.\t1750\tIN\tCNAME\tlumpi.hello.\n")
    contains(out, "lumpi.hello.\t300\tIN\tA\t10.0.0.2\n")
    assert out.startswith("hello.\t1750\tIN\tSOA\t"), "the SOA does not come first"
    again = t.run("print", t.write("again.zone", out))
    equal(again, (0, out, ""), "the same, printed again")


@case
def print_gives_programs_json_and_octets(t):
    zone = t.write("small.zone", zone_text(more='A.b A 192.0.2.1\nq TXT "\\200\\"\\\\"\n'))
    code, out, err = t.run("print", "--json", zone)
    equal((code, err, out.isascii()), (0, "", True), "print --json")
    read = json.loads(out)
    equal((read["origin"], read["serial"], len(read["records"])), ("example.test.", 1, 6), "the zone")
    equal(read["records"][0]["type"], "SOA", "what comes first")
    equal(read["records"][2], {"owner": "A.b.example.test.", "ttl": 300, "class": "IN", "type": "A",
                               "rdata": "192.0.2.1", "rdata_hex": "C0000201"}, "a record")
    equal(read["records"][4]["rdata"], '"\\200\\"\\\\"', "octets that are no letters")
    code, out, err = t.run("print", "--wire", zone)
    equal((code, err), (0, ""), "print --wire")
    lines = out.splitlines()
    equal(lines[2], "01610162076578616D706C6504746573740000010001" "0000012C" "0004" "C0000201", "a record's octets")
    bad = t.write("bad.zone", zone_text(more="a A 1.2.3\n"))
    for form in ("--json", "--wire"):
        equal(t.run("print", form, bad)[:2], (1, ""), "a bad zone with " + form)
        equal(t.run("print", form)[0], 1, "no zone with " + form)


@case
def the_printed_zone_is_served_alike(t):
    _, out, _ = t.run("print", HELLO)
    server = t.serve(t.write("again.zone", out))
    equal(records(server.ask("pi.hello.").answer), PI, "answer")


if __name__ == "__main__":
    run()
