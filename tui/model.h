/* All that the full-screen client knows, as a value: events of the engine and
 * keys go in, deeds for the world come out. It draws nothing, and knows no
 * terminal, no clock and no network. */
#ifndef MODEL_H
#define MODEL_H

#include "tui/alert.h"
#include "tui/chat.h"
#include "tui/keymap.h"
#include "tui/layout.h"
#include "tui/prefs.h"
#include "tui/qr.h"

#include "core/client.h"
#include "core/command.h"
#include "core/edit.h"
#include "core/wire.h"
#include "face/str.h"

enum {
	MODEL_CHATS_MAX = 100,   /* with home */
	MODEL_DEEDS_MAX = 32,
	MODEL_SERIALS_MAX = 64,
	MODEL_PEOPLE_MAX = 2000, /* shown in the list */
	MODEL_PAGE_MAX = 32768,  /* bytes of an overlay's text */
	LABEL_SIZE = NAME_SIZE + 8,
};

/* A request is armed when it has been on the bar for so long. */
#define MODEL_ARM_US EDIT_READ_US
/* Without focus reports: whoever pressed a key so recently is there. */
#define MODEL_PRESENT_US (60 * USEC_S)
#define MODEL_DRAFT_US USEC_S
#define MODEL_TWICE_US USEC_S

/* Somebody who waits for a yes or no. */
struct wish {
	char name[NAME_SIZE];
	char lookalike[NAME_SIZE];
	uint8_t key[KEY_LEN];
	bool known, verified, key_changed;
	usec_t expires_at;
};

/* Somebody online, in the order of names. */
struct folk {
	char name[NAME_SIZE];
	uint8_t key_id[8];
	bool is_alike; /* a contact with another key */
};

enum model_over {
	OVER_NONE,
	OVER_LIST,   /* the list, where there is no room at the side */
	OVER_PAGE,   /* a page of text: help, keys, a safety number */
};

enum deed_kind {
	DEED_COMMAND,  /* for the engine */
	DEED_SERVER,   /* text: HOST[:PORT] to register with */
	DEED_RETRY,    /* the server that does not answer, now */
	DEED_REPAINT,
	DEED_SUSPEND,
	DEED_BELL,     /* text: the name to call for attention with */
	DEED_OPEN,     /* text: a URL */
	DEED_KEEP,     /* text: the settings, for their file */
	DEED_QUIT,     /* at once */
};

struct deed {
	enum deed_kind kind;
	uint32_t serial;
	char *text;            /* owned; cmd.text borrows from it */
	struct command cmd;
};

/* What is known of the terminal, for /term. */
struct terminal {
	char name[32];             /* $TERM */
	char around[16];           /* "tmux", "screen" or "" */
	int colors;
	bool marks_pastes;         /* seen to */
	char background[24];       /* how the theme was found */
};

struct model {
	/* Ourselves and the server. */
	char name[NAME_SIZE];
	uint8_t key[KEY_LEN];
	bool has_key;
	char host[HOST_SIZE + 8];  /* "" : none is set */
	enum server_state server;
	enum reason server_reason;
	usec_t server_since;
	usec_t retry_at;           /* USEC_NEVER: not known */
	uint32_t server_tries;
	bool was_registered;
	char taken[NAME_SIZE], free_name[NAME_SIZE]; /* name refused */
	struct addr seen;

	struct chat *chats[MODEL_CHATS_MAX]; /* by number; 0: home */
	int shown;                 /* number of the chat on the screen */
	int before;                /* where Alt+A began */
	bool is_away;              /* it is not there now */
	struct wish wishes[REQUESTS_MAX];
	size_t wish_count;
	usec_t wish_shown_at;      /* the first one is on the bar since */
	uint8_t wish_key[KEY_LEN]; /* whose it is */
	struct folk *folks;
	size_t folk_count, folk_total;
	uint64_t folk_version;

	/* What is typed. */
	struct edit edit;
	struct history history;
	bool guard;                /* asked: send this as a message? */
	bool taken_line;           /* model_take was called for this line */
	bool asks_server;          /* first start: the line is HOST[:PORT] */
	usec_t draft_at;           /* drafts are to be saved; USEC_NEVER */
	char hint[256];            /* what happened to the last key */
	usec_t interrupted_at, exit_asked_at, leave_asked_at;

