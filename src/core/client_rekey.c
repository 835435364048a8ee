/* Fresh keys for a conversation in which messages flow: another IK under the
 * present ones, on the control stream. Of two that begin at once the lower
 * key's counts. */
#include "client_state.h"

#include "err.h"

#include <string.h>

/* WireGuard's REKEY_AFTER_TIME (security.md 1.1). */
#define REKEY_AFTER_US (120 * USEC_S)
#define REKEY_GIVE_UP_US (60 * USEC_S)
#define REKEY_AFTER_PACKETS (UINT64_C(1) << 60)

static const char prologue[] = "gop2p/1 rekey";

static bool
is_due(const struct peer *p)
{
	return p->link.text_at > p->link.keys_at && p->link.is_confirmed &&
	    p->link.use != NULL;
}

static bool
begin(struct client *c, struct peer *p, bool is_initiator)
{
	noise_fini(&p->rekey.noise);
	p->rekey.index = rng_u32(&c->self.rng);
	return noise_init(&p->rekey.noise, NOISE_IK, is_initiator, prologue,
	    sizeof prologue, &c->self.identity,
	    is_initiator ? p->key : NULL) == E_OK;
}

static void
send_message(struct client *c, struct peer *p, uint8_t type)
{
	uint8_t buf[16 + 32 + 48 + 16];
	struct wr w = wr_of(buf, sizeof buf);
	size_t len;

	put_u8(&w, type);
	put_u32(&w, p->rekey.epoch);
	put_u32(&w, p->rekey.index);
	if (noise_write(&p->rekey.noise, &c->self.rng, NULL, 0, buf + w.len,
	    sizeof buf - w.len, &len) == E_OK)
		chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len + len,
		    NULL);
}

static void
got_first(struct client *c, usec_t now, struct peer *p, struct rd *r)
{
	uint32_t epoch = get_u32(r), remote = get_u32(r);
	uint8_t none[1];
	size_t len;

	/* Nobody has us make keys all the time. */
	if (now - p->link.keys_at < REKEY_AFTER_US / 2)
		return;
	if (r->bad || (p->rekey.is_under_way &&
	    memcmp(c->self.identity.public, p->key, KEY_LEN) < 0))
		return;
	if (!begin(c, p, false) || noise_read(&p->rekey.noise, r->p, r->len,
	    none, sizeof none, &len) != E_OK ||
	    memcmp(noise_remote(&p->rekey.noise), p->key, KEY_LEN) != 0)
		return;
	p->rekey.is_under_way = false;
	p->rekey.epoch = epoch;
	send_message(c, p, CONTROL_REKEY2);
	if (!noise_is_done(&p->rekey.noise))
		return;
	/* The answer still travels under the old keys: they are the other
	 * side's only ones until it came. */
	link_rekey_receive(&p->link, &p->rekey.noise, p->rekey.index, remote,
	    now);
}

static void
got_second(usec_t now, struct peer *p, struct rd *r)
{
	uint32_t epoch = get_u32(r), remote = get_u32(r);
	uint8_t none[1];
	size_t len;

	if (r->bad || !p->rekey.is_under_way || epoch != p->rekey.epoch)
		return;
	if (noise_try_read(&p->rekey.noise, r->p, r->len, none, sizeof none,
	    &len) != E_OK)
		return;
	p->rekey.is_under_way = false;
	link_rekey(&p->link, &p->rekey.noise, p->rekey.index, remote, now);
}

void
client_rekey_control(struct client *c, usec_t now, struct peer *p,
    uint8_t type, struct rd *body)
{
	if (type == CONTROL_REKEY1)
		got_first(c, now, p, body);
	else
		got_second(now, p, body);
}

static usec_t
due_at(const struct peer *p)
{
	if (p->rekey.is_under_way)
		return p->rekey.began_at + REKEY_GIVE_UP_US;
	if (!is_due(p))
		return USEC_NEVER;
	if (p->link.next_pn - p->link.first_pn >= REKEY_AFTER_PACKETS)
		return 0;
	/* The one who asked begins; the other only if that one does not. */
	return p->link.keys_at + REKEY_AFTER_US +
	    (p->link.is_asker ? 0 : 10 * USEC_S);
}

void
client_rekey_expire(struct client *c, usec_t now, struct peer *p)
{
	if (due_at(p) > now)
		return;
	p->rekey.is_under_way = true;
	p->rekey.began_at = now;
	p->rekey.epoch++;
	if (begin(c, p, true))
		send_message(c, p, CONTROL_REKEY1);
}

usec_t
client_rekey_deadline(const struct peer *p)
{
	return due_at(p);
}
