#!/bin/sh
# The order of the sources in src/local.mk is the layering of the core: a file
# includes its own header and those of modules listed above it. Each library
# of the edge has one file that knows it.
. "${srcdir:-.}/tests/tap.sh"
cd "$srcdir" || exit 1

order=$(grep -o '%D%/core/[a-z0-9_]*\.[ch]' src/local.mk |
	sed 's,%D%/,src/,')

upwards() {
	above=" "
	for file in $order; do
		module=${file##*/}
		module=${module%.*}
		above="$above$module "
		for header in $(sed -n 's/^#include "\(.*\)\.h"/\1/p' \
		    "$file"); do
			case "$above" in
			*" $header "*) ;;
			*) echo "$file: $header.h is not above it" ;;
			esac
		done
	done
}

unlisted() {
	for file in src/core/*.[ch]; do
		case " $(echo "$order" | tr '\n' ' ') " in
		*" $file "*) ;;
		*) echo "$file is not in src/local.mk" ;;
		esac
	done
}

# only HEADER OWNER...: files other than the owners that include it.
only() {
	header=$1
	shift
	grep -l -E "^#[ 	]*include <$header>" src/*.c src/*/*.[ch] \
	    tui/*.[ch] 2>/dev/null |
	while read -r file; do
		case " $* " in
		*" $file "*) ;;
		*) echo "$file includes <$header>" ;;
		esac
	done
}

check "the core includes only what is above it" "$(upwards)"
check "every file of the core has its place" "$(unlisted)"
check "only one file knows each library of the edge" "$(
	only 'ev\.h' src/io/loop.c src/io/loop.h
	only '[a-z]*curses[a-z/]*\.h' tui/screen.c
	only 'qrencode\.h' tui/qr.c
	only 'hiredis/.*' src/io/redis.c
	only 'miniupnpc/.*' src/io/upnp.c
	only 'sqlite3\.h' src/io/names.c
	only 'utf8proc\.h' src/core/text.c src/core/name.c src/core/skeleton.c \
	    src/io/looks.c
	only 'unicode/.*' src/io/looks_make.c
)"
check "the core includes no header of the system's edge" "$(
	grep -n '^#include <' src/core/*.[ch] | grep -v -E \
		'<(assert|ctype|limits|sodium|std[a-z]*|strings?|utf8proc)\.h>' |
		grep -v -E '^src/core/addr.c:.*<(arpa/inet|sys/socket)\.h>'
)"
echo "1..$count"
