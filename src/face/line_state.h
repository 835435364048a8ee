/* What the parts of the line client share: line.c decides, line_tty.c shows
 * and reads keys, line_script.c reads and writes plain lines. */
#ifndef LINE_STATE_H
#define LINE_STATE_H

#include "core/edit.h"
#include "face/agenda.h"
#include "face/line.h"
#include "face/paint.h"
#include "face/say.h"
#include "face/str.h"
#include "io/term.h"

enum {
	LINE_ENTRIES_MAX = 64,     /* lines that were read and not begun */
	LINE_OUT_MAX = 16 << 20,   /* bytes nobody reads before we give up */
};

#define LINE_DRAW_EVERY (30 * USEC_MS)
#define LINE_TWICE_WITHIN USEC_S       /* Ctrl+C, to leave */
#define LINE_DELIVER_AT_END (30 * USEC_S) /* of the input */
#define LINE_DELIVER_AT_EXIT (5 * USEC_S)

/* A line that was read. */
struct line_entry {
	char *s;            /* cmd borrows from it */
	struct command cmd;
	struct command_error err; /* .code is NULL if cmd is good */
	usec_t began_at;    /* when its first key was pressed; on a terminal */
};

struct line {
	struct loop *loop;
	struct client *client;
	bool is_json;
	usec_t linger;
	struct alarm alarm;
	struct watch in;    /* keys or lines */
	struct watch out;   /* room for more bytes */

	struct agenda agenda;
	struct line_entry entries[LINE_ENTRIES_MAX];
	size_t entries_count;

	enum server_state server; /* as it was told last, and why */
	enum reason server_reason;
	bool was_registered;
	bool is_ready;      /* commands may begin: registered, or hopeless */
	bool asks_name;     /* the next line is a name, the last was refused */
	bool has_ended;     /* EV_EXIT came */
	bool is_leaving;    /* nothing more is begun */
	bool was_told_to_exit;
	bool is_silent;     /* standard output is gone */
	bool is_finished;
	int signo;          /* that made us leave */
	enum exit_code wanted, ended; /* exit codes: asked for, and come */
	usec_t leave_at;    /* then, or when all is delivered; NEVER: not yet */
	usec_t stay_until;  /* not before */

	struct say say;
	struct str said;    /* lines that are to be shown */
	struct str bytes;   /* that are to be written */

	/* On a terminal: */
	bool has_term;
	bool is_away;       /* in the background */
	bool is_dirty;      /* what is shown is not what is */
	bool was_read;      /* something was typed, and not ahead */
	bool has_marks;     /* the terminal marks pastes */
	bool rings;
	char asker[NAME_SIZE]; /* who asked last, and when that was shown; */
	usec_t asker_at;       /* USEC_NEVER: not yet */
	struct term term;
	struct keys keys;
	struct edit edit;
	struct history history;
	struct paint paint;
	struct str prompt, below;
	usec_t drawn_at, interrupted_at;

	/* Elsewhere: */
	struct str input;   /* read, and up to input_at entered */
	size_t input_at;
	size_t written;     /* of bytes */
	bool input_ended;
	bool is_skipping;   /* the rest of a line that was too long */
};

/* line.c: a line was entered. False if there is no room for it. */
bool line_enter(struct line *l, const char *s, size_t len);

/* Leaves as soon as the client can. */
void line_leave(struct line *l, int signo, enum exit_code code);

/* line_tty.c: false if this is no terminal. */
bool line_tty_open(struct line *l);
void line_tty_close(struct line *l);
void line_tty_signal(struct line *l, int signo);

/* Sees to keys that are due. */
void line_tty_expire(struct line *l, usec_t now);

/* Shows what has changed; returns when it wants to be called again. */
usec_t line_tty_turn(struct line *l, usec_t now);

/* line_script.c: a command, if not NULL, is all that there is to read. */
void line_script_open(struct line *l, const char *command);
void line_script_close(struct line *l);

/* Enters a line of those that were read, if there is none yet. */
void line_script_enter(struct line *l);

/* Reads lines while they are wanted, writes what there is. */
void line_script_turn(struct line *l);

#endif
