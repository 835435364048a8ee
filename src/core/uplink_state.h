/* Between the two halves of uplink; nobody else includes it.
 *   uplink.c       a session that works: heartbeats, calls, pushes
 *   uplink_join.c  on the way to one: finding, knocking, shaking hands
 *   uplink_look.c  how the server sees us */
#ifndef UPLINK_STATE_H
#define UPLINK_STATE_H

#include "uplink.h"

/* ---- uplink.c ---- */

/* News of that kind wait. */
void uplink_flag(struct uplink *u, enum news_kind kind);

/* There is no session any more; its keys are wiped. */
void uplink_drop_session(struct uplink *u);

/* Seals w's frames; sock -1: over UDP to to; SOCK_EXTRA and above: the same
 * from that socket, with that TTL; else on that stream. */
void uplink_seal(struct uplink *u, struct self *self, int sock,
    const struct addr *to, uint8_t ttl, const struct wr *w);

/* A heartbeat now. */
void uplink_beat(struct uplink *u, struct self *self, usec_t now);

/* ---- uplink_look.c ---- */

/* Whether UDP works after all; what we look like through the other family,
 * whose mapping that keeps. */
void uplink_test_udp(struct uplink *u, struct self *self, usec_t now);
void uplink_look_other(struct uplink *u, struct self *self, usec_t now);

/* ---- uplink_join.c ---- */

/* Begins to knock at u->addrs. */
void uplink_knock(struct uplink *u, struct self *self, usec_t now);

/* This attempt is over without a registration: again after a while. */
void uplink_wait(struct uplink *u, struct self *self, usec_t now,
    enum news_kind kind);
void uplink_close_tcp(struct uplink *u, struct self *self);
void uplink_cookie(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, bool is_tcp, struct rd r);
void uplink_accept(struct uplink *u, struct self *self, usec_t now,
    const struct addr *from, bool is_tcp, struct rd r);

/* u->next_at has come. */
void uplink_step(struct uplink *u, struct self *self, usec_t now);

#endif
