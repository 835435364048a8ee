# The world in virtual time, and what is proved in it.

# NATs and cables, of which the laboratory is made as well.
check_LIBRARIES += libnat.a
libnat_a_SOURCES = \
	%D%/pkt.h \
	%D%/natmap.h %D%/natmap.c %D%/nat.h %D%/nat.c \
	%D%/cable.h %D%/cable.c %D%/due.h %D%/due.c
NAT_LIBS = libnat.a $(CORE_LIBS)

if HAVE_CHECK
check_LIBRARIES += libsim.a
libsim_a_SOURCES = \
	%D%/world.h %D%/world.c %D%/inside.h \
	%D%/gateway.h %D%/gateway.c \
	%D%/net.c %D%/host.c %D%/disk.c \
	%D%/tcp.h %D%/tcp.c %D%/tcpin.c \
	%D%/sim.h %D%/sim.c %D%/places.c %D%/conds.c \
	%D%/figures.h %D%/figures.c \
	%D%/trace.h %D%/trace.c %D%/rules.h %D%/rules.c
SIM_LIBS = librunner.a libsim.a $(NAT_LIBS) $(CHECK_LIBS)

SIM_TESTS = \
	%D%/check_natmap \
	%D%/check_nat \
	%D%/check_world \
	%D%/check_host \
	%D%/check_tcp \
	%D%/scenarios_register \
	%D%/scenarios_find \
	%D%/scenarios_agree \
	%D%/scenarios_punch \
	%D%/scenarios_relay \
	%D%/scenarios_talk \
	%D%/scenarios_switch \
	%D%/scenarios_stay \
	%D%/scenarios_leave \
	%D%/scenarios_trust \
	%D%/scenarios_hard \
	%D%/scenarios_odds \
	%D%/scenarios_noudp \
	%D%/scenarios_lossy \
	%D%/scenarios_tcp \
	%D%/scenarios_map \
	%D%/scenarios_nat \
	%D%/scenarios_masks
check_PROGRAMS += $(SIM_TESTS)

%C%_check_natmap_SOURCES = %D%/check_natmap.c %D%/nattest.h
%C%_check_natmap_LDADD = $(SIM_LIBS)
%C%_check_nat_SOURCES = %D%/check_nat.c %D%/nattest.h
%C%_check_nat_LDADD = $(SIM_LIBS)
%C%_check_world_SOURCES = %D%/check_world.c %D%/toy.c %D%/toy.h
%C%_check_world_LDADD = $(SIM_LIBS)
%C%_check_host_SOURCES = %D%/check_host.c %D%/toy.c %D%/toy.h
%C%_check_host_LDADD = $(SIM_LIBS)
%C%_check_tcp_SOURCES = %D%/check_tcp.c %D%/toy.c %D%/toy.h
%C%_check_tcp_LDADD = $(SIM_LIBS)
%C%_scenarios_register_SOURCES = %D%/scenarios_register.c
%C%_scenarios_register_LDADD = $(SIM_LIBS)
%C%_scenarios_find_SOURCES = %D%/scenarios_find.c
%C%_scenarios_find_LDADD = $(SIM_LIBS)
%C%_scenarios_agree_SOURCES = %D%/scenarios_agree.c
%C%_scenarios_agree_LDADD = $(SIM_LIBS)
%C%_scenarios_punch_SOURCES = %D%/scenarios_punch.c
%C%_scenarios_punch_LDADD = $(SIM_LIBS)
%C%_scenarios_relay_SOURCES = %D%/scenarios_relay.c
%C%_scenarios_relay_LDADD = $(SIM_LIBS)
%C%_scenarios_talk_SOURCES = %D%/scenarios_talk.c
%C%_scenarios_talk_LDADD = $(SIM_LIBS)
%C%_scenarios_switch_SOURCES = %D%/scenarios_switch.c
%C%_scenarios_switch_LDADD = $(SIM_LIBS)
%C%_scenarios_stay_SOURCES = %D%/scenarios_stay.c
%C%_scenarios_stay_LDADD = $(SIM_LIBS)
%C%_scenarios_leave_SOURCES = %D%/scenarios_leave.c
%C%_scenarios_leave_LDADD = $(SIM_LIBS)
%C%_scenarios_trust_SOURCES = %D%/scenarios_trust.c
%C%_scenarios_trust_LDADD = $(SIM_LIBS)
%C%_scenarios_hard_SOURCES = %D%/scenarios_hard.c
%C%_scenarios_hard_LDADD = $(SIM_LIBS)
%C%_scenarios_odds_SOURCES = %D%/scenarios_odds.c
%C%_scenarios_odds_LDADD = $(SIM_LIBS)
%C%_scenarios_noudp_SOURCES = %D%/scenarios_noudp.c
%C%_scenarios_noudp_LDADD = $(SIM_LIBS)
%C%_scenarios_map_SOURCES = %D%/scenarios_map.c
%C%_scenarios_map_LDADD = $(SIM_LIBS)
%C%_scenarios_nat_SOURCES = %D%/scenarios_nat.c
%C%_scenarios_nat_LDADD = $(SIM_LIBS)
%C%_scenarios_lossy_SOURCES = %D%/scenarios_lossy.c
%C%_scenarios_lossy_LDADD = $(SIM_LIBS)
%C%_scenarios_tcp_SOURCES = %D%/scenarios_tcp.c
%C%_scenarios_tcp_LDADD = $(SIM_LIBS)
%C%_scenarios_masks_SOURCES = %D%/scenarios_masks.c
%C%_scenarios_masks_LDADD = $(SIM_LIBS)

# The full-screen client's model before a real engine.
SIM_TESTS += %D%/scenarios_screen
%C%_scenarios_screen_SOURCES = %D%/scenarios_screen.c
%C%_scenarios_screen_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
%C%_scenarios_screen_LDADD = librunner.a libsim.a libnat.a $(TUI_LIBS) $(CHECK_LIBS)

# Worlds made by chance. `make soak SEEDS=n` for more than check runs.
SIM_TESTS += %D%/swarm
%C%_swarm_SOURCES = %D%/swarm.h %D%/swarm.c %D%/swarm_build.c \
	%D%/swarm_life.c %D%/swarm_judge.c
%C%_swarm_LDADD = $(SIM_LIBS)

SEEDS = 10000
soak: %D%/swarm
	%D%/swarm --seeds $(SEEDS)

# How often and how soon there is a direct path behind hard NATs: a table.
TIMES = 300
odds: %D%/scenarios_odds
	CK_VERBOSITY=minimal GOP2P_RUNS=$(TIMES) GOP2P_FIGURES=1 \
		%D%/scenarios_odds
endif
.PHONY: soak odds
