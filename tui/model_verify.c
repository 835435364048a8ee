#include "tui/model.h"

#include "core/ident.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = 5, GROUP = DIGITS + 1, NARROW = 36 };

/* Groups of five digits, four in a row, two where the screen is narrow. */
static void
put_number(const struct model *m, struct str *out, const char *s, size_t len)
{
	size_t in_row = m->layout.chat.cols < NARROW ? 2 : 4;

	for (size_t i = 0, n = 0; i < len; i += GROUP, n++)
		str_printf(out, "%s%.*s", n % in_row == 0 ? "\n    " : "   ",
		    len - i < DIGITS ? (int)(len - i) : DIGITS, s + i);
	str_puts(out, "\n\n");
}

static void
put_answers(const struct model *m, struct str *out, const struct event *ev)
{
	if (ev->reason == REASON_KEY_CHANGED) {
		str_printf(out, "This is another key than %s had before.\n\n"
		    "/trust %s        they are the same: accept this key\n"
		    "otherwise        somebody else uses the name: do "
		    "nothing\n", ev->peer, ev->peer);
		return;
	}
	str_printf(out, "/verify %s yes   they are the same\n"
	    "/verify %s no    they differ: ends the conversation\n", ev->peer,
	    ev->peer);
	if (model_shows_qr(m))
		str_printf(out, "/verify %s qr    as a QR code\n", ev->peer);
}

static void
put_all(const struct model *m, struct str *out, const struct event *ev)
{
	char own[IDENT_FULL_SIZE], theirs[IDENT_FULL_SIZE];

	ident_fingerprint(ev->new_key, own);
	ident_fingerprint(ev->key, theirs);
	str_printf(out, "Compare with %s on another channel, by telephone or "
	    "in person. The same number on both screens: nobody is in the "
	    "middle.\n", ev->peer);
	put_number(m, out, ev->text, ev->len);
	str_printf(out, "Your key   %s\nTheir key  %s\n\n", own, theirs);
	put_answers(m, out, ev);
}

/* The digits without blanks: a camera reads the same off both screens. */
static void
add_qr(struct model *m, const struct event *ev)
{
	char digits[IDENT_NUMBER_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < ev->len && n + 1 < sizeof(digits); i++)
		if (ev->text[i] != ' ')
			digits[n++] = ev->text[i];
	digits[n] = '\0';
	model_page_qr(m, digits);
}

static void
show_number(struct model *m, const struct event *ev)
{
	struct str out = { 0 };
	char title[64];

	snprintf(title, sizeof(title), "VERIFY %s%s", ev->peer,
	    ev->verified ? " (verified)" : "");
	if (m->number_as_qr)
		str_puts(&out, "Scan it on both screens: the same digits?\n");
	else
		put_all(m, &out, ev);
	if (out.s != NULL) {
		model_page(m, title, out.s, out.len);
		add_qr(m, ev);
	}
	str_fini(&out);
	if (m->number_as_qr && !model_has_room_for_qr(m, 1)) {
		m->over = OVER_NONE;
		model_hint(m, "The QR code needs a chat of %d columns and %d "
		    "rows: make the window larger", qr_cols(&m->page_qr),
		    qr_rows(&m->page_qr) + 2);
	}
}

static void
tell_verdict(struct model *m, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_find(m, ev->peer);
	char text[128];

	snprintf(text, sizeof(text), ev->verified ? "%s is verified: the "
	    "numbers are the same." : "%s is not verified: the numbers "
	    "differ, or were not compared.", ev->peer);
	model_say(m, c != NULL ? c : model_shown(m), wall_s, ENTRY_EVENT, text,
	    strlen(text));
	m->over = OVER_NONE;
}

void
model_verify(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	for (int i = 1; i < MODEL_CHATS_MAX; i++) {
		struct chat *c = m->chats[i];

		if (c != NULL && c->has_key &&
		    memcmp(c->key, ev->key, KEY_LEN) == 0)
			c->verified = ev->verified;
	}
	if (!ev->ok) {
		show_number(m, ev);
		return;
	}
	tell_verdict(m, wall_s, ev);
	/* A key that has another name as well does not get this one so. */
	if (ev->verified && ev->reason != REASON_KEY_CHANGED)
		model_unblock(m, now, wall_s, ev->peer);
}

bool
model_shows_qr(const struct model *m)
{
	return m->has_qr && m->is_utf8 && !m->has_few;
}

bool
model_ask_qr(struct model *m)
{
	if (!model_shows_qr(m)) {
		model_hint(m, "%s: /verify shows digits", !m->has_qr ?
		    "gop2p was built without QR codes" : !m->is_utf8 ?
		    "A QR code needs UTF-8" : "A QR code needs half blocks "
		    "(/set symbols all, if you see them)");
		return false;
	}
	m->number_as_qr = true;
	return true;
}

void
model_unblock(struct model *m, usec_t now, int64_t wall_s, const char *name)
{
	struct chat *c = model_find(m, name);
	char text[128];

	if (c == NULL || c->state != CHAT_KEY)
		return;
	chat_enter(c, now, wall_s, CHAT_IDLE);
	c->reason = REASON_NONE;
	c->has_key = false; /* the next one that answers to the name is it */
	snprintf(text, sizeof(text), "The new key of %s is accepted. Enter "
	    "asks for a conversation.", name);
	model_say(m, c, wall_s, ENTRY_EVENT, text, strlen(text));
}
