# The real programs on a real network: network namespaces, behind NATs of the
# kernel and of our own. None of it is part of `check`, which needs neither
# root nor network: `make check-lab` tests, `make lab` measures.
EXTRA_PROGRAMS += %D%/natbox
%C%_natbox_SOURCES = %D%/natbox.c %D%/ippkt.h %D%/ippkt.c \
	%D%/knobs.h %D%/knobs.c
%C%_natbox_LDADD = $(NAT_LIBS) -lm
CLEANFILES += %D%/natbox$(EXEEXT)

LAB_TESTS = %D%/world_test.py %D%/programs_test.py %D%/natbox_test.py \
	%D%/cells_test.py %D%/stay_test.py %D%/map_test.py \
	%D%/netcheck_test.py %D%/liar_test.py
if TUI
LAB_TESTS += %D%/screen_test.py
endif
EXTRA_DIST += $(LAB_TESTS) %D%/boxes.py %D%/demo.py %D%/drive.py \
	%D%/matrix.py %D%/meet.py %D%/peers.py %D%/peers.sh \
	%D%/peers/channel.js %D%/peers/dht.js %D%/peers/nice.c \
	%D%/stay.py %D%/stun.py %D%/tap.py %D%/world.py

.PHONY: check-lab lab lab-peers
check-lab: all %D%/natbox$(EXEEXT)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='$(LAB_TESTS)'

# How often, for each pair of NATs; how many at a time; which pairs.
RUNS = 1
JOBS = 2
CELLS =
lab: all %D%/natbox$(EXEEXT)
	$(PYTHON) $(srcdir)/%D%/matrix.py --runs $(RUNS) --jobs $(JOBS) \
		$(CELLS)

# Others in the same worlds.
lab-peers: all %D%/natbox$(EXEEXT)
	PYTHON='$(PYTHON)' CC='$(CC)' $(SHELL) $(srcdir)/%D%/peers.sh \
		--runs $(RUNS) $(CELLS)
clean-local:
	rm -rf %D%/others

if HAVE_CHECK
check_PROGRAMS += %D%/check_ippkt
%C%_check_ippkt_SOURCES = %D%/check_ippkt.c %D%/ippkt.h %D%/ippkt.c
%C%_check_ippkt_LDADD = librunner.a $(CORE_LIBS) $(CHECK_LIBS)
endif
