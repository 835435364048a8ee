#include "edit.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

/* What kind of key was pressed: some go on where the last one stopped. */
enum { DID_OTHER, DID_TYPE, DID_KILL, DID_YANK, DID_CLIMB };

bool
edit_init(struct edit *e, struct history *history)
{
	memset(e, 0, sizeof(*e));
	recall_init(&e->recall, history);
	return textbuf_init(&e->text, EDIT_MAX);
}

void
edit_fini(struct edit *e)
{
	kills_fini(&e->kills);
	paste_fini(&e->paste);
	recall_fini(&e->recall);
	textbuf_fini(&e->text);
}

bool
edit_is_hasty(usec_t began_at, usec_t shown_at)
{
	return began_at < shown_at || began_at - shown_at < EDIT_READ_US;
}

void
edit_accept(struct edit *e)
{
	recall_enter(&e->recall, &e->text);
	edit_set(e, "", 0);
}

void
edit_set(struct edit *e, const char *text, size_t len)
{
	textbuf_set(&e->text, text, len);
	e->recall.searching = false;
	e->choices.count = 0;
	e->last = DID_OTHER;
}

static enum edit_result
done_if(bool done)
{
	return done ? EDIT_DONE : EDIT_REFUSED;
}

/* Moving. */

static enum edit_result
move_to(struct edit *e, size_t at)
{
	if (e->text.at == at)
		return EDIT_REFUSED;
	e->text.at = at;
	return EDIT_DONE;
}

static enum edit_result
to_line_start(struct edit *e)
{
	e->text.at = textbuf_line_start(&e->text, e->text.at);
	return EDIT_DONE;
}

static enum edit_result
to_line_end(struct edit *e)
{
	e->text.at = textbuf_line_end(&e->text, e->text.at);
	return EDIT_DONE;
}

static enum edit_result
to_prev(struct edit *e)
{
	return move_to(e, textbuf_prev(&e->text, e->text.at));
}

static enum edit_result
to_next(struct edit *e)
{
	return move_to(e, textbuf_next(&e->text, e->text.at));
}

static enum edit_result
to_word_prev(struct edit *e)
{
	return move_to(e, textbuf_word_prev(&e->text, e->text.at));
}

static enum edit_result
to_word_next(struct edit *e)
{
	return move_to(e, textbuf_word_next(&e->text, e->text.at));
}

static enum edit_result
older(struct edit *e)
{
	return done_if(recall_older(&e->recall, &e->text));
}

static enum edit_result
newer(struct edit *e)
{
	return done_if(recall_newer(&e->recall, &e->text));
}

static void
aim(struct edit *e)
{
	if (e->last != DID_CLIMB)
		e->goal = textbuf_column(&e->text, e->text.at);
	e->did = DID_CLIMB;
}

static enum edit_result
up(struct edit *e)
{
	struct textbuf *b = &e->text;
	size_t start = textbuf_line_start(b, b->at);

	if (start == 0)
		return older(e);
	aim(e);
	b->at = textbuf_at_column(b, textbuf_line_start(b, start - 1), e->goal);
	return EDIT_DONE;
}

static enum edit_result
down(struct edit *e)
{
	struct textbuf *b = &e->text;
	size_t end = textbuf_line_end(b, b->at);

	if (end == b->len)
		return newer(e);
	aim(e);
	b->at = textbuf_at_column(b, end + 1, e->goal);
	return EDIT_DONE;
}

/* Deleting, killing and putting back. */

static enum edit_result
erase(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return EDIT_REFUSED;
	textbuf_replace(&e->text, from, to, "", 0, false);
	return EDIT_DONE;
}

static enum edit_result
delete_prev(struct edit *e)
{
	size_t at = e->text.at;

	return erase(e, textbuf_prev(&e->text, at), at);
}

static enum edit_result
delete_next(struct edit *e)
{
	size_t at = e->text.at;

	return erase(e, at, textbuf_next(&e->text, at));
}

static enum edit_result
delete_or_eof(struct edit *e)
{
	return e->text.len == 0 ? EDIT_EOF : delete_next(e);
}

