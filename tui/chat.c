#include "tui/chat.h"

#include <stdlib.h>
#include <string.h>

struct chat *
chat_new(const char *name)
{
	struct chat *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	memcpy(c->name, name, strnlen(name, NAME_MAX_LEN));
	c->style = STYLE_HEAD;
	return c;
}

void
chat_free(struct chat *c)
{
	if (c == NULL)
		return;
	backlog_fini(&c->log);
	free(c->draft);
	free(c);
}

void
chat_enter(struct chat *c, usec_t now, int64_t wall_s, enum chat_state state)
{
	c->state = state;
	c->since = now;
	c->since_wall = wall_s;
	if (state != CHAT_OPEN) {
		c->transport = TRANSPORT_NONE;
		c->link = LINK_OK;
		c->has_rtt = false;
	}
}

void
chat_set_key(struct chat *c, const uint8_t key[static KEY_LEN])
{
	memcpy(c->key, key, KEY_LEN);
	c->has_key = true;
	c->style = style_of_key(key, KEY_LEN);
}

void
chat_set_draft(struct chat *c, const char *text, size_t len, size_t at)
{
	char *draft = NULL;

	if (len > 0) {
		draft = malloc(len + 1);
		if (draft == NULL)
			return;
		memcpy(draft, text, len);
		draft[len] = '\0';
	}
	free(c->draft);
	c->draft = draft;
	c->draft_len = len;
	c->draft_at = at;
}

/* The number on the status line costs bytes on slow lines: it moves when the
 * round trip has really changed. */
bool
chat_set_rtt(struct chat *c, uint32_t rtt_us)
{
	uint32_t ms = (rtt_us + 500) / 1000, gap;

	if (rtt_us == 0)
		return false;
	gap = ms > c->rtt_ms ? ms - c->rtt_ms : c->rtt_ms - ms;
	if (c->has_rtt && gap <= 5 + c->rtt_ms / 4)
		return false;
	c->has_rtt = true;
	c->rtt_ms = ms;
	return true;
}

bool
chat_takes_text(const struct chat *c)
{
	return c->state == CHAT_ASKING || c->state == CHAT_PUNCHING ||
	    c->state == CHAT_OPEN;
}
