#!/bin/sh
# Plays the same storms on every kind of machine that can be had here, and compares what was sent.
#
#	sh tests/sim/traces.sh [SEED-SEED]
#
# Builds with gcc and clang, and with the cross compilers of Debian for which there is
# an emulator: gcc-s390x-linux-gnu (64 bits, big-endian), gcc-arm-linux-gnueabihf (32
# bits), their libc6-dev-...-cross, and qemu-user.  What is missing is said and left out.
set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
seeds=${1:-1-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=
status=0

play() { # NAME COMPILER [EMULATOR...]
	name=$1 compiler=$2
	shift 2
	if ! command -v "$compiler" >/dev/null || { [ $# -gt 0 ] && ! command -v "$1" >/dev/null; }; then
		echo "left out: $name (no $compiler${1:+ or no $1})"
		return
	fi
	if ! CC=$compiler cmake -S "$source" -B "$work/$name" -DBUILD_TESTING=OFF >"$work/log" 2>&1 ||
		! cmake --build "$work/$name" -j2 >>"$work/log" 2>&1; then
		tail -20 "$work/log"
		echo "$name cannot be built"
		status=1
		return
	fi
	trace=$("$@" "$work/$name/ten35" sim --storms "$seeds")
	echo "$name: $trace"
	[ -n "$first" ] || first=$trace
	[ "$trace" = "$first" ] || status=1
}

play gcc gcc
play clang clang
play s390x s390x-linux-gnu-gcc qemu-s390x -L /usr/s390x-linux-gnu
play arm arm-linux-gnueabihf-gcc qemu-arm -L /usr/arm-linux-gnueabihf
[ $status -eq 0 ] || echo "they are not the same"
exit $status
