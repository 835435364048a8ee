/* What a router says of itself: with each answer how old its tables are, and
 * to everybody, when it has started or has another address, that it has
 * (RFC 6886 section 3.2.1, RFC 6887 section 14.1). All of it is a hint, for
 * anybody nearby can say it in the router's name: a reason to ask once more
 * for what was given, now and then. */
#ifndef PORTMAP_HEAR_H
#define PORTMAP_HEAR_H

#include "portmap.h"

/* Opens the socket on which announcements arrive; it may fail. */
void portmap_open_ear(struct portmap *p, struct self *self);

/* A datagram on it. */
void portmap_hear(struct portmap *p, struct self *self, usec_t now,
    const struct input *in);

/* An answer said epoch_s, which means a restart or does not. */
void portmap_note_epoch(struct portmap *p, usec_t now, uint32_t epoch_s,
    bool has_restarted);

/* When p->anew_at has come. */
void portmap_ask_anew(struct portmap *p, usec_t now);

#endif
