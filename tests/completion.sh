#!/bin/sh
# What Tab offers in the shells: the options of the programs' own --help, and
# the words that an option can have.
. "${srcdir:-.}/tests/tap.sh"

there=$srcdir/completion

# Where two lists of words differ.
difference() {
	[ "$1" = "$2" ] || printf -- '--help: %s\nhere: %s\n' \
		"$(echo "$1" | tr '\n' ' ')" "$(echo "$2" | tr '\n' ' ')"
}

help_of() {
	"./$1" --help </dev/null || echo "no --help"
}

options() {
	help_of "$1" | sed -n 's/^  .*\(--[a-z-]*\).*/\1/p' | sort
}

# The words that the line of an option names: "a, b or c".
words() {
	help_of "$1" | sed -n "s/^ *--$2 [A-Z]*  *//p" |
		sed 's/, / /g; s/ or / /' | tr ' ' '\n' | sort
}

# bash_offers PROGRAM WORD BEFORE: what it offers for WORD behind BEFORE.
bash_offers() {
	bash --norc -c '
		. "$1" || exit
		function=$(complete -p "$2")
		function=${function#*-F }
		${function%% *} "$2" "$3" "$4"
		printf "%s\n" "${COMPREPLY[@]}"' \
	bash "$there/$1.bash" "$1" "$2" "$3" 2>&1 | sort
}

fish_options() {
	sed -n "s/^complete -c $1 .*-l \([a-z-]*\) .*/--\1/p" \
		"$there/$1.fish" | sort
}

fish_words() {
	sed -n "s/^complete -c $1 .*-l $2 -a '\([a-z0-9 ]*\)'.*/\1/p" \
		"$there/$1.fish" | tr ' ' '\n' | sort
}

# The part of the one file for zsh that is about a program, with the lists that
# it names.
zsh_part() {
	sed -n "/^$1)/,/;;/p" "$there/_gop2p"
	sed -n '/^general=/,/^)/p' "$there/_gop2p"
	[ "$1" = gop2pd ] || sed -n '/^client=/,/^)/p' "$there/_gop2p"
}

zsh_options() {
	zsh_part "$1" | sed -n 's/^.*[{,]\(--[a-z-]*\)}.*/\1/p
		s/^.*'"'"'\(--[a-z-]*\)\[.*/\1/p' | sort
}

zsh_words() {
	zsh_part "$1" | sed -n "s/.*'--$2\[.*:(\(.*\))'.*/\1/p" |
		tr ' ' '\n' | sort
}

for name in gop2p gop2pd gop2p-tui; do
	[ -x "./$name" ] || continue
	have=$(options "$name")
	if command -v bash >/dev/null; then
		check "bash offers the options of $name" \
			"$(difference "$have" "$(bash_offers "$name" -- "")")"
	else
		skip "bash offers the options of $name" "no bash"
	fi
	check "fish offers the options of $name" \
		"$(difference "$have" "$(fish_options "$name")")"
	check "zsh offers the options of $name" \
		"$(difference "$have" "$(zsh_options "$name")")"
done

for option in theme notify; do
	[ -x ./gop2p-tui ] || continue
	have=$(words gop2p-tui "$option")
	if command -v bash >/dev/null; then
		check "bash offers what --$option can be" "$(difference \
			"$have" "$(bash_offers gop2p-tui "" --$option)")"
	else
		skip "bash offers what --$option can be" "no bash"
	fi
	check "fish offers what --$option can be" \
		"$(difference "$have" "$(fish_words gop2p-tui "$option")")"
	check "zsh offers what --$option can be" \
		"$(difference "$have" "$(zsh_words gop2p-tui "$option")")"
done

# Servers that are known, and profiles, from the files of the client.
if command -v bash >/dev/null; then
	XDG_DATA_HOME=${TMPDIR:-/tmp}/completion.$$
	export XDG_DATA_HOME
	mkdir -p "$XDG_DATA_HOME/gop2p/profiles/second" || exit
	printf '# HOST:PORT KEY\n\nexample.org:9000 00 2025-11-04\n' \
		>"$XDG_DATA_HOME/gop2p/known_servers"
	check "bash offers the servers that are known" "$(difference \
		example.org:9000 "$(bash_offers gop2p ex --server)")"
	check "bash offers the profiles" "$(difference \
		second "$(bash_offers gop2p "" --profile)")"
	rm -r "$XDG_DATA_HOME"
fi
echo "1..$count"
