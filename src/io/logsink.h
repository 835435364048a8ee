/* Where log lines go: standard error, or syslog. At most LOGSINK_RATE lines a
 * second; those that were left out are counted in the next. */
#ifndef LOGSINK_H
#define LOGSINK_H

#include "core/bucket.h"
#include "core/log.h"

enum { LOGSINK_RATE = 10 };

struct logsink {
	struct log log; /* for whoever writes */
	enum logsink_form {
		LOGSINK_PLAIN,   /* level and line */
		LOGSINK_DATED,   /* with the time in front */
		LOGSINK_JOURNAL, /* "<6>" and line: the journal has the time */
		LOGSINK_SYSLOG,
		LOGSINK_CALL,
	} form;
	int fd;
	void (*take)(void *ctx, const char *line);
	void *take_ctx;
	struct bucket bucket;
	unsigned long left_out;
};

/* Lines go to a descriptor. */
void logsink_init(struct logsink *s, int fd, enum logsink_form form,
    enum log_level level);

/* Lines go to a function: level and line, without its end. */
void logsink_init_call(struct logsink *s,
    void (*take)(void *ctx, const char *line), void *ctx,
    enum log_level level);

/* The form for standard error: LOGSINK_JOURNAL where systemd reads it, else
 * LOGSINK_DATED. */
enum logsink_form logsink_form_of_stderr(void);

/* Lines go to syslog under this name, which is borrowed for ever. */
void logsink_init_syslog(struct logsink *s, const char *name,
    enum log_level level);

#endif
