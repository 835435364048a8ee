#include "config.h"

#include "logsink.h"

#include "io/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *word;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERR] = { "error", LOG_ERR },
	[LOG_LEVEL_WARN] = { "warning", LOG_WARNING },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
};

static size_t
put_date(char *out, size_t cap)
{
	const uint64_t wall = clock_wall_us();
	const time_t seconds = (time_t)(wall / 1000000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(out, cap, "%Y-%m-%dT%H:%M:%S", &tm);
	return n + (size_t)snprintf(out + n, cap - n, ".%03dZ ",
	    (int)(wall / 1000 % 1000));
}

static void
put_line(struct logsink *s, enum log_level level, const char *line)
{
	char out[LOG_LINE_MAX + 64];
	size_t n = 0;
	ssize_t written;

	if (s->form == LOGSINK_SYSLOG) {
		syslog(levels[level].priority, "%s", line);
		return;
	}
	if (s->form == LOGSINK_CALL) {
		snprintf(out, sizeof out, "%s: %s", levels[level].word, line);
		s->take(s->take_ctx, out);
		return;
	}
	if (s->form == LOGSINK_DATED)
		n = put_date(out, sizeof out);
	if (s->form == LOGSINK_JOURNAL)
		n += (size_t)snprintf(out + n, sizeof out - n, "<%d>%s\n",
		    levels[level].priority, line);
	else
		n += (size_t)snprintf(out + n, sizeof out - n, "%s: %s\n",
		    levels[level].word, line);
	/* A log that cannot be written is nobody's to hear of. */
	written = write(s->fd, out, n);
	(void)written;
}

static void
write_line(void *ctx, enum log_level level, const char *line)
{
	const struct bucket_rate rate = { .per_s = LOGSINK_RATE,
		.burst = LOGSINK_RATE };
	struct logsink *s = ctx;
	char note[64];

	if (!bucket_take(&s->bucket, &rate, clock_now(), 1)) {
		s->left_out++;
		return;
	}
	if (s->left_out > 0) {
		snprintf(note, sizeof note, "%lu lines were left out",
		    s->left_out);
		s->left_out = 0;
		put_line(s, LOG_LEVEL_WARN, note);
	}
	put_line(s, level, line);
}

void
logsink_init(struct logsink *s, int fd, enum logsink_form form,
    enum log_level level)
{
	memset(s, 0, sizeof *s);
	s->log.write = write_line;
	s->log.ctx = s;
	s->log.level = level;
	s->fd = fd;
	s->form = form;
}

void
logsink_init_syslog(struct logsink *s, const char *name, enum log_level level)
{
	logsink_init(s, -1, LOGSINK_SYSLOG, level);
	openlog(name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
logsink_init_call(struct logsink *s, void (*take)(void *ctx, const char *line),
    void *ctx, enum log_level level)
{
	logsink_init(s, -1, LOGSINK_CALL, level);
	s->take = take;
	s->take_ctx = ctx;
}

/* systemd says which file the journal reads, so that a program whose standard
 * error was sent elsewhere can tell. */
enum logsink_form
logsink_form_of_stderr(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (s == NULL || sscanf(s, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &st) < 0)
		return LOGSINK_DATED;
	return st.st_dev == device && st.st_ino == inode ? LOGSINK_JOURNAL :
	    LOGSINK_DATED;
}
