# GOP2P_FLAG(VARIABLE, FLAG): appends FLAG to VARIABLE where the compiler
# and the linker take it without a warning.
AC_DEFUN([GOP2P_FLAG], [
	AC_MSG_CHECKING([whether $CC takes $2])
	gop2p_cflags=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes]); $1="$$1 $2"],
		[AC_MSG_RESULT([no])])
	CFLAGS=$gop2p_cflags
	AC_SUBST([$1])
])

AC_DEFUN([GOP2P_WARNINGS], [
	AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror],
		[treat compiler warnings as errors])])
	for gop2p_flag in -Wall -Wextra -Wshadow -Wstrict-prototypes \
	    -Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wvla \
	    -Wformat=2 -Wundef -Wimplicit-fallthrough; do
		GOP2P_FLAG([WARN_CFLAGS], [$gop2p_flag])
	done
	AS_IF([test "x$enable_werror" = xyes],
		[WARN_CFLAGS="$WARN_CFLAGS -Werror"])
])

# Hardening is on by default and off under the sanitizers, which bring
# their own and clash with _FORTIFY_SOURCE.
AC_DEFUN([GOP2P_HARDENING], [
	AC_ARG_ENABLE([hardening], [AS_HELP_STRING([--disable-hardening],
		[build without compiler and linker hardening])])
	AS_IF([test "x$enable_hardening" != xno &&
	    test "x$enable_sanitize" != xyes], [
		for gop2p_flag in -fstack-protector-strong \
		    -fstack-clash-protection -fcf-protection \
		    -ftrivial-auto-var-init=zero -fno-strict-overflow \
		    -fno-delete-null-pointer-checks -fPIE; do
			GOP2P_FLAG([HARD_CFLAGS], [$gop2p_flag])
		done
		for gop2p_flag in -pie -Wl,-z,relro -Wl,-z,now \
		    -Wl,-z,noexecstack; do
			GOP2P_FLAG([HARD_LDFLAGS], [$gop2p_flag])
		done
		AS_CASE([" $CFLAGS "], [*" -O0 "*], [],
			[HARD_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
	])
	AC_SUBST([HARD_CPPFLAGS])
])

AC_DEFUN([GOP2P_SANITIZE], [
	AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize],
		[build with the address and undefined-behaviour sanitizers])])
	AS_IF([test "x$enable_sanitize" = xyes], [
		SAN_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"
		SAN_FLAGS="$SAN_FLAGS -fno-omit-frame-pointer $FUZZ_FLAGS"
	])
	AC_SUBST([SAN_FLAGS])
	AM_CONDITIONAL([SANITIZE], [test "x$enable_sanitize" = xyes])
])

# Fuzzing needs clang's libFuzzer, and is of use with the sanitizers only.
# Comes before GOP2P_HARDENING.
AC_DEFUN([GOP2P_FUZZ], [
	AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz],
		[build the fuzz targets with libFuzzer (clang only)])])
	AS_IF([test "x$enable_fuzz" = xyes], [
		enable_sanitize=yes
		gop2p_flag=-fsanitize=fuzzer-no-link
		GOP2P_FLAG([FUZZ_FLAGS], [$gop2p_flag])
		AS_IF([test -z "$FUZZ_FLAGS"],
			[AC_MSG_ERROR([--enable-fuzz needs CC=clang])])
		FUZZ_ENGINE=-fsanitize=fuzzer
	])
	AC_SUBST([FUZZ_FLAGS])
	AC_SUBST([FUZZ_ENGINE])
	AM_CONDITIONAL([FUZZ], [test "x$enable_fuzz" = xyes])
])

# GOP2P_COMPLETION(SHELL, FOLDER): what Tab means in that shell is installed,
# in FOLDER beneath the data folder or where the option says.
AC_DEFUN([GOP2P_COMPLETION], [
	AC_ARG_WITH([$1-completion-dir],
		[AS_HELP_STRING([--with-$1-completion-dir=DIR],
			[completions for $1 go there, no: nowhere
			(DATADIR/$2)])],
		[], [with_$1_completion_dir=yes])
	AS_IF([test "x$with_$1_completion_dir" = xyes],
		[with_$1_completion_dir='${datadir}/$2'])
	AC_SUBST([$1completiondir], [$with_$1_completion_dir])
	AM_CONDITIONAL(m4_toupper([$1])[_COMPLETION],
		[test "x$with_$1_completion_dir" != xno])
])
