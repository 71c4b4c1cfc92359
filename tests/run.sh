#!/bin/sh
# Builds ten35 and its tests, with whatever is missing for that, and runs the tests.
#
#	sh tests/run.sh [OPTIONS OF CTEST]        as in: sh tests/run.sh -L unit
#
# Works on a fresh Debian 12.  Packages are installed, as root, only if some are missing.
# BUILD is the folder to build in (build), CMAKE_FLAGS are more words for cmake.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$source/build}

missing=
need() { # PACKAGE COMMAND...: the package is missing unless the command succeeds
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
need gcc command -v "${CC:-cc}"
need libc6-dev test -e /usr/include/stdlib.h
need cmake command -v cmake
need make command -v make
need libcmocka-dev test -e /usr/include/cmocka.h
need python3 test -x /usr/bin/python3
need python3-dnspython /usr/bin/python3 -c 'import dns.message'
need iproute2 command -v ip
need iptables test -x /usr/sbin/iptables
need bind9-dnsutils command -v dig
if [ -n "$missing" ]; then
	echo "run.sh: installing$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get update -q
	# shellcheck disable=SC2086
	$as_root apt-get install -q -y --no-install-recommends $missing
fi

# shellcheck disable=SC2086
cmake -S "$source" -B "$build" -DBUILD_TESTING=ON ${CMAKE_FLAGS:-}
cmake --build "$build" -j2
cd "$build"
exec ctest --output-on-failure --no-tests=error -j2 "$@"
