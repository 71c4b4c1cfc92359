#!/usr/bin/env python3
"""Makes zones and query files for measuring; the same arguments give the same octets.

  gen.py small OUT               example.test: 1,000 hosts          -> OUT/small.zone
  gen.py big OUT [N]             tld.test: N names (1,000,000), 2.5 records each -> OUT/big.zone
  gen.py root OUT                .: 1,450 delegations with glue, as the root has -> OUT/root.zone
  gen.py zones OUT N             N zones of ten hosts                 -> OUT/z0.test. and so on
  gen.py version FROM TO V       the big zone once more as its version V (0..99): every TTL, the
                                 SOA's MINIMUM and the serial say so (TTL % 100 == V)
  gen.py queries OUT KIND [N | ROOTZONE]   100,000 lines "NAME TYPE" -> OUT/q-KIND.txt
        small     mixed types, 80 % existing names, 20 % NXDOMAIN
        smallpos  existing names only, 90 % A
        big       of the big zone with N names: referrals and hosts (80 %), NXDOMAIN (20 %)
        bighot    the same, drawn from 10,000 of the names only
        touch     every name of the big zone once, and one that does not exist for each
        root      referrals from ROOTZONE (80 %), NXDOMAIN (20 %)
        zones     the hosts of N zones (80 %), NXDOMAIN (20 %)
"""

import os
import random
import shutil
import sys

HOSTS = 1000
QUERIES = 100000
TTL, MINIMUM, SERIAL = 86400, 3600, 2024010100  # each a multiple of 100: a version is added
BIG_HEAD = """$ORIGIN tld.test.
$TTL %d
@ IN SOA a.nic.tld.test. admin.nic.tld.test. %d 1800 900 604800 %d
"""


def label(r, lo=4, hi=16):
    return "".join(r.choice("abcdefghijklmnopqrstuvwxyz0123456789")
                   for _ in range(r.randrange(lo, hi)))


# ------ the small zone ------

def small_hosts():
    """[(owner label, kind)] of example.test, in a fixed order."""
    r = random.Random(1)
    kinds = ("host",) * 14 + ("alias",) * 3 + ("mail",) * 3
    return [("%s%03d" % (r.choice(["www", "host", "db", "srv", "node", "api"]), i), r.choice(kinds))
            for i in range(HOSTS)]


def small(out):
    r = random.Random(2)
    hosts = small_hosts()
    real = [h for h, k in hosts if k != "alias"]
    with open(os.path.join(out, "small.zone"), "w") as f:
        w = f.write
        w("$ORIGIN example.test.\n$TTL 3600\n")
        w("@ IN SOA ns1.example.test. hostmaster.example.test. 2024010101 7200 3600 1209600 300\n")
        w("@ IN NS ns1.example.test.\n@ IN NS ns2.example.test.\n")
        w("ns1 IN A 192.0.2.1\nns1 IN AAAA 2001:db8::1\n")
        w("ns2 IN A 192.0.2.2\nns2 IN AAAA 2001:db8::2\n")
        w("@ IN MX 10 mx1.example.test.\n@ IN MX 20 mx2.example.test.\n")
        w("mx1 IN A 192.0.2.11\nmx2 IN A 192.0.2.12\n")
        w('@ IN TXT "v=spf1 mx -all"\n@ IN A 192.0.2.80\n')
        for h, k in hosts:
            if k == "alias":
                w("%s IN CNAME %s.example.test.\n" % (h, r.choice(real)))
                continue
            w("%s IN A 198.51.%d.%d\n" % (h, r.randrange(256), r.randrange(1, 255)))
            if r.random() < 0.7:
                w("%s IN AAAA 2001:db8:%x:%x::%x\n" % (h, r.randrange(65536), r.randrange(65536),
                                                     r.randrange(1, 65536)))
            if r.random() < 0.2:
                w("%s IN A 203.0.113.%d\n" % (h, r.randrange(1, 255)))
            if k == "mail":
                w("%s IN MX 10 mx1.example.test.\n%s IN MX 20 mx2.example.test.\n" % (h, h))
                w('%s IN TXT "v=spf1 a mx ip4:192.0.2.0/24 -all"\n' % h)