static enum edit_result
kill_text(struct edit *e, size_t from, size_t to)
{
	if (from == to)
		return EDIT_REFUSED;
	kills_add(&e->kills, e->text.s + from, to - from,
	    e->last == DID_KILL, to == e->text.at);
	e->did = DID_KILL;
	return erase(e, from, to);
}

static enum edit_result
kill_line_end(struct edit *e)
{
	size_t at = e->text.at, end = textbuf_line_end(&e->text, at);

	if (end == at && end < e->text.len) /* the line break itself */
		end++;
	return kill_text(e, at, end);
}

static enum edit_result
kill_all_prev(struct edit *e)
{
	return kill_text(e, 0, e->text.at);
}

static enum edit_result
kill_blank_prev(struct edit *e)
{
	return kill_text(e, textbuf_blank_prev(&e->text, e->text.at),
	    e->text.at);
}

static enum edit_result
kill_word_prev(struct edit *e)
{
	return kill_text(e, textbuf_word_prev(&e->text, e->text.at),
	    e->text.at);
}

static enum edit_result
kill_word_next(struct edit *e)
{
	return kill_text(e, e->text.at,
	    textbuf_word_next(&e->text, e->text.at));
}

static enum edit_result
put_kill(struct edit *e, size_t which, size_t from, size_t to)
{
	size_t len;
	const char *s = kills_get(&e->kills, which, &len);

	if (s == NULL || !textbuf_replace(&e->text, from, to, s, len, false))
		return EDIT_REFUSED;
	e->yanked = which;
	e->yank_from = from;
	e->yank_to = from + len;
	e->did = DID_YANK;
	return EDIT_DONE;
}

static enum edit_result
yank(struct edit *e)
{
	return put_kill(e, 0, e->text.at, e->text.at);
}

static enum edit_result
yank_older(struct edit *e)
{
	if (e->last != DID_YANK)
		return EDIT_REFUSED;
	return put_kill(e, (e->yanked + 1) % e->kills.count, e->yank_from,
	    e->yank_to);
}

static enum edit_result
undo(struct edit *e)
{
	return done_if(textbuf_undo(&e->text));
}

static enum edit_result
transpose(struct edit *e)
{
	return done_if(textbuf_transpose(&e->text));
}

/* Typing. */

static enum edit_result
insert(struct edit *e, const char *s, size_t len, bool join)
{
	if (!textbuf_replace(&e->text, e->text.at, e->text.at, s, len, join))
		return EDIT_REFUSED;
	e->did = DID_TYPE;
	return EDIT_DONE;
}

static enum edit_result
newline(struct edit *e)
{
	return insert(e, "\n", 1, false);
}

/* The bytes of a character; 0 of one that has no place in a text, or not
 * behind what stands there (NUL: a start). */
static size_t
encode(uint32_t c, char before, char out[static 4])
{
	switch (text_kind(c)) {
	case TEXT_CONTROL:
	case TEXT_TAB:
	case TEXT_BREAK:
	case TEXT_HIDDEN:
		return 0;
	case TEXT_JOINER:
	case TEXT_SELECTOR:
	case TEXT_MARK:
	case TEXT_TONE:
		if (before == '\0' || before == '\n')
			return 0;
		break;
	case TEXT_LETTER:
	case TEXT_EMOJI:
	case TEXT_OTHER:
		break;
	}
	return text_encode(c, out);
}

static enum edit_result
type(struct edit *e, uint32_t c)
{
	const struct textbuf *b = &e->text;
	char before = b->at == 0 ? '\0' : b->s[b->at - 1], s[4];
	size_t len = encode(c, before, s);

	if (len == 0)
		return EDIT_REFUSED;
	return insert(e, s, len,
	    e->last == DID_TYPE && (c == ' ' || before != ' '));
}

static enum edit_result
enter(struct edit *e)
{
	struct textbuf *b = &e->text;
	size_t slashes = 0;

	while (slashes < b->len && b->s[b->len - 1 - slashes] == '\\')
		slashes++;
	if (!e->joins_lines || slashes % 2 == 0)
		return EDIT_SUBMIT;
	textbuf_replace(b, b->len - 1, b->len, "\n", 1, false);
	return EDIT_DONE;
}

