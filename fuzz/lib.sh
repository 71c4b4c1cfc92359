# lib.sh -- what run.sh, replay.sh and oss-fuzz/try.sh share; they source it.
#
# Needs $source, the folder of the project.

base=${BUILD:-$source/build/fuzz}

missing=
need() { # PACKAGE COMMAND...: the package is missing unless the command succeeds
	package=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}

has_runtime() { # NAME: clang has libclang_rt.NAME
	find -L "$(clang -print-resource-dir)" "$(clang -print-runtime-dir)" \
		-name "libclang_rt.$1*.a" 2>/dev/null | grep -q .
}

need_clang() {
	need clang command -v clang
	need llvm command -v llvm-symbolizer
	need libclang-rt-14-dev has_runtime fuzzer
	need libc6-dev test -e /usr/include/stdlib.h
	need cmake command -v cmake
	need make command -v make
}

install_missing() {
	[ -n "$missing" ] || return 0
	echo "installing$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get update -q
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -q -y --no-install-recommends $missing
}

# The targets that are named, or all of them: names without fuzz_.
targets() { # [TARGET...]
	[ $# != 0 ] || set -- "$source"/fuzz/fuzz_*.c
	for wanted in "$@"; do
		name=$(basename "$wanted" .c)
		name=${name#fuzz_}
		if [ ! -e "$source/fuzz/fuzz_$name.c" ]; then
			echo "no target has the name $wanted" >&2
			return 1
		fi
		echo "$name"
	done
}

# Builds one flavour of the targets; what is said stays in a file unless it fails.
build() { # FOLDER GOAL CMAKE-WORDS...
	folder=$1
	goal=$2
	shift 2
	mkdir -p "$folder"
	if ! { cmake -S "$source" -B "$folder" "$@" &&
		cmake --build "$folder" -j2 --target "$goal"; } >"$folder/build.log" 2>&1; then
		tail -40 "$folder/build.log"
		echo "not built: $folder/build.log"
		return 1
	fi
}

files_in() { # FOLDER...: how many there are
	find "$@" -type f 2>/dev/null | wc -l
}
