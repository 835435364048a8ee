/* Between the two halves of link; nobody else includes it.
 *   link.c        keys and packets
 *   link_paths.c  which path is used, asked, lost */
#ifndef LINK_STATE_H
#define LINK_STATE_H

#include "link.h"

/* Moves to the best path, if that is another one. */
void link_choose(struct link *l, usec_t now);

/* When the path is to be asked again after a ping or a pong at now. */
usec_t link_next_ping(const struct link *l, struct self *self, usec_t now,
    const struct path *path);

#endif
