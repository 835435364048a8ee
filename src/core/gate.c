#include "gate.h"
#include "name.h"
#include "noise.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- handshakes that are not proved yet ---- */

static bool
nonce_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct halves *h = owner;

	return memcmp(h->all[slot].nonce, key, len) == 0;
}

bool
halves_init(struct halves *h, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN])
{
	memset(h, 0, sizeof *h);
	h->all = calloc(max, sizeof *h->all);
	if (h->all == NULL || !map_init(&h->by_nonce, max, key, nonce_eq, h)) {
		halves_fini(h);
		return false;
	}
	h->max = max;
	h->free = NOBODY;
	return true;
}

void
halves_fini(struct halves *h)
{
	free(h->all);
	map_fini(&h->by_nonce);
	memset(h, 0, sizeof *h);
}

static uint32_t
half_new(struct halves *h, const uint8_t nonce[static NONCE_LEN])
{
	uint32_t slot = h->free;

	if (slot != NOBODY)
		h->free = h->all[slot].next;
	else if (h->end < h->max)
		slot = h->end++;
	else
		return NOBODY;
	memset(&h->all[slot], 0, sizeof h->all[slot]);
	memcpy(h->all[slot].nonce, nonce, NONCE_LEN);
	map_add(&h->by_nonce, nonce, NONCE_LEN, slot);
	return slot;
}

void
gate_forget(struct server *s, uint32_t half)
{
	struct halves *h = &s->halves;

	map_remove(&h->by_nonce, h->all[half].nonce, NONCE_LEN, half);
	h->all[half].next = h->free;
	h->free = half;
}

void
gate_drop(struct server *s, uint32_t member)
{
	const struct member *m = &s->reg.members[member];

	assert(m->state == MEMBER_HALF);
	site_leave(&s->sites, &m->addr, SITE_HALF_CLIENTS);
	gate_forget(s, m->account);
	member_free(&s->reg, member);
}

void
gate_expire(struct server *s, usec_t now)
{
	usec_t since;
	uint32_t member;

	while ((member = member_oldest_half(&s->reg, now, &since)) != NOBODY &&
	    since + HALF_S * USEC_S <= now)
		gate_drop(s, member);
}

/* ---- names ---- */

bool
gate_is_free(const struct server *s, usec_t now, const char *name)
{
	const uint32_t account = account_by_name(&s->reg, name);
	const struct account *p;

	if (account == NOBODY)
		return true;
	p = &s->reg.accounts[account];
	return p->member == NOBODY && hub_wall(s, now) >
	    p->used_s + (uint64_t)NAME_LIFE_DAYS * DAY_S;
}

/* "anna-2", "anna-3": as much of wanted as leaves room, cut between
 * characters. */
static bool
number_name(struct server *s, const char *wanted, char out[static NAME_SIZE])
{
	size_t len = strlen(wanted);

	if (len > NAME_MAX_LEN - 3)
		len = NAME_MAX_LEN - 3;
	while (len > 0 && ((unsigned char)wanted[len] & 0xc0) == 0x80)
		len--;
	for (int n = 2; n < 100; n++) {
		char text[NAME_SIZE];
		int size = snprintf(text, sizeof text, "%.*s-%d", (int)len,
		    wanted, n);

		if (name_check(text, (size_t)size, out) == NAME_OK &&
		    account_by_name(&s->reg, out) == NOBODY)
			return true;
	}
	return false;
}

bool
gate_free_name(struct server *s, const char *wanted,
    char out[static NAME_SIZE])
{
	if (wanted != NULL && number_name(s, wanted, out))
		return true;
	for (int n = 0; n < 64; n++) {
		name_random(rng_u64(&s->rng), out);
		if (account_by_name(&s->reg, out) == NOBODY)
			return true;
	}
	return false;
}

/* ---- HELLO ---- */

void
gate_hello(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	uint8_t out[COOKIE_PACKET_LEN], cookie[COOKIE_LEN];
	struct wr w = wr_of(out, sizeof out);
	struct rd r = rd_of(packet, len);
	const uint8_t *nonce;

	get_u32(&r);
	nonce = get_bytes(&r, NONCE_LEN);
	if (r.bad || len < HELLO_LEN) {
		s->stats.malformed++;
		return;
	}
	cookie_make(&s->cookie, &s->rng, now, &from->addr, nonce, cookie);
	put_u8(&w, PACKET_COOKIE);
	put_u8(&w, WIRE_VERSION);
	put_zeros(&w, 2);
	put_bytes(&w, nonce, NONCE_LEN);
	put_bytes(&w, cookie, COOKIE_LEN);
	put_bytes(&w, s->conf.identity.public, KEY_LEN);
	assert(!w.bad && w.len == sizeof out);
	hub_send(s, from, out, w.len);
	s->stats.hellos++;
}

/* ---- INIT ---- */

