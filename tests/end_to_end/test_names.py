#!/usr/bin/python3
"""Names from elsewhere, names of addresses, and zones that some clients see otherwise.

What is promised stands in docs/names.md, ten35.conf(5) and ten35-names(5).

Usage: test_names.py PATH_TO_TEN35 [WORD...]
"""

import base64
import os
import re
import signal
import time

from harness import (WATCH, WATCH_SECONDS, Skip, addresses, case, children, contains, dns, equal, is_sanitized,
                     records, run, wait_until, zone_text)
from network import Network, ip

OLD, NEW = "192.0.2.10", "192.0.2.20"
HERE, THERE, STRANGER = "192.0.2.1", "192.0.2.9", "198.51.100.9"
NEIGHBOUR = "127.0.0.2"   # a client on loopback that is not 127.0.0.1
NXDOMAIN, NOERROR, REFUSED, SERVFAIL = (dns.rcode.NXDOMAIN, dns.rcode.NOERROR, dns.rcode.REFUSED,
                                        dns.rcode.SERVFAIL)


def configure(t, *lines):
    """Writes the configuration; files in it are relative to the case's folder."""
    os.chdir(t.folder)
    return t.write("ten35.conf", "".join(line + "\n" for line in lines))


def serve(t, *lines, **how):
    return t.serve(*WATCH, "-c", configure(t, *lines), **how)


def reconfigure(t, server, *lines):
    configure(t, *lines)
    server.signal(signal.SIGHUP)


def home(more="", serial=1):
    return zone_text(OLD, origin="home.arpa.", serial=serial, more=more)


def folder(t, name):
    os.mkdir(t.path(name))
    os.chmod(t.path(name), 0o755)


def found(server, name, kind="A", **more):
    """What is answered: addresses, names, or the reason why there are none."""
    reply = server.ask(name, kind, **more)
    if reply.rcode() != NOERROR:
        return dns.rcode.to_text(reply.rcode())
    return sorted(rdata.to_text() for rrset in reply.answer for rdata in rrset
                  if rrset.rdtype == dns.rdatatype.from_text(kind))


def reverse(address):
    return dns.reversename.from_address(address).to_text()


def name_of(server, address, **more):
    return found(server, reverse(address), "PTR", **more)


def becomes(server, name, data, kind="A", seconds=WATCH_SECONDS, **more):
    wait_until(lambda: found(server, name, kind, **more) == data, seconds, "%s %s is %s, not %s; the log:\n%s" % (
        name, kind, data, found(server, name, kind, **more), server.log()[-2000:]))


# ------ hosts ------

@case
def names_of_a_hosts_file_belong_into_the_domain(t):
    t.write("hosts", "127.0.0.1 localhost\n::1 localhost ip6-localhost\n0.0.0.0 ads.example.com\n"
                     "192.168.1.5 nas files.home.arpa nas.example.com # the box\r\n"
                     "fd00:35::5 nas\n192.168.1.6 box.home.arpa. nas\n")
    server = serve(t, "hosts hosts in home.arpa")
    equal(found(server, "nas.home.arpa."), ["192.168.1.5", "192.168.1.6"], "both addresses")
    equal(found(server, "NAS.home.arpa.", "AAAA"), ["fd00:35::5"], "the other family")
    equal(found(server, "files.home.arpa."), ["192.168.1.5"], "an alias within the domain")
    equal(found(server, "box.home.arpa.", tcp=True), ["192.168.1.6"], "by TCP")
    equal(records(server.ask("files.home.arpa.").answer), {"files.home.arpa. 300 A 192.168.1.5"}, "the TTL")
    for name in ("localhost.home.arpa.", "ads.home.arpa.", "nas.example.com.home.arpa."):
        equal(found(server, name), "NXDOMAIN", name)
    equal(found(server, "nas.example.com."), "REFUSED", "a name of another domain")


@case
def names_alone_are_a_zone_with_an_soa_of_its_own(t):
    t.write("hosts", "192.168.1.5 nas home.arpa\n")
    server = serve(t, "hosts hosts in home.arpa")
    reply = server.ask("nobody.home.arpa.")
    equal(reply.rcode(), NXDOMAIN, "a name that is not in it")
    assert reply.flags & dns.flags.AA, "it is ours to say so"
    soa = reply.authority[0]
    equal((soa.name.to_text(), soa[0].mname.to_text(), soa[0].rname.to_text()),
          ("home.arpa.", "home.arpa.", "nobody.invalid."), "the SOA (RFC 6303 section 3)")
    equal(found(server, "home.arpa."), ["192.168.1.5"], "the domain itself")
    equal(server.ask("nas.home.arpa.", "TXT").rcode(), NOERROR, "another type")


@case
def a_hosts_file_is_watched_and_the_log_says_what_has_changed(t):
    t.write("hosts", "192.168.1.5 nas\n192.168.1.6 printer\n")
    server = serve(t, "hosts hosts in home.arpa")
    t.replace("hosts", "192.168.1.7 nas\n192.168.1.8 tv\n192.168.1.6 printer\n")
    becomes(server, "nas.home.arpa.", ["192.168.1.7"])
    for line in ("- nas A 192.168.1.5", "+ nas A 192.168.1.7", "+ tv A 192.168.1.8"):
        equal(server.count(r"^ten35: zone home\.arpa\.: %s$" % line.replace("+", r"\+")), 1, line)
    equal(server.count("printer"), 0, "lines about what has not changed")
    equal(server.count("did not increase"), 0, "lines about a serial that nobody writes")
    t.write("hosts", "192.168.1.6 printer\n")  # in place
    becomes(server, "nas.home.arpa.", "NXDOMAIN")


@case
def a_file_that_is_not_there_yet_may_appear_and_go_again(t):
    server = serve(t, "hosts hosts in home.arpa", "leases leases in home.arpa", "peers wg0.conf in home.arpa")
    equal(found(server, "nas.home.arpa."), "NXDOMAIN", "before")
    t.write("hosts", "192.168.1.5 nas\n")
    becomes(server, "nas.home.arpa.", ["192.168.1.5"])
    t.replace("leases", "0 02:00:00:00:00:05 192.168.1.20 phone *\n")
    becomes(server, "phone.home.arpa.", ["192.168.1.20"])
    t.write("wg0.conf", "# laptop\n[Peer]\nAllowedIPs = 10.8.0.2/32\n")
    becomes(server, "laptop.home.arpa.", ["10.8.0.2"])
    os.unlink(t.path("hosts"))
    becomes(server, "nas.home.arpa.", "NXDOMAIN")
    equal(found(server, "laptop.home.arpa."), ["10.8.0.2"], "a name of another file")


