#include "peer.h"

#include "err.h"
#include "name.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

struct peer *
peer_new(uint64_t id, const char *name, enum peer_state state)
{
	struct peer *p = sodium_malloc(sizeof *p);

	if (p == NULL)
		return NULL;
	memset(p, 0, sizeof *p);
	p->id = id;
	p->state = state;
	memcpy(p->name, name, strnlen(name, NAME_MAX_LEN));
	p->expires_at = USEC_NEVER;
	p->resume_at = p->retry_at = p->guess.at = USEC_NEVER;
	p->reroll_at = USEC_NEVER;
	p->rename_at = p->consider_at = p->udp_failed_at = USEC_NEVER;
	p->ports = p->told_ports = ports_all;
	link_init(&p->link);
	tcpswitch_init(&p->tcp);
	return p;
}

void
peer_free(struct peer *p)
{
	if (p == NULL)
		return;
	noise_fini(&p->noise);
	noise_fini(&p->rekey.noise);
	link_fini(&p->link);
	sodium_free(p);
}

bool
peer_ask(struct peer *p, struct self *self, struct wr *body)
{
	uint8_t prologue[PROLOGUE_PEER_MAX], payload[INTRO_PAYLOAD];
	struct wr w = wr_of(payload, sizeof payload);
	size_t len;

	p->index = rng_u32(&self->rng);
	rng_fill(&self->rng, p->nonce, sizeof p->nonce);
	put_u32(&w, p->index);
	put_u8(&w, (uint8_t)((self->no_relay ? REQUEST_NO_RELAY : 0) |
	    (self->is_tcp_only ? REQUEST_TCP : 0)));
	put_zeros(&w, sizeof payload - w.len);
	len = wire_peer_prologue(self->name, p->name, p->nonce, prologue);
	if (noise_init(&p->noise, NOISE_IK, true, prologue, len,
	    &self->identity, p->key) != E_OK)
		return false;
	put_bytes(body, p->nonce, NONCE_LEN);
	wire_put_name(body, p->name);
	put_bytes(body, p->key, KEY_LEN);
	if (body->bad || noise_write(&p->noise, &self->rng, payload,
	    sizeof payload, body->p + body->len, body->cap - body->len,
	    &len) != E_OK)
		return false;
	body->len += len;
	return true;
}

bool
peer_hear(struct peer *p, const struct self *self, struct rd *body)
{
	uint8_t prologue[PROLOGUE_PEER_MAX], payload[INTRO_PAYLOAD];
	char requester[NAME_SIZE], target[NAME_SIZE];
	struct rd r;
	size_t len;
	uint8_t flags;

	get_copy(body, p->nonce, NONCE_LEN);
	wire_get_name(body, requester);
	wire_get_name(body, target);
	if (body->bad || body->len != INTRO_MSG1_LEN)
		return false;
	if (name_check(requester, strlen(requester), p->name) != NAME_OK)
		return false;
	if (!name_same(target, self->name) &&
	    !name_same(target, self->name_beside))
		return false;
	/* Nobody else has our name. */
	if (name_same(p->name, self->name))
		return false;
	len = wire_peer_prologue(requester, target, p->nonce, prologue);
	if (noise_init(&p->noise, NOISE_IK, false, prologue, len,
	    &self->identity, NULL) != E_OK)
		return false;
	if (noise_read(&p->noise, body->p, body->len, payload, sizeof payload,
	    &len) != E_OK)
		return false;
	r = rd_of(payload, len);
	p->remote = get_u32(&r);
	flags = get_u8(&r);
	if (r.bad)
		return false;
	p->no_relay = (flags & REQUEST_NO_RELAY) != 0;
	p->is_tcp_only = (flags & REQUEST_TCP) != 0;
	memcpy(p->key, noise_remote(&p->noise), KEY_LEN);
	p->has_key = true;
	return true;
}

static void
open_link(struct peer *p, bool is_asker, bool no_relay, usec_t now)
{
	link_open(&p->link, &p->noise, is_asker, p->index, p->remote, now);
	noise_fini(&p->noise);
	p->link.relay_ok = !no_relay && !p->no_relay;
	p->state = PEER_OPEN;
	p->expires_at = USEC_NEVER;
}

bool
peer_allow(struct peer *p, struct self *self, usec_t now, struct wr *body)
{
	uint8_t payload[INTRO_MSG2_MAX];
	struct wr w = wr_of(payload, sizeof payload);
	struct cands own;
	size_t len;

	p->index = rng_u32(&self->rng);
	cands_own(&own, self);
	p->has_our_tcp = (p->is_tcp_only || self->is_tcp_only) &&
	    cands_add(&own, CAND_TCP, &self->seen_tcp);
	put_u32(&w, p->index);
	put_u8(&w, self->no_relay ? REQUEST_NO_RELAY : 0);
	cands_put(&w, &own);
	put_bytes(body, p->nonce, NONCE_LEN);
	assert(!w.bad);
	if (body->bad || noise_write(&p->noise, &self->rng, payload, w.len,
	    body->p + body->len, body->cap - body->len, &len) != E_OK)
		return false;
	body->len += len;
	open_link(p, false, self->no_relay, now);
	p->state = PEER_ALLOWING;
	return true;
}

bool
peer_allowed(struct peer *p, bool own_no_relay, usec_t now, struct rd *body)
{
	uint8_t payload[INTRO_MSG2_MAX];
	struct rd r;
	bool no_relay;
	size_t len;

	if (noise_try_read(&p->noise, body->p, body->len, payload,
	    sizeof payload, &len) != E_OK)
		return false;
	r = rd_of(payload, len);
	p->remote = get_u32(&r);
	no_relay = (get_u8(&r) & REQUEST_NO_RELAY) != 0;
	cands_get(&r, &p->cands);
	if (r.bad)
		p->cands.count = 0;
	p->no_relay = no_relay;
	open_link(p, true, own_no_relay, now);
	return true;
}

void
peer_targets(struct peer *p, const struct self *self, struct cands *out)
{
	struct cands all = { .count = 0 };
	size_t i;

	cands_add(&all, CAND_SEEN, &p->seen);
	for (i = 0; i < p->cands.count; i++)
		cands_add(&all, (enum cand_kind)p->cands.list[i].kind,
		    &p->cands.list[i].addr);
	cands_filter(out, self, &p->seen, &all);
	if (!p->punch.is_on)
		p->asked.count = 0;
	cands_confine(out, &p->asked, &p->seen);
}

static void
send_ports(struct peer *p, const struct self *self)
{
	const struct ports *ports = &self->ports;
	uint8_t buf[9];
	struct wr w = wr_of(buf, sizeof buf);

	if (memcmp(&p->told_ports, ports, sizeof *ports) == 0)
		return;
	p->told_ports = *ports;
	put_u8(&w, CONTROL_PORTS);
	put_u16(&w, ports->lo);
	put_u16(&w, ports->hi);
	put_u16(&w, ports->mask);
	put_u16(&w, ports->value);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
}

void
peer_send_cands(struct peer *p, const struct self *self)
{
	uint8_t buf[16 + CANDS_MAX * (1 + ADDR_WIRE_MAX)];
	struct wr w = wr_of(buf, sizeof buf);
	struct cands own;

	cands_own(&own, self);
	put_u8(&w, CONTROL_CANDS);
	put_u32(&w, ++p->own_generation);
	put_u8(&w, self->nat);
	put_u16(&w, (uint16_t)self->nat_step);
	cands_put(&w, &own);
	assert(!w.bad);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
	send_ports(p, self);
}