# ------ the big zone ------

def big_names(n):
    r = random.Random(3)
    for i in range(n):
        # The number keeps names unique; the rest is random.
        yield "%s%x" % (label(r, 3, 9), i)


def big(out, n):
    r = random.Random(4)
    with open(os.path.join(out, "big.zone"), "w", buffering=1 << 20) as f:
        w = f.write
        w(BIG_HEAD % (TTL, SERIAL, MINIMUM))
        for s in "abcd":
            w("@ IN NS %s.nic.tld.test.\n" % s)
        for i, s in enumerate("abcd"):
            w("%s.nic IN A 192.0.2.%d\n%s.nic IN AAAA 2001:db8::%x\n" % (s, i + 1, s, i + 1))
        # Operators outside the zone, who host most of the delegations.
        ops = ["ns%d.%s.example." % (k, label(r)) for _ in range(2000) for k in (1, 2)]
        for name in big_names(n):
            x = r.random()
            if x < 0.80:    # two name servers outside
                j = r.randrange(0, len(ops), 2)
                w("%s IN NS %s\n%s IN NS %s\n" % (name, ops[j], name, ops[j + 1]))
            elif x < 0.95:  # name servers of its own, with glue
                w("%s IN NS ns1.%s.tld.test.\n%s IN NS ns2.%s.tld.test.\n" % (name, name, name, name))
                for k in (1, 2):
                    w("ns%d.%s IN A 198.%d.%d.%d\n" % (k, name, 18 + r.randrange(2),
                                                      r.randrange(256), r.randrange(1, 255)))
                if r.random() < 0.5:
                    w("ns1.%s IN AAAA 2001:db8:%x::1\n" % (name, r.randrange(1, 65536)))
            else:           # a host
                w("%s IN A 198.51.100.%d\n" % (name, r.randrange(1, 255)))
                w("%s IN AAAA 2001:db8::%x\n" % (name, r.randrange(1, 65536)))
                w("%s IN MX 10 mail.%s.tld.test.\n" % (name, name))
                w("mail.%s IN A 198.51.100.%d\n" % (name, r.randrange(1, 255)))


# ------ a zone like the root's ------

def root(out):
    """Four to six name servers for each name, most of them below it, with addresses of both kinds."""
    r = random.Random(6)
    operators = ["%s.%s" % (label(r), label(r, 2, 5)) for _ in range(60)]
    with open(os.path.join(out, "root.zone"), "w") as f:
        w = f.write
        w("$ORIGIN .\n$TTL 172800\n@ IN SOA a.root. nstld.root. 2024010101 1800 900 604800 86400\n")
        for s in "abcdefghijklm":
            w("@ IN NS %s.root.\nroot. IN NS %s.root.\n%s.root. IN A 198.41.0.%d\n%s.root. IN AAAA 2001:db8::%x\n"
              % (s, s, s, ord(s), s, ord(s)))
        glue = set()
        for i in range(1450):
            name = "%s%x" % (label(r, 2, 10), i)
            home = "nic." + name if r.random() < 0.6 else r.choice(operators)
            for k in range(r.randrange(4, 7)):
                server = "%s.%s." % ("abcdefgh"[k] if home.startswith("nic.") else "ns%d" % k, home)
                w("%s. IN NS %s\n" % (name, server))
                glue.add(server)
            w("%s. IN DS %d 8 2 %s\n" % (name, r.randrange(65536), "%064x" % r.getrandbits(256)))
        for server in sorted(glue):
            w("%s IN A 198.%d.%d.%d\n" % (server, 18 + r.randrange(2), r.randrange(256), r.randrange(1, 255)))
            w("%s IN AAAA 2001:db8:%x::%x\n" % (server, r.randrange(1, 65536), r.randrange(1, 65536)))


# ------ many zones ------

def zones(out, n):
    r = random.Random(7)
    for i in range(n):
        with open(os.path.join(out, "z%d.test." % i), "w") as f:
            f.write("$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ IN NS ns1\n"
                    "ns1 IN A 192.0.2.1\n")
            for k in range(10):
                f.write("h%d IN A 198.51.100.%d\n" % (k, r.randrange(1, 255)))


