/* A conversation as the screen knows it: who, over what, what was said, what
 * is being typed. The first one, "home", is with nobody: what the server says
 * goes there. */
#ifndef CHAT_H
#define CHAT_H

#include "tui/flow.h"
#include "tui/style.h"

#include "core/client.h"
#include "core/usec.h"

enum chat_state {
	CHAT_IDLE,      /* no conversation */
	CHAT_ASKING,    /* waiting for the other's yes */
	CHAT_DENIED,
	CHAT_PUNCHING,  /* both agreed, no path yet */
	CHAT_OPEN,
	CHAT_KEY,       /* the name came with another key: blocked */
	CHAT_FAILED,
};

struct chat {
	char name[NAME_SIZE]; /* "" : home */
	uint8_t key[KEY_LEN];
	bool has_key, known, verified;
	bool is_former;       /* the name belongs to another key by now */
	enum style style;     /* of the name */

	enum chat_state state;
	usec_t since;         /* in that state */
	int64_t since_wall;
	enum reason reason;   /* of CHAT_FAILED; or why it is idle */
	enum transport transport;
	struct addr addr;
	enum link_state link; /* while open */
	usec_t heard_at;      /* last sign of life, if link is not OK */
	usec_t up_at;         /* open since */
	uint32_t rtt_ms;      /* shown: follows only real changes */
	uint32_t loss_permille;
	bool has_rtt;
	struct client_path path; /* as the engine had it last */
	usec_t resume_at;     /* a lost path is asked for again then */
	uint32_t flaps;       /* changes of the link in two minutes */
	usec_t flapped_at;

	struct backlog log;
	struct spot at;
	size_t unread;
	uint64_t unread_from; /* the unread line; 0: none */
	uint64_t scrolled_end;/* end of the backlog when scrolling began */
	size_t waiting;       /* own messages that are not delivered */

	char *draft;          /* what is typed, while another is shown */
	size_t draft_len, draft_at;
};

struct chat *chat_new(const char *name);
void chat_free(struct chat *c);

void chat_enter(struct chat *c, usec_t now, int64_t wall_s,
    enum chat_state state);
void chat_set_key(struct chat *c, const uint8_t key[static KEY_LEN]);

/* Keeps a draft; "" drops it. */
void chat_set_draft(struct chat *c, const char *text, size_t len, size_t at);

/* A round trip that was measured; true if what is shown has changed. */
bool chat_set_rtt(struct chat *c, uint32_t rtt_us);

/* True if a message can be taken now, at least to wait. */
bool chat_takes_text(const struct chat *c);

#endif
