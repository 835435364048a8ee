#include "enroll.h"
#include "gate.h"
#include "introduce.h"
#include "ledger.h"

#include <assert.h>
#include <string.h>

enum { COME_AGAIN_MS = 500 };

static struct account *
account_at(struct server *s, uint32_t account)
{
	return &s->reg.accounts[account];
}

static struct member *
member_at(struct server *s, uint32_t member)
{
	return &s->reg.members[member];
}

/* ---- where a member is ---- */

static void
unplug(struct server *s, uint32_t member)
{
	struct member *m = member_at(s, member);

	if (m->stream != NOBODY)
		s->streams.all[m->stream].member = NOBODY;
	m->stream = NOBODY;
	if (addr_is_set(&m->addr))
		site_leave(&s->sites, &m->addr, SITE_CLIENTS);
	memset(&m->addr, 0, sizeof m->addr);
}

void
enroll_unplug(struct server *s, uint32_t stream)
{
	const uint32_t member = s->streams.all[stream].member;

	if (member != NOBODY)
		unplug(s, member);
}

void
enroll_move(struct server *s, usec_t now, uint32_t member,
    const struct place *to)
{
	struct member *m = member_at(s, member);

	unplug(s, member);
	if (to->stream != NOBODY) {
		enroll_unplug(s, to->stream);
		s->streams.all[to->stream].member = member;
	}
	m->addr = to->addr;
	m->stream = to->stream;
	m->flags &= (uint8_t)~MEMBER_PROBE;
	if (to->is_probe)
		m->flags |= MEMBER_PROBE;
	site_join(&s->sites, &m->addr, SITE_CLIENTS, UINT32_MAX);
	if (m->state == MEMBER_LIVE)
		push_hurry(&s->pushes, &s->reg, now, m->account);
}

/* Forgets a member that is not HALF; its account stays as it is. */
static void
close_member(struct server *s, uint32_t member)
{
	const uint32_t stream = member_at(s, member)->stream;

	unplug(s, member);
	if (stream != NOBODY)
		hub_close(s, stream);
	member_free(&s->reg, member);
}

/* ---- coming ---- */

static void
announce(struct server *s, usec_t now, uint32_t account, enum presence kind,
    const char *old_name)
{
	const struct account *p = account_at(s, account);

	presence_add(&s->presence, now, kind, p->name, old_name, p->key);
}

/* What the others see of an account who was online as old_name (or not, NULL),
 * and is online now. */
static void
announce_change(struct server *s, usec_t now, uint32_t account,
    const char *old_name, bool was_seen, bool is_seen)
{
	struct account *p = account_at(s, account);

	if (is_seen && !was_seen)
		announce(s, now, account, PRESENCE_ARRIVED, NULL);
	else if (was_seen && !is_seen)
		presence_add(&s->presence, now, PRESENCE_LEFT, old_name, NULL,
		    p->key);
	else if (is_seen && strcmp(p->name, old_name) != 0)
		announce(s, now, account, PRESENCE_RENAMED, old_name);
}

/* The registration counts: it takes the place of an older one. */
static void
finish(struct server *s, usec_t now, uint32_t member, const char *old_name)
{
	struct member *m = member_at(s, member);
	struct account *p = account_at(s, m->account);
	const uint32_t before = p->member;
	bool was_seen = false;

	if (before != NOBODY) {
		was_seen = !(member_at(s, before)->flags & MEMBER_HIDDEN);
		close_member(s, before);
	} else {
		s->stats.online++;
	}
	p->member = member;
	member_promote(&s->reg, now, member, MEMBER_LIVE);
	announce_change(s, now, m->account,
	    old_name[0] != '\0' ? old_name : p->name, was_seen,
	    !(m->flags & MEMBER_HIDDEN));
	if (m->flags & MEMBER_SUBSCRIBED)
		presence_subscribe(&s->presence, m);
	introduce_again(s, now, m->account);
	push_hurry(&s->pushes, &s->reg, now, m->account);
	s->stats.registered++;
	hub_note(s, now, p->name, "registered");
}

/* The account with the key, under the name, both as in save: NOBODY if the
 * name went to somebody else meanwhile, or there is no room. */
static uint32_t
claim(struct server *s, usec_t now, const struct half *h, struct save *save)
{
	const uint32_t owner = account_by_name(&s->reg, h->name);
	uint32_t account = account_by_key(&s->reg, h->key);

	if (account != NOBODY && account_at(s, account)->flags & ACCOUNT_SAVING)
		return NOBODY;
	if (owner != NOBODY && owner != account) {
		if (!gate_is_free(s, now, h->name))
			return NOBODY;
		ledger_forget(s, owner);
	}
	if (account == NOBODY) {
		account = account_new(&s->reg, h->key, h->name);
		save->is_new = true;
	} else if (strcmp(account_at(s, account)->name, h->name) != 0) {
		memcpy(save->old_name, account_at(s, account)->name, NAME_SIZE);
		account_rename(&s->reg, account, h->name);
	}
	save->account = account;
	return account;
}

