#!/bin/sh
# Tries build.sh as OSS-Fuzz runs it, but here, without its image and without a network:
# builds with its environment for AddressSanitizer, then for UndefinedBehaviorSanitizer, and
# looks whether every target starts, reads its seeds and its dictionary, and ends.
#
#	sh fuzz/oss-fuzz/try.sh
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=fuzz/lib.sh
. "$source/fuzz/lib.sh"
need_clang
need zip command -v zip
need unzip command -v unzip
install_missing

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
no_network=
! unshare -n true 2>/dev/null || no_network="unshare -n"

common="-O1 -fno-omit-frame-pointer -gline-tables-only
	-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=fuzzer-no-link"
undefined=array-bounds,bool,builtin,enum,integer-divide-by-zero,null,object-size,return
undefined=$undefined,returns-nonnull-attribute,shift,signed-integer-overflow,unreachable,vla-bound

flags_of() { # SANITIZER
	case $1 in
	address) echo $common -fsanitize=address -fsanitize-address-use-after-scope ;;
	undefined) echo $common "-fsanitize=$undefined" "-fno-sanitize-recover=$undefined" ;;
	esac
}

# What is looked at stands alone: neither $SRC nor $WORK is there where targets run.
build_as_there() { # SANITIZER
	mkdir -p "$temporary/src/ten35" "$temporary/work" "$temporary/out"
	(cd "$source" && cp -R CMakeLists.txt src include tests fuzz "$temporary/src/ten35/")
	cp "$source/fuzz/oss-fuzz/build.sh" "$temporary/src/"
	if ! (cd "$temporary/src/ten35" &&
		env CC=clang CXX=clang++ CFLAGS="$(flags_of "$1")" CXXFLAGS="$(flags_of "$1")" \
			LIB_FUZZING_ENGINE=-fsanitize=fuzzer SANITIZER="$1" FUZZING_ENGINE=libfuzzer \
			SRC="$temporary/src" WORK="$temporary/work" OUT="$temporary/out" \
			$no_network bash -eu "$temporary/src/build.sh") >"$temporary/log" 2>&1; then
		tail -40 "$temporary/log"
		exit 1
	fi
	rm -rf "$temporary/src" "$temporary/work"
}

wrong() { # TARGET TEXT
	echo "$1: $2"
	tail -20 "$temporary/log"
	return 1
}

look_at() { # TARGET: what run_fuzzer does there, and what must come of it
	program=$temporary/out/fuzz_$1
	seeds=$temporary/seeds
	rm -rf "$seeds"
	mkdir "$seeds"
	[ ! -f "${program}_seed_corpus.zip" ] || unzip -q -d "$seeds" "${program}_seed_corpus.zip"
	count=$(files_in "$seeds")
	grep -qx '\[libfuzzer\]' "$program.options" || wrong "$1" "no options" || return
	options=$(sed -n 's/^\([a-z_]*\) = \(.*\)$/-\1=\2/p' "$program.options")
	# shellcheck disable=SC2086
	(cd "$temporary/out" && $no_network "./fuzz_$1" $options -dict="fuzz_$1.dict" -runs=2000 \
		-max_total_time=20 "$seeds") >"$temporary/log" 2>&1 ||
		wrong "$1" "ended with $?" || return
	grep -q '^Dictionary: [1-9]' "$temporary/log" || wrong "$1" "no dictionary" || return
	[ "$count" = 0 ] || grep -q "seed corpus: files: $count " "$temporary/log" ||
		wrong "$1" "not all of $count seeds were read" || return
	grep -q 'DONE' "$temporary/log" || wrong "$1" "did not end" || return
	printf '%-12s %4s seeds, %s\n' "$1" "$count" "$(grep '^Dictionary' "$temporary/log")"
}

failed=0
for sanitizer in address undefined; do
	echo "$sanitizer:"
	build_as_there $sanitizer
	for target in $(targets); do
		look_at "$target" || failed=1
	done
	rm -rf "$temporary/out"
done
exit $failed
