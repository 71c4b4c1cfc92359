#!/bin/sh
# Fuzzes: builds the targets and lets each of them run for some time.
#
#	sh fuzz/run.sh [--engine libfuzzer|afl] [--seconds N] [TARGET...]
#	sh fuzz/run.sh --minimise [TARGET...]
#
# TARGET is the name behind fuzz_ of a file in this folder; without one it is each of
# them in turn, for 60 seconds if nothing else is said.  A line tells how it went; 1 is
# the exit status when something crashed.  Everything stays in build/fuzz (BUILD):
#
#	corpus/TARGET     inputs that reach what nothing in fuzz/corpus reaches
#	crashes/TARGET    inputs that crash, or take longer than 25 seconds
#	logs/TARGET       what the engine said
#
# --minimise takes of the former into fuzz/corpus what takes new branches.  Files with
# names that people gave them stay; those that are named by a hash leave when others
# do the same, and the largest of them leave as long as all have more than 5 MiB.
#
# Works on a fresh Debian 12: packages are installed, as root, only if some are missing.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=fuzz/lib.sh
. "$source/fuzz/lib.sh"

engine=libfuzzer
seconds=60
minimise=
while [ $# -gt 0 ]; do
	case $1 in
	--engine) engine=$2 && shift ;;
	--seconds) seconds=$2 && shift ;;
	--minimise) minimise=yes ;;
	-*) echo "usage: $0 [--engine libfuzzer|afl] [--seconds N] [--minimise] [TARGET...]" && exit 2 ;;
	*) break ;;
	esac
	shift
