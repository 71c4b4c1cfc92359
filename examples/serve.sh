#!/bin/sh
# Builds ten35, with whatever is missing for that, and serves hello.zone on 127.0.0.1:5300.
#
#	sh examples/serve.sh [PORT]
#
# Works on a fresh Debian 12.  Packages are installed, as root, only if some are missing.
set -eu

port=${1:-5300}
source=$(cd "$(dirname "$0")/.." && pwd)
build=$source/build
zone=$source/examples/hello.zone

missing=
command -v cc >/dev/null || missing="$missing gcc"
[ -e /usr/include/stdlib.h ] || missing="$missing libc6-dev"
command -v cmake >/dev/null || missing="$missing cmake"
command -v make >/dev/null || missing="$missing make"
if [ -n "$missing" ]; then
	echo "serve.sh: installing$missing"
	as_root=
	[ "$(id -u)" = 0 ] || as_root=sudo
	$as_root apt-get update -q
	# shellcheck disable=SC2086
	$as_root apt-get install -q -y --no-install-recommends $missing
fi

cmake -S "$source" -B "$build" -DBUILD_TESTING=OFF
cmake --build "$build" --target ten35

# Root becomes nobody, who may not be let into the folder where this lies (/root).
user=
if [ "$(id -u)" = 0 ] && ! setpriv --reuid=nobody --regid=nogroup --clear-groups test -r "$zone"; then
	echo "serve.sh: user nobody may not read $zone: it is served as root, to this machine only"
	user="-u root"
fi
cat <<END

Serving $zone on 127.0.0.1, port $port.  Try in another terminal:

    dig @127.0.0.1 -p $port pi.hello A        (package bind9-dnsutils)

Change the file and ask again: it is read by itself.  Ctrl-C ends.

END
# shellcheck disable=SC2086
exec "$build/ten35" -a 127.0.0.1 -p "$port" $user "$zone"