@case
def all_files_of_a_folder_are_read_but_not_those_that_editors_leave(t):
    folder(t, "names")
    t.write("names/one", "192.168.1.1 one\n")
    t.write("names/one~", "192.168.1.2 backup\n")
    t.write("names/.one.swp", "192.168.1.3 hidden\n")
    server = serve(t, "hosts names in home.arpa")
    equal(found(server, "one.home.arpa."), ["192.168.1.1"], "one")
    for name in ("backup.home.arpa.", "hidden.home.arpa."):
        equal(found(server, name), "NXDOMAIN", name)
    t.replace("names/two", "192.168.1.4 two\n")
    becomes(server, "two.home.arpa.", ["192.168.1.4"])
    t.write("names/two", "192.168.1.5 two\n")
    becomes(server, "two.home.arpa.", ["192.168.1.5"])
    os.unlink(t.path("names/one"))
    becomes(server, "one.home.arpa.", "NXDOMAIN")
    equal(found(server, "two.home.arpa."), ["192.168.1.5"], "the file beside it")


@case
def a_folder_may_appear_be_swapped_and_take_the_place_of_a_file(t):
    server = serve(t, "hosts names in home.arpa")
    folder(t, "next")
    t.write("next/one", "192.168.1.1 one\n")
    os.rename(t.path("next"), t.path("names"))
    becomes(server, "one.home.arpa.", ["192.168.1.1"])
    folder(t, "next")
    t.write("next/one", "192.168.1.2 one\n")
    os.rename(t.path("names"), t.path("names.old"))
    os.rename(t.path("next"), t.path("names"))
    becomes(server, "one.home.arpa.", ["192.168.1.2"])
    os.rename(t.path("names"), t.path("away"))
    t.write("names", "192.168.1.3 one\n")
    becomes(server, "one.home.arpa.", ["192.168.1.3"])


# ------ leases ------

def dnsmasq_leases(now, left=3600):
    return ("%d aa:bb:cc:00:11:22 192.168.1.120 laptop 01:aa:bb:cc:00:11:22\n"
            "%d aa:bb:cc:00:11:33 192.168.1.121 * *\n"
            "0 06-aa:bb:cc:00:11:44 192.168.1.5 printer *\n"
            "%d aa:bb:cc:00:11:55 192.168.1.122 gone 01:aa:bb:cc:00:11:55\n"
            "duid 00:01:00:01:2d:4f:aa:bb:aa:bb:cc:00:00:01\n"
            "%d 12345678 fd00:35::78 laptop 00:01:00:01:2d:11:22:33\n"
            % (now + left, now + left, now - 600, now + left))


def odhcpd_leases(now, left=3600):
    return ("# br-lan 00010001222f0d51aabbcc001122 baf0d33e laptop %d d2c 128 fd00:35::d2c/128\n"
            "fd00:35::d2c\tlaptop.lan\tlaptop\n"
            "# br-lan 000300016466b3aabbcc 1 - %d 4 62 fd00:35:0:4::/62\n"
            "# br-lan aabbcc001133 ipv4 phone -1 a000096 32 10.0.0.150/32\n"
            "# br-lan aabbcc001144 ipv4 old %d a000097 32 10.0.0.151/32\n" % (now + left, now + left, now - 600))


@case
def leases_of_dnsmasq_are_names_while_they_last(t):
    t.write("leases", dnsmasq_leases(int(time.time())))
    server = serve(t, "leases leases in home.arpa")
    equal(found(server, "laptop.home.arpa."), ["192.168.1.120"], "laptop")
    equal(found(server, "laptop.home.arpa.", "AAAA"), ["fd00:35::78"], "laptop")
    equal(found(server, "printer.home.arpa."), ["192.168.1.5"], "a lease without end")
    equal(found(server, "gone.home.arpa."), "NXDOMAIN", "a lease that is over")
    equal(server.ask("laptop.home.arpa.").answer[0].ttl, 60, "the TTL")
    equal(name_of(server, "192.168.1.120"), ["laptop.home.arpa."], "its name")
    equal(name_of(server, "192.168.1.121"), "NXDOMAIN", "a host without a name")


@case
def leases_of_odhcpd_are_names_while_they_last(t):
    t.write("leases", odhcpd_leases(int(time.time())))
    server = serve(t, "leases leases in home.arpa")
    equal(found(server, "laptop.home.arpa.", "AAAA"), ["fd00:35::d2c"], "laptop")
    equal(found(server, "phone.home.arpa."), ["10.0.0.150"], "a lease without end")
    equal(found(server, "old.home.arpa."), "NXDOMAIN", "a lease that is over")
    equal(name_of(server, "fd00:35::d2c"), ["laptop.home.arpa."], "its name")


@case
def a_lease_that_ends_is_gone_soon_after(t):
    now = int(time.time())
    t.write("leases", dnsmasq_leases(now, left=8))
    server = serve(t, "leases leases in home.arpa")
    assert server.ask("laptop.home.arpa.").answer[0].ttl <= 8, "the TTL is longer than the lease"
    becomes(server, "laptop.home.arpa.", "NXDOMAIN", seconds=now + 8 + 5 - time.time())
    assert time.time() >= now + 8, "it is over too early"
    equal(name_of(server, "192.168.1.120"), "NXDOMAIN", "its name")
    equal(found(server, "printer.home.arpa."), ["192.168.1.5"], "another lease")


@case
def leases_are_no_news_but_all_that_people_write_is(t):
    now = int(time.time())
    t.write("leases", dnsmasq_leases(now))
    t.write("home.zone", home())
    quiet = ["zone home.arpa home.zone", "leases leases in home.arpa"]
    server = t.serve(*WATCH, "-c", configure(t, *quiet))
    t.replace("leases", dnsmasq_leases(now) + "0 02:00:00:00:00:07 192.168.1.7 guest *\n")
    becomes(server, "guest.home.arpa.", ["192.168.1.7"])
    equal(server.count("guest|reloaded"), 0, "lines about a lease")
    t.replace("home.zone", home("nas A 192.168.1.9\n", serial=2))
    becomes(server, "nas.home.arpa.", ["192.168.1.9"])
    server.logged(r"zone home\.arpa\.: \+ nas A 192\.168\.1\.9")
    server.logged(r"zone home\.arpa\. reloaded: ")
    # Another configuration is written by people, too.
    t.write("more", "0 02:00:00:00:00:08 192.168.1.8 camera *\n")
    reconfigure(t, server, *quiet, "leases more in home.arpa")
    server.logged(r"zone home\.arpa\.: \+ camera A 192\.168\.1\.8")
    server.stop()
    server = t.serve(*WATCH, "-v", "-c", configure(t, *quiet))
    t.replace("leases", dnsmasq_leases(now))
    becomes(server, "guest.home.arpa.", "NXDOMAIN")
    server.logged(r"zone home\.arpa\.: - guest A 192\.168\.1\.7")


