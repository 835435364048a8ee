/* A NAT and its cable in words, as "mapping=apd": the command line of natbox.
 * Every knob of nat.h and cable.h has one; what is not known is an error. */
#ifndef KNOBS_H
#define KNOBS_H

#include "../sim/cable.h"
#include "../sim/nat.h"

struct knobs {
	bool is_wire;     /* no router at all, a cable only */
	uint32_t seed;
	struct nat_conf nat;
	struct cable cable;
};

/* Turns a knob. False, and a sentence in why, if word is not one. */
enum { KNOBS_WHY = 128 };
bool knobs_turn(struct knobs *k, const char *word,
    char why[static KNOBS_WHY]);

/* The same for what may be changed while packets flow: the cable. */
bool knobs_turn_cable(struct cable *cable, const char *word,
    char why[static KNOBS_WHY]);

/* "192.0.2.1,192.0.2.2": addresses of a pool. Their number, 0 if wrong. */
uint32_t knobs_pool(const char *text, struct addr pool[static NAT_POOL]);

/* All of them, one a line. */
void knobs_list(void (*line)(const char *text));

#endif
