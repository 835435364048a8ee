/* Work that may block, in a child process: the loop never waits. The child
 * has what the parent had in memory when it began, but for what loop_on_fork
 * says, and gives its answer through a pipe. */
#ifndef CHILD_H
#define CHILD_H

#include "io/loop.h"

#include <stddef.h>

enum { CHILD_ANSWER_MAX = 1024 };

struct child;

struct child_job {
	/* Runs in the child and returns its answer's length, at most
	 * CHILD_ANSWER_MAX. */
	size_t (*work)(void *arg, void *answer);
	void *arg;
	/* Called once in the parent: the whole answer, or NULL when there was
	 * none in time. The child is gone by then. */
	void (*done)(void *ctx, const void *answer, size_t len);
	void *ctx;
	usec_t limit;     /* then it is killed; USEC_NEVER: not */
	int keep_fd;      /* stays open in the child; -1: none does but 0-2 */
	bool outlives;    /* it ends its work when the parent dies */
};

/* NULL and errno when there can be no child. */
struct child *child_start(struct loop *l, const struct child_job *job);

/* Kills it; done is not called. */
void child_cancel(struct child *c);

/* Lets it end its work, whose answer nobody waits for. */
void child_abandon(struct child *c);

#endif