@case
def what_is_wrong_with_a_file_of_several_zones_is_told_once(t):
    t.write("home.zone", home())
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n")
    t.write("hosts", "192.168.1.5.5 nas\n192.168.1.6 tv\n")
    server = serve(t, "zone home.arpa vpn.zone for 127.0.0.9", "zone home.arpa home.zone",
                   "hosts hosts in home.arpa", "hosts hosts in lan", "hosts nowhere in home.arpa")
    wrong = r"hosts:\d+:1: warning: not an IPv4 or IPv6 address"
    equal((server.count(wrong), server.count("nowhere: warning: ")), (1, 1), "at the start")
    t.replace("home.zone", home("tv A 192.168.1.6\n", serial=2))
    server.logged(r"zone home\.arpa\. reloaded: ")
    equal(server.count(wrong), 1, "when something else has changed")
    t.replace("hosts", "\n192.168.1.5.5 nas\n192.168.1.6 tv\n")
    server.logged(wrong, times=2)
    time.sleep(1)
    equal(server.count(wrong), 2, "when it is another line")
    t.replace("home.zone", home("tv A 192.168\n"))
    server.logged("home.zone: the zone that was loaded before is still served")
    server.logged("vpn.zone: the zone that was loaded before is still served")
    equal(server.count("invalid IPv4 address"), 1, "an error in the file below")


@case
def names_for_a_file_whose_origin_is_not_said_are_told_to_be_left_out(t):
    t.write("home.zone", home())
    t.write("hosts", "192.168.1.5 nas\n")
    os.chdir(t.folder)
    server = t.serve(*WATCH, "--hosts", "hosts", "in", "home.arpa", "home.zone")
    server.logged(r"zone home\.arpa\. is in home\.zone, and its names from elsewhere are not added to that: "
                  r"write it as home\.arpa\.=home\.zone$")
    server.stop()
    server = t.serve(*WATCH, "--hosts", "hosts", "in", "home.arpa", "home.arpa.=home.zone")
    equal(found(server, "nas.home.arpa."), ["192.168.1.5"], "as it is told")


@case
def a_lease_ends_in_time_where_files_are_looked_at_seldom(t):
    now = int(time.time())
    t.write("leases", dnsmasq_leases(now, left=8))
    server = t.serve("-c", configure(t, "leases leases in home.arpa", "watch 600"))
    becomes(server, "laptop.home.arpa.", "NXDOMAIN", seconds=now + 8 + 5 - time.time())
    assert time.time() >= now + 8, "it is over too early"


@case
def a_warning_about_names_is_said_once_though_leases_come_and_go(t):
    t.write("hosts", "192.168.1.5 nas\n192.168.1.x printer\n")
    t.write("leases", "")
    server = serve(t, "hosts hosts in home.arpa", "leases leases in home.arpa")
    for i in range(3):
        t.replace("leases", "0 02:00:00:00:00:05 192.168.1.%d phone *\n" % (20 + i))
        becomes(server, "phone.home.arpa.", ["192.168.1.%d" % (20 + i)])
    equal(server.count(r"^hosts:2:1: warning: "), 1, "warnings about the same line")
    t.replace("hosts", "\n192.168.1.5 nas\n192.168.1.x printer\n")
    server.logged(r"^hosts:3:1: warning: ")


# ------ peers ------

KEYS = [os.urandom(32) for _ in range(4)]


def wireguard(address="10.8.0.2"):
    private, shared, laptop, phone = (base64.b64encode(key).decode() for key in KEYS)
    return ("[Interface]\n# name = hub\nAddress = 10.8.0.1/24, fd00:35::1/64\nPrivateKey = %s\n\n"
            "# laptop\n[Peer]\nPublicKey = %s\nPresharedKey=%s\nAllowedIPs = %s/32, fd00:35::2/128\n\n"
            "[Peer]\n# Anna's phone\nPublicKey = %s\nAllowedIPs = 10.8.0.3/32\n\n"
            "# name = router.office.vpn.home.arpa\n[Peer]\nAllowedIPs = 10.8.0.4/32, 192.168.7.0/24\n"
            % (private, laptop, shared, address, phone))


@case
def peers_of_wireguard_have_names_in_both_directions(t):
    t.write("wg0.conf", wireguard())
    server = serve(t, "peers wg0.conf in vpn.home.arpa")
    for name, address in (("hub", "10.8.0.1"), ("laptop", "10.8.0.2"), ("Annas-phone", "10.8.0.3"),
                          ("router.office", "10.8.0.4"), ("hub", "fd00:35::1"), ("laptop", "fd00:35::2")):
        kind = "AAAA" if ":" in address else "A"
        equal(found(server, name + ".vpn.home.arpa.", kind), [address], name)
        equal(name_of(server, address), [name + ".vpn.home.arpa."], address)
    equal(name_of(server, "192.168.7.1"), "NXDOMAIN", "in a network behind a peer")


def memory_of(pid):
    """All that a process can read, piece by piece."""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            words = line.split()
            first, last = (int(n, 16) for n in words[0].split("-"))
            if "r" not in words[1] or words[-1] in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
                continue
            memory.seek(first)
            yield memory.read(last - first)


def has_a_key(octets):
    """Any key, as it is written or in binary; half of one is a key as well."""
    return any(key[:16] in octets or base64.b64encode(key)[:20] in octets for key in KEYS)


@case
def keys_of_wireguard_are_in_no_log_no_answer_and_no_process(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to look into processes")
    if is_sanitized(t.binary):
        raise Skip("the memory of a sanitized program is too much to look through")
    t.write("wg0.conf", wireguard())
    t.write("hosts", wireguard())                     # a mistake
    t.write("bad.conf", wireguard() + "[Peer]\n# näme\nAllowedIPs = 10.8.0.9/33\nPrivateKey %s\n"
            % base64.b64encode(KEYS[0]).decode())
    t.write("home.zone", home())
    server = serve(t, "zone home.arpa home.zone", "zone home.arpa vpn.zone for 127.0.0.9",
                   "peers wg0.conf in home.arpa", "peers bad.conf in vpn.home.arpa",
                   "hosts hosts in hosts.home.arpa", "leases hosts in leases.home.arpa", "servers 2")
    t.replace("wg0.conf", wireguard("10.8.0.22"))
    becomes(server, "laptop.home.arpa.", ["10.8.0.22"])
    server.signal(signal.SIGHUP)
    server.logged("reading everything again")
    pids = server.settled(2)
    looked_at = 0
    for pid in [server.pid] + pids:
        for piece in memory_of(pid):
            looked_at += len(piece)
            assert not has_a_key(piece), "a key is in the memory of %s" % (
                "the loader" if pid == server.pid else "a server")
    assert looked_at > 1 << 20, "%d octets of memory" % looked_at
    assert not has_a_key(server.log().encode()), "a key is in the log"
    for zone in ("home.arpa.", "vpn.home.arpa.", "hosts.home.arpa.", "leases.home.arpa."):
        for name in ("laptop.", "hub.", "", "nobody."):
            assert not has_a_key(server.ask(name + zone, "ANY").to_wire()), "a key is in an answer"
    equal(t.run("check", "-c", "ten35.conf")[1:].__str__().count(base64.b64encode(KEYS[0])[:20].decode()), 0,
          "keys in what check says")


@case
def a_hosts_file_that_may_not_be_read_stands_for_nothing_until_it_may(t):
    if os.geteuid() != 0:
        raise Skip("needs root, to be somebody else than the server")
    os.chmod(t.write("secret", "10.8.0.2 laptop\n"), 0o600)
    t.write("hosts", "10.8.0.9 tv\n")
    server = serve(t, "hosts secret in home.arpa", "hosts hosts in home.arpa", user="nobody")
    equal(found(server, "tv.home.arpa."), ["10.8.0.9"], "the names beside it")
    equal(found(server, "laptop.home.arpa."), "NXDOMAIN", "laptop")
    contains(server.log(), "no permission")
    contains(server.log(), "mode 0600")
    os.chmod(t.path("secret"), 0o644)
    becomes(server, "laptop.home.arpa.", ["10.8.0.2"])


def only_right(pid):
    """What a process may do beside its user: the effective capabilities."""
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"^CapEff:\s+([0-9a-f]+)", f.read(), re.M)[1], 16)


