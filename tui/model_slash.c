#include "tui/model.h"

#include "core/lines.h"
#include "core/name.h"

#include <stdio.h>
#include <string.h>

/* ---- a line with a slash ---- */

struct found {
	const struct local *local;
	bool is_engine;
	size_t count;      /* of names that begin so */
	char names[128];
};

static void
add_name(struct found *f, const char *name)
{
	size_t len = strlen(f->names);

	snprintf(f->names + len, sizeof(f->names) - len, "%s/%s",
	    len == 0 ? "" : " ", name);
	f->count++;
}

/* What other clients call them. */
static const char *
our_word(const char *word, size_t *len)
{
	static const char *const words[][2] = {
		{ "buffer", "go" }, { "lastlog", "search" },
		{ "part", "close" }, { "wc", "close" }, { "window", "go" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i][0]) != *len ||
		    memcmp(words[i][0], word, *len) != 0)
			continue;
		*len = strlen(words[i][1]);
		return words[i][1];
	}
	return word;
}

static struct found
look_up(const char *word, size_t len)
{
	const char *names[COMMAND_MATCHES_MAX];
	size_t count, local_count;
	struct found f = { 0 };
	const struct local *locals = model_locals(&local_count);

	word = our_word(word, &len);
	count = command_matches(word, len, names);
	for (size_t i = 0; i < count; i++) {
		if (strlen(names[i]) == len)
			return (struct found){ .is_engine = true, .count = 1 };
		f.is_engine = true;
		add_name(&f, names[i]);
	}
	for (size_t i = 0; i < local_count; i++) {
		if (strncmp(locals[i].name, word, len) != 0)
			continue;
		f.local = &locals[i];
		if (strlen(locals[i].name) == len)
			return (struct found){ .local = f.local, .count = 1 };
		add_name(&f, locals[i].name);
	}
	return f;
}

/* The conversation that a command is about is the one that is shown. */
static void
fill_name(struct model *m, struct command *cmd)
{
	const struct chat *c = model_shown(m);

	if (cmd->name[0] != '\0' || m->shown == 0)
		return;
	switch (cmd->id) {
	case COMMAND_MSG:
	case COMMAND_TCP:
	case COMMAND_UDP:
	case COMMAND_DISCONNECT:
	case COMMAND_WHY:
	case COMMAND_VERIFY:
	case COMMAND_CONNECT:
		memcpy(cmd->name, c->name, NAME_SIZE);
		break;
	default:
		break;
	}
}

static void
answer_wish(struct model *m, usec_t now, const struct command *cmd)
{
	const struct wish *w = model_wish(m, cmd->name);

	if (w == NULL)
		return;
	if (cmd->id == COMMAND_ALLOW) {
		if (w->key_changed)
			return;
		model_allowed(m, now, cmd->name);
	}
	model_drop_wish(m, now, cmd->name);
}

/* "/verify [NAME] qr" is "/verify [NAME]" in another form. */
static bool
ends_in_qr(const char *line, size_t *len)
{
	static const char verb[] = "/verify ";
	size_t n = *len;

	while (n > 0 && line[n - 1] == ' ')
		n--;
	if (n < sizeof(verb) + 1 || memcmp(line, verb, sizeof(verb) - 1) != 0 ||
	    memcmp(line + n - 3, " qr", 3) != 0)
		return false;
	*len = n - 3;
	return true;
}

static bool
run_engine(struct model *m, usec_t now, struct command *cmd)
{
	fill_name(m, cmd);
	switch (cmd->id) {
	case COMMAND_HELP:
		model_help(m, command_name(cmd->topic),
		    strlen(command_name(cmd->topic)));
		return true;
	case COMMAND_EXIT:
		return model_leave(m, now);
	case COMMAND_CONNECT:
		model_take(m);
		model_connect(m, now, cmd->name);
		return true;
	case COMMAND_VERIFY:
		m->number_as_qr &= cmd->answer == ANSWER_NONE;
		break;
	case COMMAND_ALLOW:
	case COMMAND_DENY:
	case COMMAND_BLOCK:
		model_command(m, cmd);
		answer_wish(m, now, cmd);
		return true;
	default:
		break;
	}
	model_command(m, cmd);
	return true;
}

/* A command of the screen's own that was meant, perhaps. */
static const char *
similar(const char *word, size_t len)
{
	const struct slice w = { word, len };
	const char *best = NULL;
	size_t count, best_edits = len < 4 ? 2 : 3;
	const struct local *l = model_locals(&count);

	for (size_t i = 0; i < count; i++) {
		size_t edits = slice_edits(w, (struct slice){ l[i].name,
		    strlen(l[i].name) });

		if (edits >= best_edits)
			continue;
		best = l[i].name;
		best_edits = edits;
	}
	return best;
}

