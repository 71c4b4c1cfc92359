"""The servers that are compared: how each is configured, started and ended.

A server gets a temporary folder of its own and a free port on 127.0.0.1, runs in the
foreground, and is ended by its process id.  No configuration here lets a server send
anything by itself: no notifies, no recursion, no keys to maintain, no other addresses.
"""

import random
import shutil
import socket
import subprocess
import time
from pathlib import Path

import dns.flags
import dns.message

HOST = "127.0.0.1"
START_SECONDS = 30      # the signed root zone takes the slowest peer about a second
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class NotInstalled(Exception):
    """A program that the comparison needs is not on this machine."""


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


def find_program(name):
    """The path of an installed program, also where sbin is not in PATH."""
    path = shutil.which(name) or shutil.which(name, path=PATH)
    if path is None:
        raise NotInstalled(f"{name} is not installed")
    return path


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
        return [self.path, "-f", "none", "-a", f"{HOST}@{self.port}",
                *(f"{zone.origin}={zone.path}" for zone in zones)]


PEERS = {"nsd": Nsd, "knot": Knot, "bind": Bind}
