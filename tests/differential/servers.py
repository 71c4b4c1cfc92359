"""The servers that are compared: how each is configured, started and ended.

A server gets a temporary folder of its own and a free port on 127.0.0.1, runs in the
foreground, and is ended by its process id.  No configuration here lets a server send
anything by itself: no notifies, no recursion, no keys to maintain, no other addresses.
"""

import random
import socket
import subprocess
import time
from pathlib import Path

import dns.flags
import dns.message

from programs import NotInstalled, find_program     # also for those who import this

HOST = "127.0.0.1"
START_SECONDS = 30      # the signed root zone takes the slowest peer about a second


class Failed(Exception):
    """A server did not start, or ended by itself."""


def free_port():
    """A port that is free for UDP and for TCP at this moment."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            # Below the ports that the system gives to clients: no query takes it meanwhile.
            port = random.randrange(20000, 32000)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    tcp.bind((HOST, port))
                    udp.bind((HOST, port))
                except OSError:
                    continue
                return port


class Server:
    """One running server; a subclass says how it is configured."""

    name = ""
    program = ""
    version_option = "-V"
    errors_per_second = None    # a limit on answers to erroneous messages

    def __init__(self, folder):
        self.path = find_program(self.program)
        self.folder = Path(folder) / self.name
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.process = None

    def configure(self, zones):
        """Writes what the server needs and returns the command line for these zones."""
        raise NotImplementedError

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    @property
    def output(self):
        return self.folder / "output"

    def version(self):
        """The first words the program says about itself."""
        said = subprocess.run([self.path, self.version_option], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        return said.splitlines()[0].strip() if said else self.program

    def start(self, zones):
        command = self.configure(zones)
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT)

    def wait_until_ready(self, zones):
        """Returns when every zone's SOA is answered with AA."""
        deadline = time.monotonic() + START_SECONDS
        for zone in zones:
            query = dns.message.make_query(zone.origin, "SOA").to_wire()
            while not self._answers(query):
                if not self.running():
                    raise Failed(f"{self.name} ended at its start:\n{self.complaint()}")
                if time.monotonic() > deadline:
                    raise Failed(f"{self.name} does not answer for {zone.origin}:\n"
                                 f"{self.complaint()}")
                time.sleep(0.05)

    def _answers(self, query):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect((HOST, self.port))
            udp.settimeout(0.5)
            try:
                udp.send(query)
                reply = udp.recv(65535)
            except OSError:
                return False
        flags = int.from_bytes(reply[2:4], "big")
        answers = int.from_bytes(reply[6:8], "big")
        return flags & dns.flags.AA and flags & 0xf == 0 and answers > 0

    def running(self):
        return self.process is not None and self.process.poll() is None

    def complaint(self):
        """The end of what the server printed, for a person who wants to know why."""
        lines = self.output.read_text(errors="replace").splitlines()
        return "\n".join(lines[-15:])

    def stop(self):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Nsd(Server):
    name = "nsd"
    program = "nsd"
    version_option = "-v"
    errors_per_second = 100     # ERROR_RATELIMIT of its source

    def configure(self, zones):
        config = f"""
server:
    ip-address: {HOST}@{self.port}
    server-count: 1
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{self.folder}"
    xfrdir: "{self.folder}"
    zonelistfile: "{self.folder}/zone.list"
    xfrdfile: "{self.folder}/xfrd.state"
    pidfile: ""
    tcp-count: 100
    ipv4-edns-size: 1232
    minimal-responses: no
    refuse-any: no
    round-robin: no
    hide-version: yes
    hide-identity: yes
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
    verbosity: 0
remote-control:
    control-enable: no
"""
        for zone in zones:
            config += f'zone:\n    name: "{zone.origin}"\n    zonefile: "{zone.path}"\n'
        return [self.path, "-d", "-c", self.write("nsd.conf", config)]


class Knot(Server):
    name = "knot"
    program = "knotd"

    def configure(self, zones):
        config = f"""
server:
    rundir: "{self.folder}"
    listen: {HOST}@{self.port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    automatic-acl: off
    version: ""
    identity: ""
    nsid: ""
    udp-max-payload: 1232
control:
    listen: "{self.folder}/knot.sock"
database:
    storage: "{self.folder}"
log:
  - target: stderr
    any: error
template:
  - id: default
    semantic-checks: off
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    dnssec-signing: off
zone:
"""
        for zone in zones:
            config += f'  - domain: "{zone.origin}"\n    file: "{zone.path}"\n'
        return [self.path, "-c", self.write("knot.conf", config)]