/* An INIT while it is looked at. */
struct entry {
	uint8_t version;
	uint32_t index;          /* the client's */
	const uint8_t *nonce, *cookie, *msg1;
	struct noise noise;
	const uint8_t *key;      /* the client's */
	uint8_t flags;
	char wanted[NAME_SIZE];  /* as sent */
	struct wire_accept accept;
};

enum { MSG1_LEN = 32 + 48 + INIT_PAYLOAD + TAG_LEN };

static bool
parse_init(const uint8_t *packet, size_t len, struct entry *e)
{
	struct rd r = rd_of(packet, len);

	get_u8(&r);
	e->version = get_u8(&r);
	get_u16(&r);
	e->index = get_u32(&r);
	e->nonce = get_bytes(&r, NONCE_LEN);
	e->cookie = get_bytes(&r, COOKIE_LEN);
	e->msg1 = get_bytes(&r, MSG1_LEN);
	return rd_done(&r);
}

/* A client that did not get its ACCEPT repeats the INIT: the same answer, and
 * no second handshake. */
static bool
answer_again(struct server *s, const struct place *from, const uint8_t *nonce)
{
	const uint32_t half = map_find(&s->halves.by_nonce, nonce, NONCE_LEN);
	const struct half *h;

	if (half == NOBODY)
		return false;
	h = &s->halves.all[half];
	if (h->stream == from->stream)
		hub_send(s, from, h->accept, h->len);
	return true;
}

bool
gate_take_key(struct server *s, usec_t now, const struct addr *from)
{
	const struct bucket_rate rate = { 1, s->conf.site_burst };

	return site_take(&s->sites, from, now, SITE_KEYS, &rate, 1);
}

static bool
is_within_rates(struct server *s, usec_t now, const struct place *from)
{
	static const struct bucket_rate site = { GATE_RATE, GATE_BURST };
	const struct bucket_rate all = { s->conf.handshakes_per_s,
		s->conf.handshakes_per_s };

	return site_count(&s->sites, &from->addr, SITE_HALF_CLIENTS) <
	    GATE_HALF_PER_SITE &&
	    site_take(&s->sites, &from->addr, now, SITE_HANDSHAKES, &site, 1) &&
	    bucket_take(&s->handshakes, &all, now, 1);
}

static bool
read_message(struct server *s, struct entry *e)
{
	uint8_t prologue[PROLOGUE_SERVER_LEN], payload[INIT_PAYLOAD];
	struct rd r = rd_of(payload, sizeof payload);
	size_t len;

	wire_server_prologue_of(e->version, e->nonce, prologue);
	if (noise_init(&e->noise, NOISE_IK, false, prologue, sizeof prologue,
	    &s->conf.identity, NULL) != 0)
		return false;
	s->stats.handshakes++;
	if (noise_read(&e->noise, e->msg1, MSG1_LEN, payload, sizeof payload,
	    &len) != 0 || len != sizeof payload)
		return false;
	e->key = noise_remote(&e->noise);
	e->flags = get_u8(&r);
	wire_get_name(&r, e->wanted);
	return !r.bad;
}

/* The name that the client gets, and whether it gets one. */
static uint8_t
choose_name(struct server *s, usec_t now, const struct entry *e,
    uint32_t account, char name[static NAME_SIZE])
{
	if (e->wanted[0] == '\0') {
		if (account != NOBODY)
			memcpy(name, s->reg.accounts[account].name, NAME_SIZE);
		else if (!gate_free_name(s, NULL, name))
			return STATUS_FULL;
		return STATUS_OK;
	}
	if (name_check(e->wanted, strlen(e->wanted), name) != NAME_OK) {
		gate_free_name(s, NULL, name);
		return STATUS_NAME_BAD;
	}
	if (account_by_name(&s->reg, name) != account &&
	    !gate_is_free(s, now, name)) {
		gate_free_name(s, name, name);
		return STATUS_NAME_TAKEN;
	}
	return STATUS_OK;
}

/* True if the account is online from that site already: then it takes the
 * place of itself. */
static bool
is_there(const struct server *s, uint32_t member, const struct addr *from)
{
	return member != NOBODY &&
	    addr_same_site(&s->reg.members[member].addr, from);
}

uint8_t
gate_room(const struct server *s, uint32_t account, const struct addr *from)
{
	const uint32_t member = account != NOBODY ?
	    s->reg.accounts[account].member : NOBODY;

	if (member == NOBODY && s->reg.live.count >= s->conf.clients_max)
		return STATUS_FULL;
	if (account == NOBODY && s->reg.accounts_count >= s->reg.accounts_max)
		return STATUS_FULL;
	if (!is_there(s, member, from) && site_count(&s->sites, from,
	    SITE_CLIENTS) >= s->conf.site_names)
		return STATUS_TOO_MANY;
	return STATUS_OK;
}

