#!/usr/bin/env python3
"""ten35 and the servers it is measured against: their configurations, and a loop over them.

  peers.py conf  WORK PEER ZONE...          writes the configuration; prints address, port, command
  peers.py bench WORK PEER,PEER... QUERIES [options of bench.py] -- ZONE...

ZONE is FILE:ORIGIN, or a file that gen.py made.  PEER is ten35, nsd, nsd-min (minimal
responses), ten35-min (the same), ten35-two (two servers), knot, bind or gdnsd.  Each runs in
the foreground with one worker on 127.0.0.1, its logs, statistics and rate limits off.  Where a program is not in PATH,
set TEN35_BIN, NSD_BIN and so on; TEN35_EXTRA are more lines of configuration.
"""

import os
import re
import shutil
import subprocess
import sys

from measure import HERE, NEVER_ASKED, free_port

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
ORIGINS = {"small.zone": "example.test.", "big.zone": "tld.test.", "root.zone": "."}


def program(peer, name):
    found = os.environ.get(peer.upper().replace("-", "_") + "_BIN") or shutil.which(name, path=PATH)
    if not found:
        sys.exit("%s is not installed" % name)
    return found


def put(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def with_origin(zone):
    path, _, origin = zone.partition(":")
    origin = origin or ORIGINS[os.path.basename(path)]
    return os.path.abspath(path), origin.rstrip(".") + "."


def ten35(peer, d, zones, port):
    text = "".join("zone %s %s\n" % (origin, path) for path, origin in zones)
    text += "forward . %s\n" % NEVER_ASKED
    text += {"ten35-min": "minimal\n", "ten35-two": "servers 2\n"}.get(peer, "")
    if os.geteuid() == 0:
        text += "user root\n"  # so that the zone files may lie anywhere
    config = put(d + "/ten35.conf", text + os.environ.get("TEN35_EXTRA", ""))
    build = os.path.join(HERE, "..", "..", "build", "ten35")
    binary = os.environ.get("TEN35_BIN") or os.path.realpath(build)
    return [binary, "-c", config, "-a", "127.0.0.1", "-p", str(port)]


def nsd(peer, d, zones, port):
    said = subprocess.run([program(peer, "nsd"), "-v"], capture_output=True, text=True).stderr
    numbers = re.search(r"version (\d+)\.(\d+)", said)
    has_database = numbers and tuple(map(int, numbers.groups())) < (4, 8)
    text = """server:
  server-count: 1
  ip-address: 127.0.0.1@%d
  username: ""
  chroot: ""
  zonesdir: "%s"
  pidfile: "%s/nsd.pid"
  xfrdfile: "%s/xfrd.state"
  xfrdir: "%s"
  zonelistfile: "%s/zone.list"
  logfile: "%s/nsd.log"
  hide-version: yes
  rrl-ratelimit: 0
  verbosity: 0
  %s
  %s
remote-control:
  control-enable: no
""" % (port, d, d, d, d, d, d, 'database: ""' if has_database else "",
       "minimal-responses: yes" if peer == "nsd-min" else "")
    for path, origin in zones:
        text += 'zone:\n  name: "%s"\n  zonefile: "%s"\n' % (origin, path)
    return [program(peer, "nsd"), "-d", "-c", put(d + "/nsd.conf", text)]


def knot(peer, d, zones, port):
    text = """server:
  listen: 127.0.0.1@%d
  rundir: "%s"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "%s"
log:
  - target: "%s/knot.log"
    any: error
template:
  - id: default
    storage: "%s"
    semantic-checks: off
    journal-content: none
    zonefile-sync: -1
zone:
""" % (port, d, d, d, d)
    for path, origin in zones:
        text += '  - domain: "%s"\n    file: "%s"\n' % (origin, path)
    return [program(peer, "knotd"), "-c", put(d + "/knot.conf", text)]


def bind(peer, d, zones, port):
    text = """options {
  directory "%s"; pid-file "%s/named.pid"; session-keyfile "%s/session.key";
  listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
  dnssec-validation no; querylog no; minimal-responses yes; zone-statistics none;
  notify no; empty-zones-enable no; check-names primary ignore; check-integrity no;
};
controls { };
logging { channel x { null; }; category default { x; }; };
""" % (d, d, d, port)
    for path, origin in zones:
        text += 'zone "%s" { type primary; file "%s"; };\n' % (origin, path)
    return [program(peer, "named"), "-f", "-n", "1", "-c", put(d + "/named.conf", text)]


def gdnsd(peer, d, zones, port):
    for folder in ("zones", "run", "state"):
        os.makedirs(d + "/" + folder, exist_ok=True)
    for path, origin in zones:
        shutil.copy(path, d + "/zones/" + origin.rstrip("."))
    put(d + "/config", """options => {
  listen => { 127.0.0.1:%d => { udp_threads => 1, tcp_threads => 1 } }
  run_dir => %s/run
  state_dir => %s/state
  zones_default_ttl => 3600
}
""" % (port, d, d))
    return [program(peer, "gdnsd"), "-c", d, "start"]


PEERS = {"ten35": ten35, "nsd": nsd, "knot": knot, "bind": bind, "gdnsd": gdnsd}


# ------ servers that ask another one: 127.0.0.1 at port `upstream` (forward.py) ------

def ten35_forward(d, upstream, port):
    text = "forward test 127.0.0.1@%d\nforward . none\ncache %s\n" % (
        upstream, os.environ.get("TEN35_CACHE", "64M"))
    build = os.path.join(HERE, "..", "..", "build", "ten35")
    binary = os.environ.get("TEN35_BIN") or os.path.realpath(build)
    return [binary, "-c", put(d + "/ten35.conf", text), "-a", "127.0.0.1", "-p", str(port)]


def unbound(d, upstream, port):
    text = """server:
  interface: 127.0.0.1@%d
  num-threads: 1
  directory: "%s"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "%s/log"
  verbosity: 0
  do-ip6: no
  do-not-query-localhost: no
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
  local-zone: "test." nodefault
  so-rcvbuf: 4m
  so-sndbuf: 4m
  msg-cache-size: %s
  rrset-cache-size: %s
  outgoing-range: 4096
  num-queries-per-thread: 2048
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@%d
""" % (port, d, d, os.environ.get("UNBOUND_MSG_CACHE", "64m"),
       os.environ.get("UNBOUND_RRSET_CACHE", "128m"), upstream)
    return [program("unbound", "unbound"), "-d", "-c", put(d + "/unbound.conf", text)]


def dnsmasq(d, upstream, port):
    text = """port=%d
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
no-poll
server=127.0.0.1#%d
cache-size=10000
dns-forward-max=2000
user=
pid-file=%s/pid
log-facility=%s/log
""" % (port, upstream, d, d)
    return [program("dnsmasq", "dnsmasq"), "-k", "-C", put(d + "/dnsmasq.conf", text)]


def bind_forward(d, upstream, port):
    text = """options {
  directory "%s"; pid-file none; session-keyfile none; managed-keys-directory "%s"; lock-file none;
  listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };
  recursion yes; allow-recursion { 127.0.0.0/8; }; forward only; recursive-clients 4000;
  forwarders { 127.0.0.1 port %d; };
  dnssec-validation no; querylog no; minimal-responses yes; zone-statistics none;
  empty-zones-enable no;
};
controls { };
logging { channel x { null; }; category default { x; }; };
""" % (d, d, port, upstream)
    return [program("bind", "named"), "-f", "-n", "1", "-c", put(d + "/named.conf", text)]


def recursor(d, upstream, port):
    put(d + "/recursor.conf", """local-address=127.0.0.1
local-port=%d
threads=1
daemon=no
disable-syslog=yes
loglevel=0
quiet=yes
forward-zones-recurse=.=127.0.0.1:%d
dont-query=
dnssec=off
security-poll-suffix=
socket-dir=%s
write-pid=no
webserver=no
pdns-distributes-queries=no
distributor-threads=0
query-local-address=127.0.0.1
max-mthreads=4096
setuid=
setgid=
""" % (port, upstream, d))
    return [program("recursor", "pdns_recursor"), "--config-dir=" + d]


def kresd(d, upstream, port):
    text = """net.listen('127.0.0.1', %d)
net.ipv6 = false
trust_anchors.remove('.')
cache.size = 100 * MB
policy.add(policy.all(policy.STUB('127.0.0.1@%d')))
""" % (port, upstream)
    return [program("kresd", "kresd"), "-n", "-q", "-c", put(d + "/kresd.conf", text), d]


FORWARDERS = {"ten35": ten35_forward, "unbound": unbound, "kresd": kresd, "dnsmasq": dnsmasq,
              "bind": bind_forward, "recursor": recursor}


def conf_forwarder(work, peer, upstream):
    """The same as conf() for a server without zones."""
    d = os.path.join(os.path.abspath(work), peer + "-forward")
    shutil.rmtree(d, ignore_errors=True)
    os.makedirs(d)
    port = free_port()
    return port, FORWARDERS[peer](d, upstream, port)


def conf(work, peer, zones):
    """Writes the configuration; the port, and the command that starts the server."""
    d = os.path.join(os.path.abspath(work), peer)
    shutil.rmtree(d, ignore_errors=True)
    os.makedirs(d)
    port = free_port()
    return port, PEERS[peer.split("-")[0]](peer, d, [with_origin(z) for z in zones], port)


def main(a):
    if len(a) < 3:
        sys.exit(__doc__)
    if a[0] == "conf":
        port, command = conf(a[1], a[2], a[3:])
        print("127.0.0.1", port, " ".join(command))
        return
    work, peers, queries = a[1:4]
    options = a[4:]
    split = options.index("--")
    for peer in peers.split(","):
        port, command = conf(work, peer, options[split + 1:])
        status = subprocess.call([sys.executable, os.path.join(HERE, "bench.py"), "--queries",
                                  queries] + options[:split] + [peer, str(port)] + command)
        if status:
            print("%s failed with status %d" % (peer, status))


if __name__ == "__main__":
    main(sys.argv[1:])