def version(source, target, v):
    """Only the first lines differ: no record of the big zone has a TTL of its own."""
    with open(source, "rb") as f, open(target, "wb") as to:
        for _ in BIG_HEAD.splitlines():
            f.readline()
        to.write((BIG_HEAD % (TTL + v, SERIAL + v, MINIMUM + v)).encode())
        shutil.copyfileobj(f, to, 1 << 20)


# ------ queries ------

def root_names(path):
    """The names that the root zone delegates."""
    names = set()
    with open(path) as f:
        owner = None
        for line in f:
            p = line.split()
            if line[:1] not in " \t" and p:
                owner = p[0]
            if "NS" in p[1:5] and owner and owner != ".":
                i = p.index("NS")
                if p[i - 1] == "IN" or p[i - 1].isdigit():
                    names.add(owner.rstrip(".").lower())
    return sorted(names)


def small_queries(r, w, kind):
    hosts = small_hosts()
    mail = [h for h, k in hosts if k == "mail"]
    for _ in range(QUERIES):
        h = r.choice(hosts)[0]
        x = r.random()
        if kind == "smallpos":
            w("%s.example.test %s\n" % (h, "A" if x < 0.9 else "AAAA"))
        elif x < 0.20:
            w("%s.example.test %s\n" % (label(r), r.choice(["A", "AAAA"])))
        elif x < 0.65:
            w("%s.example.test A\n" % h)
        elif x < 0.85:
            w("%s.example.test AAAA\n" % h)
        elif x < 0.97:
            w("%s.example.test %s\n" % (r.choice(mail), "MX" if x < 0.92 else "TXT"))
        else:
            w("example.test %s\n" % r.choice(["SOA", "NS", "MX"]))


def big_queries(r, w, kind, n):
    names = list(big_names(n))
    if kind == "bighot":
        names = r.sample(names, min(n, 10000))
    for _ in range(QUERIES):
        if r.random() < 0.20:
            w("zz%s.tld.test A\n" % label(r, 8, 14))
        else:
            w("%s%s.tld.test %s\n" % ("www." if r.random() < 0.3 else "", r.choice(names),
                                      r.choice(["A", "A", "A", "AAAA", "AAAA", "NS", "MX"])))


def root_queries(r, w, path):
    tlds = root_names(path)
    for _ in range(QUERIES):
        if r.random() < 0.20:
            w("%s.%s A\n" % (label(r), "zz" + label(r)))
        else:
            w("%s.%s %s\n" % (label(r), r.choice(tlds), r.choice(["A", "A", "AAAA", "NS", "DS"])))


def zones_queries(r, w, n):
    for _ in range(QUERIES):
        w("%s.z%d.test A\n" % (label(r) if r.random() < 0.20 else "h%d" % r.randrange(10), r.randrange(n)))


def touch_queries(w, n):
    for name in big_names(n):
        w("%s.tld.test A\nmail.%s.tld.test A\n" % (name, name))


def queries(out, kind, rest):
    r = random.Random(5)
    with open(os.path.join(out, "q-%s.txt" % kind), "w", buffering=1 << 20) as f:
        if kind in ("small", "smallpos"):
            small_queries(r, f.write, kind)
        elif kind in ("big", "bighot"):
            big_queries(r, f.write, kind, int(rest[0]) if rest else 1000000)
        elif kind == "touch":
            touch_queries(f.write, int(rest[0]) if rest else 1000000)
        elif kind == "root":
            root_queries(r, f.write, rest[0])
        elif kind == "zones":
            zones_queries(r, f.write, int(rest[0]))
        else:
            sys.exit("unknown kind " + kind)


def main(a):
    if len(a) < 2:
        sys.exit(__doc__)
    if a[0] == "version":
        version(a[1], a[2], int(a[3]))
        return
    os.makedirs(a[1], exist_ok=True)
    if a[0] == "small":
        small(a[1])
    elif a[0] == "big":
        big(a[1], int(a[2]) if len(a) > 2 else 1000000)
    elif a[0] == "root":
        root(a[1])
    elif a[0] == "zones":
        zones(a[1], int(a[2]))
    elif a[0] == "queries":
        queries(a[1], a[2], a[3:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
