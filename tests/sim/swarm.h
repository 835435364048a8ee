/* Worlds made by chance: people in random places behind random NATs and links,
 * doing random things while faults happen. The rules of every world are checked
 * at every event (rules.h); at the end, when everything is healed, whoever
 * agreed to talk must be connected and nothing may be left over. */
#ifndef SWARM_H
#define SWARM_H

#include "sim.h"

/* What can be left out to find out what matters (--without). */
enum swarm_class {
	SWARM_LINKS,   /* bad links: loss, jitter, corruption, cuts */
	SWARM_NATS,    /* NATs that reboot or get other addresses */
	SWARM_CRASHES, /* clients that crash */
	SWARM_MOVES,   /* machines that change networks */
	SWARM_SLEEP,
	SWARM_SERVER,  /* restarts of the server, of the resolver; full disks */
	SWARM_HOSTILE, /* forged, replayed and random packets */
	SWARM_TCP,     /* `tcp` and `udp` */
	SWARM_EXITS,   /* `exit`, `disconnect`, `rename`, `block` */
	SWARM_CLASSES
};

extern const char *const swarm_class_names[SWARM_CLASSES];

struct swarm {
	struct sim *s;
	struct rng rng;
	uint32_t without;    /* bits of enum swarm_class */
	usec_t ends;         /* of the troubles */
	unsigned texts;      /* said so far */
	unsigned names;      /* taken so far */
	bool is_healing;
	usec_t server_back;  /* when it starts again; USEC_NEVER */
	struct swarm_user {
		usec_t back;     /* when it starts again, wakes up ... */
		usec_t wakes, uncut;
		size_t seen;     /* records looked at */
		uint64_t talks;  /* users with whom it talks, by its own word */
		uint64_t blocks; /* users whom it has blocked */
	} users[USERS_MAX];
	uint8_t caught[8][2048]; /* packets to be replayed */
	struct pkt caught_pkt[8];
	unsigned caught_count;
};

struct swarm *swarm_new(uint64_t seed, uint32_t without, bool is_traced);
void swarm_free(struct swarm *w);

/* One in so many. */
bool swarm_chance(struct swarm *w, uint32_t in);

/* False if that class is left out, and then nothing is drawn. */
bool swarm_has(const struct swarm *w, enum swarm_class class);

/* Makes the world and its people. */
void swarm_build(struct swarm *w);
struct place swarm_place(struct swarm *w);

/* One thing happens. */
void swarm_act(struct swarm *w);
void swarm_fault(struct swarm *w);

/* What is due: sleepers wake, servers come back, requests are answered. */
void swarm_tend(struct swarm *w);

/* Everything is repaired. */
void swarm_heal(struct swarm *w);

/* Lives its whole life. NULL, or what is wrong; world_failure too. */
const char *swarm_live(struct swarm *w);

/* Looks whether all is as it should be after the healing, and after everybody
 * has left. */
void swarm_judge(struct swarm *w);
void swarm_judge_empty(struct swarm *w);

#endif
