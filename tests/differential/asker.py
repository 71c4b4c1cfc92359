"""Sends many messages to one server and collects the replies: plain sockets, one thread.

Every message has an ID of its own, so replies are told apart whatever their order.  UDP runs
with a window of messages under way; what stays without a reply is asked again before it counts
as unanswered.  TCP sends groups of messages on one connection, each group ended by a question
that is always answered, so that silence is noticed without waiting.
"""

import select
import socket
import struct
import time

import dns.message

from servers import HOST

WINDOW = 32             # messages under way at once
GIVE_UP_SLOT = 0.02     # seconds after which a silent message frees its place in the window
QUIET = 0.4             # seconds without any reply that end a round
ROUNDS = 3              # how often a message is sent before it counts as unanswered
TCP_GROUP = 12          # messages on one TCP connection
TCP_SECONDS = 3.0       # the longest wait for a TCP connection
SENTINEL_GRACE = 0.03   # what a server that answers out of order may need longer
SENTINEL_ID = 0xffff    # never given to another message


def message_id(wire):
    return int.from_bytes(wire[:2], "big")


def ask_udp(port, messages, pause=0):
    """Returns {index: reply} for the messages that were answered."""
    replies = {}
    short = [i for i, wire in enumerate(messages) if len(wire) < 2]
    left = [i for i in range(len(messages)) if len(messages[i]) >= 2]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        udp.connect((HOST, port))
        udp.setblocking(False)
        for _ in range(ROUNDS):
            _udp_round(udp, messages, left, replies, pause)
            left = [i for i in left if i not in replies]
            if not left:
                break
    for i in short:     # no room for an ID: a socket each
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect((HOST, port))
            udp.send(messages[i])
            if select.select([udp], [], [], QUIET)[0]:
                replies[i] = udp.recv(65535)
    return replies


def _udp_round(udp, messages, indexes, replies, pause):
    by_id = {message_id(messages[i]): i for i in indexes}
    waiting = {}                    # index: when it was sent, oldest first
    todo = iter(indexes)
    more = True
    last = time.monotonic()
    while more or (len(waiting) and time.monotonic() - last < QUIET):
        now = time.monotonic()
        while more and len(waiting) < WINDOW:
            index = next(todo, None)
            if index is None:
                more = False
                break
            udp.send(messages[index])
            waiting[index] = last = now
            if pause:
                time.sleep(pause)
                break
        select.select([udp], [], [], GIVE_UP_SLOT)
        for reply in _received(udp):
            last = time.monotonic()
            index = by_id.get(message_id(reply))
            if index is not None:
                replies[index] = reply
                waiting.pop(index, None)
        if more:
            for index, sent in list(waiting.items()):
                if time.monotonic() - sent < GIVE_UP_SLOT:
                    break
                del waiting[index]


def _received(udp):
    while True:
        try:
            yield udp.recv(65535)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            return


def ask_tcp(port, messages, alone, sentinel_name, pause=0):
    """Like ask_udp, over TCP.  Messages whose index is in `alone` get their own connection:
    a server may close it for them."""
    sentinel = dns.message.make_query(sentinel_name, "SOA", id=SENTINEL_ID).to_wire()
    together = [i for i in range(len(messages)) if i not in alone]
    replies = {}
    for start in range(0, len(together), TCP_GROUP):
        group = together[start:start + TCP_GROUP]
        _tcp_group(port, messages, group, sentinel, replies)
        for index in group:
            if index not in replies:
                _tcp_group(port, messages, [index], sentinel, replies)
    for index in sorted(alone):
        time.sleep(pause)
        _tcp_group(port, messages, [index], sentinel, replies)
    return replies


def _tcp_group(port, messages, group, sentinel, replies):
    by_id = {message_id(messages[i]): i for i in group if len(messages[i]) >= 2}
    frames = b"".join(_frame(messages[i]) for i in group) + _frame(sentinel)
    deadline = time.monotonic() + TCP_SECONDS
    buffer = b""
    left = set(group)
    with socket.create_connection((HOST, port), timeout=TCP_SECONDS) as tcp:
        try:
            tcp.sendall(frames)
            while left and time.monotonic() < deadline:
                tcp.settimeout(max(deadline - time.monotonic(), 0.001))
                data = tcp.recv(65535)
                if not data:
                    return
                buffer += data
                while (reply := _whole(buffer)) is not None:
                    buffer = buffer[2 + len(reply):]
                    if message_id(reply) == SENTINEL_ID:
                        deadline = min(deadline, time.monotonic() + SENTINEL_GRACE)
                        continue
                    index = by_id.get(message_id(reply))
                    if index is not None:
                        replies[index] = reply
                        left.discard(index)
        except OSError:     # a timeout or a reset: what has come counts
            return


def _frame(wire):
    return struct.pack(">H", len(wire)) + wire


def _whole(buffer):
    """The first whole message in a TCP stream, or None."""
    if len(buffer) < 2:
        return None
    (size,) = struct.unpack_from(">H", buffer)
    return buffer[2:2 + size] if len(buffer) >= 2 + size else None
