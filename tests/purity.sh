#!/bin/sh
# The core is a value: it calls nothing that could reach a socket, a clock, a
# file, a random device or the terminal, and has no variable of its own.
NM=${NM:-nm}
lib=libcore.a

if [ ! -f "$lib" ]; then
	echo "1..0 # SKIP no $lib here"
	exit 0
fi

# What it may import: memory, strings, formatting into memory, assertions, and
# of the libraries what computes.
pure='^(mem|str|v?snprintf|__v?snprintf_chk|__(mem|str)[a-z]*_chk|qsort|bsearch
|malloc|calloc|realloc|reallocarray|free|abs|inet_(ntop|pton)
|__assert_fail|__assert_rtn|abort|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_
|crypto_|sodium_|randombytes_buf_deterministic|utf8proc_
|__asan_|__ubsan_|__sanitizer_|__gcov|__llvm|__isoc)'
pure=$(echo "$pure" | tr -d '\n')

imports=$("$NM" -A "$lib" 2>/dev/null | sed -n 's/.* [Uw] //p' | sort -u)
own=$("$NM" "$lib" 2>/dev/null | sed -n 's/^[0-9a-f]* [A-TV-Z] //p' | sort -u)
foreign=$(printf '%s\n' "$imports" | grep -v -E "$pure" |
	while read -r symbol; do
		printf '%s\n' "$own" | grep -q -x "$symbol" || echo "$symbol"
	done)

echo 1..2
[ -z "$foreign" ] || {
	echo "$foreign" | sed 's/^/# it imports /'
	printf 'not '
}
echo "ok 1 - the core imports nothing that reaches the world"

if printf '%s\n' "$imports" | grep -q -E '^__(asan|gcov|llvm)'; then
	echo "ok 2 - the core has no variables # SKIP instrumented"
	exit 0
fi
# Sections of variables that are not empty; constant tables with pointers lie
# in .data.rel.ro.
variables=$(size -A "$lib" | awk '
	/^[^ ]+\.o/ { file = $1 }
	$1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ &&
	    $2 > 0 { print file, $1, $2 }')
[ -z "$variables" ] || { echo "$variables" | sed 's/^/# /'; printf 'not '; }
echo "ok 2 - the core has no variables"
