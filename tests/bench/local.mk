# Benchmarks: make bench. They print ratios to a limit measured in the same
# run; nothing in make check depends on them.
BENCHES = %D%/bench_core %D%/bench_talk
EXTRA_PROGRAMS += $(BENCHES)
%C%_bench_core_SOURCES = %D%/bench_core.c %D%/bench.c %D%/bench.h \
	%D%/player.c %D%/player.h
%C%_bench_core_LDADD = $(CORE_LIBS)
%C%_bench_talk_SOURCES = %D%/bench_talk.c %D%/bench.c %D%/bench.h
%C%_bench_talk_LDADD = $(CORE_LIBS)
CLEANFILES += $(BENCHES)

bench: $(BENCHES)
	@for bench in $(BENCHES); do ./$$bench || exit 1; done
.PHONY: bench
