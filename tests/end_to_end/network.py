"""A network of our own: two namespaces and a cable between them, where the system allows it."""

import ctypes
import os
import subprocess

from harness import Skip

CLONE_NEWNET = 0x40000000


def ip(*words, check=True):
    return subprocess.run(["ip"] + list(words), check=check, capture_output=True, text=True)


class Network:
    """Namespace `server` with the cable end 'lan', and `client` with the end 'pc'.

    with Network() as net: ... addresses are put on by net.at_server("addr", "add", ...).
    """

    server_end, client_end = "lan", "pc"

    def __init__(self):
        self.server = "ten35-s%d" % os.getpid()
        self.client = "ten35-c%d" % os.getpid()

    def __enter__(self):
        try:
            ip("netns", "add", self.server)
        except (OSError, subprocess.CalledProcessError):
            raise Skip("no network namespaces here (needs root and iproute2)")
        try:
            ip("netns", "add", self.client)
            ip("link", "add", self.server_end, "netns", self.server, "type", "veth",
               "peer", "name", self.client_end, "netns", self.client)
            for namespace, end in ((self.server, self.server_end), (self.client, self.client_end)):
                ip("-n", namespace, "link", "set", "lo", "up")
                ip("-n", namespace, "link", "set", end, "up")
        except subprocess.CalledProcessError as failed:
            self.__exit__()
            raise Skip("no pair of virtual interfaces here: %s" % failed.stderr.strip())
        return self

    def __exit__(self, *_):
        for namespace in (self.client, self.server):
            ip("netns", "del", namespace, check=False)

    def at_server(self, *words):
        return ip("-n", self.server, *words)

    def at_client(self, *words):
        return ip("-n", self.client, *words)

    def prefix(self):
        """What goes in front of a command that is to run in the server's namespace."""
        return ["ip", "netns", "exec", self.server]

    def enter_client(self):
        """From here on this process is in the client's namespace; there is no way back."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/var/run/netns/" + self.client) as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
