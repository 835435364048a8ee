#include "client_state.h"

#include <string.h>

static const uint8_t resume_backoff_s[] = { 1, 2, 4, 8, 15, 30 };

static usec_t
resume_pause(const struct peer *p)
{
	size_t n = sizeof resume_backoff_s;

	return resume_backoff_s[p->resumes < n ? p->resumes : n - 1] * USEC_S;
}

void
client_seek_patiently(struct client *c, usec_t now, struct peer *p)
{
	p->link.wants_resume = false;
	if (c->up.is_up && p->resume_at == USEC_NEVER &&
	    !calls_has(&c->up.calls, OP_RESUME, p->id))
		p->resume_at = now + resume_pause(p);
}

void
client_want_resume(struct client *c, usec_t now, struct peer *p)
{
	p->link.wants_resume = false;
	/* Once registered again every conversation is resumed anyway. */
	if (!c->up.is_up || p->state != PEER_OPEN ||
	    p->resume_at != USEC_NEVER ||
	    calls_has(&c->up.calls, OP_RESUME, p->id))
		return;
	p->resume_at = now;
}

void
client_send_resume(struct client *c, usec_t now, struct peer *p)
{
	uint8_t body[KEY_LEN + 1 + RESUME_BLOB_MAX];
	struct wr w = wr_of(body, sizeof body);
	size_t len;

	p->resume_at = USEC_NEVER;
	if (!c->up.is_up)
		return;
	peer_send_cands(p, &c->self);
	put_bytes(&w, p->key, KEY_LEN);
	put_u8(&w, p->link.relay_ok ? 0 : REQUEST_NO_RELAY);
	len = link_pack(&p->link, now, body + w.len, sizeof body - w.len);
	uplink_call(&c->up, &c->self, now, OP_RESUME, p->id, body,
	    w.len + len);
	p->resume_at = now + resume_pause(p);
	p->resumes++;
}

static void
resumed(struct client *c, usec_t now, struct peer *p, struct rd *body)
{
	struct addr seen = addr_get(body);
	uint64_t route = get_u64(body);

	if (body->bad)
		return;
	if (p->link_told != LINK_LOST)
		p->resumes = 0;
	p->resume_at = USEC_NEVER;
	client_reach(c, now, p, &seen, route);
}

void
client_resume_reply(struct client *c, usec_t now, const struct news *news)
{
	struct peer *p = client_peer_by_id(c, news->tag);
	struct rd body = news->body;

	if (p == NULL || p->state != PEER_OPEN ||
	    news->kind != NEWS_REPLY || news->status != STATUS_OK)
		return;
	if (get_u8(&body) == 1)
		resumed(c, now, p, &body);
}

void
client_resume_push(struct client *c, usec_t now, struct rd *body)
{
	const uint8_t *key = get_bytes(body, KEY_LEN);
	struct rd where = *body;
	struct peer *p;

	addr_get(body);
	get_u64(body);
	if (body->bad)
		return;
	p = client_peer_by_key(c, key, PEER_OPEN);
	/* The peer itself has to have said it, and not long ago. */
	if (p == NULL || !link_input(&p->link, &c->self, &c->up, now,
	    TRANSPORT_RELAY, -1, &c->self.server, body->p, body->len))
		return;
	if (!p->link.is_closed)
		resumed(c, now, p, &where);
	client_attend(c, now, p);
}
