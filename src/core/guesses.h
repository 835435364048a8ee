/* Challenges that went to ports that are only guessed: too many for paths, of
 * which nothing is kept but the last ones. An answer from such a port proves
 * it. */
#ifndef GUESSES_H
#define GUESSES_H

#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

/* As many as go out within a second and a half: spray.h. */
enum { GUESSES_MAX = 450 };

struct guesses {
	struct guess_sent {
		uint64_t token;
		usec_t at;
		uint16_t port;
	} list[GUESSES_MAX]; /* a ring */
	unsigned next;
};

void guesses_note(struct guesses *g, usec_t now, uint64_t token,
    uint16_t port);

/* True if that token went to that port; at is when. It counts once. */
bool guesses_take(struct guesses *g, uint64_t token, uint16_t port,
    usec_t *at);

#endif
