/* The line editor of both faces: keys in, text and a cursor out. It draws
 * nothing and knows no terminal. Keys as in readline's emacs mode; a line
 * may have several lines. */
#ifndef EDIT_H
#define EDIT_H

#include "choices.h"
#include "keys.h"
#include "kills.h"
#include "limit.h"
#include "paste.h"
#include "recall.h"
#include "textbuf.h"
#include "usec.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	EDIT_MAX = MSG_MAX + 256, /* a longest message and its command */
};

enum edit_result {
	EDIT_UNUSED,    /* no key of the editor's: the face may have a use */
	EDIT_DONE,      /* draw again */
	EDIT_REFUSED,   /* nothing to do; ring the bell, draw again */
	EDIT_SUBMIT,    /* entered: read e->text, then edit_accept */
	EDIT_COMPLETE,  /* Tab: call edit_offer */
	EDIT_INTERRUPT, /* Ctrl+C on an empty line */
	EDIT_EOF,       /* Ctrl+D on an empty line */
};

/* Whoever begins to type so soon has not read what has just been shown. */
#define EDIT_READ_US (500 * USEC_MS)

struct edit {
	struct textbuf text;
	usec_t began_at;  /* when its first key was pressed */
	bool joins_lines; /* Enter after a backslash goes on in a new line */

	/* For those who draw: */
	struct recall recall;   /* .searching, .failed, .query, .len */
	struct choices choices; /* shown while .count > 0 */
	struct paste paste;     /* .on, .len while one comes in */
	struct edit_pasted {
		size_t lines, bytes; /* of the paste just made; 0: none */
		bool cut;            /* it did not fit */
	} pasted;

	struct kills kills;
	size_t yanked; /* which one was put in last, and where */
	size_t yank_from, yank_to;
	size_t goal;   /* column that Up and Down keep to */
	int did, last; /* kinds of this key and of the last, in edit.c */
};

/* Empty, with a history to walk in or none. False without memory. */
bool edit_init(struct edit *e, struct history *history);
void edit_fini(struct edit *e);

/* Carries out one key. When edit_deadline has passed, edit_expire goes
 * first. */
enum edit_result edit_key(struct edit *e, usec_t now, struct key key);

/* Ends a paste that is over; its result counts like that of a key. */
usec_t edit_deadline(const struct edit *e);
enum edit_result edit_expire(struct edit *e, usec_t now);

/* True if a text that was begun then was begun before anybody had read what is
 * shown since shown_at: it does not speak of that. */
bool edit_is_hasty(usec_t began_at, usec_t shown_at);

/* After EDIT_SUBMIT: the text goes to the history, the line is empty. */
void edit_accept(struct edit *e);

/* Another text; the cursor stands at its end. What has no room is cut. */
void edit_set(struct edit *e, const char *text, size_t len);

/* After EDIT_COMPLETE: what Tab can put in place of the bytes between from
 * and the cursor (choices.h). Tab and Shift+Tab then walk through them. */
enum edit_result edit_offer(struct edit *e, size_t from,
    const char *const *texts, size_t count);

/* The keys; what each does, as a name and in a few words for a help page. Both
 * are NULL if it is another key for the one above. */
struct edit_binding {
	struct key key;
	const char *name, *help;
	enum edit_result (*run)(struct edit *e);
};
const struct edit_binding *edit_bindings(size_t *count);

#endif
