/* The way in, for packets of strangers. The order of the checks is that of
 * their cost: form, cookie, rates, and only then a handshake. A HELLO leaves
 * nothing behind. An INIT that proves its address, and whose message 1 is
 * right, leaves a HALF member for a few seconds; its first DATA packet makes
 * it a real one (enroll.h). */
#ifndef GATE_H
#define GATE_H

#include "hub.h"

enum {
	GATE_HALF_PER_SITE = 8,
	GATE_RATE = 20,      /* handshakes a second from a site */
	GATE_BURST = 256,
};

bool halves_init(struct halves *h, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN]);
void halves_fini(struct halves *h);

void gate_hello(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len);
void gate_init(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len);

/* Forgets a HALF member and its handshake. */
void gate_drop(struct server *s, uint32_t member);

/* Forgets the handshake of a HALF member that is one no more. */
void gate_forget(struct server *s, uint32_t half);

/* Drops HALF members that have waited for too long. */
void gate_expire(struct server *s, usec_t now);

/* A name that nobody has: one like wanted, or a random one for NULL. False if
 * none was found. */
bool gate_free_name(struct server *s, const char *wanted,
    char out[static NAME_SIZE]);

/* STATUS_OK if a client with that account, or none (NOBODY), may register from
 * that address; else why not. */
uint8_t gate_room(const struct server *s, uint32_t account,
    const struct addr *from);

/* Takes what a new key, another name, or HIDE costs its site: conf.site_burst
 * of them at once, then one a second. False if it has to wait. */
bool gate_take_key(struct server *s, usec_t now, const struct addr *from);

/* True if the name is bound to nobody, or to somebody who lost it by not
 * using it. */
bool gate_is_free(const struct server *s, usec_t now, const char *name);

#endif
