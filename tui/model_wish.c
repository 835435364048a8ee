#include "tui/model.h"

#include "core/ident.h"
#include "core/name.h"

#include <string.h>

/* ---- the page about them ---- */

static void
put_wish(const struct keymap *k, struct str *out, const struct wish *w,
    bool is_first)
{
	char id[IDENT_FULL_SIZE];
	char yes[KEYS_NAME_SIZE] = "", no[KEYS_NAME_SIZE] = "";

	if (is_first) {
		keymap_key(k, ACTION_ALLOW, yes);
		keymap_key(k, ACTION_DENY, no);
	}

	ident_fingerprint(w->key, id);
	str_printf(out, "%s asks for a conversation.\n", w->name);
	str_printf(out, "  Key      %s\n", id);
	str_printf(out, "  Known    %s\n", w->key_changed ?
	    "THE NAME HAD ANOTHER KEY BEFORE" : w->verified ?
	    "yes, and verified" : w->known ? "yes, not verified" :
	    "no: this key is NEW");
	if (w->lookalike[0] != '\0')
		str_printf(out, "  The name looks like %s, whom you know, "
		    "and has another key.\n", w->lookalike);
	if (w->key_changed)
		str_printf(out, "           /verify %s   the number to "
		    "compare\n", w->name);
	else
		str_printf(out, "  %-8s /allow %s\n", yes, w->name);
	str_printf(out, "  %-8s /deny %s\n", no, w->name);
	str_printf(out, "           /block %s   denies now and for ever\n\n",
	    w->name);
}

void
model_page_wishes(struct model *m)
{
	struct str out = { 0 };
	size_t top = m->over == OVER_PAGE && m->has_wish_page ?
	    m->page_top : 0;

	for (size_t i = 0; i < m->wish_count; i++)
		put_wish(&m->keymap, &out, &m->wishes[i], i == 0);
	str_puts(&out, "Nothing of yours, no address either, has reached the "
	    "other side yet.\n");
	if (out.s != NULL)
		model_page(m, "REQUESTS", out.s, out.len);
	str_fini(&out);
	m->has_wish_page = true;
	m->page_top = top;
}

/* Who has an answer is not shown as one who waits. */
void
model_wishes_changed(struct model *m)
{
	m->dirty = true;
	if (m->over != OVER_PAGE || !m->has_wish_page)
		return;
	if (m->wish_count == 0)
		m->over = OVER_NONE;
	else
		model_page_wishes(m);
}

/* ---- requests ---- */

void
model_expire_wishes(struct model *m, usec_t now)
{
	while (m->wish_count > 0 && m->wishes[0].expires_at <= now) {
		memmove(&m->wishes[0], &m->wishes[1],
		    --m->wish_count * sizeof(m->wishes[0]));
		m->wish_shown_at = now;
		model_wishes_changed(m);
	}
}

struct wish *
model_wish(struct model *m, const char *name)
{
	for (size_t i = 0; i < m->wish_count; i++)
		if (name_same(m->wishes[i].name, name))
			return &m->wishes[i];
	return NULL;
}

void
model_drop_wish(struct model *m, usec_t now, const char *name)
{
	struct wish *w = model_wish(m, name);
	size_t i;

	if (w == NULL)
		return;
	i = (size_t)(w - m->wishes);
	memmove(w, w + 1, (--m->wish_count - i) * sizeof(*w));
	if (i == 0)
		m->wish_shown_at = now;
	model_wishes_changed(m);
}

bool
model_is_armed(const struct model *m, usec_t now)
{
	return m->wish_count > 0 && now >= m->wish_shown_at + MODEL_ARM_US;
}