/* Clears the line; Up and undo bring it back. */
static enum edit_result
clear(struct edit *e)
{
	if (e->text.len == 0)
		return EDIT_INTERRUPT;
	recall_enter(&e->recall, &e->text);
	return erase(e, 0, e->text.len);
}

static enum edit_result
complete(struct edit *e)
{
	(void)e;
	return EDIT_COMPLETE;
}

static enum edit_result
search(struct edit *e)
{
	return done_if(recall_search(&e->recall, &e->text));
}

static bool
is_text(struct key key)
{
	return key.mods == 0 && key.code < KEYS_NONE;
}

static bool
is_ctrl(struct key key, char letter)
{
	return key.mods == KEYS_CTRL && key.code == (uint32_t)letter;
}

static bool
search_for(struct edit *e, uint32_t c)
{
	char s[4];
	size_t len = encode(c, ' ', s);

	return len > 0 && recall_lengthen(&e->recall, &e->text, s, len);
}

/* False if the key ends the search, keeps what was found, and is still to be
 * carried out. */
static bool
search_key(struct edit *e, struct key key, enum edit_result *result)
{
	struct recall *r = &e->recall;

	*result = EDIT_DONE;
	if (is_ctrl(key, 'c') || is_ctrl(key, 'g'))
		recall_cancel(r, &e->text);
	else if (is_ctrl(key, 'r'))
		*result = done_if(recall_next(r, &e->text));
	else if (keys_eq(key, (struct key){ KEYS_BACKSPACE, 0 }))
		*result = done_if(recall_shorten(r, &e->text));
	else if (is_text(key))
		*result = done_if(search_for(e, key.code));
	else
		r->searching = false;
	return r->searching || is_ctrl(key, 'c') || is_ctrl(key, 'g')
	    || key.code == KEYS_ESCAPE;
}

enum edit_result
edit_offer(struct edit *e, size_t from, const char *const *texts,
    size_t count)
{
	return done_if(choices_offer(&e->choices, &e->text, from, texts,
	    count));
}

/* Pasting. */

static void
insert_paste(struct edit *e)
{
	struct textbuf *b = &e->text;
	size_t len, fit;
	char *text = paste_end(&e->paste, &len);

	fit = text == NULL ? 0 : textbuf_fit(b, text, len);
	e->pasted = (struct edit_pasted){ fit > 0, fit,
		e->paste.cut || fit < len };
	for (size_t i = 0; i < fit; i++)
		e->pasted.lines += text[i] == '\n';
	if (fit > 0)
		textbuf_replace(b, b->at, b->at, text, fit, false);
	free(text);
	e->last = DID_OTHER;
}

usec_t
edit_deadline(const struct edit *e)
{
	return e->paste.on ? e->paste.until : USEC_NEVER;
}

enum edit_result
edit_expire(struct edit *e, usec_t now)
{
	struct edit_pasted pasted;
	enum edit_result result;

	if (now < edit_deadline(e))
		return EDIT_UNUSED;
	insert_paste(e);
	if (!e->paste.has_after)
		return EDIT_DONE;
	pasted = e->pasted;
	result = edit_key(e, now, e->paste.after);
	if (result != EDIT_SUBMIT)
		e->pasted = pasted;
	return result;
}

/* The keys. */

#define KEY(c) { (c), 0 }
#define CTRL(c) { (c), KEYS_CTRL }
#define ALT(c) { (c), KEYS_ALT }

