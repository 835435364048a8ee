/* What two clients want of each other: requests, answers, and the return to a
 * conversation. The calls are those of enum op in wire.h; each gives a status
 * and writes the body of the reply. */
#ifndef INTRODUCE_H
#define INTRODUCE_H

#include "hub.h"

int introduce_request(struct server *s, usec_t now, struct query *c);
int introduce_allow(struct server *s, usec_t now, struct query *c);
int introduce_deny(struct server *s, usec_t now, struct query *c);
int introduce_cancel(struct server *s, usec_t now, struct query *c);
int introduce_resume(struct server *s, usec_t now, struct query *c);
int introduce_leave(struct server *s, usec_t now, struct query *c);

/* The account is reached by a new session: what it was asked is said again,
 * since the one who heard it may be gone. */
void introduce_again(struct server *s, usec_t now, uint32_t account);

/* The account leaves: everybody who waits for it, or whom it asked, is told. */
void introduce_depart(struct server *s, usec_t now, uint32_t account);

#endif
