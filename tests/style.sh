#!/bin/sh
# What of the style a machine can see.
. "${srcdir:-.}/tests/tap.sh"

sources=$(files 'src/*.[ch]' 'tui/*.[ch]' 'tests/*.[ch]')
headers=$(files 'src/core/*.h')
scripts=$(files 'tests/*.sh' 'tests/*.py' 'm4/*.sh' '*.mk' '*.m4')
[ -n "$sources" ] || skip_all "no sources here"
cd "$srcdir" || exit 1

# Bytes that go on with a character of UTF-8 take no column.
check "lines have at most 80 columns" "$(LC_ALL=C awk '{
	line = $0
	gsub(/[\200-\277]/, "", line)
	width = 0
	while ((tab = index(line, "\t")) > 0) {
		width += tab - 1
		width += 8 - width % 8
		line = substr(line, tab + 1)
	}
	if (width + length(line) > 80)
		print FILENAME ":" FNR ": " width + length(line) " columns"
}' $sources)"

check "no line ends in blanks" \
	"$(grep -n '[ 	]$' $sources $scripts /dev/null)"

check "every file ends with a line feed" \
	"$(for file in $sources $scripts; do
		[ -z "$(tail -c 1 "$file")" ] || echo "$file"
	done)"

# A function goes from a "{" in the first column to a "}" there.
check "functions have at most 70 lines" "$(awk '
FNR == 1 { start = 0 }
/^{/ { start = FNR }
/^}/ && start > 0 {
	if (FNR - start > 70)
		print FILENAME ":" start ": " FNR - start " lines"
	start = 0
}' $sources)"

check "files have at most 500 lines of code, tests 900" "$(awk '
function judge() {
	if (code > (file ~ /^tests/ ? 900 : 500))
		print file ": " code " lines"
}
FNR == 1 {
	judge()
	file = FILENAME
	code = 0
	comment = 0
}
{
	line = $0
	if (comment && !sub(/^.*\*\//, "", line))
		next
	comment = 0
	gsub(/\/\*[^*]*\*\//, "", line)
	if (line ~ /\/\*/) {
		comment = 1
		sub(/\/\*.*/, "", line)
	}
	if (line ~ /[^ \t]/)
		code++
}
END { judge() }' $sources)"

check "headers of the core begin with what they are for" \
	"$(for file in $headers; do
		case $(head -n 1 "$file") in
		"/* "*) ;;
		*) echo "$file" ;;
		esac
	done)"

check "headers are guarded by their name" \
	"$(for file in $(echo "$sources" | grep '\.h$'); do
		name=$(basename "$file" | tr 'a-z.-' 'A-Z__')
		grep -q "^#ifndef $name\$" "$file" &&
			grep -q "^#define $name\$" "$file" || echo "$file"
	done)"

check "definitions have the return type on a line of its own" \
	"$(grep -n -E '^(static |extern )?[a-z_][a-zA-Z_0-9 *]* \**[a-z_0-9]+\([^;]*\)$' \
		$(echo "$sources" | grep '\.c$') /dev/null | grep -v __attribute__)"

check "the README has a line for each source" \
	"$(for file in $(files 'src/*.[ch]' 'tui/*.[ch]'); do
		module=$(basename "${file%.*}")
		grep -q "^    $module  *[^ ]" "$srcdir/README" ||
			echo "$module"
	done | sort -u)"

# The words are put together so that this file has none of them.
check "nothing is unfinished by its own words" \
	"$(grep -n -w -E "TO""DO|FIX""ME|X""XX" $sources $scripts /dev/null)"
echo "1..$count"
