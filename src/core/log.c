#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char cut_mark[] = "...";

/* Escapes raw into line; false if it had to be cut. */
static bool
escape(const char *raw, char line[static LOG_LINE_MAX])
{
	const size_t room = LOG_LINE_MAX - sizeof cut_mark;
	size_t n = 0;

	for (; *raw != '\0'; raw++) {
		unsigned char c = (unsigned char)*raw;
		char one[5] = { (char)c };

		if (c == '\\')
			strcpy(one, "\\\\");
		else if (c < 0x20 || c > 0x7e)
			snprintf(one, sizeof one, "\\x%02x", c);
		if (n + strlen(one) > room)
			break;
		memcpy(line + n, one, strlen(one));
		n += strlen(one);
	}
	line[n] = '\0';
	return *raw == '\0';
}

__attribute__((format(printf, 3, 0)))
static void
write_line(const struct log *log, enum log_level level, const char *fmt,
    va_list args)
{
	char raw[LOG_LINE_MAX], line[LOG_LINE_MAX];
	int len;

	if (log == NULL || log->write == NULL || level > log->level)
		return;
	len = vsnprintf(raw, sizeof raw, fmt, args);
	if (len < 0)
		return;
	if (!escape(raw, line) || len >= (int)sizeof raw)
		strcat(line, cut_mark);
	log->write(log->ctx, level, line);
}

void
log_err(const struct log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(log, LOG_LEVEL_ERR, fmt, args);
	va_end(args);
}

void
log_warn(const struct log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(log, LOG_LEVEL_WARN, fmt, args);
	va_end(args);
}

void
log_info(const struct log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(log, LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void
log_debug(const struct log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(log, LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
