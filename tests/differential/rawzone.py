"""Zone text to wire form, by BIND's named-compilezone.

dnspython does not read every type by name, so the text is left to a server's own parser; its
"raw" format holds the records in wire form, which every zone here is compared in.
"""

import struct
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import dns.name

from programs import RELAXED, find_program

RAW_FORMAT = 2
FILE_HEADER = struct.Struct(">IIIIII")      # format, version, dump time, flags, 2 serials
RRSET_HEADER = struct.Struct(">IHHHIIH")    # length, class, type, covers, ttl, count, owner


class Record(NamedTuple):
    """A record in wire form; the owner's case is as the zone has it."""

    owner: dns.name.Name
    rdtype: int
    ttl: int
    rdata: bytes


class Refused(Exception):
    """named-compilezone does not take the text; the message is what it printed."""


def compile_zone(path, origin):
    """The records of a zone file, in the order of BIND's database."""
    program = find_program("named-compilezone")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "zone.raw"
        done = subprocess.run([program, *RELAXED, "-F", "raw", "-o", raw, origin, Path(path).name],
                              cwd=Path(path).resolve().parent, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Refused(done.stdout)
        return list(read_raw(raw.read_bytes()))


def read_raw(data):
    """Reads BIND's raw zone format: the records of a zone, RRset by RRset."""
    if FILE_HEADER.unpack_from(data)[0] != RAW_FORMAT:
        raise ValueError("not a raw zone file")
    at = FILE_HEADER.size
    while at < len(data):
        length, _, rdtype, _, ttl, count, owner_length = RRSET_HEADER.unpack_from(data, at)
        end = at + length
        at += RRSET_HEADER.size
        owner, _ = dns.name.from_wire(data[at:at + owner_length], 0)
        at += owner_length
        for _ in range(count):
            (size,) = struct.unpack_from(">H", data, at)
            yield Record(owner, rdtype, ttl, data[at + 2:at + 2 + size])
            at += 2 + size
        if at != end:
            raise ValueError("raw zone file: an RRset's length is wrong")
