/* What must hold in every world at every event. The first broken rule is
 * recorded with world_fail.
 *
 *   - a message is shown at most once, in order, unaltered, and only to whom it
 *     was sent; a delivered mark is true
 *   - no text is seen on any link
 *   - a server sends no more bytes to an address that has not proved itself
 *     than it got from there (three times as many if they were a session's)
 *   - a client sends nothing to anybody but the server (and its own router)
 *     before it has agreed to talk
 *   - everything has an end: acts of one wake-up, deadlines, tables */
#ifndef RULES_H
#define RULES_H

#include "sim.h"

struct rules *rules_new(struct sim *s);
void rules_free(struct rules *r);

/* An event of a user, before anything else is done with it. */
void rules_event(struct rules *r, struct user *u, const struct event *ev);

/* Bytes that a node sends, before they are on the way. */
void rules_act(struct rules *r, struct node *n, const struct act *act);

void rules_sent(struct rules *r, struct host *h, const struct pkt *p);
void rules_got(struct rules *r, struct host *h, const struct pkt *p);

/* After a wake-up. */
void rules_settled(struct rules *r, struct node *n);

/* Datagrams from that address were forged: it never proves itself. */
void rules_forged(struct rules *r, const struct addr *from);

#endif
