#include "config.h"

#include "loop.h"

#include "clock.h"

#include <assert.h>
#include <ev.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef HAVE_TIMERFD_CREATE
#include <sys/timerfd.h>
#endif

_Static_assert(sizeof(ev_io) <= LOOP_WATCH_SIZE && _Alignof(ev_io) <= 8,
    "a watch has room for libev's part");

enum { LOOP_DESCRIPTORS = 4 }; /* of its own */

struct loop {
	struct ev_loop *ev;
	ev_prepare before_sleep;
	ev_check after_sleep;
	ev_idle awake; /* active while there is more to do */
	ev_timer timer;
	ev_io timer_io;
	int timer_fd;  /* -1: timer is used */
	usec_t armed;  /* when the timer wakes us */
	usec_t now;
	struct alarm *alarms; /* few: a list does */
	struct alarm *due;    /* those that go off in this wake-up */
	bool (*turn)(void *ctx, usec_t now);
	void *turn_ctx;
	void (*forked)(void *ctx);
	void *forked_ctx;
	struct heard {
		ev_signal watcher;
		void (*heard)(void *ctx, int signo);
		void *ctx;
	} signals[LOOP_SIGNALS_MAX];
	int signals_count;
	bool is_stopped;
};

/* ---- the timer ---- */

#ifdef HAVE_TIMERFD_CREATE

/* libev sleeps by CLOCK_MONOTONIC, which stands still while the machine does:
 * a heartbeat that was due at wake-up would come late by the length of the
 * sleep. A descriptor of CLOCK_BOOTTIME does not. */
static void
open_timer(struct loop *l)
{
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME,
	    TFD_NONBLOCK | TFD_CLOEXEC);
}

