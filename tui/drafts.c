#include "tui/drafts.h"

#include "core/lines.h"
#include "core/name.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

/* "NAME TEXT" with LF as "\n", a backslash as two, and "\|" where the cursor
 * stands if not at the end; the name "-" is home. */
static void
write_one(const struct chat *c, const char *text, size_t len, size_t at,
    struct str *out)
{
	str_printf(out, "%s ", c->name[0] == '\0' ? "-" : c->name);
	for (size_t i = 0; i < len; i++) {
		if (i == at)
			str_puts(out, "\\|");
		if (text[i] == '\n')
			str_puts(out, "\\n");
		else if (text[i] == '\\')
			str_puts(out, "\\\\");
		else
			str_put(out, text + i, 1);
	}
	str_puts(out, "\n");
}

void
drafts_write(const struct model *m, struct str *out)
{
	for (int i = 0; i < MODEL_CHATS_MAX; i++) {
		const struct chat *c = m->chats[i];

		if (c == NULL)
			continue;
		if (i == m->shown && m->edit.text.len > 0)
			write_one(c, m->edit.text.s, m->edit.text.len,
			    m->edit.text.at, out);
		else if (i != m->shown && c->draft_len > 0)
			write_one(c, c->draft, c->draft_len, c->draft_at,
			    out);
	}
}

static void
give(struct model *m, struct chat *c, const char *packed, size_t len)
{
	char *text = malloc(len + 1), *clean = NULL;
	size_t n = 0, at = SIZE_MAX;

	for (size_t i = 0; text != NULL && i < len; i++) {
		if (packed[i] == '\\' && i + 1 < len) {
			i++;
			if (packed[i] == '|')
				at = n;
			else
				text[n++] = packed[i] == 'n' ? '\n' : packed[i];
		} else {
			text[n++] = packed[i];
		}
	}
	if (text != NULL)
		clean = malloc(text_clean_max(n));
	if (clean != NULL) {
		n = text_clean(text, n, clean, text_clean_max(n));
		at = at < n ? at : n;
		chat_set_draft(c, clean, n, at);
		if (c == model_shown(m)) {
			edit_set(&m->edit, clean, n);
			textbuf_move(&m->edit.text, at);
		}
	}
	free(clean);
	free(text);
}

void
drafts_read(struct model *m, const char *text, size_t len)
{
	struct lines lines = lines_of(text, len);
	struct slice line;

	while (lines_next(&lines, &line)) {
		struct slice word = line_word(&line);
		char name[NAME_SIZE] = "";

		if (!slice_is(&word, "-") &&
		    name_check(word.p, word.len, name) != NAME_OK)
			continue;
		/* One blank stands between; the others are the draft's. */
		line.p = word.p + word.len + 1;
		line.len = 0;
		while (line.p + line.len < text + len &&
		    line.p[line.len] != '\n')
			line.len++;
		if (line.p < text + len)
			give(m, model_open(m, name), line.p, line.len);
	}
}