@case
def a_wireguard_file_that_only_root_may_read_is_read_all_the_same(t):
    if os.geteuid() != 0:
        raise Skip("needs root, who alone may read the file")
    os.mkdir(t.path("wireguard"))
    os.chmod(t.write("wireguard/wg0.conf", wireguard()), 0o600)
    os.chmod(t.path("wireguard"), 0o700)
    t.write("public.conf", "# tv\n[Peer]\nAllowedIPs = 10.8.0.7/32\n")
    server = serve(t, "peers wireguard/wg0.conf in vpn.home.arpa", user="nobody")
    equal(found(server, "laptop.vpn.home.arpa."), ["10.8.0.2"], "laptop")
    # As `wg-quick save` does it: another file in its place.
    os.chmod(t.write("wireguard/new", wireguard().replace("laptop", "tablet")), 0o600)
    os.rename(t.path("wireguard/new"), t.path("wireguard/wg0.conf"))
    becomes(server, "tablet.vpn.home.arpa.", ["10.8.0.2"])
    # The process that has read the file is gone in a moment.
    wait_until(lambda: len(children(server.process.pid)) == 2, 10, "a server and a keeper")
    rights = sorted(only_right(pid) for pid in children(server.process.pid))
    equal(rights, [0, 4], "one process has one right: CAP_DAC_READ_SEARCH")
    equal(only_right(server.process.pid), 0, "the loader has none")
    # Root's right is for the files that were named at the start.
    os.chmod(t.write("wireguard/wg1.conf", wireguard()), 0o600)
    reconfigure(t, server, "peers wireguard/wg0.conf in vpn.home.arpa", "peers wireguard/wg1.conf in other.home.arpa",
                "peers public.conf in home.arpa", "hosts hosts in home.arpa")
    server.logged(r"wireguard/wg1\.conf: where root alone may read it, names are read from there after the next start")
    equal(server.count("wireguard/wg0.conf: where|public.conf: where|hosts: where"), 0, "said of other files")
    # Without the keeper the file cannot be seen: its names stay, and the log says so, once.
    keeper = next(pid for pid in children(server.process.pid) if only_right(pid))
    os.kill(keeper, signal.SIGKILL)
    server.logged("is gone: their names stay as they are until a restart")
    os.chmod(t.write("wireguard/new", wireguard().replace("laptop", "phone")), 0o600)
    os.rename(t.path("wireguard/new"), t.path("wireguard/wg0.conf"))
    time.sleep(2.5)
    equal(found(server, "tablet.vpn.home.arpa."), ["10.8.0.2"], "the names as they were")
    server.signal(signal.SIGHUP)
    server.logged("no names from there: the process that may read it is gone")
    equal(found(server, "tablet.vpn.home.arpa."), ["10.8.0.2"], "also after SIGHUP")
    equal(server.count("is gone: their names stay"), 1, "lines of the log")


# ------ what goes before what ------

@case
def what_the_zone_file_says_goes_before_names_from_elsewhere(t):
    t.write("home.zone", home("nas A 192.0.2.5\nalias CNAME nas\ntext TXT hello\n"))
    t.write("hosts", "10.0.0.5 nas alias text new\nfd00::5 nas alias\n")
    t.write("leases", "0 02:00:00:00:00:05 10.0.0.6 new *\n0 02:00:00:00:00:06 10.0.0.7 newer *\n")
    server = serve(t, "hosts hosts in home.arpa", "leases leases in home.arpa", "zone home.arpa home.zone")
    equal(found(server, "nas.home.arpa."), ["192.0.2.5"], "an address of the same family")
    equal(found(server, "nas.home.arpa.", "AAAA"), ["fd00::5"], "one of the other")
    equal(found(server, "alias.home.arpa.", "CNAME"), ["nas.home.arpa."], "an alias")
    equal(found(server, "alias.home.arpa.", "AAAA"), ["fd00::5"], "the alias is followed")
    equal(found(server, "text.home.arpa."), ["10.0.0.5"], "a name with other types")
    equal(found(server, "text.home.arpa.", "TXT"), ['"hello"'], "the other type")
    equal(found(server, "new.home.arpa."), ["10.0.0.5"], "the first line of the configuration")
    equal(found(server, "newer.home.arpa."), ["10.0.0.7"], "what it lacks is the second's")
    equal(found(server, "www.home.arpa."), [OLD], "the rest of the zone")


@case
def a_zone_of_the_command_line_gets_names_as_well(t):
    t.write("home.zone", home())
    t.write("hosts", "10.0.0.5 nas\n")
    os.chdir(t.folder)
    server = t.serve(*WATCH, "--hosts", "hosts", "in", "home.arpa", "home.arpa=home.zone")
    equal(found(server, "nas.home.arpa."), ["10.0.0.5"], "nas")
    equal(found(server, "www.home.arpa."), [OLD], "www")
    t.replace("hosts", "10.0.0.6 nas\n")
    becomes(server, "nas.home.arpa.", ["10.0.0.6"])


@case
def names_of_an_overlay_zone_go_before_upstream_servers_and_the_rest_is_asked(t):
    t.write("zone", zone_text(OLD, origin="example.com."))
    t.write("up.zone", zone_text(NEW, origin="example.com.", more="far A 198.51.100.8\nnas A 198.51.100.9\n"))
    t.write("hosts", "198.51.100.5 nas\n")
    os.chdir(t.folder)
    up = t.serve("example.com=up.zone", address="127.0.0.1")
    server = serve(t, "zone example.com zone overlay", "hosts hosts in example.com",
                   forward=["-f", "127.0.0.1@%d" % up.port])
    equal(found(server, "nas.example.com."), ["198.51.100.5"], "a name of the hosts file")
    equal(found(server, "nas.example.com.", "AAAA"), [], "it is ours for every type")
    equal(found(server, "far.example.com."), ["198.51.100.8"], "a name that only the world has")


# ------ the configuration, read again ------

