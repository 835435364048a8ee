#!/bin/sh
# The core is pure: its library asks for nothing that reads a clock, a file, a
# socket or a random device, and has no variable that outlives a call.
. "${srcdir:-.}/tests/tap.sh"
lib=libcore.a

# What computes and nothing else. A name that is missing here and only
# computes may be added.
pure='
mem(chr|cmp|cpy|mem|move|set|rchr)
str(n?cat|r?chr|n?cmp|n?cpy|c?spn|n?len|pbrk|str)
strn?casecmp
str(tol|toul|toll|toull|tod)
v?snprintf
malloc calloc realloc free abort
qsort bsearch abs labs llabs
inet_(pton|ntop)
(sqrt|cbrt|log|log2|exp|exp2|pow|floor|ceil|round|lround|fabs|fmin|fmax)f?
sodium_[a-z0-9_]*
crypto_[a-z0-9_]*
utf8proc_[a-zA-Z0-9_]*
__assert_fail __assert __stack_chk_fail __stack_chk_guard
__[a-z0-9_]*_chk
__isoc(99|23)_[a-z]*
__ctype_[a-z]*_loc
_GLOBAL_OFFSET_TABLE_
__(u?div|u?mod|mul)[a-z]*[0-9]
'
# Parts of libsodium that ask the system.
impure='crypto_[a-z0-9_]*(keygen|keypair)|sodium_init'
seeded='crypto_[a-z0-9_]*_seed_keypair'

one_of() {
	echo "^($(echo $* | tr ' ' '|'))\$"
}

command -v "${NM:-nm}" >/dev/null || skip_all "nm is not installed"
[ -f "$lib" ] || skip_all "no $lib here"
symbols=$("${NM:-nm}" -P "$lib" 2>/dev/null)
case $symbols in
*__asan_* | *__ubsan_* | *__gcov_* | *__sanitizer_*)
	skip_all "the build has a sanitizer or counters in it" ;;
esac

check "the core asks the system for nothing" \
	"$(echo "$symbols" | awk 'NF > 2 && $2 != "U" { own[$1] = 1 }
	/:$/ { object = $0 }
	$2 == "U" { user[$1] = object }
	END { for (name in user) if (!(name in own)) print name, user[name] }' |
	while read -r name object; do
		echo "$name" | grep -q -E "$(one_of $impure)" &&
			! echo "$name" | grep -q -E "$(one_of $seeded)" ||
			! echo "$name" | grep -q -E "$(one_of $pure)" &&
			echo "$object $name"
	done)"

title="the core has no mutable global"
if command -v size >/dev/null; then
	check "$title" "$(LC_ALL=C size -A "$lib" | awk '/:$|ex / { object = $1 }
	$1 ~ /^\.(data|bss|tdata|tbss|data\.rel|data\.rel\.local)(\.[^r].*)?$/ &&
	$2 > 0 { print object, $1, $2, "bytes" }')"
else
	skip "$title" "size is not installed"
fi
echo "1..$count"
