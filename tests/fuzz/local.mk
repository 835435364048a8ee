# One small program per parser: LLVMFuzzerTestOneInput in fuzz_NAME.c, first
# inputs (and every one that once failed) in corpus/NAME/. In a plain build
# replay.c runs them as tests; --enable-fuzz links libFuzzer instead.
#
# To add one: a line in FUZZ_TARGETS and one below it.
FUZZ_TARGETS = \
	%D%/fuzz_addr \
	%D%/fuzz_bytes \
	%D%/fuzz_chan \
	%D%/fuzz_client \
	%D%/fuzz_command \
	%D%/fuzz_conf \
	%D%/fuzz_edit \
	%D%/fuzz_gateway \
	%D%/fuzz_known \
	%D%/fuzz_name \
	%D%/fuzz_noise \
	%D%/fuzz_pair \
	%D%/fuzz_portmap \
	%D%/fuzz_server \
	%D%/fuzz_session \
	%D%/fuzz_text
%C%_fuzz_addr_LDADD = $(FUZZ_LIBS)
%C%_fuzz_bytes_LDADD = $(FUZZ_LIBS)
%C%_fuzz_chan_LDADD = $(FUZZ_LIBS)
%C%_fuzz_client_SOURCES = %D%/fuzz_client.c %D%/plain/check.h \
	tests/unit/lone.c tests/unit/lone.h tests/unit/fake.c tests/unit/fake.h
%C%_fuzz_client_CPPFLAGS = -I$(top_srcdir)/tests/fuzz/plain $(AM_CPPFLAGS) \
	-I$(top_srcdir)/tests/unit -I$(top_srcdir)/tests/fuzz
%C%_fuzz_client_LDADD = $(FUZZ_LIBS)
%C%_fuzz_command_LDADD = $(FUZZ_LIBS)
%C%_fuzz_conf_LDADD = $(FUZZ_LIBS)
%C%_fuzz_edit_LDADD = $(FUZZ_LIBS)
%C%_fuzz_gateway_LDADD = $(FUZZ_LIBS)
%C%_fuzz_known_LDADD = $(FUZZ_LIBS)
%C%_fuzz_name_LDADD = $(FUZZ_LIBS)
%C%_fuzz_noise_LDADD = $(FUZZ_LIBS)
%C%_fuzz_pair_SOURCES = %D%/fuzz_pair.c tests/unit/pair.c tests/unit/pair.h
%C%_fuzz_pair_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
%C%_fuzz_pair_LDADD = $(FUZZ_LIBS)
%C%_fuzz_portmap_LDADD = $(FUZZ_LIBS)
%C%_fuzz_server_LDADD = $(FUZZ_LIBS)
%C%_fuzz_session_LDADD = $(FUZZ_LIBS)
%C%_fuzz_text_LDADD = $(FUZZ_LIBS)

EXTRA_DIST += %D%/corpus %D%/fuzz.h
CLEANFILES += fuzz_*.last

if FUZZ
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_LIBS = $(FUZZ_ENGINE) $(CORE_LIBS)
FUZZ_RUN = $(FUZZ_TARGETS)
else
check_LIBRARIES += libreplay.a
libreplay_a_SOURCES = %D%/replay.c
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_LIBS = libreplay.a $(CORE_LIBS)
FUZZ_RUN = fuzz-needs-clang
fuzz-needs-clang:
	@echo 'make fuzz wants: configure --enable-fuzz CC=clang' >&2; exit 1
endif

# make fuzz SECONDS=600: what is found new goes to fuzz-corpus/NAME/, what
# fails to crash-* here.
SECONDS = 60
fuzz: $(FUZZ_RUN)
	for target in $(FUZZ_TARGETS); do \
		name=$${target##*/fuzz_}; \
		mkdir -p fuzz-corpus/$$name; \
		./$$target -max_total_time=$(SECONDS) fuzz-corpus/$$name \
		    $(srcdir)/%D%/corpus/$$name || exit 1; \
	done
.PHONY: fuzz fuzz-needs-clang
