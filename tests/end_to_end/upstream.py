"""An upstream server whose every answer a test decides.

	up = Upstream(lambda q: reply(q, "www.example. 60 A 192.0.2.1"))
	t.serve("-f", up.where, zone)
	up.asked                      [("www.example.", "A", "udp")]

The function is given the question (dns.message.Message) and, if it takes a second
argument, "udp" or "tcp".  It returns what is sent: a message, octets, a list of
those, or None for silence; a Pause in a list waits, CLOSE ends the TCP connection.
"""

import contextlib
import heapq
import inspect
import itertools
import select
import socket
import struct
import threading
import time

from harness import dns, free_port, read_exactly

CLOSE = object()


class Pause:
    """In a list of answers: so many seconds pass."""

    def __init__(self, seconds):
        self.seconds = seconds


def rrsets(lines):
    """RRsets of lines "OWNER TTL TYPE DATA"; what belongs together stays together."""
    found = []
    for line in lines:
        owner, ttl, kind, data = line.split(None, 3)
        same = [r for r in found if r.name.to_text() == owner and r.rdtype == dns.rdatatype.from_text(kind)]
        fresh = dns.rrset.from_text(owner, int(ttl), "IN", kind, data)
        if same:
            same[0].update(fresh)
        else:
            found.append(fresh)
    return found


def reply(query, *answer, authority=(), additional=(), rcode=dns.rcode.NOERROR, flags=0, ede=None):
    """A response to the query, its letters as they came."""
    r = dns.message.make_response(query, recursion_available=True)
    r.flags |= flags
    r.set_rcode(rcode)
    r.answer = rrsets(answer)
    r.authority = rrsets(authority)
    r.additional = rrsets(additional)
    if ede is not None:
        r.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(ede)])
    return r


def no_name(query, zone="example.", minimum=60):
    return reply(query, rcode=dns.rcode.NXDOMAIN,
                 authority=["%s 3600 SOA ns.%s h.%s 1 2 3 4 %d" % (zone, zone, zone, minimum)])


def no_data(query, zone="example.", minimum=60):
    return reply(query, authority=["%s 3600 SOA ns.%s h.%s 1 2 3 4 %d" % (zone, zone, zone, minimum)])


def name_of(query):
    """The name that is asked for, in small letters."""
    return query.question[0].name.to_text().lower()


def type_of(query):
    return dns.rdatatype.to_text(query.question[0].rdtype)


class Upstream:
    """Answers by UDP and TCP at one address and port until the test ends."""

    def __init__(self, answer, address="127.0.0.1", port=None, tcp=True):
        self.answer = answer
        self.address = address
        self.port = port or free_port(address)
        self.wants_way = len(inspect.signature(answer).parameters) > 1
        self.asked = []
        self.wire = []      # what came, octet for octet
        self.ports = []     # where from
        self.connections = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, self.port))
        threading.Thread(target=self.serve_udp, daemon=True).start()
        if tcp:
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.tcp.bind((address, self.port))
            self.tcp.listen(64)
            threading.Thread(target=self.serve_tcp, daemon=True).start()

    @property
    def where(self):
        return "%s@%d" % (self.address, self.port)

    def names(self, way=None):
        """The names that it was asked for, in order."""
        return [name for name, _, how in list(self.asked) if way in (None, how)]

    def answers_to(self, wire, peer, way):
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return []
        if query.flags & dns.flags.QR:
            return []       # other cases send packets to every port
        self.wire.append(wire)
        self.ports.append(peer[1])
        self.asked.append((name_of(query), type_of(query), way))
        what = self.answer(query, way) if self.wants_way else self.answer(query)
        return what if isinstance(what, list) else [what]

    @staticmethod
    def octets(what):
        return what.to_wire(max_size=65535) if isinstance(what, dns.message.Message) else what

    def serve_udp(self):
        """One thread for all: what pauses goes on when its time has come."""
        waiting = []    # a heap of (when, number, where to, what is left to send)
        numbers = itertools.count()
        while True:
            left = waiting[0][0] - time.monotonic() if waiting else None
            if select.select([self.udp], [], [], left if left is None else max(left, 0))[0]:
                wire, peer = self.udp.recvfrom(65535)
                heapq.heappush(waiting, (0, next(numbers), peer, iter(self.answers_to(wire, peer, "udp"))))
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, peer, rest = heapq.heappop(waiting)
                pause = self.send_until_pause(rest, peer)
                if pause:
                    heapq.heappush(waiting, (time.monotonic() + pause.seconds, next(numbers), peer, rest))

    def send_until_pause(self, rest, peer):
        for what in rest:
            if isinstance(what, Pause):
                return what
            if what is not None:
                with contextlib.suppress(ConnectionRefusedError):
                    self.udp.sendto(self.octets(what), peer)
        return None

    def serve_tcp(self):
        while True:
            stream, peer = self.tcp.accept()
            self.connections += 1
            threading.Thread(target=self.serve_stream, args=(stream, peer), daemon=True).start()

    def serve_stream(self, stream, peer):
        lock = threading.Lock()
        with stream:
            try:
                while True:
                    size = struct.unpack(">H", read_exactly(stream, 2))[0]
                    wire = read_exactly(stream, size)
                    threading.Thread(target=self.answer_stream, args=(stream, lock, wire, peer),
                                     daemon=True).start()
            except (EOFError, OSError):
                return

    def answer_stream(self, stream, lock, wire, peer):
        try:
            for what in self.answers_to(wire, peer, "tcp"):
                if what is CLOSE:
                    stream.shutdown(socket.SHUT_RDWR)
                elif isinstance(what, Pause):
                    time.sleep(what.seconds)
                elif what is not None:
                    octets = self.octets(what)
                    with lock:
                        stream.sendall(struct.pack(">H", len(octets)) + octets)
        except OSError:
            pass
