# The world in virtual time, and what is proved in it.
if HAVE_CHECK
check_LIBRARIES += libsim.a
libsim_a_SOURCES = \
	%D%/pkt.h \
	%D%/nat.h %D%/nat.c \
	%D%/natmap.h %D%/natmap.c
SIM_LIBS = librunner.a libsim.a $(CORE_LIBS) $(CHECK_LIBS)

SIM_TESTS = \
	%D%/check_natmap \
	%D%/check_nat
check_PROGRAMS += $(SIM_TESTS)

%C%_check_natmap_SOURCES = %D%/check_natmap.c %D%/nattest.h
%C%_check_natmap_LDADD = $(SIM_LIBS)
%C%_check_nat_SOURCES = %D%/check_nat.c %D%/nattest.h
%C%_check_nat_LDADD = $(SIM_LIBS)
endif
