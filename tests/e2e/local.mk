# The programs as their users meet them, on loopback.
E2E_TESTS = %D%/loopback_test.py %D%/gop2pd_test.py %D%/gop2p_test.py \
	%D%/script_test.py %D%/bad_input_test.py %D%/man_examples_test.py
dist_check_SCRIPTS += $(E2E_TESTS)

# A server that is no server.
if HAVE_CHECK
check_PROGRAMS += %D%/check_evil
%C%_check_evil_SOURCES = %D%/check_evil.c tests/unit/fake.c tests/unit/fake.h \
	tests/unit/scratch.c tests/unit/scratch.h
%C%_check_evil_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
%C%_check_evil_LDADD = $(UNIT_LIBS)
endif
EXTRA_DIST += %D%/loopback.py %D%/terminal.py