static void
tell_mistake(struct model *m, const char *word, size_t len,
    const struct command_error *err)
{
	const char *meant = strcmp(err->code, "unknown-command") == 0 &&
	    strstr(err->text, "did you mean") == NULL ? similar(word, len) :
	    NULL;
	struct str text = { 0 };

	model_slashes(&text, err->text, strlen(err->text));
	if (meant != NULL)
		model_hint(m, "There is no such command; did you mean "
		    "\"/%s\"?", meant);
	else
		model_hint(m, "%s", str_text(&text));
	str_fini(&text);
}

static bool
is_somebody(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->folk_count; i++)
		if (name_same(m->folks[i].name, name))
			return true;
	return model_find(m, name) != NULL;
}

/* On IRC "/msg NAME TEXT" goes to NAME, here to who is shown: what begins with
 * the name of another is asked about before it goes to the wrong one. */
static bool
is_for_another(struct model *m, const struct command *cmd)
{
	const struct chat *c = model_shown(m);
	char first[NAME_SIZE];
	size_t len = 0;

	while (len < cmd->len && cmd->text[len] != ' ')
		len++;
	if (m->guard || cmd->id != COMMAND_MSG || cmd->name[0] != '\0' ||
	    m->shown == 0 || len == cmd->len || len >= sizeof(first))
		return false;
	snprintf(first, sizeof(first), "%.*s", (int)len, cmd->text);
	if (name_same(first, c->name) || !is_somebody(m, first))
		return false;
	m->guard = true;
	model_hint(m, "Send this to %s? Enter does; \"/msg @%s ...\" goes to "
	    "%s", c->name, first, first);
	return true;
}

/* "/allow" and "/deny" without a name mean whoever was on the bar when they
 * were begun, and not somebody who came meanwhile, or comes before the command
 * is carried out: the engine is told who. False: m->hint says why not. */
static bool
fill_wish(struct model *m, struct command *cmd)
{
	const char *name = m->wishes[0].name, *verb = command_name(cmd->id);

	if ((cmd->id != COMMAND_ALLOW && cmd->id != COMMAND_DENY) ||
	    cmd->name[0] != '\0')
		return true;
	if (m->wish_count == 0)
		model_hint(m, "Nobody is asking");
	else if (m->wish_count > 1)
		model_hint(m, "More than one is asking: /%s NAME", verb);
	else if (edit_is_hasty(m->edit.began_at, m->wish_shown_at))
		model_hint(m, "%s has asked just now: \"/%s %s\", if that is "
		    "whom you mean", name, verb, name);
	else
		memcpy(cmd->name, name, NAME_SIZE);
	return cmd->name[0] != '\0';
}

bool
model_slash(struct model *m, usec_t now, int64_t wall_s, const char *line,
    size_t len)
{
	const char *word = line + 1, *arg;
	size_t n = 0;
	struct command_error err;
	struct command cmd;
	struct found f;

	while (n + 1 < len && word[n] != ' ' && word[n] != '\n')
		n++;
	f = look_up(word, n);
	if (n > 0 && f.count > 1) {
		model_hint(m, "%s: which one?", f.names);
		return false;
	}
	if (n > 0 && f.local != NULL && !f.is_engine) {
		for (arg = word + n; *arg == ' '; arg++)
			;
		return f.local->run(m, now, wall_s, arg,
		    len - (size_t)(arg - line));
	}
	if (strncmp(word, "help ", 5) == 0 && (model_has_topic(word + 5,
	    len - 6) || look_up(word + 5, len - 6).local != NULL)) {
		model_help(m, word + 5, len - 6);
		return true;
	}
	m->number_as_qr = false;
	if (ends_in_qr(line, &len) && !model_ask_qr(m))
		return false;
	if (!command_parse(line, len, &cmd, &err)) {
		tell_mistake(m, word, n, &err);
		return false;
	}
	if (cmd.id == COMMAND_NONE || is_for_another(m, &cmd) ||
	    !fill_wish(m, &cmd))
		return false;
	return run_engine(m, now, &cmd);
}

/* ---- completion ---- */

static bool
begins(const char *name, const char *prefix)
{
	char fold[NAME_FOLD_SIZE], start[NAME_FOLD_SIZE];
	size_t len = name_fold(prefix, start);

	name_fold(name, fold);
	return strncmp(fold, start, len) == 0;
}

static size_t
add_choice(const char **texts, size_t n, const char *name, const char *prefix)
{
	if (n == CHOICES_MAX || name[0] == '\0' || !begins(name, prefix))
		return n;
	for (size_t i = 0; i < n; i++)
		if (strcmp(texts[i], name) == 0)
			return n;
	texts[n] = name;
	return n + 1;
}