static void
arm_timer_fd(struct loop *l, usec_t at)
{
	struct itimerspec when = { 0 };

	if (at != USEC_NEVER) {
		when.it_value.tv_sec = (time_t)(at / USEC_S);
		/* All zeros would mean off. */
		when.it_value.tv_nsec = (long)(at % USEC_S * 1000 + 1);
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

#else

static void
open_timer(struct loop *l)
{
	l->timer_fd = -1;
}

static void
arm_timer_fd(struct loop *l, usec_t at)
{
	(void)l;
	(void)at;
}

#endif

/* Without such a descriptor the clock is looked at again every so often. */
static void
arm_ev_timer(struct loop *l, usec_t at)
{
	const usec_t at_most = 2 * USEC_S;
	usec_t wait = at > l->now ? at - l->now : 0;

	l->timer.repeat = (double)usec_min(wait, at_most) / 1e6 + 1e-6;
	if (at == USEC_NEVER)
		ev_timer_stop(l->ev, &l->timer);
	else
		ev_timer_again(l->ev, &l->timer);
}

/* A timer that is set too early costs one empty wake-up, moving it costs a
 * system call: deadlines that only move away, as most do, cost neither. */
static void
arm_timer(struct loop *l, usec_t at)
{
	if (l->timer_fd < 0) {
		arm_ev_timer(l, at);
		return;
	}
	if (at >= l->armed && l->armed > l->now)
		return;
	if (at == l->armed)
		return;
	arm_timer_fd(l, at);
	l->armed = at;
}

/* ---- alarms ---- */

static bool
unlink_from(struct alarm **list, const struct alarm *a)
{
	while (*list != NULL && *list != a)
		list = &(*list)->next;
	if (*list == NULL)
		return false;
	*list = a->next;
	return true;
}

void
loop_set(struct loop *l, struct alarm *a, usec_t at)
{
	assert(a->fire != NULL);
	assert(a->loop == NULL || a->loop == l);
	if (a->loop != NULL && !unlink_from(&l->alarms, a))
		unlink_from(&l->due, a);
	a->loop = NULL;
	if (at == USEC_NEVER)
		return;
	a->at = at;
	a->loop = l;
	a->next = l->alarms;
	l->alarms = a;
}

static struct alarm *
first_of(struct alarm *list)
{
	struct alarm *first = list;

	for (; list != NULL; list = list->next)
		if (list->at < first->at)
			first = list;
	return first;
}

/* Those that are due are set aside first: an alarm that sets itself for now
 * waits for the next wake-up. */
static void
fire_alarms(struct loop *l)
{
	struct alarm *a;

	while ((a = first_of(l->alarms)) != NULL && a->at <= l->now) {
		unlink_from(&l->alarms, a);
		a->next = l->due;
		l->due = a;
	}
	while ((a = first_of(l->due)) != NULL) {
		unlink_from(&l->due, a);
		a->loop = NULL;
		a->fire(a, l->now);
	}
}

/* ---- wake-ups ---- */

static void
woke_up(struct ev_loop *ev, ev_check *w, int revents)
{
	struct loop *l = ev_userdata(ev);

	(void)w;
	(void)revents;
	l->now = clock_now();
}

static void
before_sleep(struct ev_loop *ev, ev_prepare *w, int revents)
{
	struct loop *l = ev_userdata(ev);
	bool has_more = false;
	struct alarm *a;

	(void)w;
	(void)revents;
	fire_alarms(l);
	if (l->turn != NULL)
		has_more = l->turn(l->turn_ctx, l->now);
	if (l->is_stopped)
		ev_break(ev, EVBREAK_ALL);
	else if (has_more)
		ev_idle_start(ev, &l->awake);
	else
		ev_idle_stop(ev, &l->awake);
	a = first_of(l->alarms);
	arm_timer(l, a != NULL ? a->at : USEC_NEVER);
}

/* Being awake is all that they are for. */
static void
nothing_idle(struct ev_loop *ev, ev_idle *w, int revents)
{
	(void)ev;
	(void)w;
	(void)revents;
}

static void
nothing_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
	(void)ev;
	(void)w;
	(void)revents;
}

static void
nothing_io(struct ev_loop *ev, ev_io *w, int revents)
{
	(void)ev;
	(void)w;
	(void)revents;
}

void
loop_on_turn(struct loop *l, bool (*on_turn)(void *ctx, usec_t now), void *ctx)
{
	l->turn = on_turn;
	l->turn_ctx = ctx;
}

void
loop_on_fork(struct loop *l, void (*forked)(void *ctx), void *ctx)
{
	l->forked = forked;
	l->forked_ctx = ctx;
}

void
loop_forked(const struct loop *l)
{
	if (l->forked != NULL)
		l->forked(l->forked_ctx);
}

usec_t
loop_now(const struct loop *l)
{
	return l->now;
}

void
loop_run(struct loop *l)
{
	l->is_stopped = false;
	l->now = clock_now();
	ev_run(l->ev, 0);
}

void
loop_stop(struct loop *l)
{
	l->is_stopped = true;
}

/* ---- descriptors ---- */

static struct watch *
watch_of(ev_io *io)
{
	return (struct watch *)((char *)io - offsetof(struct watch, io));
}

static void
is_ready(struct ev_loop *ev, ev_io *io, int revents)
{
	struct watch *w = watch_of(io);

	(void)ev;
	w->ready(w, (revents & EV_READ ? LOOP_READ : 0) |
	    (revents & EV_WRITE ? LOOP_WRITE : 0));
}

void
loop_watch(struct loop *l, struct watch *w, int fd, int events)
{
	ev_io *io = (ev_io *)w->io;
	const int wanted = (events & LOOP_READ ? EV_READ : 0) |
	    (events & LOOP_WRITE ? EV_WRITE : 0);

	assert(w->ready != NULL);
	if (w->loop == NULL)
		ev_io_init(io, is_ready, fd, wanted);
	else if (io->fd == fd && (io->events & (EV_READ | EV_WRITE)) == wanted)
		return;
	w->loop = l;
	ev_io_stop(l->ev, io);
	ev_io_set(io, fd, wanted);
	if (wanted != 0)
		ev_io_start(l->ev, io);
}

void
loop_unwatch(struct watch *w)
{
	if (w->loop == NULL)
		return;
	ev_io_stop(w->loop->ev, (ev_io *)w->io);
	w->loop = NULL;
}

/* ---- signals ---- */

static void
was_signalled(struct ev_loop *ev, ev_signal *w, int revents)
{
	struct heard *h = (struct heard *)w;

	(void)ev;
	(void)revents;
	h->heard(h->ctx, w->signum);
}

void
loop_signal(struct loop *l, int signo, void (*heard)(void *ctx, int signo),
    void *ctx)
{
	struct heard *h = &l->signals[l->signals_count++];

	assert(l->signals_count <= LOOP_SIGNALS_MAX);
	h->heard = heard;
	h->ctx = ctx;
	ev_signal_init(&h->watcher, was_signalled, signo);
	ev_signal_start(l->ev, &h->watcher);
}

/* ---- beginning and end ---- */

static void
start(struct loop *l)
{
	ev_set_userdata(l->ev, l);
	ev_prepare_init(&l->before_sleep, before_sleep);
	ev_prepare_start(l->ev, &l->before_sleep);
	ev_check_init(&l->after_sleep, woke_up);
	/* Before everybody else reads the time. */
	ev_set_priority(&l->after_sleep, EV_MAXPRI);
	ev_check_start(l->ev, &l->after_sleep);
	ev_idle_init(&l->awake, nothing_idle);
	ev_timer_init(&l->timer, nothing_timer, 0., 0.);
	open_timer(l);
	ev_io_init(&l->timer_io, nothing_io, l->timer_fd, EV_READ);
	if (l->timer_fd >= 0)
		ev_io_start(l->ev, &l->timer_io);
}

/* libev does not fail where it has no descriptors for itself: it aborts. */
static bool
has_descriptors(void)
{
	int fds[LOOP_DESCRIPTORS], n = 0;

	while (n < LOOP_DESCRIPTORS && (fds[n] = dup(STDERR_FILENO)) >= 0)
		n++;
	for (int i = 0; i < n; i++)
		close(fds[i]);
	return n == LOOP_DESCRIPTORS;
}

struct loop *
loop_new(void)
{
	struct loop *l;

	if (!has_descriptors())
		return NULL;
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->armed = USEC_NEVER;
	l->now = clock_now();
	l->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (l->ev == NULL) {
		free(l);
		return NULL;
	}
	start(l);
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	for (int i = 0; i < l->signals_count; i++)
		ev_signal_stop(l->ev, &l->signals[i].watcher);
	ev_loop_destroy(l->ev);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	free(l);
}
