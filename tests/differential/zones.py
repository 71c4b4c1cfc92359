"""The zones that are served and asked about."""

from dataclasses import dataclass, field
from pathlib import Path

import dns.name

from rawzone import compile_zone

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared" / "data"
SHARED_ROOTS = ("root-2020-signed.zone", "root-2026-stripped.zone")


@dataclass(frozen=True)
class Zone:
    """A zone file and what it holds: {name: {type: (ttl, [rdata])}}, rdata in wire form."""

    path: Path
    origin: str
    nodes: dict = field(compare=False, hash=False, repr=False)

    @property
    def apex(self):
        return dns.name.from_text(self.origin)


def origin_of(path):
    """The first $ORIGIN of a zone file; the shared root zones have none and mean "."."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith("$ORIGIN"):
                return line.split()[1]
            if line.strip() and not line.startswith((";", "$")):
                break
    return "."


def read_zone(path):
    path = Path(path).resolve()
    origin = origin_of(path)
    nodes = {}
    for record in compile_zone(path, origin):
        rrsets = nodes.setdefault(record.owner, {})
        _, rdatas = rrsets.setdefault(record.rdtype, (record.ttl, []))
        rdatas.append(record.rdata)
    return Zone(path, origin, nodes)


def zone_sets():
    """Lists (name, zones): the zones of one set are served together by one process.

    A root zone knows every name, so nothing is out of all zones where one is served:
    each has a set of its own.
    """
    files = sorted((HERE / "zones").glob("*.zone"))
    sets = [("zones", [path for path in files if not path.name.startswith("root-")]),
            ("root", [path for path in files if path.name.startswith("root-")])]
    for name in SHARED_ROOTS:
        if (SHARED / name).is_file():
            sets.append((name.removesuffix(".zone"), [SHARED / name]))
    return [(name, [read_zone(path) for path in paths]) for name, paths in sets]
