/* Host names to addresses, without waiting. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include "core/addr.h"
#include "core/limit.h"
#include "io/loop.h"

#define RESOLVE_LIMIT (10 * USEC_S)

struct resolve;

struct resolve_answer {
	int err;             /* 0, E_NONE (no such name), E_AGAIN (no way to
	                        anybody who could be asked), E_IO */
	char text[120];      /* why, for err != 0 */
	unsigned int count;
	struct addr addrs[RESOLVED_MAX]; /* in the order to try */
};

/* Looks up host in a child process, for RESOLVE_LIMIT at most. done is called
 * once. NULL and errno when there can be no child. */
struct resolve *resolve_start(struct loop *l, const char *host, uint16_t port,
    void (*done)(void *ctx, const struct resolve_answer *answer), void *ctx);
void resolve_cancel(struct resolve *r);

/* The same at once; it may take long. */
void resolve_now(const char *host, uint16_t port, struct resolve_answer *out);

#endif
