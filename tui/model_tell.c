#include "tui/model.h"

#include "face/say.h"

#include <string.h>

static bool
is_command(const char *s, size_t len)
{
	const char *names[COMMAND_MATCHES_MAX];
	size_t n = command_matches(s, len, names);

	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len)
			return true;
	return false;
}

/* The word at s, if it is a command in its whole length; else 0. */
static size_t
command_at(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= 'a' && s[n] <= 'z')
		n++;
	return n > 0 && is_command(s, n) ? n : 0;
}

/* Where a command may begin: after a quotation mark, and behind "Type: ". */
static bool
begins_command(const char *s, size_t len, size_t at)
{
	static const char type[] = "Type: ";
	size_t back = sizeof(type) - 1, n = command_at(s + at, len - at);
	char end = at + n < len ? s[at + n] : '\0';

	if (n == 0 || at == 0)
		return false;
	if (at >= back && memcmp(s + at - back, type, back) == 0)
		return true;
	return (s[at - 1] == '"' || s[at - 1] == '\'') &&
	    (end == ' ' || end == s[at - 1]);
}

void
model_slashes(struct str *out, const char *s, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		if (!begins_command(s, len, i))
			continue;
		str_put(out, s + from, i - from);
		str_puts(out, "/");
		from = i;
	}
	str_put(out, s + from, len - from);
}

static void
tell_line(struct model *m, struct chat *c, int64_t wall_s, const char *s,
    size_t len)
{
	enum entry_kind kind = ENTRY_MORE;
	struct str line = { 0 };

	if (len >= 2 && (s[0] == '*' || s[0] == '!') && s[1] == ' ') {
		kind = s[0] == '*' ? ENTRY_EVENT : ENTRY_ERROR;
	}
	if (len >= 2 && (kind != ENTRY_MORE || strncmp(s, "  ", 2) == 0)) {
		s += 2;
		len -= 2;
	}
	model_slashes(&line, s, len);
	if (line.s != NULL)
		model_say(m, c, wall_s, kind, line.s, line.len);
	str_fini(&line);
}

void
model_tell(struct model *m, struct chat *c, int64_t wall_s,
    const struct event *ev)
{
	struct say how = { 0 };
	struct str said = { 0 };
	size_t from = 0;

	say_event(&said, &how, ev);
	while (from < said.len) {
		const char *lf = memchr(said.s + from, '\n', said.len - from);
		size_t n = lf == NULL ? said.len - from :
		    (size_t)(lf - said.s) - from;

		tell_line(m, c, wall_s, said.s + from, n);
		from += n + 1;
	}
	str_fini(&said);
}