def asks_all_the_while(server, allowed, stop, **more):
    """Asks for each name until stop(): every answer is one that is allowed."""
    asked = 0
    while not stop():
        for (name, kind), good in allowed.items():
            answer = found(server, name, kind, **more)
            assert answer in good, "%s %s: %r is not one of %r; the log:\n%s" % (
                name, kind, answer, good, server.log()[-2000:])
            asked += 1
    return asked


@case
def other_files_of_names_count_after_sighup(t):
    t.write("one", "10.0.0.1 nas\n")
    t.write("two", "10.0.0.2 nas\n10.0.0.3 tv\n")
    server = serve(t, "hosts one in home.arpa")
    reconfigure(t, server, "hosts two one in home.arpa")
    becomes(server, "nas.home.arpa.", ["10.0.0.2"])
    server.settled()                                  # the old server may answer until it is gone
    equal(found(server, "tv.home.arpa."), ["10.0.0.3"], "a name of the new file")
    equal(name_of(server, "10.0.0.3"), ["tv.home.arpa."], "its address")
    t.replace("two", "10.0.0.4 tv\n")                 # it is watched like the other
    becomes(server, "tv.home.arpa.", ["10.0.0.4"])
    becomes(server, "nas.home.arpa.", ["10.0.0.1"])
    reconfigure(t, server, "hosts two in vpn.home.arpa")
    becomes(server, "tv.vpn.home.arpa.", ["10.0.0.4"])
    server.settled()
    equal(found(server, "nas.home.arpa."), "REFUSED", "a name of the domain that is gone")
    wait_until(lambda: name_of(server, "10.0.0.1") == "NXDOMAIN", 5, "its address has no name any more")


@case
def names_of_addresses_go_with_the_last_zone(t):
    t.write("hosts", "10.0.0.1 nas\n")
    server = serve(t, "hosts hosts in home.arpa", "forward example.com 127.0.0.1@9")
    equal(name_of(server, "10.0.0.1"), ["nas.home.arpa."], "before")
    reconfigure(t, server, "forward example.com 127.0.0.1@9", "minimal")
    wait_until(lambda: name_of(server, "10.0.0.1") == "NXDOMAIN", 5, "the name is gone with its zone")


@case
def names_of_addresses_go_with_their_zone_though_another_has_errors(t):
    t.write("hosts", "10.0.0.1 nas\n")
    t.write("home.zone", home())
    server = serve(t, "hosts hosts in vpn.home.arpa", "zone home.arpa home.zone")
    t.write("home.zone", "rubbish\n")
    reconfigure(t, server, "zone home.arpa home.zone")
    server.logged("not loaded")
    wait_until(lambda: name_of(server, "10.0.0.1") == "NXDOMAIN", 5, "the name is gone with its zone")
    server.settled()
    equal(found(server, "www.home.arpa."), [OLD], "the zone with errors")


@case
def a_zone_that_goes_over_to_another_file_is_never_missing(t):
    many = "".join("h%d A 192.0.2.77\n" % i for i in range(30000))
    t.write("hosts", "10.0.0.1 nas\n")
    t.write("one.zone", home(many))
    t.write("two.zone", home(many, serial=2).replace(OLD, NEW))
    server = serve(t, "zone home.arpa one.zone", "hosts hosts in home.arpa")
    allowed = {("www.home.arpa.", "A"): ([OLD], [NEW]), ("nas.home.arpa.", "A"): (["10.0.0.1"],),
               (reverse("10.0.0.1"), "PTR"): (["nas.home.arpa."],)}
    for name, data in (("two", NEW), ("one", OLD), ("two", NEW)):
        reconfigure(t, server, "zone home.arpa %s.zone" % name, "hosts hosts in home.arpa")
        asks_all_the_while(server, allowed, lambda data=data: found(server, "www.home.arpa.") == [data])


@case
def a_domain_of_names_that_gets_a_zone_file_is_never_missing(t):
    t.write("hosts", "10.0.0.1 nas\n")
    t.write("home.zone", home("".join("h%d A 192.0.2.77\n" % i for i in range(30000))))
    server = serve(t, "hosts hosts in home.arpa")
    allowed = {("nas.home.arpa.", "A"): (["10.0.0.1"],), (reverse("10.0.0.1"), "PTR"): (["nas.home.arpa."],)}
    reconfigure(t, server, "zone home.arpa home.zone", "hosts hosts in home.arpa")
    asks_all_the_while(server, allowed, lambda: found(server, "www.home.arpa.") == [OLD])
    reconfigure(t, server, "hosts hosts in home.arpa")
    asks_all_the_while(server, allowed, lambda: found(server, "www.home.arpa.") == "NXDOMAIN")


@case
def other_clients_have_a_view_after_sighup(t):
    t.write("home.zone", home("nas A 192.0.2.5\n"))
    t.write("a.zone", "nas 300 A 10.0.0.1\n")
    t.write("b.zone", "nas 300 A 10.0.0.2\n")
    base = "zone home.arpa home.zone"
    server = serve(t, base, "zone home.arpa a.zone for 127.0.0.2", "zone home.arpa b.zone for 127.0.0.3")

    def seen():
        return [found(server, "nas.home.arpa.", source="127.0.0.%d" % i)[0] for i in (1, 2, 3)]

    equal(seen(), ["192.0.2.5", "10.0.0.1", "10.0.0.2"], "what three clients see")
    equal([name_of(server, "10.0.0.2", source="127.0.0.%d" % i) for i in (1, 2, 3)],
          ["NXDOMAIN", "NXDOMAIN", ["nas.home.arpa."]], "the name of what only one sees")
    allowed = {("nas.home.arpa.", "A"): (["10.0.0.2"],), (reverse("10.0.0.2"), "PTR"): (["nas.home.arpa."],)}
    reconfigure(t, server, base, "zone home.arpa b.zone for 127.0.0.3")
    asks_all_the_while(server, allowed,
                       lambda: found(server, "nas.home.arpa.", source="127.0.0.2") == ["192.0.2.5"], source="127.0.0.3")
    server.settled()                                  # the old server may answer until it is gone
    for _ in range(3):
        equal(seen(), ["192.0.2.5", "192.0.2.5", "10.0.0.2"], "what they see without one of the versions")
        equal(name_of(server, "10.0.0.1", source="127.0.0.3"), "NXDOMAIN", "the name of what is gone")
    reconfigure(t, server, base, "zone home.arpa b.zone for 127.0.0.2 127.0.0.3")
    wait_until(lambda: seen() == ["192.0.2.5", "10.0.0.2", "10.0.0.2"], 5, "both see it")


# ------ several processes ------