static const struct edit_binding bindings[] = {
	{ KEY(KEYS_ENTER), "enter", "enter the line", enter },
	{ ALT(KEYS_ENTER), "newline", "new line in the text", newline },
	{ CTRL('j'), NULL, NULL, newline },
	{ { KEYS_ENTER, KEYS_SHIFT }, NULL, NULL, newline },
	{ KEY(KEYS_TAB), "complete", "complete", complete },
	{ KEY(KEYS_UP), "line-up",
	    "line above, older line of the history", up },
	{ CTRL('p'), "older", "older line of the history", older },
	{ KEY(KEYS_DOWN), "line-down",
	    "line below, newer line of the history", down },
	{ CTRL('n'), "newer", "newer line of the history", newer },
	{ CTRL('r'), "history", "search in the history", search },
	{ CTRL('a'), "line-start", "start of the line", to_line_start },
	{ KEY(KEYS_HOME), NULL, NULL, to_line_start },
	{ CTRL('e'), "line-end", "end of the line", to_line_end },
	{ KEY(KEYS_END), NULL, NULL, to_line_end },
	{ CTRL('b'), "char-back", "back one character", to_prev },
	{ KEY(KEYS_LEFT), NULL, NULL, to_prev },
	{ CTRL('f'), "char-forward", "forward one character", to_next },
	{ KEY(KEYS_RIGHT), NULL, NULL, to_next },
	{ ALT('b'), "word-back", "back one word", to_word_prev },
	{ CTRL(KEYS_LEFT), NULL, NULL, to_word_prev },
	{ ALT('f'), "word-forward", "forward one word", to_word_next },
	{ CTRL(KEYS_RIGHT), NULL, NULL, to_word_next },
	{ KEY(KEYS_BACKSPACE), "delete-back",
	    "delete the character before", delete_prev },
	{ CTRL('d'), "delete", "delete the character after", delete_or_eof },
	{ KEY(KEYS_DELETE), NULL, NULL, delete_next },
	{ CTRL('k'), "cut-end", "cut to the end of the line", kill_line_end },
	{ CTRL('u'), "cut-start", "cut all before the cursor", kill_all_prev },
	{ CTRL('w'), "cut-blank", "cut back to a space", kill_blank_prev },
	{ ALT(KEYS_BACKSPACE), "cut-word-back",
	    "cut the word before", kill_word_prev },
	{ ALT('d'), "cut-word", "cut the word after", kill_word_next },
	{ CTRL(KEYS_DELETE), NULL, NULL, kill_word_next },
	{ CTRL('y'), "yank", "put back what was cut", yank },
	{ ALT('y'), "yank-older",
	    "instead, what was cut before that", yank_older },
	{ CTRL('t'), "swap", "swap two characters", transpose },
	{ CTRL('_'), "undo", "undo", undo },
	{ CTRL('c'), "clear", "clear the line", clear },
};

enum { BINDINGS = sizeof(bindings) / sizeof(bindings[0]) };

const struct edit_binding *
edit_bindings(size_t *count)
{
	*count = BINDINGS;
	return bindings;
}

static enum edit_result
run(struct edit *e, struct key key)
{
	for (size_t i = 0; i < BINDINGS; i++)
		if (keys_eq(bindings[i].key, key))
			return bindings[i].run(e);
	return is_text(key) ? type(e, key.code) : EDIT_UNUSED;
}

static bool
choices_key(struct edit *e, struct key key, enum edit_result *result)
{
	if (key.code == KEYS_TAB && (key.mods & ~KEYS_SHIFT) == 0) {
		*result = done_if(choices_pick(&e->choices, &e->text,
		    key.mods == 0));
		return true;
	}
	e->choices.count = 0;
	*result = EDIT_DONE;
	return key.code == KEYS_ESCAPE || is_ctrl(key, 'g');
}

enum edit_result
edit_key(struct edit *e, usec_t now, struct key key)
{
	enum edit_result result;

	if (key.code == KEYS_FOCUS_IN || key.code == KEYS_FOCUS_OUT)
		return EDIT_UNUSED;
	if (e->text.len == 0)
		e->began_at = now;
	if (e->paste.on || key.code == KEYS_PASTE_BEGIN) {
		paste_key(&e->paste, now, key);
		e->recall.searching = false;
		e->choices.count = 0;
		return EDIT_DONE;
	}
	e->pasted = (struct edit_pasted){ 0 };
	if (e->recall.searching && search_key(e, key, &result))
		return result;
	if (e->choices.count > 0 && choices_key(e, key, &result))
		return result;
	e->did = DID_OTHER;
	result = run(e, key);
	if (result != EDIT_UNUSED)
		e->last = e->did;
	return result;
}
