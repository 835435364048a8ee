#include "tui/model.h"

#include "core/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what follows from them ---- */

static enum theme
theme_of(const struct model *m)
{
	uint8_t word = m->prefs.word[PREF_THEME];

	if (!m->has_color)
		return THEME_MONO;
	if (word != PREF_AUTO)
		return (enum theme)(word - 1);
	return m->is_light ? THEME_LIGHT : THEME_DARK;
}

/* The fonts of the Linux console have a bar, but no ticks, and many of them no
 * half blocks. */
static bool
is_console(const struct model *m)
{
	return strncmp(m->terminal.name, "linux", 5) == 0;
}

void
model_apply(struct model *m, enum pref pref)
{
	uint8_t word = m->prefs.word[pref];

	switch (pref) {
	case PREF_DETAILS:
		m->details_on = word;
		break;
	case PREF_LIST:
		m->list_on = word;
		break;
	case PREF_NOTIFY:
		m->alert.way = (enum alert_way)word;
		break;
	case PREF_SYMBOLS:
		m->has_few = word == SYMBOLS_FEW || (word == PREF_AUTO &&
		    is_console(m));
		break;
	case PREF_THEME:
		m->theme = theme_of(m);
		break;
	default:
		break;
	}
	m->dirty = true;
}

void
model_colors(struct model *m, bool has_color, bool is_light)
{
	m->has_color = has_color;
	m->is_light = is_light;
	model_apply(m, PREF_THEME);
}

/* "15;0", also "15;default;0": the last number is the paper. Of the 16 colours
 * those from 7 on are light, all but the dark grey. */
bool
model_colorfgbg(const char *value, bool *is_light)
{
	const char *last = value == NULL ? NULL : strrchr(value, ';');
	char *end;
	long paper;

	if (last == NULL || last[1] < '0' || last[1] > '9')
		return false;
	paper = strtol(last + 1, &end, 10);
	if (*end != '\0' || paper > 15)
		return false;
	*is_light = paper == 7 || paper > 8;
	return true;
}

/* ---- the file ---- */

static void
write_key(struct str *out, const struct keymap_row *row)
{
	char name[KEYS_NAME_SIZE];

	keys_name(row->key, name);
	str_printf(out, "bind %s %s", name,
	    keymap_name(row->action, row->number));
	if (row->action == ACTION_GO)
		str_printf(out, " %d", row->number);
	str_puts(out, "\n");
}

/* Only what is not as usual. */
static void
write_keys(const struct keymap *k, struct str *out)
{
	struct keymap usual;
	const struct keymap_row *row;

	keymap_init(&usual);
	for (size_t i = 0; i < k->count; i++) {
		row = keymap_find(&usual, k->rows[i].key);
		if (row == NULL || row->action != k->rows[i].action ||
		    row->number != k->rows[i].number)
			write_key(out, &k->rows[i]);
	}
	for (size_t i = 0; i < usual.count; i++) {
		struct keymap_row none = { usual.rows[i].key, ACTION_NONE, 0 };

		if (keymap_find(k, none.key) == NULL)
			write_key(out, &none);
	}
}

void
model_write_prefs(const struct model *m, struct str *out)
{
	struct prefs usual;

	prefs_init(&usual);
	for (int i = 0; i < PREF_COUNT; i++)
		if (m->kept.word[i] != usual.word[i])
			str_printf(out, "%s = %s\n", prefs_name((enum pref)i),
			    prefs_word(&m->kept, (enum pref)i));
	write_keys(&m->keymap, out);
}

static void
take_word(struct model *m, const char *name, const char *word)
{
	enum pref pref;

	if (!prefs_find(name, &pref) || !prefs_set(&m->prefs, pref, word))
		return;
	m->kept.word[pref] = m->prefs.word[pref];
	model_apply(m, pref);
}

bool
model_bind(struct model *m, const char *text)
{
	char key_name[KEYS_NAME_SIZE], action_name[32];
	enum action action;
	struct key key;
	int number = 0;

	return sscanf(text, "%31s %31s %d", key_name, action_name,
	    &number) >= 2 && number >= 0 && keys_parse(key_name, &key) &&
	    !keymap_stays(key) &&
	    keymap_action(action_name, &action, &number) &&
	    keymap_bind(&m->keymap, key, action, number);
}

/* What a newer or older one wrote is passed over. */
void
model_read_prefs(struct model *m, const char *text, size_t len)
{
	struct lines lines = lines_of(text, len);
	struct slice line;
	char copy[128], name[32], word[32];

	while (lines_next(&lines, &line)) {
		snprintf(copy, sizeof(copy), "%.*s", (int)(line.len <
		    sizeof(copy) ? line.len : sizeof(copy) - 1), line.p);
		if (strncmp(copy, "bind ", 5) == 0)
			model_bind(m, copy + 5);
		else if (sscanf(copy, "%31s = %31s", name, word) == 2)
			take_word(m, name, word);
	}
}