@case
def every_server_has_names_and_pointers_and_a_new_one_has_them_again(t):
    t.write("home.zone", home())
    t.write("vpn.zone", "www 300 A %s\n" % NEW)
    t.write("hosts", "10.0.0.1 nas\nfd00::1 nas\n")
    server = serve(t, "zone home.arpa home.zone", "zone home.arpa vpn.zone for 127.0.0.2",
                   "hosts hosts in home.arpa", "servers 2")
    expected = {("nas.home.arpa.", "A", None): ["10.0.0.1"], (reverse("10.0.0.1"), "PTR", None): ["nas.home.arpa."],
                (reverse("fd00::1"), "PTR", None): ["nas.home.arpa."], ("www.home.arpa.", "A", None): [OLD],
                ("www.home.arpa.", "A", "127.0.0.2"): [NEW], (reverse("10.0.0.9"), "PTR", None): "NXDOMAIN",
                (reverse(NEW), "PTR", "127.0.0.2"): ["www.home.arpa."], (reverse(NEW), "PTR", None): "NXDOMAIN"}

    def check(what):
        for _ in range(16):  # each comes from a port of its own, and so to any of the servers
            for (name, kind, source), data in expected.items():
                equal(found(server, name, kind, source=source), data, "%s: %s %s from %s" % (what, name, kind, source))

    check("at first")
    t.replace("hosts", "10.0.0.2 nas\nfd00::1 nas\n")
    expected[("nas.home.arpa.", "A", None)] = ["10.0.0.2"]
    expected[(reverse("10.0.0.2"), "PTR", None)] = ["nas.home.arpa."]
    expected[(reverse("10.0.0.1"), "PTR", None)] = "NXDOMAIN"
    server.logged("reloaded")
    server.logged(r"\+ nas A 10.0.0.2")
    wait_until(lambda: all(name_of(server, "10.0.0.2") == ["nas.home.arpa."] for _ in range(16)), 5, "both know")
    check("after a change")
    time.sleep(1.2)  # who dies young is started again a little later
    for pid in server.settled(2):
        os.kill(pid, signal.SIGKILL)
    server.logged("died by signal 9", times=2)
    server.settled(2)
    wait_until(lambda: server.try_ask("www.home.arpa.") is not None, 5, "one answers again")
    server.ready()
    check("after both were killed")
    for pid in server.settled(2):
        links = [os.readlink("/proc/%d/fd/%s" % (pid, fd)) for fd in os.listdir("/proc/%d/fd" % pid)]
        equal([link for link in links if link.startswith("/memfd:")], [], "files that a server has no business with")


# ------ names of addresses ------

@case
def every_address_has_a_name_and_the_rest_of_a_private_range_does_not_exist(t):
    t.write("home.zone", home("nas A 192.168.1.5\nnas AAAA fd00:35::5\nbox A 192.168.1.5\nbox A 192.168.1.6\n"
                              "tv A 192.168.1.6 ; ptr\n*.apps A 192.168.1.7\nsub NS ns.sub\nns.sub A 192.168.1.8\n"))
    server = serve(t, "zone home.arpa home.zone")
    for tcp in (False, True):
        equal(name_of(server, "192.168.1.5", tcp=tcp), ["nas.home.arpa."], "the first in the file")
        equal(name_of(server, "192.168.1.6", tcp=tcp), ["tv.home.arpa."], "the one with the comment")
        equal(name_of(server, "fd00:35::5", tcp=tcp), ["nas.home.arpa."], "IPv6")
        equal(name_of(server, "192.168.1.9", tcp=tcp), "NXDOMAIN", "an address that nobody holds")
        equal(name_of(server, "fd00:35::6", tcp=tcp), "NXDOMAIN", "an address that nobody holds")
    equal(name_of(server, "192.168.1.7"), "NXDOMAIN", "a wildcard")
    equal(name_of(server, "192.168.1.8"), "NXDOMAIN", "below a delegation")
    reply = server.ask(reverse("192.168.1.5"), "PTR")
    equal(reply.answer[0].ttl, 300, "the TTL is that of the address")
    assert reply.flags & dns.flags.AA, "it is ours"
    for name in ("1.168.192.in-addr.arpa.", "168.192.in-addr.arpa.", "5.3.0.0.0.0.d.f.ip6.arpa.", reverse("192.168.1.5")):
        reply = server.ask(name, "TXT")
        equal((name, reply.rcode(), len(reply.answer)), (name, NOERROR, 0), "what begins a name exists (RFC 8020)")
        assert reply.authority, "%s: an SOA says how long that holds" % name
    equal(found(server, "2.168.192.in-addr.arpa.", "PTR"), "NXDOMAIN", "what begins none does not")


@case
def a_ptr_record_that_somebody_wrote_goes_before_and_gaps_are_filled(t):
    t.write("home.zone", home("nas A 192.168.1.5\nbox A 192.168.1.6\n"))
    t.write("reverse.zone", zone_text(OLD, origin="168.192.in-addr.arpa.", more="5.1 PTR other.home.arpa.\n8.1 PTR x.home.arpa.\n"
                                      ).replace("ns IN A", "x IN A").replace("IN NS ns", "IN NS ns.home.arpa."))
    server = serve(t, "zone home.arpa home.zone", "zone 168.192.in-addr.arpa reverse.zone")
    equal(name_of(server, "192.168.1.5"), ["other.home.arpa."], "written")
    equal(name_of(server, "192.168.1.6"), ["box.home.arpa."], "a gap")
    equal(name_of(server, "192.168.1.7"), "NXDOMAIN", "neither")
    t.replace("reverse.zone", open(t.path("reverse.zone")).read().replace("5.1 PTR other.home.arpa.\n", ""))
    wait_until(lambda: name_of(server, "192.168.1.5") == ["nas.home.arpa."], WATCH_SECONDS, "the gap is filled")


@case
def zones_and_names_with_no_ptr_make_no_names_of_addresses(t):
    t.write("home.zone", home("nas A 192.168.1.5\n"))
    t.write("vpn.zone", "extra 300 A 10.8.0.1\n")
    t.write("hosts", "192.168.1.9 tv\n")
    t.write("more", "192.168.1.10 pc\n")
    server = serve(t, "zone home.arpa home.zone no-ptr", "hosts hosts in x.home.arpa no-ptr",
                   "hosts more in y.home.arpa", "zone x.home.arpa vpn.zone for 127.0.0.2")
    equal(found(server, "nas.home.arpa."), ["192.168.1.5"], "the zone itself")
    equal(name_of(server, "192.168.1.5"), "NXDOMAIN", "of a zone with no-ptr")
    equal(name_of(server, "192.168.1.9"), "NXDOMAIN", "of names with no-ptr")
    equal(name_of(server, "192.168.1.9", source="127.0.0.2"), "NXDOMAIN", "of names with no-ptr, for others")
    equal(name_of(server, "192.168.1.10"), ["pc.y.home.arpa."], "of the names beside it")
    reconfigure(t, server, "zone home.arpa home.zone")
    wait_until(lambda: name_of(server, "192.168.1.5") == ["nas.home.arpa."], 5, "no-ptr is gone")
    reconfigure(t, server, "zone home.arpa home.zone no-ptr")
    wait_until(lambda: name_of(server, "192.168.1.5") == "NXDOMAIN", 5, "no-ptr is there again")


