/* The event loop: descriptors, alarms, signals, and one turn a wake-up. The
 * only module that knows libev. All times are clock_now's, so that what was
 * due during sleep is due at once when the machine wakes.
 *
 * One wake-up: the clock is read once; ready descriptors and signals are
 * called, then the alarms that are due, then the turn; then it sleeps. */
#ifndef LOOP_H
#define LOOP_H

#include "core/usec.h"

#include <stdbool.h>

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_SIGNALS_MAX = 8,
	LOOP_WATCH_SIZE = 64, /* bytes of libev's part of a watch */
};

struct loop;

/* A descriptor that is watched, part of its owner's record. Whoever is called
 * may end the watch and free the record. */
struct watch {
	void (*ready)(struct watch *w, int events);
	struct loop *loop;  /* NULL while not watched */
	_Alignas(8) unsigned char io[LOOP_WATCH_SIZE];
};

/* Something to be done at a time, part of its owner's record. Zeroed it is
 * off. It goes off before fire is called, which may set it again. */
struct alarm {
	void (*fire)(struct alarm *a, usec_t now);
	usec_t at;
	struct loop *loop;  /* NULL while off */
	struct alarm *next;
};

/* NULL when the system refuses (errno says why). */
struct loop *loop_new(void);

/* Nothing may be watched any more. */
void loop_free(struct loop *l);

/* The time of this wake-up. */
usec_t loop_now(const struct loop *l);

/* Watches fd for events (LOOP_READ, LOOP_WRITE or both; 0: none for now), or
 * changes the events of a watch. w->ready is set by the owner. An error or a
 * hang-up counts as both events. */
void loop_watch(struct loop *l, struct watch *w, int fd, int events);
void loop_unwatch(struct watch *w);

/* Sets, moves or (USEC_NEVER) stops an alarm. a->fire is set by the owner. */
void loop_set(struct loop *l, struct alarm *a, usec_t at);

/* Calls heard for each signal that arrives, outside of the signal handler.
 * At most LOOP_SIGNALS_MAX signals. */
void loop_signal(struct loop *l, int signo,
    void (*heard)(void *ctx, int signo), void *ctx);

/* Called once a wake-up, last. True: there is more to do at once, look for
 * what is ready and come back without sleeping. */
void loop_on_turn(struct loop *l, bool (*turn)(void *ctx, usec_t now),
    void *ctx);

/* Called in every child process that does some work for us (child.h), before
 * it begins: to forget what it has no need of. */
void loop_on_fork(struct loop *l, void (*forked)(void *ctx), void *ctx);

/* In the child. */
void loop_forked(const struct loop *l);

/* Runs until loop_stop; the turn in which that is called is the last. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
