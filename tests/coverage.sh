#!/bin/sh
# Says which lines and branches of src the tests reach, and fails when too many are missed.
#
#	sh tests/coverage.sh             all tests: unit, corpus, end to end
#	sh tests/coverage.sh --quick     without the last
#	sh tests/coverage.sh --corpus    fuzz/corpus alone
#
# docs/testing.md says what is counted.  Builds by clang in build/coverage (BUILD), with
# its source-based coverage; packages are installed, as root, only if some are missing.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
base=${BUILD:-$source/build/coverage}
# shellcheck source=fuzz/lib.sh
. "$source/fuzz/lib.sh"

# The least of branches, in percent.
by_tests="base=98 dns=98 zone=98 serve=98"
by_corpus="base=95 dns=95 zone=95 serve=95"

what=all
case ${1:-} in
'') ;;
--quick | --corpus) what=${1#--} ;;
*) echo "usage: $0 [--quick | --corpus]" && exit 2 ;;
esac

need_clang
need llvm command -v llvm-cov
need libclang-rt-14-dev has_runtime profile
need python3 command -v python3
if [ $what != corpus ]; then
	need libcmocka-dev test -e /usr/include/cmocka.h
	need python3-dnspython /usr/bin/python3 -c 'import dns.message'
fi
if [ $what = all ]; then
	need iproute2 command -v ip
	need iptables test -x /usr/sbin/iptables
	need bind9-dnsutils command -v dig
fi
install_missing

# Counters are kept in a file that is mapped (%c), so those who are killed, or leave by
# _exit(), count as well.  Programs that differ little have the same %m: a folder a test.
goal=all
[ $what != corpus ] || goal=fuzz_targets
CC=clang build "$base" $goal -DBUILD_TESTING=ON -DCMAKE_BUILD_TYPE=None \
	-DCMAKE_C_FLAGS="-O1 -g -fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation"
[ $what != corpus ] || build "$base" ten35
rm -rf "$base/profiles"
mkdir -p "$base/profiles" "$base/logs"

# One test, in words of its own for xargs.
one='name=$(echo "$1" | tr / -)
LLVM_PROFILE_FILE=$0/profiles/$2/$name/%m%c ctest -R "^$1\$" --output-on-failure >"$0/logs/$name" 2>&1 ||
	{ cat "$0/logs/$name"; exit 1; }'

tests_of() { # LABEL
	ctest -N -L "^$1\$" | sed -n 's/^ *Test *#[0-9]*: //p'
}

run_each() { # LABEL: two at a time
	tests_of "$1" | xargs -P2 -I{} sh -c "$one" "$base" {} "$1"
}

run_together() { # LABEL: some want the machine to themselves, and all run one program
	LLVM_PROFILE_FILE=$base/profiles/$1/%m%c ctest -j2 -L "^$1\$" --output-on-failure \
		>"$base/logs/$1" 2>&1 || { cat "$base/logs/$1" && return 1; }
}

report() { # NAME LEAST LABELS WORDS...: of the tests with those labels
	name=$1
	least=$2
	find $3 -type f >"$base/$name.list"
	shift 3
	llvm-profdata merge -sparse -f "$base/$name.list" -o "$base/$name.profdata"
	programs=
	[ $what = corpus ] || programs=$(find "$base/tests" -maxdepth 1 -name '*_test_*' -printf '-object %p ')
	# shellcheck disable=SC2086
	# Some tests take a source in whole, with system calls replaced: theirs counts, too.
	llvm-cov export "$base/ten35" $programs \
		-instr-profile "$base/$name.profdata" >"$base/$name.json" 2>"$base/logs/export"
	# shellcheck disable=SC2086
	python3 "$source/tests/coverage.py" "$base/$name.json" "$@" --least $least
}

cd "$base"
status=0
run_each corpus || status=1
[ $what = corpus ] || run_each unit || status=1
[ $what != all ] || run_together e2e || status=1
cd profiles
if [ $what = corpus ]; then
	report corpus "$by_corpus" corpus --corpus || status=1
else
	report tests "$by_tests" "$(ls)" || status=1
	echo
	echo "fuzz/corpus alone:"
	report corpus "$by_corpus" corpus --corpus --short || status=1
fi
exit $status