@case
def a_public_address_has_its_name_and_what_is_beside_it_is_asked_upstream(t):
    t.write("home.zone", home("web A 9.8.7.5\n"))
    t.write("up.zone", zone_text(OLD, origin="7.8.9.in-addr.arpa.", more="5 PTR wrong.example.\n6 PTR six.example.\n"
                                 ).replace("ns IN A", "x IN A").replace("IN NS ns", "IN NS ns.example."))
    os.chdir(t.folder)
    up = t.serve("7.8.9.in-addr.arpa=up.zone", address="127.0.0.1")
    server = serve(t, "zone home.arpa home.zone", forward=["-f", "127.0.0.1@%d" % up.port])
    equal(name_of(server, "9.8.7.5"), ["web.home.arpa."], "our own")
    equal(name_of(server, "9.8.7.6"), ["six.example."], "somebody else's")
    equal(found(server, "7.8.9.in-addr.arpa.", "NS"), ["ns.example."], "what is above it")


@case
def names_of_addresses_follow_a_change(t):
    t.write("home.zone", home("nas A 192.168.1.5\n"))
    server = serve(t, "zone home.arpa home.zone")
    t.replace("home.zone", home("nas A 192.168.1.6\nbox A 192.168.1.5\n", serial=2))
    wait_until(lambda: name_of(server, "192.168.1.5") == ["box.home.arpa."], WATCH_SECONDS, "another name")
    equal(name_of(server, "192.168.1.6"), ["nas.home.arpa."], "another address")
    t.replace("home.zone", home("nas A 192.168.1.6 300\n", serial=3))
    server.logged("not loaded")
    equal(name_of(server, "192.168.1.5"), ["box.home.arpa."], "after an error all is as it was")


@case
def strangers_learn_no_names_of_addresses_unless_a_zone_has_them(t):
    with Network() as net:
        net.at_server("addr", "add", HERE + "/24", "dev", "lan")
        net.at_server("route", "add", "198.51.100.0/24", "via", THERE)
        net.at_client("addr", "add", THERE + "/24", "dev", "pc")
        net.at_client("addr", "add", STRANGER + "/32", "dev", "pc")
        t.write("home.zone", home("nas A 192.168.1.5\nbox A 172.16.0.5\n"))
        t.write("16.zone", "@ 300 SOA ns.home.arpa. h.home.arpa. 1 2 3 4 5\n@ 300 NS ns.home.arpa.\n")
        server = serve(t, "zone home.arpa home.zone", "zone 16.172.in-addr.arpa 16.zone", address=HERE,
                       prefix=net.prefix())
        net.enter_client()
        equal(name_of(server, "192.168.1.5", source=THERE), ["nas.home.arpa."], "a neighbour")
        for tcp in (False, True):
            equal(name_of(server, "192.168.1.5", source=STRANGER, tcp=tcp), "REFUSED", "a stranger, of what is held")
            equal(name_of(server, "192.168.1.6", source=STRANGER, tcp=tcp), "REFUSED", "a stranger, of what is not")
            equal(found(server, "nas.home.arpa.", source=STRANGER, tcp=tcp), ["192.168.1.5"], "zones are for everybody")
            equal(name_of(server, "172.16.0.5", source=STRANGER, tcp=tcp), ["box.home.arpa."], "a reverse zone as well")


# ------ views ------

@case
def a_network_of_clients_has_a_version_of_the_zone(t):
    t.write("home.zone", home("nas A 192.0.2.5\nnas AAAA 2001:db8::5\ntv A 192.0.2.6\n@ A 192.0.2.7\n@ MX 10 www\n"))
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n@ 60 A 10.8.0.7\nonly 60 A 10.8.0.8\n")
    t.write("hosts", "192.0.2.9 printer nas\n")
    server = serve(t, "zone home.arpa vpn.zone for 127.0.0.2/31 fd00::/8", "zone home.arpa home.zone",
                   "hosts hosts in home.arpa")
    for source in ("127.0.0.2", "127.0.0.3"):
        for tcp in (False, True):
            how = {"source": source, "tcp": tcp}
            equal(found(server, "nas.home.arpa.", **how), ["10.8.0.5"], "another address")
            equal(found(server, "nas.home.arpa.", "AAAA", **how), [], "all other types of the name are gone")
            equal(found(server, "only.home.arpa.", **how), ["10.8.0.8"], "a name of its own")
            equal(found(server, "home.arpa.", **how), ["10.8.0.7"], "the top, type by type")
            equal(found(server, "home.arpa.", "MX", **how), ["10 www.home.arpa."], "the top, type by type")
            equal(found(server, "tv.home.arpa.", **how), ["192.0.2.6"], "what it lacks is as for everybody")
            equal(found(server, "printer.home.arpa.", **how), ["192.0.2.9"], "names as well")
            equal(name_of(server, "10.8.0.5", **how), ["nas.home.arpa."], "an address that only it sees")
    for source in ("127.0.0.1", "127.0.0.4"):
        equal(found(server, "nas.home.arpa.", source=source), ["192.0.2.5"], "everybody else")
        equal(found(server, "only.home.arpa.", source=source), "NXDOMAIN", "everybody else")
        equal(name_of(server, "10.8.0.5", source=source), "NXDOMAIN", "everybody else")


@case
def of_two_versions_for_a_client_the_first_counts(t):
    t.write("home.zone", home("nas A 192.0.2.5\n"))
    t.write("a.zone", "nas 60 A 10.8.0.1\n")
    t.write("b.zone", "nas 60 A 10.8.0.2\ntv 60 A 10.8.0.3\n")
    server = serve(t, "zone home.arpa home.zone", "zone home.arpa a.zone for 127.0.0.2",
                   "zone home.arpa b.zone for 127.0.0.0/24")
    equal(found(server, "nas.home.arpa.", source="127.0.0.2"), ["10.8.0.1"], "the first")
    equal(found(server, "tv.home.arpa.", source="127.0.0.2"), "NXDOMAIN", "the other is not for it")
    equal(found(server, "nas.home.arpa.", source="127.0.0.3"), ["10.8.0.2"], "the second")


@case
def without_a_version_for_everybody_only_these_clients_have_the_zone(t):
    t.write("vpn.zone", home("nas A 10.8.0.5\n"))
    server = serve(t, "zone home.arpa vpn.zone for 127.0.0.2", "zone example.com vpn.zone for 127.0.0.2")
    equal(found(server, "nas.home.arpa.", source="127.0.0.2"), ["10.8.0.5"], "one of them")
    equal(found(server, "nas.home.arpa."), "REFUSED", "others: as if there were no zone")
    t.replace("vpn.zone", home("nas A 10.8.0.6\n"))
    becomes(server, "nas.home.arpa.", ["10.8.0.6"], source="127.0.0.2")


