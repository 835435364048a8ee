#include "config.h"

#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

struct child {
	struct watch watch;
	struct alarm alarm;
	struct child_job job;
	pid_t pid;
	int fd;
	size_t len;
	uint8_t answer[CHILD_ANSWER_MAX];
};

/* ---- in the child ---- */

static void
close_from(int low)
{
#ifdef HAVE_CLOSE_RANGE
	if (close_range((unsigned int)low, ~0U, 0) == 0)
		return;
#endif
	for (int fd = low; fd < sysconf(_SC_OPEN_MAX); fd++)
		close(fd);
}

/* The parent's sockets would keep their ports, its locks their files. */
static void
close_others(int one, int other)
{
	const int high = one > other ? one : other;

	for (int fd = 3; fd < high; fd++)
		if (fd != one && fd != other)
			close(fd);
	close_from(high + 1);
}

static void
run_job(const struct loop *l, const struct child_job *job, int out)
{
	uint8_t answer[CHILD_ANSWER_MAX];
	size_t len, at = 0;

#ifdef HAVE_SYS_PRCTL_H
	if (!job->outlives)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	close_others(out, job->keep_fd);
	loop_forked(l);
	len = job->work(job->arg, answer);
	assert(len <= sizeof answer);
	while (at < len) {
		ssize_t n = write(out, answer + at, len - at);

		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			at += (size_t)n;
	}
	_exit(0);
}

/* ---- in the parent ---- */

static void
child_free(struct child *c)
{
	loop_set(c->watch.loop, &c->alarm, USEC_NEVER);
	loop_unwatch(&c->watch);
	close(c->fd);
	free(c);
}

void
child_cancel(struct child *c)
{
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	child_free(c);
}

void
child_abandon(struct child *c)
{
	child_free(c);
}

static void
finish(struct child *c, bool is_whole)
{
	const struct child_job job = c->job;
	uint8_t answer[CHILD_ANSWER_MAX];
	const size_t len = c->len;

	memcpy(answer, c->answer, len);
	child_cancel(c);
	job.done(job.ctx, is_whole ? answer : NULL, is_whole ? len : 0);
}

static void
out_of_time(struct alarm *a, usec_t now)
{
	struct child *c = (struct child *)((char *)a -
	    offsetof(struct child, alarm));

	(void)now;
	finish(c, false);
}

static void
child_ready(struct watch *w, int events)
{
	struct child *c = (struct child *)w;
	ssize_t n = read(c->fd, c->answer + c->len, sizeof c->answer - c->len);

	(void)events;
	if (n > 0)
		c->len += (size_t)n;
	else if (n == 0)
		finish(c, c->len > 0);
	else if (errno != EAGAIN && errno != EINTR)
		finish(c, false);
}

/* The child never takes a signal: the handlers are the parent's, and it is not
 * to be stopped halfway by what ends its parent. */
static pid_t
fork_quietly(void)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid != 0)
		sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

struct child *
child_start(struct loop *l, const struct child_job *job)
{
	struct child *c = calloc(1, sizeof *c);
	int ends[2];

	if (c == NULL)
		return NULL;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(c);
		return NULL;
	}
	c->pid = fork_quietly();
	if (c->pid == 0)
		run_job(l, job, ends[1]);
	close(ends[1]);
	if (c->pid < 0) {
		close(ends[0]);
		free(c);
		return NULL;
	}
	c->job = *job;
	c->fd = ends[0];
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->watch.ready = child_ready;
	c->alarm.fire = out_of_time;
	loop_watch(l, &c->watch, c->fd, LOOP_READ);
	if (job->limit != USEC_NEVER)
		loop_set(l, &c->alarm, loop_now(l) + job->limit);
	return c;
}