	/* What is shown. */
	int rows, cols;
	struct layout layout;
	char log_path[256];        /* where /log writes */
	struct prefs prefs, kept;  /* as it is; as the file has it */
	bool list_on, details_on, bare;
	enum theme theme;
	bool has_color, is_color_refused, is_light;
	bool has_answered;         /* the terminal, what its background is */
	struct terminal terminal;
	bool is_utf8, focus_known, focused;
	bool has_few;              /* no ticks, no half blocks */
	usec_t key_at;             /* the last key */
	enum model_over over;
	char *page;                /* text of an overlay */
	size_t page_len, page_top, page_rows;
	char page_title[64];
	struct qr page_qr;         /* below its text, if there is room */
	bool has_wish_page;        /* it is about requests */
	bool has_qr;               /* QR codes can be shown */
	bool number_as_qr;         /* the safety number, and nothing else */
	int picked;                /* row of the list overlay */
	char sought[128];          /* what /search looks for */
	uint64_t found;            /* entry number; 0: none */

	struct alert alert;
	struct keymap keymap;
	struct deed deeds[MODEL_DEEDS_MAX];
	size_t deed_first, deed_count;
	uint32_t last_serial;
	struct model_serial {
		uint32_t serial;
		int chat;
		char name[NAME_SIZE];  /* whom the command was about */
		char *text;            /* of a message, to put back */
	} serials[MODEL_SERIALS_MAX];
	bool dirty;
	bool has_left;             /* EV_EXIT */
	enum exit_code exit_code;
};

/* ---- model.c ---- */

/* False without memory. wall_s is local time, here and below: seconds since
 * 1970-01-01 00:00 there. */
bool model_init(struct model *m, usec_t now);
void model_fini(struct model *m);

/* What the world wants done next; the caller frees deed.text. */
bool model_next(struct model *m, struct deed *out);

/* A time at which something on the screen or in the model changes by itself,
 * and what is due then. */
usec_t model_deadline(const struct model *m, usec_t now, int64_t wall_s);
void model_expire(struct model *m, usec_t now);

void model_resize(struct model *m, int rows, int cols);

/* Works out where everything is (m->layout); views and keys that scroll rely
 * on it. */
void model_arrange(struct model *m);

/* Who is online, as the engine lists them. */
void model_people(struct model *m, const struct person *list, size_t count,
    uint64_t version);

/* How the path to a chat's peer stands. */
void model_path(struct model *m, usec_t now, struct chat *c,
    const struct client_path *path);

struct chat *model_chat(const struct model *m, int number);
struct chat *model_shown(const struct model *m);
int model_number(const struct model *m, const struct chat *c);

/* By name, of whoever has it now; NULL if there is none. */
struct chat *model_find(const struct model *m, const char *name);

/* By name, a new one if need be; home when there is no room. */
struct chat *model_open(struct model *m, const char *name);
void model_show(struct model *m, usec_t now, int number);
void model_close(struct model *m, usec_t now, int number);

/* Lines in a chat that the engine has not said. text may have several. */
void model_say(struct model *m, struct chat *c, int64_t wall_s,
    enum entry_kind kind, const char *text, size_t len);
