#!/bin/sh
# Replays fuzz/corpus through every target, three times: with AddressSanitizer and
# UndefinedBehaviorSanitizer, with MemorySanitizer, and in valgrind.
#
#	sh fuzz/replay.sh [TARGET...]
#
# The last sees the program as it is, by gcc -O2 and without instruments, or that of
# another build without them (PLAIN).  Installs clang, gcc or valgrind, as root, only if
# they are missing; builds in build/fuzz (BUILD).
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=fuzz/lib.sh
. "$source/fuzz/lib.sh"

chosen=$(targets "$@")
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1

# One target, in words of its own for xargs: says nothing unless it fails.
one='log=$1/replay-$3
$0 "$1/fuzz/fuzz_$3" "$2/$3" >"$log" 2>&1 || { head -40 "$log"; echo "$3 failed: $log"; exit 1; }'

replay() { # TEXT FOLDER [COMMAND...]: all targets, two at a time
	text=$1
	folder=$2
	shift 2
	began=$(date +%s)
	if ! echo "$chosen" | xargs -P2 -I{} sh -c "$one" "$*" "$folder" "$source/fuzz/corpus" {}; then
		echo "$text: FAILED"
		failed=1
	else
		echo "$text: $(echo "$chosen" | wc -l) targets, $(cat "$folder"/replay-* |
			awk '{ sum += $1 } END { print sum }') inputs, $(($(date +%s) - began)) s"
	fi
}

need_clang
need gcc command -v gcc
need valgrind command -v valgrind
install_missing
failed=0
CC=clang build "$base/sanitized" fuzz_targets -DTEN35_SANITIZE=address,undefined
CC=clang build "$base/memory" fuzz_targets -DTEN35_SANITIZE=memory -DCMAKE_BUILD_TYPE=None \
	-DCMAKE_C_FLAGS="-O1 -g -fsanitize-memory-track-origins"
plain=${PLAIN:-$base/valgrind}
[ -n "${PLAIN:-}" ] ||
	CC=gcc build "$plain" fuzz_targets -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="-O2 -g"
replay "AddressSanitizer and UndefinedBehaviorSanitizer" "$base/sanitized" env
replay "MemorySanitizer" "$base/memory" env
replay "valgrind" "$plain" valgrind -q --error-exitcode=9 --leak-check=full
exit $failed
