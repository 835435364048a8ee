#include "ledger.h"
#include "gate.h"
#include "name.h"

#include <assert.h>
#include <string.h>

enum {
	STORE_RETRY_S = 5,    /* after a failure */
	STORE_QUIET_S = 600,  /* until it is logged again */
	SWEEP_S = 10,
	SWEEPS = 360,         /* of which all make a pass, an hour */
	SWEEP_STORES = 128,   /* changes in one */
};

static struct account *
account_at(struct server *s, uint32_t account)
{
	return &s->reg.accounts[account];
}

bool
ledger_store(struct server *s, uint32_t id, const struct account *p,
    const char *name, bool remove)
{
	struct store_change change = { .remove = remove, .used = p->used_s };

	memcpy(change.name, name, NAME_SIZE);
	account_fold(name, change.fold);
	memcpy(change.key, p->key, KEY_LEN);
	return outbox_store(&s->out, id, &change);
}

struct save *
ledger_find(struct server *s, uint32_t id)
{
	for (int i = 0; i < SAVES_MAX; i++)
		if (s->saves[i].id == id)
			return &s->saves[i];
	return NULL;
}

bool
ledger_begin(struct server *s, usec_t now, const struct save *like)
{
	struct save *save = ledger_find(s, 0);
	struct account *p = account_at(s, like->account);

	p->used_s = (uint32_t)hub_wall(s, now);
	if (save == NULL)
		return false;
	if (++s->save_last == 0)
		++s->save_last;
	if (!ledger_store(s, s->save_last, p, p->name, false))
		return false;
	*save = *like;
	save->id = s->save_last;
	p->flags |= ACCOUNT_SAVING;
	p->flags &= (uint8_t)~ACCOUNT_RELEASED;
	return true;
}

/* The store may hold two names of a key, if the server died between writing
 * the new and removing the old one. */
static void
bind_again(struct server *s, uint32_t account, const char *name,
    uint64_t used)
{
	struct account *p = account_at(s, account);

	if (used <= p->used_s) {
		ledger_store(s, 0, p, name, true);
		return;
	}
	ledger_store(s, 0, p, p->name, true);
	account_rename(&s->reg, account, name);
	p->used_s = (uint32_t)used;
}

bool
ledger_bind(struct server *s, const struct store_change *change)
{
	uint32_t account = account_by_key(&s->reg, change->key);
	char name[NAME_SIZE];

	if (name_check(change->name, strlen(change->name), name) != NAME_OK ||
	    account_by_name(&s->reg, name) != NOBODY) {
		log_warn(s->conf.log, "stored name \"%s\" is passed over",
		    change->name);
		return true;
	}
	if (account != NOBODY) {
		bind_again(s, account, name, change->used);
		return true;
	}
	account = account_new(&s->reg, change->key, name);
	if (account == NOBODY)
		return false;
	account_at(s, account)->used_s = (uint32_t)change->used;
	return true;
}

void
ledger_forget(struct server *s, uint32_t account)
{
	const struct account *p = account_at(s, account);

	ledger_store(s, 0, p, p->name, true);
	account_free(&s->reg, account);
}

void
ledger_failed(struct server *s, usec_t now, const char *why)
{
	s->store_broken = now + STORE_RETRY_S * USEC_S;
	if (now < s->store_quiet)
		return;
	s->store_quiet = now + STORE_QUIET_S * USEC_S;
	log_err(s->conf.log, "names cannot be saved: %s; until they can "
	    "nobody new can register", why != NULL ? why : "unknown error");
}

void
ledger_works(struct server *s)
{
	if (s->store_quiet > 0)
		log_info(s->conf.log, "names can be saved again");
	s->store_quiet = 0;
}

void
ledger_refresh(struct server *s, usec_t now, uint32_t account)
{
	struct account *p = account_at(s, account);
	const uint64_t wall = hub_wall(s, now);

	if (p->flags & (ACCOUNT_RELEASED | ACCOUNT_SAVING) ||
	    wall < (uint64_t)p->used_s + DAY_S)
		return;
	p->used_s = (uint32_t)wall;
	ledger_store(s, 0, p, p->name, false);
}

void
ledger_sweep(struct server *s, usec_t now)
{
	uint32_t budget = s->reg.accounts_end / SWEEPS + 1;
	uint32_t stores = 0;

	s->sweep_due = now + SWEEP_S * USEC_S;
	for (; budget > 0 && stores < SWEEP_STORES; budget--) {
		uint32_t account = s->sweep_at++;
		const struct account *p;

		if (account >= s->reg.accounts_end) {
			s->sweep_at = 0;
			return;
		}
		p = account_at(s, account);
		if (!(p->flags & ACCOUNT_USED) || p->flags & ACCOUNT_SAVING ||
		    hub_wall(s, now) < (uint64_t)p->used_s + DAY_S)
			continue;
		if (p->member != NOBODY)
			ledger_refresh(s, now, account);
		else if (gate_is_free(s, now, p->name))
			ledger_forget(s, account);
		else
			continue;
		stores++;
	}
}
