/* The steps of portmap.h between its states: what is given, refused, lost, and
 * who is asked next. */
#ifndef PORTMAP_LEASE_H
#define PORTMAP_LEASE_H

#include "portmap.h"

bool portmap_has_lease(const struct portmap *p, enum portmap_port port);

/* Asks everybody, from the beginning. */
void portmap_begin_search(struct portmap *p, usec_t now);

/* Who is left to be asked? UPnP at once if it alone is; if nobody is, the
 * search is over. */
void portmap_conclude(struct portmap *p, usec_t now);

/* From now on this one is asked for both ports. */
void portmap_choose(struct portmap *p, usec_t now,
    enum mapping_protocol protocol);

/* NAT-PMP could: it waits a moment for PCP, which is richer, and which the same
 * router often speaks, too. */
void portmap_choose_pmp_soon(struct portmap *p, usec_t now);

/* There is no PCP to wait for. */
void portmap_pcp_is_out(struct portmap *p, usec_t now);

/* The router could, and does not; a pause is worth while before the next
 * search. */
void portmap_note_refusal(struct portmap *p, usec_t pause_us);

/* Can an external address be used by peers? */
bool portmap_is_useful(const struct portmap *p, const struct addr *external);

/* A lease was given or renewed. */
void portmap_give(struct portmap *p, usec_t now, enum portmap_port port,
    const struct addr *external, uint32_t lifetime_s);

/* A request for a lease was refused. What was given before stays until it
 * ends, and is asked for again: the router may not have started yet. */
void portmap_refuse(struct portmap *p, usec_t now, enum portmap_port port,
    usec_t pause_us);

/* The last request for a lease had no answer: there is either one that still
 * lasts, and is asked for again in the middle of its rest, or none. */
void portmap_unanswered(struct portmap *p, usec_t now,
    enum portmap_port port);

/* A lease is over. */
void portmap_end_lease(struct portmap *p, enum portmap_port port);

/* When a lease that lasts until then is to be renewed (RFC 6887 section
 * 11.2.1). */
usec_t portmap_half_of_rest(usec_t now, usec_t until);

#endif
