#include "config.h"

#include "listen.h"

#include "sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define PAUSE (USEC_S / 2) /* without even a spare descriptor */

struct listener {
	struct watch watch;
	struct alarm resume;
	struct loop *loop;
	listen_accepted *accepted;
	void *ctx;
	int fd;
	int number;
	int spare_fd; /* given up to refuse what cannot be accepted */
	uint64_t refused;
};

static int
accept_one(int fd)
{
#ifdef HAVE_ACCEPT4
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
	int one = accept(fd, NULL, NULL);

	if (one >= 0) {
		fcntl(one, F_SETFD, FD_CLOEXEC);
		fcntl(one, F_SETFL, O_NONBLOCK);
	}
	return one;
#endif
}

static int
open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Without a descriptor a connection cannot be accepted, and the listener stays
 * ready for ever. So one that is kept for this is given up for a moment, and
 * the other side learns at once that there is no room. */
static void
refuse(struct listener *l)
{
	int fd;

	if (l->spare_fd >= 0) {
		close(l->spare_fd);
		fd = accept_one(l->fd);
		if (fd >= 0)
			close(fd);
		l->spare_fd = open_spare();
		l->refused++;
	}
	if (l->spare_fd >= 0)
		return;
	loop_watch(l->loop, &l->watch, l->fd, 0);
	loop_set(l->loop, &l->resume, loop_now(l->loop) + PAUSE);
}

static void
resume_listening(struct alarm *a, usec_t now)
{
	struct listener *l = (struct listener *)((char *)a -
	    offsetof(struct listener, resume));

	(void)now;
	if (l->spare_fd < 0)
		l->spare_fd = open_spare();
	loop_watch(l->loop, &l->watch, l->fd, LOOP_READ);
}

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

static void
listener_ready(struct watch *w, int events)
{
	struct listener *l = (struct listener *)w;

	(void)events;
	for (int i = 0; i < LISTEN_ACCEPT_MAX; i++) {
		int fd = accept_one(l->fd);

		if (fd >= 0) {
			l->accepted(l->ctx, l->number, fd);
		} else if (is_shortage(errno)) {
			refuse(l);
			return;
		} else if (errno == EAGAIN) {
			return;
		}
		/* Else it died while it waited: on to the next. */
	}
}

struct listener *
listener_new(struct loop *loop, int number, const struct addr *local,
    listen_accepted *accepted, void *ctx)
{
	struct listener *l;
	int fd, error;

	fd = sock_bound(SOCK_STREAM, local);
	if (fd < 0)
		return NULL;
	l = calloc(1, sizeof *l);
	if (l == NULL || listen(fd, LISTEN_BACKLOG) < 0) {
		error = errno;
		free(l);
		close(fd);
		errno = error;
		return NULL;
	}
	l->loop = loop;
	l->accepted = accepted;
	l->ctx = ctx;
	l->fd = fd;
	l->number = number;
	l->spare_fd = open_spare();
	l->watch.ready = listener_ready;
	l->resume.fire = resume_listening;
	loop_watch(loop, &l->watch, fd, LOOP_READ);
	return l;
}

void
listener_free(struct listener *l)
{
	loop_set(l->loop, &l->resume, USEC_NEVER);
	loop_unwatch(&l->watch);
	close(l->fd);
	if (l->spare_fd >= 0)
		close(l->spare_fd);
	free(l);
}

struct addr
listener_local(const struct listener *l)
{
	return sock_local(l->fd);
}

uint64_t
listener_refused(const struct listener *l)
{
	return l->refused;
}
