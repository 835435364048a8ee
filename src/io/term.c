#include "config.h"

#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

enum { CRASHES = 5, WRITE_MAX = 4096 };

static const int crash_signals[CRASHES] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
};

static struct term *to_restore;
static struct sigaction crash_actions[CRASHES];

static void
restore_modes(struct term *t)
{
	const char *off = t->is_dumb ? "" : PASTE_OFF;

	/* Both calls may be made in a signal handler (POSIX.1-2017, 2.4.3). */
	if (write(t->fd, off, strlen(off)) < 0)
		errno = 0; /* there is nobody to tell */
	tcsetattr(t->fd, TCSANOW, &t->before);
	t->is_raw = false;
}

static void
crashed(int signo)
{
	if (to_restore != NULL && to_restore->is_raw)
		restore_modes(to_restore);
	for (int i = 0; i < CRASHES; i++)
		if (crash_signals[i] == signo)
			sigaction(signo, &crash_actions[i], NULL);
	raise(signo);
}

static void
at_exit(void)
{
	if (to_restore != NULL)
		term_restore(to_restore);
}

static void
watch_for_the_end(struct term *t)
{
	struct sigaction sa = { .sa_handler = crashed };
	static bool is_registered;

	to_restore = t;
	if (is_registered)
		return;
	is_registered = true;
	atexit(at_exit);
	sigemptyset(&sa.sa_mask);
	for (int i = 0; i < CRASHES; i++)
		sigaction(crash_signals[i], &sa, &crash_actions[i]);
}

static int
open_anew(void)
{
	const int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	const char *name = ttyname(STDIN_FILENO);
	int fd = name == NULL ? -1 : open(name, flags);

	return fd >= 0 ? fd : open("/dev/tty", flags);
}

static void
look_around(struct term *t)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	t->is_dumb = term == NULL || term[0] == '\0'
	    || strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0;
	t->has_color = !t->is_dumb && (no_color == NULL || *no_color == '\0');
	t->is_silent = (t->before.c_lflag & ECHO) == 0;
}

bool
term_open(struct term *t)
{
	memset(t, 0, sizeof(*t));
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	t->fd = open_anew();
	if (t->fd < 0) {
		t->fd = STDIN_FILENO;
		t->is_borrowed = true;
	}
	if (tcgetattr(t->fd, &t->before) != 0) {
		term_close(t);
		return false;
	}
	look_around(t);
	watch_for_the_end(t);
	return true;
}

void
term_close(struct term *t)
{
	term_restore(t);
	if (to_restore == t)
		to_restore = NULL;
	if (!t->is_borrowed)
		close(t->fd);
	t->fd = -1;
}

bool
term_is_ours(const struct term *t)
{
	const pid_t group = tcgetpgrp(t->fd);

	/* Where it is not our controlling terminal nobody else has it. */
	return group == getpgrp() || group < 0;
}

void
term_raw(struct term *t)
{
	struct termios raw = t->before;

	if (t->is_raw)
		return;
	/* Output stays as it is, and so does flow control. */
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | PARMRK);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* What was typed before belongs to us, too: nothing is flushed. */
	tcsetattr(t->fd, TCSADRAIN, &raw);
	t->is_raw = true;
	if (!t->is_dumb)
		term_write(t, PASTE_ON, strlen(PASTE_ON));
}

void
term_restore(struct term *t)
{
	if (t->is_raw)
		restore_modes(t);
}

void
term_size(const struct term *t, size_t *columns, size_t *rows)
{
	struct winsize size;

	*columns = *rows = 0;
	if (ioctl(t->fd, TIOCGWINSZ, &size) == 0) {
		*columns = size.ws_col;
		*rows = size.ws_row;
	}
}

static bool
is_ready(const struct term *t, short events)
{
	struct pollfd p = { .fd = t->fd, .events = events };

	return !t->is_borrowed || poll(&p, 1, 0) > 0;
}

int
term_read(struct term *t, void *buf, size_t cap)
{
	ssize_t n;

	if (!is_ready(t, POLLIN))
		return 0;
	n = read(t->fd, buf, cap);
	if (n > 0)
		return (int)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

int
term_write(struct term *t, const void *buf, size_t len)
{
	ssize_t n;

	if (len == 0 || !is_ready(t, POLLOUT))
		return 0;
	n = write(t->fd, buf, t->is_borrowed && len > WRITE_MAX
	    ? WRITE_MAX : len);
	if (n >= 0)
		return (int)n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

void
term_stop(struct term *t)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL }, ours;

	term_restore(t);
	sigemptyset(&by_default.sa_mask);
	sigaction(SIGTSTP, &by_default, &ours);
	kill(0, SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
}
