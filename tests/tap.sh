# Read by the scripts that look at the tree. Cases in the form of TAP; the
# files are those of the repository, or of the tarball where there is none.
srcdir=${srcdir:-.}
count=0

# check SENTENCE TEXT: a case that passes when the text is empty, else the
# text says what is wrong.
check() {
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "$2" | sed 's/^/# /'
		echo "not ok $count - $1"
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# skip_all WHY: no case can run.
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# files PATTERN...: what the repository has of them, seen from $srcdir.
files() {
	if [ -e "$srcdir/.git" ] && command -v git >/dev/null; then
		(cd "$srcdir" && git ls-files -- "$@") && return
	fi
	(cd "$srcdir" && for pattern in "$@"; do
		find src tui tests m4 man -path "$pattern" -type f 2>/dev/null
	done)
}