@case
def a_version_with_an_soa_and_names_below_it_is_a_zone(t):
    t.write("vpn.zone", home("nas A 10.8.0.5\n", serial=77))
    t.write("hosts", "10.0.0.1 tv nas\n")
    server = serve(t, "zone home.arpa vpn.zone for 127.0.0.2", "hosts hosts in home.arpa")
    equal(server.count("error"), 0, "errors in the log")
    equal(found(server, "nas.home.arpa.", source="127.0.0.2"), ["10.8.0.5"], "its file")
    equal(found(server, "tv.home.arpa.", source="127.0.0.2"), ["10.0.0.1"], "the names")
    equal(found(server, "nas.home.arpa."), ["10.0.0.1"], "the names alone, for others")
    equal(server.ask("home.arpa.", "SOA", source="127.0.0.2").answer[0][0].serial, 77, "the serial of the file")


@case
def a_version_with_an_error_is_not_replaced_by_that_for_everybody(t):
    t.write("home.zone", home("nas A 192.0.2.5\n"))
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n")
    server = serve(t, "zone home.arpa home.zone", "zone home.arpa vpn.zone for 127.0.0.2")
    path = t.write("vpn.zone", "nas 60 A 10.8.0.555\n")
    server.logged(r"vpn\.zone:1:10: error: invalid IPv4 address '10\.8\.0\.555'")
    server.logged("the zone that was loaded before is still served")
    equal(found(server, "nas.home.arpa.", source="127.0.0.2"), ["10.8.0.5"], "the old version")
    t.replace("home.zone", home("nas A 192.0.2.6\n"))
    becomes(server, "nas.home.arpa.", ["192.0.2.6"])
    equal(found(server, "nas.home.arpa.", source="127.0.0.2"), ["10.8.0.5"], "the old version, still")
    os.unlink(path)
    t.write("vpn.zone", "nas 60 A 10.8.0.6\n")
    becomes(server, "nas.home.arpa.", ["10.8.0.6"], source="127.0.0.2")


@case
def a_change_of_the_zone_file_reaches_every_version(t):
    t.write("home.zone", home("nas A 192.0.2.5\n"))
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n")
    server = serve(t, "zone home.arpa home.zone", "zone home.arpa vpn.zone for 127.0.0.2")
    t.replace("home.zone", home("nas A 192.0.2.5\ntv A 192.0.2.6\n", serial=2))
    becomes(server, "tv.home.arpa.", ["192.0.2.6"])
    becomes(server, "tv.home.arpa.", ["192.0.2.6"], source="127.0.0.2")
    server.logged(r"zone home\.arpa\. for 127\.0\.0\.2: \+ tv A 192\.0\.2\.6$")
    equal(server.count(r"zone home\.arpa\.: \+ tv A 192\.0\.2\.6$"), 1, "lines about the version for everybody")


# ------ views by interface ------

class Hub(Network):
    """The namespaces with a second cable: 'wg0' at the server, 'tunnel' at the client."""

    def __enter__(self):
        super().__enter__()
        self.at_server("addr", "add", HERE + "/24", "dev", "lan")
        self.at_client("addr", "add", THERE + "/24", "dev", "pc")
        return self

    def connect(self, name="wg0", index=None, address="10.8.0.1"):
        numbered = ["index", str(index)] if index else []
        ip("link", "add", name, "netns", self.server, *numbered, "type", "veth", "peer", "name", "tunnel",
           "netns", self.client)
        self.at_server("addr", "add", address + "/24", "dev", name)
        self.at_server("link", "set", name, "up")
        self.at_client("addr", "add", "10.8.0.2/24", "dev", "tunnel")
        self.at_client("link", "set", "tunnel", "up")

    def disconnect(self, name="wg0"):
        self.at_server("link", "del", name)


def ask_in(net, server, at, tcp=False):
    """What nas.home.arpa is for a client in the other namespace that asks at an address."""
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            net.enter_client()
            seen = found(server, "nas.home.arpa.", address=at, tcp=tcp, timeout=1)
            status = {"192.0.2.5": 1, "10.8.0.5": 2}.get(seen[0], 3)
        finally:
            os._exit(status)
    return (None, "everybody's", "the tunnel's", "another")[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]


def hub(t, net, *more, whom="wg0"):
    t.write("home.zone", home("nas A 192.0.2.5\n"))
    t.write("vpn.zone", "nas 60 A 10.8.0.5\n")
    os.chdir(t.folder)
    configure(t, "zone home.arpa home.zone", "zone home.arpa vpn.zone for " + whom)
    return t.serve(*more, "-c", "ten35.conf", listen=False, prefix=net.prefix(), address=HERE)


@case
def clients_of_an_interface_have_a_view_whatever_their_address_is(t):
    with Hub() as net:
        net.connect()
        # A client behind the tunnel, with an address of nobody's subnet.
        net.at_client("addr", "add", STRANGER + "/32", "dev", "tunnel")
        net.at_server("route", "add", STRANGER + "/32", "dev", "wg0")
        server = hub(t, net, *WATCH)
        for tcp in (False, True):
            equal(ask_in(net, server, "10.8.0.1", tcp), "the tunnel's", "by wg0, tcp %s" % tcp)
            equal(ask_in(net, server, HERE, tcp), "everybody's", "by lan, tcp %s" % tcp)
        net.enter_client()
        equal(found(server, "nas.home.arpa.", address="10.8.0.1", source=STRANGER), ["10.8.0.5"], "a strange address")
        equal(found(server, "nas.home.arpa.", address="10.8.0.1", source=STRANGER, tcp=True), ["10.8.0.5"], "by TCP")


@case
def an_interface_that_appears_later_or_gets_another_number_is_found(t):
    with Hub() as net:
        server = hub(t, net, "--watch", "0")          # the kernel tells, nobody looks
        for index in (None, 77, 78):
            net.connect(index=index)
            wait_until(lambda: ask_in(net, server, "10.8.0.1") == "the tunnel's", 10, "wg0 %s is known" % index)
            equal(ask_in(net, server, "10.8.0.1", True), "the tunnel's", "by TCP")
            equal(ask_in(net, server, HERE), "everybody's", "by lan")
            net.disconnect()
        # Another interface gets the number that wg0 had.
        net.connect(name="eth7", index=78)
        wait_until(lambda: ask_in(net, server, "10.8.0.1") == "everybody's", 10, "eth7 is not wg0")


@case
def an_interface_that_is_renamed_is_another_one(t):
    with Hub() as net:
        net.connect(name="eth7")
        server = hub(t, net, "--watch", "0")
        wait_until(lambda: ask_in(net, server, "10.8.0.1") == "everybody's", 10, "eth7 is for everybody")
        net.at_server("link", "set", "eth7", "down")
        net.at_server("link", "set", "eth7", "name", "wg0")
        net.at_server("link", "set", "wg0", "up")
        wait_until(lambda: ask_in(net, server, "10.8.0.1") == "the tunnel's", 10, "it is wg0 now")
        net.at_server("link", "set", "wg0", "down")
        net.at_server("link", "set", "wg0", "name", "eth7")
        net.at_server("link", "set", "eth7", "up")
        wait_until(lambda: ask_in(net, server, "10.8.0.1") == "everybody's", 10, "it is not wg0 any more")


if __name__ == "__main__":
    run()