void model_hint(struct model *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct flow model_flow(const struct model *m, const struct chat *c);

/* Columns of the time before a line, and all before its text. */
int model_time_cols(const struct model *m);
int model_prefix(const struct model *m, const struct chat *c);

/* True if somebody looks at this chat's end. */
bool model_is_seen(const struct model *m, usec_t now, const struct chat *c);

size_t model_unread(const struct model *m, size_t *chats);

void model_deed(struct model *m, enum deed_kind kind, const char *text,
    size_t len);

/* A command for the engine, its text owned by the deed; what comes back of it
 * goes to the chat shown. */
void model_command(struct model *m, const struct command *cmd);

/* Commands for the engine about a name ("" : none is said). */
void model_order(struct model *m, enum command_id id, const char *name);

/* The line was entered: it goes to the history and is no draft. Once only for
 * a line, also if what it does goes to another chat. */
void model_take(struct model *m);

/* Something that is being typed changed. */
void model_touch(struct model *m, usec_t now);

/* ---- model_wish.c ---- */

/* A request is answered: the bar goes on to the next one. */
void model_drop_wish(struct model *m, usec_t now, const char *name);
struct wish *model_wish(struct model *m, const char *name);
void model_expire_wishes(struct model *m, usec_t now);

/* True if the request on the bar may be answered by a key. */
bool model_is_armed(const struct model *m, usec_t now);

/* Who asks, as a page; and after a change of that, if it is shown. */
void model_page_wishes(struct model *m);
void model_wishes_changed(struct model *m);

/* ---- model_names.c ---- */

/* A name as it is shown: "Bob", or "Bob~2LM9" if a chat of that name has
 * another key. */
void model_label(const struct model *m, const char *name,
    const uint8_t key_id[static KEY_ID_LEN], char out[static LABEL_SIZE]);
void model_chat_label(const struct model *m, const struct chat *c,
    char out[static LABEL_SIZE]);

/* Whether somebody online is one of the chats. */
bool model_has_chat(const struct model *m, const struct folk *f);

/* The chat of a key, which is called so now; home when there is no room. */
struct chat *model_chat_of(struct model *m, const char *name,
    const uint8_t key[static KEY_LEN]);

/* ---- model_event.c ---- */
void model_event(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev);

/* ---- model_tell.c ---- */

/* What say_event has to say of an event, as lines of a chat. */
void model_tell(struct model *m, struct chat *c, int64_t wall_s,
    const struct event *ev);

/* Here commands begin with "/", and so they do in what is said about them. */
void model_slashes(struct str *out, const char *s, size_t len);

/* ---- model_verify.c ---- */

/* EV_VERIFY: shows the number, or what was decided about it. */
void model_verify(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev);

/* The number asked for next is wanted as a QR code. False if that cannot be
 * shown: m->hint says why. */
bool model_ask_qr(struct model *m);
bool model_shows_qr(const struct model *m);

/* The new key of a name was accepted. */
void model_unblock(struct model *m, usec_t now, int64_t wall_s,
    const char *name);

/* ---- model_prefs.c ---- */

/* A setting takes effect. */
void model_apply(struct model *m, enum pref pref);

/* What the terminal can, and whether its background is light. */
void model_colors(struct model *m, bool has_color, bool is_light);

/* What $COLORFGBG says of the background; false if it says nothing. */
bool model_colorfgbg(const char *value, bool *is_light);

/* Settings and keys as their file has them, without what is as usual. What
 * makes no sense is passed over. */
void model_write_prefs(const struct model *m, struct str *out);
void model_read_prefs(struct model *m, const char *text, size_t len);

/* Changes a setting and has it kept. False if it has no such word: m->hint
 * names them. */
bool model_set(struct model *m, enum pref pref, const char *word);

/* "KEY ACTION [NUMBER]"; false if it makes no sense. */
bool model_bind(struct model *m, const char *text);

/* The arguments of /set and /bind. */
bool model_set_line(struct model *m, const char *arg);
bool model_bind_line(struct model *m, const char *arg);

/* ---- model_term.c ---- */

/* A page: what the terminal can, and what was decided. */
void model_page_term(struct model *m);

/* ---- model_key.c ---- */
void model_key(struct model *m, usec_t now, int64_t wall_s, struct key key);

/* A click; only the wheel is a key. */
void model_click(struct model *m, usec_t now, int64_t wall_s, int row,
    int col);
void model_keys_expire(struct model *m, usec_t now, int64_t wall_s);

/* ---- model_slash.c ---- */

/* Carries out a line that begins with "/". False if it is not to be taken:
 * m->hint says why, and the line stays. */
bool model_slash(struct model *m, usec_t now, int64_t wall_s,
    const char *line, size_t len);

/* What Tab can put at the cursor. */
enum edit_result model_complete(struct model *m);

/* ---- model_help.c ---- */
void model_help(struct model *m, const char *topic, size_t len);
void model_page_keys(struct model *m);

/* True for a subject that model_help explains and that is no command. */
bool model_has_topic(const char *topic, size_t len);

/* ---- model_local.c: commands that are the screen's own ---- */

struct local {
	const char *name, *args, *summary;
	bool (*run)(struct model *m, usec_t now, int64_t wall_s,
	    const char *arg, size_t len);
	enum action action; /* whose key does the same */
};
const struct local *model_locals(size_t *count);

/* The address of a server, where one is asked for. False if it is none. */
bool model_use_server(struct model *m, const char *text, size_t len);

/* Leaves, after asking once if something is not delivered. */
bool model_leave(struct model *m, usec_t now);

/* ---- model_act.c: what the keys of the keymap do ---- */
void model_act(struct model *m, usec_t now, int64_t wall_s,
    enum action action, int number);

/* Looks for an entry with the text above the one found before. */
void model_search(struct model *m, const char *text);

void model_scroll(struct model *m, long rows);

/* A page of text over the chat. */
void model_page(struct model *m, const char *title, const char *text,
    size_t len);

/* The same text as a QR code below it, where that is possible. */
void model_page_qr(struct model *m, const char *text);

/* True if the page's QR code fits into the pane, below rows of text. */
bool model_has_room_for_qr(const struct model *m, size_t rows);

/* A request of that name was allowed: its chat opens. */
void model_allowed(struct model *m, usec_t now, const char *name);

/* Goes to what is picked in the list. */
void model_pick(struct model *m, usec_t now);

/* Asks somebody, in a chat that is shown. */
void model_connect(struct model *m, usec_t now, const char *name);

#endif
