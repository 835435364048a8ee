# Benchmarks: make bench. They print ratios to a limit measured in the same
# run; nothing in make check depends on them.
BENCHES = %D%/bench_core %D%/bench_talk %D%/bench_server \
	%D%/bench_stream %D%/bench_pair
EXTRA_PROGRAMS += $(BENCHES)
%C%_bench_core_SOURCES = %D%/bench_core.c %D%/bench.c %D%/bench.h \
	%D%/bare.c %D%/bare.h %D%/player.c %D%/player.h
%C%_bench_core_LDADD = $(CORE_LIBS)
%C%_bench_talk_SOURCES = %D%/bench_talk.c %D%/bench.c %D%/bench.h \
	%D%/bare.c %D%/bare.h
%C%_bench_talk_LDADD = $(CORE_LIBS)
%C%_bench_server_SOURCES = %D%/bench_server.c %D%/bench.c %D%/bench.h \
	%D%/bare.c %D%/bare.h %D%/player.c %D%/player.h %D%/fan.c %D%/fan.h \
	%D%/target.h %D%/limit.c %D%/daemon.c %D%/load.c %D%/load.h \
	%D%/pairs.c %D%/pairs.h
%C%_bench_server_LDADD = $(CORE_LIBS)
%C%_bench_stream_SOURCES = %D%/bench_stream.c %D%/bench.c %D%/bench.h \
	%D%/player.c %D%/player.h %D%/fan.c %D%/fan.h \
	%D%/target.h %D%/limit.c %D%/daemon.c %D%/load.c %D%/load.h
%C%_bench_stream_LDADD = $(CORE_LIBS)
%C%_bench_pair_SOURCES = %D%/bench_pair.c %D%/bench.c %D%/bench.h \
	%D%/player.c %D%/player.h %D%/fan.c %D%/fan.h \
	%D%/target.h %D%/limit.c %D%/daemon.c %D%/talker.c %D%/talker.h
%C%_bench_pair_LDADD = $(IO_LIBS)
if HAVE_CHECK
BENCHES += %D%/bench_paths
%C%_bench_paths_SOURCES = %D%/bench_paths.c %D%/bench.c %D%/bench.h
%C%_bench_paths_LDADD = $(SIM_LIBS)
if TUI
BENCHES += %D%/bench_status
%C%_bench_status_SOURCES = %D%/bench_status.c $(METER)
%C%_bench_status_CPPFLAGS = $(TUI_UNIT_CPPFLAGS)
%C%_bench_status_CFLAGS = $(METER_CFLAGS)
%C%_bench_status_LDADD = $(METER_LIBS)
endif
endif
CLEANFILES += $(BENCHES)

EXTRA_DIST += %D%/bench_screen.py %D%/irc.py
bench: $(BENCHES) all
	@for bench in $(BENCHES); do ./$$bench || exit 1; done
	@test ! -x gop2p-tui || $(PYTHON) $(srcdir)/%D%/bench_screen.py
.PHONY: bench
