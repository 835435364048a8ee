#!/bin/sh
# The manual pages: clean, and in step with the programs' own --help.
. "${srcdir:-.}/tests/tap.sh"

# What is in $1, a list of words, and not in $2.
beyond() {
	for word in $1; do
		case " $(echo "$2" | tr '\n' ' ') " in
		*" $word "*) ;;
		*) echo "$3 $word" ;;
		esac
	done
}

# The long options in the output of a program's --help.
options_of_program() {
	"./$1" --help </dev/null 2>&1 |
		grep -o -E '(^|[ ,|[])--[a-z][a-z-]*' | tr -d ' ,|[' | sort -u
}

# The long options that are items of a list in its page.
options_of_page() {
	grep -E '^\.It Fl' "$1" | grep -o -E 'Fl -[a-z][a-z-]*' |
		sed 's/^Fl -/--/' | sort -u
}

commands_of_table() {
	sed -n 's/^\[COMMAND_[A-Z]*\] = { "\([a-z]*\)".*/\1/p' \
		"$srcdir/src/core/command.c"
}

commands_of_page() {
	sed -n '/^\.Sh COMMANDS/,/^\.Sh SCRIPTS/{
		s/^\.It Ic \([a-z]*\).*/\1/p
	}' "$1"
}

events_of_table() {
	sed -n 's/^	\[EV_[A-Z_]*\] = { "\([a-z_]*\)".*/\1/p' \
		"$srcdir/src/face/json.c"
}

events_of_page() {
	sed -n '/^\.Sh JSON/,/^\.Sh ENV/s/^\.It Va \([a-z_]*\)$/\1/p' "$1"
}

# The settings of a table of options that a file can have.
settings_of_table() {
	awk '/^\t\{ "/ { split($0, part, "\""); name = part[2] }
	    /CONF_BOTH|CONF_IN_FILE/ && name != "" { print name; name = "" }' \
	    "$srcdir/$1" | sort
}

settings_of_page() {
	sed -n 's/^\.It Ic \([a-z-]*\)$/\1/p' "$1" | sort
}

# The rows "[KIND_...] = { "name", ..." of a table of the screen.
words_of_table() {
	sed -n 's/^	\['"$1"'_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' \
		"$srcdir/tui/$2" | sort
}

# The own commands of the screen.
slashes_of_table() {
	sed -n 's/^	{ "\([a-z!]*\)", .*/\1/p' \
		"$srcdir/tui/model_local.c" | sort
}

slashes_of_page() {
	sed -n 's/^\.It Ic \/\([a-z!]*\).*/\1/p' "$1" | sort
}

# The words of a list in the text of an item: ".Cm one , two".
words_of_item() {
	sed -n "/^\.It Ic \/$2 /,/^\.It Ic/s/^\.Cm \(.*\)/\1/p" "$1" |
		tr -d ',;' | tr -s ' ' '\n' | sed '/^$/d' | sort
}

same() {
	[ "$1" = "$2" ] || printf 'table: %s\npage:  %s\n' \
		"$(echo "$1" | tr '\n' ' ')" "$(echo "$2" | tr '\n' ' ')"
}

# The numbers of wire.h that the page of the protocol does not give as
# ".It NAME NUMBER", or ".It NAME Ta NUMBER" in a table.
numbers_missing() {
	sed -n -E 's/,.*//
		s/^	(PACKET|SF|OP|PUSH|FRAME|CONTROL)_([A-Z0-9_]+) = /\2 /p' \
		"$srcdir/src/core/wire.h" |
	while read -r name number; do
		grep -q -E "^\\.It $name +(Ta )?$number([, ]|\$)" "$1" ||
			echo "missing: $name $number"
	done
}

command -v mandoc >/dev/null || skip_all "mandoc is not installed"

for page in "$srcdir"/man/*.[1-8]; do
	# Whether a page is installed here is not a property of ours.
	check "${page##*/} is clean" "$(mandoc -Tlint "$page" 2>&1 |
		grep -v -e 'referenced manual not found' -e 'mandoc.db')"
	name=${page##*/}
	name=${name%.*}
	[ -x "./$name" ] || continue
	have=$(options_of_program "$name")
	told=$(options_of_page "$page")
	check "${page##*/} has every option of $name --help" \
		"${have:+$(beyond "$have" "$told" "not in the page:")}"
	check "${page##*/} has no option that $name lacks" \
		"$(beyond "$told" "$have" "not in --help:")"
done

page=$srcdir/man/gop2p.1
check "gop2p.1 has the commands, in the order of help" \
	"$([ "$(commands_of_table)" = "$(commands_of_page "$page")" ] ||
		echo "table: $(commands_of_table | tr '\n' ' ')
page:  $(commands_of_page "$page" | tr '\n' ' ')")"
check "gop2p.1 has the events of --json, in order" \
	"$([ "$(events_of_table)" = "$(events_of_page "$page")" ] ||
		echo "table: $(events_of_table | tr '\n' ' ')
page:  $(events_of_page "$page" | tr '\n' ' ')")"
check "gop2p.conf.5 has the settings" "$(same \
	"$(settings_of_table src/io/app.c)" \
	"$(settings_of_page "$srcdir/man/gop2p.conf.5")")"
check "gop2pd.conf.5 has the settings" "$(same \
	"$(settings_of_table src/gop2pd_options.c)" \
	"$(settings_of_page "$srcdir/man/gop2pd.conf.5")")"

page=$srcdir/man/gop2p-tui.1
check "gop2p-tui.1 has the commands of the screen" \
	"$(beyond "$(slashes_of_table)" "$(slashes_of_page "$page")" \
		"not in the page:")"
check "gop2p-tui.1 has the settings of the screen" "$(same \
	"$(words_of_table PREF prefs.c)" \
	"$(sed -n 's/^\.It Cm \([a-z]*\)$/\1/p' "$page" | sort)")"
check "gop2p-tui.1 has the actions of keys" "$(same \
	"$(words_of_table ACTION keymap.c)" "$(words_of_item "$page" bind)")"
check "gop2p-protocol.7 has the numbers of wire.h" \
	"$(numbers_missing "$srcdir/man/gop2p-protocol.7")"
echo "1..$count"
