"""The programs of the peers: where they are, and how BIND's readers are told to have no opinion."""

import shutil

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

# No opinion about what the zone says, only about whether it can be read.
RELAXED = ["-i", "none", "-k", "ignore", "-n", "ignore", "-m", "ignore", "-M", "ignore",
           "-S", "ignore", "-r", "ignore", "-W", "ignore"]


class NotInstalled(Exception):
    """A program that the comparison needs is not on this machine."""


def find_program(name):
    """The path of an installed program, also where sbin is not in PATH."""
    path = shutil.which(name) or shutil.which(name, path=PATH)
    if path is None:
        raise NotInstalled(f"{name} is not installed")
    return path