/* ---- /set ---- */

static void
keep(struct model *m)
{
	struct str out = { 0 };

	model_write_prefs(m, &out);
	if (!out.bad)
		model_deed(m, DEED_KEEP, str_text(&out), out.len);
	str_fini(&out);
}

static void
put_words(struct str *out, enum pref pref)
{
	const char *const *words = prefs_words(pref);

	for (size_t i = 0; words[i] != NULL; i++)
		str_printf(out, "%s%s", i == 0 ? "" : words[i + 1] == NULL ?
		    " or " : ", ", words[i]);
}

bool
model_set(struct model *m, enum pref pref, const char *word)
{
	struct str words = { 0 };
	bool is_good = prefs_set(&m->prefs, pref, word);

	if (is_good) {
		m->kept.word[pref] = m->prefs.word[pref];
		model_apply(m, pref);
		keep(m);
	} else {
		put_words(&words, pref);
		model_hint(m, "%s is %s; it can be %s", prefs_name(pref),
		    prefs_word(&m->prefs, pref), str_text(&words));
		str_fini(&words);
	}
	if (is_good && pref == PREF_THEME && !m->has_color)
		model_hint(m, "This terminal shows no colours%s",
		    m->is_color_refused ? ": NO_COLOR is set" : "");
	return is_good;
}

static void
set_page(struct model *m)
{
	struct str out = { 0 };

	for (int i = 0; i < PREF_COUNT; i++) {
		enum pref pref = (enum pref)i;

		str_printf(&out, "  %-8s %-9s %s\n", prefs_name(pref),
		    prefs_word(&m->prefs, pref), prefs_help(pref));
	}
	str_puts(&out, "\n/set NAME shows what there is instead, /set NAME "
	    "WORD changes it and keeps it. /bind does so for keys.\n");
	if (out.s != NULL)
		model_page(m, "SETTINGS", out.s, out.len);
	str_fini(&out);
}

bool
model_set_line(struct model *m, const char *arg)
{
	char name[32] = "", word[32] = "";
	enum pref pref;

	if (sscanf(arg, "%31s %31s", name, word) < 1) {
		set_page(m);
		return true;
	}
	if (!prefs_find(name, &pref)) {
		model_hint(m, "There is no setting \"%s\": /set shows them "
		    "all", name);
		return false;
	}
	return model_set(m, pref, word);
}

/* What a key does now. */
static void
tell_key(struct model *m, struct key key)
{
	const struct keymap_row *row = keymap_find(&m->keymap, key);
	char name[KEYS_NAME_SIZE];
	size_t count, i = 0;
	const struct edit_binding *b = edit_bindings(&count);
	const char *help = "nothing";

	while (i < count && !keys_eq(b[i].key, key))
		i++;
	if (row != NULL)
		help = keymap_help(row->action, row->number);
	for (; row == NULL && i < count; i--) {
		help = b[i].help;
		if (help != NULL)
			break;
	}
	model_hint(m, "%s: %s. /bind KEY ACTION changes it, /bind KEY usual "
	    "undoes that", keys_name(key, name), help);
}

static bool
bind_to(struct model *m, struct key key, const char *name, int number)
{
	bool has_number = number >= 0;
	enum action action;

	if (strcmp(name, "usual") == 0) {
		keymap_restore(&m->keymap, key);
		return true;
	}
	if (!keymap_action(name, &action, &number)) {
		model_hint(m, "There is no action \"%s\": Tab offers all, "
		    "/keys explains them", name);
		return false;
	}
	if (action == ACTION_GO && !has_number) {
		model_hint(m, "Go where? /bind KEY go NUMBER");
		return false;
	}
	if (!keymap_bind(&m->keymap, key, action, number < 0 ? 0 : number)) {
		model_hint(m, "Not more than %d keys", KEYMAP_MAX);
		return false;
	}
	return true;
}

bool
model_bind_line(struct model *m, const char *arg)
{
	char key_name[32], action_name[32], name[KEYS_NAME_SIZE];
	struct key key;
	int number = -1;
	int n = sscanf(arg, "%31s %31s %d", key_name, action_name, &number);

	if (n < 1) {
		model_page_keys(m);
		return true;
	}
	if (!keys_parse(key_name, &key)) {
		model_hint(m, "There is no key \"%s\": they are called Ctrl+W, "
		    "Alt+Enter, Shift+Tab, F5, PgUp", key_name);
		return false;
	}
	if (keymap_stays(key)) {
		model_hint(m, "%s stays as it is: only keys with Ctrl or Alt, "
		    "and those without a character, can do something else",
		    keys_name(key, name));
		return false;
	}
	if (n < 2) {
		tell_key(m, key);
		return false;
	}
	if (!bind_to(m, key, action_name, number))
		return false;
	keep(m);
	return true;
}
