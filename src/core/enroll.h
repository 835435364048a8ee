/* Coming, being renamed, and going: what changes who is online and which name
 * belongs to which key. A new binding counts only once the store has it. */
#ifndef ENROLL_H
#define ENROLL_H

#include "hub.h"

/* The first DATA packet of a HALF member came from a path: its keys are
 * proved. It is LIVE afterwards, or SAVING, or gone if it cannot be had. */
void enroll_commit(struct server *s, usec_t now, uint32_t member,
    const struct place *from);

/* A heartbeat of a SAVING member, to be answered when it is LIVE. */
void enroll_wait(struct server *s, uint32_t member, uint32_t seq);

/* RENAME, to a name that is checked and in its normal form: a status, or
 * QUERY_LATER. */
int enroll_rename(struct server *s, usec_t now, struct query *c,
    const char *name);

/* HIDE: the others see a member leave, or arrive. */
void enroll_hide(struct server *s, usec_t now, uint32_t member, bool on);

/* The name may be given to others when its owner leaves. */
void enroll_release(struct server *s, uint32_t account);

/* The store has written, or has failed to write, a change. */
void enroll_saved(struct server *s, usec_t now, uint32_t id, int err,
    const char *why);

/* The member goes. Its account is offline then, unless it has registered anew
 * since. */
void enroll_leave(struct server *s, usec_t now, uint32_t member);

/* The member is reached over another path from now on. */
void enroll_move(struct server *s, usec_t now, uint32_t member,
    const struct place *to);

/* A stream was closed: the member that was reached over it waits for another
 * path. */
void enroll_unplug(struct server *s, uint32_t stream);

#endif