static uint8_t
judge(struct server *s, usec_t now, const struct place *from, struct entry *e)
{
	const uint32_t account = account_by_key(&s->reg, e->key);
	char *name = e->accept.name;
	bool is_new;
	uint8_t status;

	/* This much every version has in common. */
	if (e->version != WIRE_VERSION)
		return STATUS_VERSION;
	status = choose_name(s, now, e, account, name);
	if (status == STATUS_OK)
		status = gate_room(s, account, &from->addr);
	if (status != STATUS_OK)
		return status;
	is_new = account == NOBODY ||
	    strcmp(s->reg.accounts[account].name, name) != 0;
	if (is_new && now < s->store_broken)
		return STATUS_STORE;
	if (is_new && !gate_take_key(s, now, &from->addr))
		return STATUS_TOO_MANY;
	return STATUS_OK;
}

/* A HALF member; the one that has waited longest makes room. */
static uint32_t
new_half(struct server *s, usec_t now, const struct place *from,
    const struct entry *e)
{
	uint32_t half = half_new(&s->halves, e->nonce);
	uint32_t member;
	usec_t since;

	if (half == NOBODY) {
		gate_drop(s, member_oldest_half(&s->reg, now, &since));
		half = half_new(&s->halves, e->nonce);
	}
	assert(half != NOBODY);
	member = member_new(&s->reg, now);
	if (member == NOBODY) {
		gate_forget(s, half);
		return NOBODY;
	}
	s->reg.members[member].addr = from->addr;
	s->reg.members[member].account = half;
	s->reg.members[member].peer_index = e->index;
	if (from->is_probe)
		s->reg.members[member].flags = MEMBER_PROBE;
	site_join(&s->sites, &from->addr, SITE_HALF_CLIENTS, UINT32_MAX);
	return member;
}

static size_t
write_accept(struct server *s, uint32_t index, struct entry *e,
    uint8_t *out, size_t cap)
{
	uint8_t payload[ACCEPT_PAYLOAD_MAX];
	struct wr p = wr_of(payload, sizeof payload), w = wr_of(out, cap);
	size_t len;

	wire_put_accept(&p, &e->accept);
	put_u8(&w, PACKET_ACCEPT);
	put_u8(&w, WIRE_VERSION);
	put_zeros(&w, 2);
	put_u32(&w, e->index);
	put_u32(&w, index);
	assert(!p.bad && !w.bad);
	if (noise_write(&e->noise, &s->rng, p.p, p.len, out + w.len,
	    cap - w.len, &len) != 0)
		return 0;
	return w.len + len;
}

static void
fill_accept(const struct server *s, const struct place *from, struct entry *e)
{
	e->accept.flags = s->conf.relay ? ACCEPT_RELAY : 0;
	e->accept.seen = from->addr;
	e->accept.probe_port = s->probe_port;
	e->accept.beat_min_s = BEAT_MIN_S;
	e->accept.beat_max_s = BEAT_MAX_S;
	e->accept.gone_s = GONE_S;
	e->accept.online = s->stats.online;
}

static void
refuse(struct server *s, const struct place *from, struct entry *e)
{
	uint8_t out[sizeof ((struct half *)NULL)->accept];
	size_t len = write_accept(s, 0, e, out, sizeof out);

	if (len > 0)
		hub_send(s, from, out, len);
	s->stats.refused++;
}

static void
accept_half(struct server *s, usec_t now, const struct place *from,
    struct entry *e)
{
	uint32_t member = new_half(s, now, from, e);
	struct half *h;

	if (member == NOBODY) {
		e->accept.status = STATUS_FULL;
		refuse(s, from, e);
		return;
	}
	h = &s->halves.all[s->reg.members[member].account];
	memcpy(h->key, e->key, KEY_LEN);
	memcpy(h->name, e->accept.name, NAME_SIZE);
	h->flags = e->flags;
	h->stream = from->stream;
	h->len = (uint16_t)write_accept(s, member_index(&s->reg, member), e,
	    h->accept, sizeof h->accept);
	if (h->len == 0) { /* a key of low order */
		gate_drop(s, member);
		return;
	}
	session_small_init(member_session(&s->reg, member), &e->noise);
	hub_send(s, from, h->accept, h->len);
}

void
gate_init(struct server *s, usec_t now, const struct place *from,
    const uint8_t *packet, size_t len)
{
	struct entry e = { 0 };

	if (!parse_init(packet, len, &e)) {
		s->stats.malformed++;
		return;
	}
	if (!cookie_check(&s->cookie, &s->rng, now, &from->addr, e.nonce,
	    e.cookie)) {
		s->stats.forged++;
		return;
	}
	if (answer_again(s, from, e.nonce))
		return;
	if (!is_within_rates(s, now, from)) {
		s->stats.limited++;
		return;
	}
	if (!read_message(s, &e)) {
		s->stats.forged++;
	} else {
		fill_accept(s, from, &e);
		e.accept.status = judge(s, now, from, &e);
		if (e.accept.status == STATUS_OK)
			accept_half(s, now, from, &e);
		else
			refuse(s, from, &e);
	}
	noise_fini(&e.noise);
}
