/* Log lines. The core writes, the edge adds the time and decides where they
 * go. err: the operator must act. warn: odd. info: one line per change of
 * state. debug: decisions. Never message text or keys; nothing per packet
 * above debug. */
#ifndef LOG_H
#define LOG_H

enum log_level {
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum { LOG_LINE_MAX = 512 };

/* A sink, owned by whoever made it. write gets one line of printable ASCII
 * without newline: bytes outside 0x20 to 0x7e arrive escaped as \xNN and a
 * backslash as two. */
struct log {
	void (*write)(void *ctx, enum log_level level, const char *line);
	void *ctx;
	enum log_level level; /* lines above are dropped */
};

/* A NULL log, or one without write, drops everything. */
void log_err(const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_debug(const struct log *log, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