/* Takes back what claim did. */
static void
unclaim(struct server *s, const struct save *save)
{
	const uint32_t account = save->account;
	uint32_t owner;

	if (save->is_new) {
		account_free(&s->reg, account);
		return;
	}
	if (save->old_name[0] == '\0')
		return;
	owner = account_by_name(&s->reg, save->old_name);
	if (owner == NOBODY || owner == account)
		account_rename(&s->reg, account, save->old_name);
}

static void
turn_away(struct server *s, uint32_t member, const struct place *from)
{
	hub_goodbye(s, member, from, COME_AGAIN_MS);
	s->stats.refused++;
}

/* From HALF to SAVING. The address is that of the INIT, which the cookie
 * proved, or the stream. */
static void
settle(struct server *s, usec_t now, uint32_t member, uint32_t account,
    const struct half *h, const struct place *from)
{
	struct member *m = member_at(s, member);
	struct place path = { .addr = m->addr, .stream = NOBODY,
		.is_probe = (m->flags & MEMBER_PROBE) != 0 };

	site_leave(&s->sites, &m->addr, SITE_HALF_CLIENTS);
	gate_forget(s, m->account);
	memset(&m->addr, 0, sizeof m->addr);
	m->account = account;
	m->flags = 0;
	if (h->flags & INIT_HIDDEN)
		m->flags |= MEMBER_HIDDEN;
	if (h->flags & INIT_SUBSCRIBE)
		m->flags |= MEMBER_SUBSCRIBED;
	member_promote(&s->reg, now, member, MEMBER_SAVING);
	if (from->stream != NOBODY)
		enroll_move(s, now, member, from);
	else if (h->stream == NOBODY)
		enroll_move(s, now, member, &path);
}

void
enroll_commit(struct server *s, usec_t now, uint32_t member,
    const struct place *from)
{
	const struct half h = s->halves.all[member_at(s, member)->account];
	struct save save = { .member = member_index(&s->reg, member) };
	uint32_t account = NOBODY;

	/* Others may have come since the INIT was judged. */
	if (gate_room(s, account_by_key(&s->reg, h.key),
	    &member_at(s, member)->addr) == STATUS_OK)
		account = claim(s, now, &h, &save);
	if (account == NOBODY) {
		turn_away(s, member, from);
		gate_drop(s, member);
		return;
	}
	settle(s, now, member, account, &h, from);
	if (!save.is_new && save.old_name[0] == '\0' &&
	    !(account_at(s, account)->flags & ACCOUNT_RELEASED)) {
		finish(s, now, member, "");
		return;
	}
	if (ledger_begin(s, now, &save))
		return;
	turn_away(s, member, from);
	close_member(s, member);
	unclaim(s, &save);
}

void
enroll_wait(struct server *s, uint32_t member, uint32_t seq)
{
	const uint32_t index = member_index(&s->reg, member);

	for (int i = 0; i < SAVES_MAX; i++) {
		struct save *save = &s->saves[i];

		if (save->id != 0 && save->member == index && !save->is_call) {
			save->has_answer = true;
			save->answer = seq;
		}
	}
}

/* ---- being renamed ---- */

int
enroll_rename(struct server *s, usec_t now, struct query *c, const char *name)
{
	struct account *p = account_at(s, c->account);
	struct save save = { .member = member_index(&s->reg, c->member),
		.account = c->account, .answer = c->id, .is_call = true,
		.has_answer = true };
	uint32_t owner;

	if (p->flags & ACCOUNT_SAVING)
		return QUERY_LATER;
	if (strcmp(p->name, name) == 0)
		return STATUS_OK;
	owner = account_by_name(&s->reg, name);
	if (owner != c->account && !gate_is_free(s, now, name))
		return STATUS_NAME_TAKEN;
	if (!gate_take_key(s, now, &member_at(s, c->member)->addr))
		return STATUS_LIMIT;
	if (owner != NOBODY && owner != c->account)
		ledger_forget(s, owner);
	memcpy(save.old_name, p->name, NAME_SIZE);
	account_rename(&s->reg, c->account, name);
	if (ledger_begin(s, now, &save))
		return QUERY_LATER;
	unclaim(s, &save);
	return STATUS_STORE;
}

void
enroll_hide(struct server *s, usec_t now, uint32_t member, bool on)
{
	struct member *m = member_at(s, member);
	const bool was_seen = !(m->flags & MEMBER_HIDDEN);

	m->flags &= (uint8_t)~MEMBER_HIDDEN;
	if (on)
		m->flags |= MEMBER_HIDDEN;
	announce_change(s, now, m->account, account_at(s, m->account)->name,
	    was_seen, !on);
}