done
chosen=$(targets "$@")
[ $# = 0 ] || [ "$(echo "$chosen" | wc -w)" = $# ] || { echo "no target of that name; there are:" $(targets) && exit 2; }

seeds=$source/fuzz/corpus
corpora=$base/corpus
crashes=$base/crashes
limit=$((5 * 1024 * 1024)) # octets of fuzz/corpus

report() { # TARGET EXECUTIONS A-SECOND EDGES NEW CRASHES
	printf '%-12s %9s executions %7s/s %6s edges %5s new inputs %3s crashes\n' "$@"
}

# ------ libFuzzer ------

flags="-DTEN35_FUZZ=ON -DCMAKE_BUILD_TYPE=None -DTEN35_SANITIZE=address,undefined"
build_libfuzzer() {
	# shellcheck disable=SC2086
	CC=clang CXX=clang++ build "$base/libfuzzer" fuzz_targets $flags -DCMAKE_C_FLAGS="-O2 -g"
}

# The words of TARGET.options, as libFuzzer's command line has them.
options_of() { # TARGET
	sed -n 's/^\([a-z_]*\) = \(.*\)$/-\1=\2/p' "$base/libfuzzer/fuzz/fuzz_$1.options"
}

statistic() { # NAME LOG
	sed -n "s/^stat::$1: *//p" "$2" | tail -1 | grep . || echo 0
}

run_libfuzzer() { # TARGET
	program=$base/libfuzzer/fuzz/fuzz_$1
	log=$base/logs/$1
	had=$(files_in "$corpora/$1")
	known=$(files_in "$crashes/$1")
	status=0
	# shellcheck disable=SC2046
	"$program" $(options_of "$1") -dict="$program.dict" -max_total_time="$seconds" \
		-print_final_stats=1 -artifact_prefix="$crashes/$1/" \
		"$corpora/$1" "$seeds/$1" >"$log" 2>&1 || status=$?
	new=$(($(files_in "$crashes/$1") - known))
	report "$1" "$(statistic number_of_executed_units "$log")" \
		"$(statistic average_exec_per_sec "$log")" \
		"$(sed -n 's/.* cov: \([0-9]*\).*/\1/p' "$log" | tail -1)" \
		$(($(files_in "$corpora/$1") - had)) "$new"
	[ $status = 0 ] || grep -aE 'broken:|ERROR:|runtime error|SUMMARY|Test unit written' "$log" ||
		tail -5 "$log"
	[ $status = 0 ]
}

# ------ AFL++ ------

# Mutators are loaded by afl-fuzz itself, so they are built without sanitizers.
build_afl() {
	rm -f "$base"/afl-mutators/fuzz/*_mutator.so # of targets that no longer name one
	# shellcheck disable=SC2086
	AFL_QUIET=1 CC=afl-clang-fast CXX=afl-clang-fast++ build "$base/afl" fuzz_targets \
		$flags -DTEN35_MUTATORS=OFF -DCMAKE_C_FLAGS="-O2 -g" &&
		CC=clang build "$base/afl-mutators" fuzz_mutators -DCMAKE_BUILD_TYPE=None \
			-DCMAKE_C_FLAGS=-O2
}

take() { # FOLDER PREFIX FILE...: copies files that are not there yet, named by a hash
	to=$1
	prefix=$2
	shift 2
	for file in "$@"; do
		[ -f "$file" ] || continue
		cp "$file" "$to/$prefix$(sha1sum <"$file" | cut -c1-40)"
	done
}

afl_number() { # NAME: of fuzzer_stats
	sed -n "s/^$1 *: *\([0-9]*\).*/\1/p" "$out/default/fuzzer_stats" 2>/dev/null | grep . || echo 0
}

run_afl() { # TARGET
	program=$base/afl/fuzz/fuzz_$1
	out=$base/afl-out/$1
	log=$base/logs/$1
	rm -rf "$out" "$out.in"
	mkdir -p "$out.in"
	echo x >"$out.in/x" # it does not begin with nothing
	take "$out.in" "" "$seeds/$1"/* "$corpora/$1"/*
	had=$(files_in "$corpora/$1")
	mutator=$base/afl-mutators/fuzz/libfuzz_$1_mutator.so
	[ ! -f "$mutator" ] || export AFL_CUSTOM_MUTATOR_LIBRARY="$mutator"
	status=0
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
		ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 \
		afl-fuzz -i "$out.in" -o "$out" -x "$program.dict" -V "$seconds" -t 25000 -m none \
		-- "$program" >"$log" 2>&1 || status=$?
	unset AFL_CUSTOM_MUTATOR_LIBRARY
	take "$corpora/$1" "" "$out"/default/queue/id*,op*
	take "$crashes/$1" crash- "$out"/default/crashes/id*
	take "$crashes/$1" timeout- "$out"/default/hangs/id*
	new=$(files_in "$out"/default/crashes "$out"/default/hangs -name 'id*')
	report "$1" "$(afl_number execs_done)" "$(afl_number execs_per_sec)" \
		"$(afl_number edges_found)" $(($(files_in "$corpora/$1") - had)) "$new"
	[ $status = 0 ] || tail -5 "$log"
	[ $status = 0 ] && [ "$new" = 0 ]
}

# ------ minimising ------

hashed() { # FOLDER: its files that are named by a hash
	find "$1" -type f 2>/dev/null | grep -E '/[0-9a-f]{40}$' || true
}

minimise() { # TARGET
	program=$base/libfuzzer/fuzz/fuzz_$1
	new=$base/minimised/$1
	was=$(files_in "$seeds/$1")
	rm -rf "$new"
	mkdir -p "$new" "$seeds/$1"
	cp "$seeds/$1"/* "$new/" 2>/dev/null || true
	hashed "$new" | xargs -r rm -f
	"$program" -set_cover_merge=1 -use_counters=0 "$new" "$seeds/$1" "$corpora/$1" >"$base/logs/$1" 2>&1 ||
		{ tail -5 "$base/logs/$1" && return 1; }
	hashed "$seeds/$1" | xargs -r rm -f
	cp "$new"/* "$seeds/$1/"
	printf '%-12s %5s inputs were %5s\n' "$1" "$(files_in "$seeds/$1")" "$was"
}

corpus_size() {
	find "$seeds" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'
}

# The largest leave first: what they add costs most.
keep_small() {
	[ "$(corpus_size)" -le $limit ] || hashed "$seeds" | xargs -r ls -S | while read -r file; do
		[ "$(corpus_size)" -gt $limit ] || continue
		rm "$file"
		echo "too large: $file"
	done
	echo "fuzz/corpus has $(($(corpus_size) / 1024)) KiB"
}

# ------ all of it ------

need_clang
[ "$engine" != afl ] || need afl++ command -v afl-fuzz
install_missing
case $engine in
libfuzzer | afl) ;;
*) echo "no such engine: $engine" && exit 2 ;;
esac
[ -z "$minimise" ] || engine=libfuzzer
"build_$engine"
failed=0
for target in $chosen; do
	mkdir -p "$corpora/$target" "$crashes/$target" "$base/logs" "$seeds/$target"
	if [ -n "$minimise" ]; then
		minimise "$target" || failed=1
	else
		"run_$engine" "$target" || failed=1
	fi
done
[ -z "$minimise" ] || keep_small
[ $failed = 0 ] || [ -n "$minimise" ] || echo "crashes are in $crashes"
exit $failed
