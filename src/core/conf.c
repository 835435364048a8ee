#include "conf.h"

#include "addr.h"
#include "text.h"
#include "usec.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	QUOTE_MAX = 64,    /* bytes of a mistake that are shown */
	HELP_COLUMN = 26,
	HELP_SIZE = 80,
};

__attribute__((format(printf, 2, 3)))
static bool
fail(struct conf_error *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, args);
	va_end(args);
	return false;
}

static const char *
quote(struct slice s, char buf[static QUOTE_MAX])
{
	text_clean_line(s.p, s.len, buf, QUOTE_MAX);
	return buf;
}

static struct slice
trim(struct slice s)
{
	while (s.len > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Takes the digits at the beginning off s; false if there are none or too
 * many. */
static bool
take_number(struct slice *s, uint64_t *out)
{
	size_t i = 0;
	uint64_t v = 0;

	for (; i < s->len && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		if (v > UINT32_MAX)
			return false;
		v = v * 10 + (uint64_t)(s->p[i] - '0');
	}
	s->p += i;
	s->len -= i;
	*out = v;
	return i > 0;
}

static bool
set_bool(const struct conf_option *o, struct slice value, bool *field,
    struct conf_error *err)
{
	char buf[QUOTE_MAX];
	bool yes = slice_is(&value, "yes") || slice_is(&value, "true") ||
	    slice_is(&value, "on");

	if (!yes && !slice_is(&value, "no") && !slice_is(&value, "false") &&
	    !slice_is(&value, "off"))
		return fail(err, "%s must be yes or no, not \"%s\"", o->name,
		    quote(value, buf));
	*field = yes;
	return true;
}

static bool
set_number(const struct conf_option *o, struct slice value, uint32_t high,
    uint32_t *field, struct conf_error *err)
{
	struct slice rest = value;
	char buf[QUOTE_MAX];
	uint64_t v;

	if (!take_number(&rest, &v) || rest.len > 0 || v < o->low || v > high)
		return fail(err, "%s must be a number from %u to %u, not "
		    "\"%s\"", o->name, (unsigned)o->low, (unsigned)high,
		    quote(value, buf));
	*field = (uint32_t)v;
	return true;
}

static bool
is_text(struct slice value)
{
	for (size_t i = 0; i < value.len;) {
		uint32_t cp;

		i += text_decode((const uint8_t *)value.p + i, value.len - i,
		    &cp);
		if (text_kind(cp) <= TEXT_BREAK)
			return false;
	}
	return text_is_utf8(value.p, value.len);
}

static bool
set_string(const struct conf_option *o, struct slice value, char *field,
    struct conf_error *err)
{
	if (!is_text(value))
		return fail(err, "%s must be UTF-8 text without control "
		    "characters", o->name);
	if (value.len < o->low || value.len > o->high)
		return fail(err, "%s must have %u to %u bytes, not %zu",
		    o->name, (unsigned)o->low, (unsigned)o->high, value.len);
	memcpy(field, value.p, value.len);
	field[value.len] = '\0';
	return true;
}

static bool
set_host(const struct conf_option *o, struct slice value,
    struct conf_host *field, struct conf_error *err)
{
	char whole[HOST_SIZE + 8], buf[QUOTE_MAX];
	struct conf_host host;
	bool ok = value.len < sizeof whole && is_text(value) &&
	    memchr(value.p, ' ', value.len) == NULL;

	if (ok) {
		memcpy(whole, value.p, value.len);
		whole[value.len] = '\0';
		ok = addr_split(whole, (uint16_t)o->low, host.name,
		    sizeof host.name, &host.port);
	}
	if (!ok)
		return fail(err, "%s must be HOST or HOST:PORT, an IPv6 "
		    "address with a port as [2001:db8::1]:%u, not \"%s\"",
		    o->name, (unsigned)o->low, quote(value, buf));
	*field = host;
	return true;
}

static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

enum { UNIT_COUNT = sizeof units / sizeof *units };

/* With the largest unit that divides it. */
static const char *
duration_text(uint32_t ms, char buf[static QUOTE_MAX])
{
	size_t i = 0;

	while (ms % units[i].ms != 0)
		i++;
	if (ms == 0)
		return "0";
	snprintf(buf, QUOTE_MAX, "%u%s", (unsigned)(ms / units[i].ms),
	    units[i].name);
	return buf;
}

static bool
set_duration(const struct conf_option *o, struct slice value, usec_t *field,
    struct conf_error *err)
{
	char low[QUOTE_MAX], high[QUOTE_MAX], buf[QUOTE_MAX];
	struct slice unit = value;
	uint64_t v, ms = 0;
	bool ok = take_number(&unit, &v);

	if (unit.len == 0)
		ms = 1000;
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (slice_is(&unit, units[i].name))
			ms = units[i].ms;
	if (!ok || ms == 0 || v * ms < o->low || v * ms > o->high)
		return fail(err, "%s must be a time from %s to %s, like 500ms, "
		    "30s, 5m or 2h, not \"%s\"", o->name,
		    duration_text(o->low, low), duration_text(o->high, high),
		    quote(value, buf));
	*field = v * ms * USEC_MS;
	return true;
}

bool
conf_set(const struct conf_option *option, struct slice value, void *conf,
    struct conf_error *err)
{
	void *field = (char *)conf + option->offset;
	uint32_t port;

	err->line = 0;
	switch (option->type) {
	case CONF_BOOL:
		return set_bool(option, value, field, err);
	case CONF_PORT:
		if (!set_number(option, value, UINT16_MAX, &port, err))
			return false;
		*(uint16_t *)field = (uint16_t)port;
		return true;
	case CONF_NUMBER:
		return set_number(option, value, option->high, field, err);
	case CONF_STRING:
		return set_string(option, value, field, err);
	case CONF_HOST:
		return set_host(option, value, field, err);
	case CONF_DURATION:
		return set_duration(option, value, field, err);
	}
	assert(!"not a type");
}

const struct conf_option *
conf_find(const struct conf_option *table, struct slice name)
{
	for (; table->name != NULL; table++)
		if (slice_is(&name, table->name))
			return table;
	return NULL;
}

void
conf_unknown(const struct conf_option *table, enum conf_place place,
    struct slice name, struct conf_error *err)
{
	const bool in_file = place == CONF_IN_FILE;
	const char *what = in_file ? "setting \"" : "option \"--";
	const struct conf_option *best = NULL;
	size_t best_edits = name.len < 4 ? 2 : 3;
	char buf[QUOTE_MAX];

	for (; table->name != NULL; table++) {
		size_t edits = slice_edits(name, (struct slice){ table->name,
			strlen(table->name) });

		if ((table->place & place) != 0 && edits < best_edits) {
			best = table;
			best_edits = edits;
		}
	}
	quote(name, buf);
	if (best != NULL)
		fail(err, "there is no %s%s\"; did you mean \"%s%s\"?", what,
		    buf, in_file ? "" : "--", best->name);
	else
		fail(err, "there is no %s%s\"; %s", what, buf, in_file ?
		    "the manual page lists all" : "--help lists all");
}

/* Cuts a comment that follows a blank off the line. */
static struct slice
without_comment(struct slice line)
{
	for (size_t i = 1; i < line.len; i++)
		if (line.p[i] == '#' &&
		    (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			line.len = i;
	return line;
}

/* One line that is not empty. seen has the lines of earlier keys. */
static bool
read_line(const struct conf_option *table, struct slice line, void *conf,
    uint32_t number, uint32_t seen[static CONF_OPTIONS_MAX],
    struct conf_error *err)
{
	const char *equals = memchr(line.p, '=', line.len);
	const struct conf_option *option;
	struct slice key, value;
	char buf[QUOTE_MAX];
	bool ok;

	if (equals == NULL)
		return fail(err, "\"%s\" is no setting; write KEY = VALUE",
		    quote(trim(line), buf));
	key = trim((struct slice){ line.p, (size_t)(equals - line.p) });
	value = trim((struct slice){ equals + 1,
		line.len - (size_t)(equals + 1 - line.p) });
	option = conf_find(table, key);
	if (option == NULL || (option->place & CONF_IN_FILE) == 0) {
		conf_unknown(table, CONF_IN_FILE, key, err);
		return false;
	}
	assert(option - table < CONF_OPTIONS_MAX);
	if (seen[option - table] != 0)
		return fail(err, "%s was set in line %u already; remove one "
		    "of the lines", option->name,
		    (unsigned)seen[option - table]);
	if (value.len == 0)
		return fail(err, "%s has no value; remove the line for the "
		    "default", option->name);
	ok = conf_set(option, value, conf, err);
	seen[option - table] = number;
	return ok;
}

bool
conf_read(const struct conf_option *table, const char *text, size_t len,
    void *conf, struct conf_error *err)
{
	uint32_t seen[CONF_OPTIONS_MAX] = { 0 };
	struct lines lines = lines_of(text, len);
	struct slice line;

	while (lines_next(&lines, &line)) {
		if (line_is_empty(&line) || line_is_comment(&line))
			continue;
		if (!read_line(table, without_comment(line), conf,
		    lines.number, seen, err)) {
			err->line = lines.number;
			return false;
		}
	}
	return true;
}

static int
help_line(const struct conf_option *o, char line[static HELP_SIZE * 2])
{
	char left[HELP_SIZE], letter[4] = "   ";
	const char *arg = o->arg != NULL ? o->arg : "";
	const bool is_bool = o->type == CONF_BOOL;

	if (o->letter != 0)
		snprintf(letter, sizeof letter, "-%c,", o->letter);
	snprintf(left, sizeof left, "  %s --%s%s%s%s", letter,
	    is_bool ? arg : "", o->name, is_bool ? "" : " ",
	    is_bool ? "" : arg);
	if (strlen(left) > HELP_COLUMN - 2)
		return snprintf(line, HELP_SIZE * 2, "%s\n%*s%s\n", left,
		    HELP_COLUMN, "", o->help);
	return snprintf(line, HELP_SIZE * 2, "%-*s%s\n", HELP_COLUMN, left,
	    o->help);
}

size_t
conf_help(const struct conf_option *table, char *out, size_t cap)
{
	char line[HELP_SIZE * 2];
	size_t n = 0;

	assert(cap > 0);
	out[0] = '\0';
	for (; table->name != NULL; table++) {
		int len;

		if ((table->place & CONF_IN_OPTIONS) == 0)
			continue;
		len = help_line(table, line);
		assert(len > 0 && (size_t)len < sizeof line);
		if (n < cap)
			snprintf(out + n, cap - n, "%s", line);
		n += (size_t)len;
	}
	return n;
}