void
enroll_release(struct server *s, uint32_t account)
{
	struct account *p = account_at(s, account);

	if (p->flags & (ACCOUNT_RELEASED | ACCOUNT_SAVING))
		return;
	p->flags |= ACCOUNT_RELEASED;
	ledger_store(s, 0, p, p->name, true);
}

/* ---- what the store says ---- */

static void
answer_rename(struct server *s, const struct save *save, uint32_t member,
    uint8_t status)
{
	uint8_t frames[3 + 4 + 1 + 1 + NAME_SIZE];
	struct wr w = wr_of(frames, sizeof frames);
	size_t frame = wire_begin_frame(&w, SF_REPLY);
	struct place to;

	put_u32(&w, save->answer);
	put_u8(&w, status);
	wire_put_name(&w, account_at(s, save->account)->name);
	wire_end_frame(&w, frame);
	assert(!w.bad);
	if (hub_path(s, member, &to))
		hub_seal(s, member, &to, w.p, w.len);
}

static void
answer_beat(struct server *s, const struct save *save, uint32_t member)
{
	uint8_t frames[64];
	struct wr w = wr_of(frames, sizeof frames);
	struct place to;

	if (!save->has_answer || !hub_path(s, member, &to))
		return;
	hub_put_beat(s, &w, save->answer, &to.addr);
	assert(!w.bad);
	hub_seal(s, member, &to, w.p, w.len);
}

/* The old name is free, in the store as well, unless the new one replaced it
 * there. */
static void
drop_old_name(struct server *s, const struct save *save)
{
	const struct account *p = account_at(s, save->account);
	char old[NAME_FOLD_SIZE], new[NAME_FOLD_SIZE];

	if (save->old_name[0] == '\0')
		return;
	account_fold(save->old_name, old);
	account_fold(p->name, new);
	if (strcmp(old, new) != 0)
		ledger_store(s, 0, p, save->old_name, true);
}

static void
saved(struct server *s, usec_t now, const struct save *save, uint32_t member)
{
	drop_old_name(s, save);
	if (member == NOBODY)
		return;
	if (save->is_call) {
		bool is_seen = !(member_at(s, member)->flags & MEMBER_HIDDEN);

		announce_change(s, now, save->account, save->old_name, is_seen,
		    is_seen);
		answer_rename(s, save, member, STATUS_OK);
		return;
	}
	finish(s, now, member, save->old_name);
	answer_beat(s, save, member);
}

static void
not_saved(struct server *s, const struct save *save, uint32_t member)
{
	struct place to;

	if (member != NOBODY && !save->is_call) {
		if (hub_path(s, member, &to))
			turn_away(s, member, &to);
		close_member(s, member);
	}
	unclaim(s, save);
	if (member != NOBODY && save->is_call)
		answer_rename(s, save, member, STATUS_STORE);
}

void
enroll_saved(struct server *s, usec_t now, uint32_t id, int err,
    const char *why)
{
	struct save *found = id != 0 ? ledger_find(s, id) : NULL;
	struct save save;
	uint32_t member;

	if (err == 0)
		ledger_works(s);
	else
		ledger_failed(s, now, why);
	if (found == NULL)
		return;
	save = *found;
	memset(found, 0, sizeof *found);
	account_at(s, save.account)->flags &= (uint8_t)~ACCOUNT_SAVING;
	member = member_find(&s->reg, save.member);
	if (err == 0)
		saved(s, now, &save, member);
	else
		not_saved(s, &save, member);
}

/* ---- going ---- */

static void
depart(struct server *s, usec_t now, uint32_t account)
{
	struct account *p = account_at(s, account);

	if (!(member_at(s, p->member)->flags & MEMBER_HIDDEN))
		announce(s, now, account, PRESENCE_LEFT, NULL);
	ledger_refresh(s, now, account);
	introduce_depart(s, now, account);
	relay_unname_all(&s->relay, &s->reg, account);
	push_clear(&s->pushes, &s->reg, account);
	block_clear(&s->blocks, &s->reg, account);
	p->member = NOBODY;
	s->stats.online--;
	hub_note(s, now, p->name, "left");
	if (p->flags & ACCOUNT_RELEASED)
		account_free(&s->reg, account);
}

void
enroll_leave(struct server *s, usec_t now, uint32_t member)
{
	const struct member *m = member_at(s, member);

	if (m->state == MEMBER_HALF) {
		gate_drop(s, member);
		return;
	}
	if (account_at(s, m->account)->member == member)
		depart(s, now, m->account);
	close_member(s, member);
}
