#!/bin/sh
# gop2p beside others, in the same worlds: libnice, node-datachannel and
# hyperdht are installed from their registries into the build folder, which is
# the current one; what cannot be installed is left out.
#
# usage: peers.sh [--runs N] [CELL ...]
set -u

here=$(cd "$(dirname "$0")" && pwd)
folder=$PWD/tests/lab/others
log=$folder/install.log
others=

say() {
	echo "peers: $*" >&2
}

apt_install() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null &&
		DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
			--no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

add() {
	others=${others:+$others,}$1
}

mkdir -p "$folder"
: >"$log"

command -v turnserver >/dev/null || apt_install coturn ||
	say "no coturn: without a STUN server nobody but hyperdht can take part"
pkg-config --exists nice 2>/dev/null || apt_install libnice-dev
if command -v turnserver >/dev/null; then
	# shellcheck disable=SC2046 # flags, one a word
	if ${CC:-cc} -O1 -o "$folder/nice" "$here/peers/nice.c" \
	    $(pkg-config --cflags --libs nice 2>>"$log") >>"$log" 2>&1; then
		add libnice
	else
		say "no libnice"
	fi
fi
for package in node-datachannel hyperdht; do
	mkdir -p "$folder/$package"
	if command -v npm >/dev/null && npm install --no-audit --no-fund \
	    --prefix "$folder/$package" "$package" >>"$log" 2>&1; then
		[ "$package" = hyperdht ] ||
			command -v turnserver >/dev/null || continue
		add "${package#node-}"
	else
		say "no $package"
	fi
done
exec "${PYTHON:-python3}" "$here/peers.py" --folder "$folder" \
	--others "$others" "$@"
