#include "rng.h"
#include "bytes.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* The old key is overwritten by the stream that it made. */
static void
refill(struct rng *rng)
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
	uint8_t key[RNG_SEED_LEN];

	_Static_assert(RNG_SEED_LEN == crypto_stream_chacha20_KEYBYTES,
	    "a seed is a key");
	memcpy(key, rng->pool, sizeof key);
	crypto_stream_chacha20(rng->pool, sizeof rng->pool, nonce, key);
	sodium_memzero(key, sizeof key);
	rng->used = RNG_SEED_LEN;
}

void
rng_init(struct rng *rng, const uint8_t seed[static RNG_SEED_LEN])
{
	memcpy(rng->pool, seed, RNG_SEED_LEN);
	refill(rng);
}

void
rng_init_test(struct rng *rng, uint64_t seed, const char *label)
{
	uint8_t number[crypto_generichash_KEYBYTES_MIN], key[RNG_SEED_LEN];
	struct wr w = wr_of(number, sizeof number);

	put_u64(&w, seed);
	put_zeros(&w, sizeof number - w.len);
	crypto_generichash(key, sizeof key, (const uint8_t *)label,
	    strlen(label), number, sizeof number);
	rng_init(rng, key);
}

void
rng_fill(struct rng *rng, void *out, size_t len)
{
	uint8_t *p = out;

	assert(rng->used >= RNG_SEED_LEN && rng->used <= RNG_POOL);
	while (len > 0) {
		size_t n = RNG_POOL - rng->used;

		if (n == 0) {
			refill(rng);
			continue;
		}
		if (n > len)
			n = len;
		memcpy(p, rng->pool + rng->used, n);
		sodium_memzero(rng->pool + rng->used, n);
		rng->used += n;
		p += n;
		len -= n;
	}
}

uint32_t
rng_u32(struct rng *rng)
{
	uint8_t buf[4];
	struct rd r;

	rng_fill(rng, buf, sizeof buf);
	r = rd_of(buf, sizeof buf);
	return get_u32(&r);
}

uint64_t
rng_u64(struct rng *rng)
{
	uint8_t buf[8];
	struct rd r;

	rng_fill(rng, buf, sizeof buf);
	r = rd_of(buf, sizeof buf);
	return get_u64(&r);
}

uint32_t
rng_below(struct rng *rng, uint32_t bound)
{
	uint32_t v, uneven;

	assert(bound > 0);
	/* The first 2^32 mod bound values would come once too often. */
	uneven = -bound % bound;
	do
		v = rng_u32(rng);
	while (v < uneven);
	return v % bound;
}

uint64_t
rng_range(struct rng *rng, uint64_t lo, uint64_t hi)
{
	uint64_t span = hi - lo + 1;
	uint64_t v, uneven;

	assert(lo <= hi);
	if (span == 0)
		return rng_u64(rng);
	uneven = -span % span;
	do
		v = rng_u64(rng);
	while (v < uneven);
	return lo + v % span;
}

void
rng_fini(struct rng *rng)
{
	sodium_memzero(rng, sizeof *rng);
}
