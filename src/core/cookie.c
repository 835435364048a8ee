#include "cookie.h"

#include "bytes.h"

#include <assert.h>
#include <sodium.h>

/* Two SipHashes with keys of their own: a third of what BLAKE2b takes, and
 * first packets are what a flood is made of. */
_Static_assert(COOKIE_LEN == 2 * crypto_shorthash_BYTES, "SipHash-2-4");
_Static_assert(COOKIE_SECRET_LEN == 2 * crypto_shorthash_KEYBYTES,
    "SipHash-2-4");

enum { INPUT_LEN = 8 + 1 + 16 + 4 + 2 + NONCE_LEN };

static uint64_t
slot_of(usec_t now)
{
	return now / (COOKIE_SLOT_S * USEC_S);
}

static void
draw(struct cookie *c, struct rng *rng, uint64_t slot)
{
	rng_fill(rng, c->secrets[slot % 2], COOKIE_SECRET_LEN);
}

/* Whoever was away for longer than a slot has no secret to keep. */
static void
turn(struct cookie *c, struct rng *rng, usec_t now)
{
	uint64_t slot = slot_of(now);

	if (slot <= c->slot)
		return;
	if (slot > c->slot + 1)
		draw(c, rng, slot - 1);
	draw(c, rng, slot);
	c->slot = slot;
}

/* Every field has its own place, so that no two inputs are the same. */
static void
hash(const struct cookie *c, uint64_t slot, const struct addr *from,
    const uint8_t nonce[static NONCE_LEN], uint8_t out[static COOKIE_LEN])
{
	const uint8_t *secret = c->secrets[slot % 2];
	uint8_t input[INPUT_LEN];
	struct wr w = wr_of(input, sizeof input);

	put_u64(&w, slot);
	put_u8(&w, from->family);
	put_bytes(&w, from->ip, sizeof from->ip);
	put_u32(&w, from->scope);
	put_u16(&w, from->port);
	put_bytes(&w, nonce, NONCE_LEN);
	assert(!w.bad && w.len == sizeof input);
	crypto_shorthash(out, input, sizeof input, secret);
	crypto_shorthash(out + crypto_shorthash_BYTES, input, sizeof input,
	    secret + crypto_shorthash_KEYBYTES);
}

void
cookie_init(struct cookie *c, struct rng *rng, usec_t now)
{
	c->slot = slot_of(now);
	draw(c, rng, c->slot);
	draw(c, rng, c->slot + 1);
}

void
cookie_fini(struct cookie *c)
{
	sodium_memzero(c, sizeof *c);
}

void
cookie_make(struct cookie *c, struct rng *rng, usec_t now,
    const struct addr *from, const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static COOKIE_LEN])
{
	turn(c, rng, now);
	hash(c, c->slot, from, nonce, out);
}

bool
cookie_check(struct cookie *c, struct rng *rng, usec_t now,
    const struct addr *from, const uint8_t nonce[static NONCE_LEN],
    const uint8_t cookie[static COOKIE_LEN])
{
	uint8_t one[COOKIE_LEN], two[COOKIE_LEN];
	int is_one, is_two;

	turn(c, rng, now);
	hash(c, c->slot, from, nonce, one);
	hash(c, c->slot - 1, from, nonce, two);
	is_one = sodium_memcmp(cookie, one, sizeof one) == 0;
	is_two = sodium_memcmp(cookie, two, sizeof two) == 0;
	return (is_one | is_two) != 0;
}
