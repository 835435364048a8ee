#!/bin/sh
# What ./bootstrap says and does on a machine where something is missing. The
# machine is a folder of fakes: nothing is asked of the real one.
. "${srcdir:-.}/tests/tap.sh"

# It looks there by itself, and would find the real ones.
for place in /usr/local/sbin /usr/sbin /sbin; do
	[ ! -x $place/autoreconf ] || skip_all "autoreconf is in $place"
done

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fakes=$work/bin
mkdir "$fakes" "$work/tree"
cp "$srcdir/bootstrap" "$work/tree/"
for tool in cat cut dirname env grep head mkdir rm sed sh tail touch tr; do
	ln -s "$(command -v $tool)" "$fakes/$tool"
done

# fake NAME: a command that does what is read here.
fake() {
	{
		echo '#!/bin/sh'
		cat
	} >"$fakes/$1"
	chmod +x "$fakes/$1"
}

# All is there but autoconf and libraries that may be absent; whatever is
# installed is there from then on, unless it is libicu-dev.
machine() {
	for tool in automake make cc python3 ip nft unshare conntrack jq \
	    mandoc tmux screen mosh ps xz; do
		fake $tool </dev/null
	done
	rm -f "$fakes/autoreconf" "$fakes/sudo" "$work/asked" "$work/got-"*
	fake id <<-END
		echo $1
	END
	fake pkg-config <<-END
		case \$2 in
		miniupnpc|icu-i18n) [ -e "$work/got-\$2" ] ;;
		esac
	END
	fake apt-get <<-END
		echo "\$*" >>"$work/asked"
		[ "\$1" = install ] || exit 0
		case \$* in
		*libicu-dev*) echo "E: no libicu-dev"; exit 100 ;;
		esac
		case \$* in *autoconf*) ln -s env "$fakes/autoreconf" ;; esac
		case \$* in
		*libminiupnpc-dev*) touch "$work/got-miniupnpc" ;;
		esac
	END
	ln -sf "$(command -v ln)" "$fakes/ln"
}

# run WORD...: its exit status, and what it says, in files.
run() {
	(cd "$work/tree" && env -i PATH="$fakes" sh ./bootstrap "$@") \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
}

# want STATUS [FILE TEXT]...: what was not as it should be.
want() {
	[ "$status" = "$1" ] || echo "exit status $status instead of $1"
	shift
	while [ $# -gt 0 ]; do
		grep -q -e "$2" "$work/$1" || {
			echo "no \"$2\" in $1:"
			cat "$work/$1"
		}
		shift 2
	done
}

echo 1..7
machine 0
run
check "without a command it says how it is used" \
	"$(want 2 err '^usage: ./bootstrap COMMAND' err '^  check ')"
run bogus
check "an unknown command is named" \
	"$(want 2 err '^usage:' err 'no command "bogus"')"
run help
check "help is no error" "$(want 0 out '^usage: ./bootstrap COMMAND')"

machine 1000
run build
check "without root it says what to install, and asks for nothing" \
	"$(want 1 err '^  autoconf: *GNU autoconf' \
	    err 'as root: apt-get install autoconf$' err 'run it again'
	[ ! -e "$work/asked" ] || cat "$work/asked")"

machine 0
run deps
check "as root it installs what is missing, and what is unknown alone is not" \
	"$(want 0 err '^  libicu-dev: *ICU$' err 'going on without' \
	    asked '^update' asked 'install .* autoconf$' \
	    asked 'install .* libminiupnpc-dev$'
	! grep -q miniupnpc "$work/err" || cat "$work/err")"
run build
check "what may be absent is no matter of the build" \
	"$(grep -c update "$work/asked" | grep -v '^1$')"

machine 0
fake apt-get <<-END
	echo "Err:1 cannot be reached"
	exit 100
END
run build
check "where nothing can be fetched it says so, and what it is about" \
	"$(want 1 err 'cannot be reached' err 'apt-get install autoconf$')"