/* Those who wait for an answer first, then chats, then all who are there. */
static size_t
names_with(struct model *m, const char *prefix, const char **texts)
{
	size_t n = 0;

	for (size_t i = 0; i < m->wish_count; i++)
		n = add_choice(texts, n, m->wishes[i].name, prefix);
	for (int i = 1; i < MODEL_CHATS_MAX; i++)
		if (m->chats[i] != NULL)
			n = add_choice(texts, n, m->chats[i]->name, prefix);
	for (size_t i = 0; i < m->folk_count; i++)
		n = add_choice(texts, n, m->folks[i].name, prefix);
	return n;
}

static size_t
commands_with(const char *prefix, const char **texts)
{
	size_t len = strlen(prefix), n = command_matches(prefix, len, texts);
	size_t count;
	const struct local *locals = model_locals(&count);

	for (size_t i = 0; i < count && n < CHOICES_MAX; i++)
		if (strncmp(locals[i].name, prefix, len) == 0)
			texts[n++] = locals[i].name;
	return n;
}

static size_t
answers_with(const char *prefix, const char **texts)
{
	static const char *const answers[] = { "yes", "no", "qr" };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		if (strncmp(answers[i], prefix, strlen(prefix)) == 0)
			texts[n++] = answers[i];
	return n;
}

/* Settings and their words, for "/set", "/theme" and the like. */
static size_t
words_with(enum pref pref, const char *prefix, const char **texts)
{
	const char *const *words = prefs_words(pref);
	size_t n = 0;

	for (size_t i = 0; words[i] != NULL; i++)
		if (strncmp(words[i], prefix, strlen(prefix)) == 0)
			texts[n++] = words[i];
	return n;
}

static size_t
prefs_with(const char *prefix, const char **texts)
{
	size_t n = 0;

	for (int i = 0; i < PREF_COUNT; i++) {
		const char *name = prefs_name((enum pref)i);

		if (strncmp(name, prefix, strlen(prefix)) == 0)
			texts[n++] = name;
	}
	return n;
}

/* What begins at *from, if the line is a command of the screen's own. */
static size_t
own_with(const struct model *m, size_t *from, const char **texts)
{
	const struct textbuf *b = &m->edit.text;
	char line[64], verb[32], name[32];
	enum pref pref;
	int end = 0;

	if (b->at >= sizeof(line))
		return 0;
	snprintf(line, sizeof(line), "%.*s", (int)b->at, b->s);
	while (*from > 0 && b->s[*from - 1] != ' ')
		--*from;
	if (sscanf(line, "/%31s %n", verb, &end) < 1 || end == 0 ||
	    (size_t)end > *from)
		return 0;
	if (strcmp(verb, "bind") == 0)
		return strchr(line + end, ' ') + 1 == line + *from ?
		    keymap_names(line + *from, texts, CHOICES_MAX) : 0;
	if (strcmp(verb, "set") != 0)
		return (size_t)end == *from && prefs_find(verb, &pref) ?
		    words_with(pref, line + end, texts) : 0;
	if ((size_t)end == *from)
		return prefs_with(line + end, texts);
	return sscanf(line + end, "%31s", name) == 1 &&
	    prefs_find(name, &pref) ?
	    words_with(pref, line + *from, texts) : 0;
}

enum edit_result
model_complete(struct model *m)
{
	const char *texts[CHOICES_MAX];
	const struct textbuf *b = &m->edit.text;
	char prefix[CHOICES_SIZE];
	struct command_gap gap;
	enum edit_result result;
	bool was_empty = b->len == 0;
	size_t n = 0;

	/* Whoever does not know what to do presses Tab. */
	if (was_empty && !m->asks_server)
		edit_set(&m->edit, m->shown == 0 ? "/connect " : "/",
		    m->shown == 0 ? 9 : 1);
	if (b->len == 0 || b->s[0] != '/')
		return EDIT_REFUSED;
	gap = command_gap(b->s, b->at);
	if (b->at - gap.from >= sizeof(prefix))
		return EDIT_REFUSED;
	memcpy(prefix, b->s + gap.from, b->at - gap.from);
	prefix[b->at - gap.from] = '\0';
	switch (gap.kind) {
	case COMMAND_GAP_NONE:
		gap.from = b->at;
		n = own_with(m, &gap.from, texts);
		break;
	case COMMAND_GAP_COMMAND:
		n = commands_with(prefix, texts);
		break;
	case COMMAND_GAP_NAME:
		n = names_with(m, prefix, texts);
		break;
	case COMMAND_GAP_ANSWER:
		n = answers_with(prefix, texts);
		break;
	}
	result = edit_offer(&m->edit, gap.from, texts, n);
	if (was_empty && m->shown == 0 && m->edit.choices.count > 1)
		choices_pick(&m->edit.choices, &m->edit.text, true);
	return result;
}
