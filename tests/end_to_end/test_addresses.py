#!/usr/bin/python3
"""A reply by UDP leaves from the address that was asked, whatever the server listens at.

Usage: test_addresses.py PATH_TO_TEN35 [WORD...]
"""

import socket

from harness import (HELLO, Skip, case, contains, equal, free_port, has_ip6, question,
                     run, wait_until)
from network import Network

LOOPBACK = ["127.0.0.1", "127.0.0.2", "127.1.2.3"]


def source_of_reply(address, port, scope=0):
    """Asks from a socket that is not connected; where the reply came from."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    to = (address, port, 0, scope) if family == socket.AF_INET6 else (address, port)
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.sendto(question("pi.hello.").to_wire(), to)
        return s.recvfrom(4096)[1]


def connected_socket_hears(address, port):
    """Whether a connected socket, which takes replies from there alone, hears one."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(5)
        s.connect((address, port))
        s.send(question("pi.hello.").to_wire())
        return len(s.recv(4096)) > 12


def replies_come_from(asked, port):
    for address in asked:
        equal(source_of_reply(address, port)[:2], (address, port), "source of the reply")
        assert connected_socket_hears(address, port)


@case
def a_wildcard_socket_replies_from_the_address_that_was_asked(t):
    server = t.serve(HELLO, listen=False)
    replies_come_from(LOOPBACK + (["::1"] if has_ip6() else []), server.port)


@case
def an_ipv4_wildcard_alone_does_the_same(t):
    replies_come_from(LOOPBACK, t.serve(HELLO, address="0.0.0.0").port)


@case
def an_ipv6_wildcard_is_for_ipv6_alone(t):
    if not has_ip6():
        raise Skip("this machine has no ::1")
    server = t.serve(HELLO, address="::")
    replies_come_from(["::1"], server.port)
    assert server.try_ask("pi.hello.", address="127.0.0.1") is None, "IPv4 is answered, too"


@case
def a_socket_for_a_named_address_replies_from_it(t):
    more = ["-a", "127.0.0.2", "-a", "127.1.2.3"] + (["-a", "::1"] if has_ip6() else [])
    server = t.serve(*more, HELLO)
    replies_come_from(LOOPBACK + (["::1"] if has_ip6() else []), server.port)


@case
def every_one_of_several_servers_replies_from_the_address_that_was_asked(t):
    server = t.serve("--servers", "2", HELLO, listen=False)
    for _ in range(8):
        replies_come_from(LOOPBACK, server.port)


@case
def no_reply_leaves_from_a_broadcast_address(t):
    server = t.serve(HELLO, listen=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.settimeout(0.5)
        try:
            s.sendto(question("pi.hello.").to_wire(), ("127.255.255.255", server.port))
            source = s.recvfrom(4096)[1]
        except OSError:
            return
        # Some systems answer a broadcast; what must not be is a reply from a broadcast address.
        assert source[0] != "127.255.255.255", source


# ------ on a network of our own ------

def put_addresses(net):
    """Two of each kind at one interface, one more behind it."""
    for address in ("10.77.0.1/24", "10.77.0.2/24"):
        net.at_server("addr", "add", address, "dev", net.server_end)
    for address in ("fd77::1/64", "fd77::2/64", "fe80::77/64"):
        net.at_server("addr", "add", address, "dev", net.server_end, "nodad")
    net.at_server("addr", "add", "10.78.0.1/32", "dev", "lo")
    net.at_client("addr", "add", "10.77.0.100/24", "dev", net.client_end)
    net.at_client("addr", "add", "fd77::100/64", "dev", net.client_end, "nodad")
    net.at_client("addr", "add", "fe80::78/64", "dev", net.client_end, "nodad")
    net.at_client("route", "add", "10.78.0.1/32", "via", "10.77.0.1")


FAR = ["10.77.0.1", "10.77.0.2", "10.78.0.1", "fd77::1", "fd77::2"]


@case
def on_two_interfaces_with_several_addresses_each_replies_as_itself(t):
    with Network() as net:
        put_addresses(net)
        port = free_port()
        t.serve(HELLO, listen=False, port=port, prefix=net.prefix())
        net.enter_client()
        replies_come_from(FAR, port)


@case
def a_link_local_address_replies_as_itself_on_the_link(t):
    with Network() as net:
        put_addresses(net)
        port = free_port()
        t.serve(HELLO, listen=False, port=port, prefix=net.prefix())
        net.enter_client()
        scope = socket.if_nametoindex(net.client_end)
        source = source_of_reply("fe80::77", port, scope)
        equal((source[0].split("%")[0], source[1]), ("fe80::77", port), "source of the reply")


@case
def named_addresses_on_two_interfaces_reply_as_themselves(t):
    with Network() as net:
        put_addresses(net)
        port = free_port()
        named = [word for address in FAR for word in ("-a", address)]
        t.serve(*named, "-a", "fe80::77%" + net.server_end, HELLO, listen=False, port=port,
                prefix=net.prefix()).logged("listening at fe80::77")
        net.enter_client()
        replies_come_from(FAR, port)
        scope = socket.if_nametoindex(net.client_end)
        equal(source_of_reply("fe80::77", port, scope)[0].split("%")[0], "fe80::77", "link-local")


@case
def an_address_that_comes_later_is_answered_without_a_restart(t):
    with Network() as net:
        put_addresses(net)
        wildcard, named = free_port(), free_port()
        t.serve(HELLO, listen=False, port=wildcard, prefix=net.prefix())
        server = t.serve("-a", "10.77.0.9", HELLO, listen=False, port=named, prefix=net.prefix())
        contains(server.log(), "not there yet", "the log")
        net.at_server("addr", "add", "10.77.0.9/24", "dev", net.server_end)
        net.enter_client()
        replies_come_from(["10.77.0.9"], wildcard)
        replies_come_from(["10.77.0.9"], named)


@case
def a_link_that_goes_down_and_up_again_is_served_again(t):
    with Network() as net:
        put_addresses(net)
        port = free_port()
        t.serve(HELLO, listen=False, port=port, prefix=net.prefix())
        net.at_server("link", "set", net.server_end, "down")
        net.at_server("link", "set", net.server_end, "up")
        net.enter_client()

        def answered():
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.settimeout(0.3)
                    s.connect(("10.77.0.2", port))
                    s.send(question("pi.hello.").to_wire())
                    return s.recv(4096)
            except OSError:
                return None
        wait_until(answered, 10, "10.77.0.2 answers again")
        replies_come_from(["10.77.0.1", "10.77.0.2"], port)


if __name__ == "__main__":
    run()
