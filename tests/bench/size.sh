#!/bin/sh
# Builds the static binary with musl and looks at what came out: a real static-PIE
# (position-independent, no interpreter, no needed libraries), hardened, and small.
#
#   size.sh [BUILD_FOLDER]          (CC is musl-gcc unless it is set)
#
# Status 1 when it has as many octets as `limit` says, or is anything else than it should be.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$source/build-static}
limit=280000
export CC="${CC:-musl-gcc}"

if ! command -v "$CC" >/dev/null; then
	echo "size.sh: $CC is not here (package musl-tools)" >&2
	exit 77
fi
cmake -S "$source" -B "$build" -DTEN35_STATIC=ON -DBUILD_TESTING=OFF >/dev/null
cmake --build "$build" -j2 >/dev/null
binary=$build/ten35

bad=0
demand() { # TEXT CONDITION...: says whether it holds
	text=$1
	shift
	if "$@"; then
		echo "ok   $text"
	else
		echo "FAIL $text"
		bad=1
	fi
}
headers=$(readelf -hlW "$binary")
dynamic=$(readelf -dW "$binary")
has() { printf '%s\n' "$1" | grep -q "$2"; }
has_not() { ! has "$@"; }

demand "position-independent (type DYN)" has "$headers" 'Type:.*DYN'
demand "static: no interpreter" has_not "$headers" INTERP
demand "static: no needed libraries" has_not "$dynamic" NEEDED
demand "no relocations in its text" has_not "$dynamic" TEXTREL
demand "all relocations bound and then read-only" has "$headers" GNU_RELRO
demand "stack not executable" has "$headers" 'GNU_STACK.* RW '
demand "no segment both writable and executable" has_not "$headers" ' RWE '
demand "stripped" sh -c "! readelf -SW '$binary' | grep -q '\.symtab'"
demand "no memory but from base/heap.c" \
	sh -c "! grep -rqwE 'aligned_alloc|posix_memalign|memalign|valloc' '$source/src'"
demand "it runs" "$binary" check "$source/examples/hello.zone"
size=$(stat -c %s "$binary")
demand "$size octets, limit $limit" test "$size" -lt "$limit"
exit $bad