class Bind(Server):
    name = "bind"
    program = "named"
    version_option = "-v"

    def configure(self, zones):
        config = f"""
options {{
    directory "{self.folder}";
    managed-keys-directory "{self.folder}";
    session-keyfile none;
    pid-file none;
    lock-file none;
    listen-on port {self.port} {{ {HOST}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    allow-query {{ any; }};
    allow-transfer {{ none; }};
    allow-update {{ none; }};
    notify no;
    empty-zones-enable no;
    dnssec-validation no;
    minimal-responses no;
    minimal-any no;
    zero-no-soa-ttl no;
    check-names primary ignore;
    check-integrity no;
    max-udp-size 1232;
    edns-udp-size 1232;
    version none;
    hostname none;
    server-id none;
}};
controls {{ }};
logging {{ category default {{ default_stderr; }}; category security {{ null; }};
    category client {{ null; }}; category queries {{ null; }};
    category lame-servers {{ null; }}; category query-errors {{ null; }}; }};
"""
        for zone in zones:
            config += f'zone "{zone.origin}" {{ type primary; file "{zone.path}"; }};\n'
        return [self.path, "-f", "-n", "1", "-c", self.write("named.conf", config)]


class Ten35(Server):
    name = "ten35"

    def __init__(self, folder, program):
        self.program = str(Path(program).resolve())
        super().__init__(folder)

    def configure(self, zones):
        # PTR records that nobody wrote are ours alone (tests/dialogues/46-names-of-addresses.dialogue).
        return [self.path, "-f", "none", "-a", f"{HOST}@{self.port}",
                *(word for zone in zones for word in ("--zone", str(zone.origin), str(zone.path), "no-ptr"))]


# Servers that ask others.  None of them can reach anything but loopback.

class Asking(Server):
    """A server without zones."""

    def wait_until_it_answers(self, origin):
        deadline = time.monotonic() + START_SECONDS
        query = dns.message.make_query(origin, "SOA").to_wire()
        while not self._says(query):
            if not self.running() or time.monotonic() > deadline:
                raise Failed(f"{self.name} does not answer:\n{self.complaint()}")
            time.sleep(0.05)

    def _says(self, query):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect((HOST, self.port))
            udp.settimeout(1)
            try:
                udp.send(query)
                return udp.recv(65535)[3] & 0xf == 0
            except OSError:
                return False


class Unbound(Asking):
    """Resolves names in the zones, which the server at port `resolves` has."""

    name = "unbound"
    program = "unbound"
    resolves = 0

    def configure(self, zones):
        # It may ask loopback and nobody else, whatever the zones delegate to.
        forbidden = ("0.0.0.0/2", "64.0.0.0/3", "96.0.0.0/4", "112.0.0.0/5", "120.0.0.0/6",
                     "124.0.0.0/7", "126.0.0.0/8", "128.0.0.0/1", "::/0")
        config = f"""
server:
    interface: {HOST}@{self.port}
    port: {self.port}
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{self.folder}"
    pidfile: ""
    use-syslog: no
    logfile: ""
    verbosity: 0
    num-threads: 1
    do-ip6: no
    module-config: "iterator"
    qname-minimisation: no
    minimal-responses: no
    rrset-roundrobin: no
    edns-buffer-size: 1232
    max-udp-size: 1232
    outgoing-range: 200
    do-not-query-localhost: no
"""
        config += "".join(f"    do-not-query-address: {net}\n" for net in forbidden)
        config += '    local-zone: "test." nodefault\n    unblock-lan-zones: yes\n'
        config += "".join(f'    local-zone: "{zone.origin}" nodefault\n' for zone in zones
                          if zone.origin.endswith("arpa."))
        config += "remote-control:\n    control-enable: no\n"
        for zone in zones:
            config += (f'stub-zone:\n    name: "{zone.origin}"\n'
                       f"    stub-addr: {HOST}@{self.resolves}\n    stub-prime: no\n")
        config += (f'stub-zone:\n    name: "."\n    stub-addr: {HOST}@{self.resolves}\n'
                   "    stub-prime: no\n")
        return [self.path, "-d", "-c", self.write("unbound.conf", config)]


class Dnsmasq(Asking):
    """Passes questions on to the server at port `asks`."""

    name = "dnsmasq"
    program = "dnsmasq"
    version_option = "--version"
    asks = 0

    def configure(self, zones):
        return [self.path, "--keep-in-foreground", "--user=root", "--conf-file=/dev/null",
                "--no-resolv", "--no-hosts", "--no-poll", "--cache-size=0", f"--listen-address={HOST}",
                "--bind-interfaces", "--except-interface=nothing", f"--port={self.port}",
                f"--server={HOST}#{self.asks}", "--edns-packet-max=1232", "--dns-forward-max=1000",
                f"--pid-file={self.folder}/pid"]


class Forwarder(Asking):
    """A ten35 without zones that asks a port of its own for each; 0 for nobody."""

    name = "ten35"

    def __init__(self, folder, program, port_of):
        self.program = str(Path(program).resolve())
        self.port_of = port_of
        super().__init__(folder)

    def configure(self, zones):
        lines = [f"listen {HOST}@{self.port}", "forward . none"]
        lines += [f'forward "{zone.origin}" {HOST}@{self.port_of(i)}'
                  for i, zone in enumerate(zones)]
        return [self.path, "-c", self.write("ten35.conf", "\n".join(lines) + "\n")]


PEERS = {"nsd": Nsd, "knot": Knot, "bind": Bind}
