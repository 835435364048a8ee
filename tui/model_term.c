#include "tui/model.h"

#include <string.h>

/* A multiplexer speaks for itself: what it is called inside says what it
 * understands. */
static bool
is_misnamed(const struct terminal *t)
{
	return t->around[0] != '\0' && strncmp(t->name, "tmux", 4) != 0 &&
	    strncmp(t->name, "screen", 6) != 0;
}

static void
put_terminal(const struct model *m, struct str *out)
{
	const struct terminal *t = &m->terminal;

	str_printf(out, "TERM        %s%s%s\n", t->name, t->around[0] == '\0' ?
	    "" : ", inside ", t->around);
	if (is_misnamed(t))
		str_printf(out, "            %s wants TERM to be %s-256color: "
		    "set it there\n", t->around, t->around);
	str_printf(out, "Size        %d columns, %d rows\n", m->cols, m->rows);
	str_printf(out, "Characters  %s\n", !m->is_utf8 ? "ASCII only: a "
	    "locale with UTF-8 shows more" : m->has_few ? "UTF-8, but a font "
	    "without ticks: /set symbols" : "UTF-8");
	if (m->is_color_refused)
		str_printf(out, "Colours     %d, none used: NO_COLOR is set\n",
		    t->colors);
	else
		str_printf(out, "Colours     %d\n", t->colors);
}

static void
put_decided(const struct model *m, struct str *out)
{
	const struct terminal *t = &m->terminal;
	const char *const *themes = prefs_words(PREF_THEME);

	str_printf(out, "Theme       %s", themes[m->theme + 1]);
	if (m->has_color && m->prefs.word[PREF_THEME] == PREF_AUTO)
		str_printf(out, ": %s", m->has_answered ?
		    "the terminal says so" : t->background);
	str_printf(out, "\nFocus       %s\n", m->focus_known ? "reported" :
	    "not reported: whoever typed in the last minute is there");
	str_printf(out, "Pastes      %s\n", t->marks_pastes ? "marked" :
	    "no mark seen yet: several lines at once count as pasted");
	str_printf(out, "Mouse       %s\n", prefs_word(&m->prefs, PREF_MOUSE));
	str_printf(out, "Attention   %s\n",
	    prefs_word(&m->prefs, PREF_NOTIFY));
	str_printf(out, "QR codes    %s\n", !m->has_qr ? "not built in" :
	    model_shows_qr(m) ? "yes" : m->is_utf8 ?
	    "not with this font: /set symbols" : "not without UTF-8");
}

void
model_page_term(struct model *m)
{
	struct str out = { 0 };

	put_terminal(m, &out);
	put_decided(m, &out);
	str_puts(&out, "\nWidths: these must end under each other\n"
	    "  abcdef|\n");
	if (m->is_utf8)
		str_puts(&out, "  \u6f22\u5b57\u6f22|\n"
		    "  \u00e4\u00f6\u00fce\u0301a\u0308o|\n"
		    "  \U0001f44d\U0001f600\U0001f680|\n");
	str_puts(&out, "\nKeys that do nothing with Alt: F1 to F8 stand for "
	    "them, and so do commands; /keys shows both.\n");
	if (out.s != NULL)
		model_page(m, "TERMINAL", out.s, out.len);
	str_fini(&out);
}
