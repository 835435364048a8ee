#include "site.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool
sites_init(struct sites *s, uint32_t width, struct rng *rng)
{
	assert(width > 0);
	memset(s, 0, sizeof *s);
	s->width = width;
	for (int i = 0; i < SITE_ROWS; i++) {
		s->rows[i] = calloc(width, sizeof *s->rows[i]);
		if (s->rows[i] == NULL) {
			sites_fini(s);
			return false;
		}
		rng_fill(rng, s->key[i], SITE_KEY_LEN);
	}
	return true;
}

void
sites_fini(struct sites *s)
{
	for (int i = 0; i < SITE_ROWS; i++)
		free(s->rows[i]);
	sodium_memzero(s, sizeof *s);
}

static struct site_cell *
cell_of(const struct sites *s, int row, const struct addr *a)
{
	const uint64_t site = addr_site(a);
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t v;

	_Static_assert(SITE_KEY_LEN == crypto_shorthash_KEYBYTES, "SipHash");
	crypto_shorthash(hash, (const uint8_t *)&site, sizeof site,
	    s->key[row]);
	memcpy(&v, hash, sizeof v);
	return &s->rows[row][(uint64_t)v * s->width >> 32];
}

uint32_t
site_count(const struct sites *s, const struct addr *a, enum site_kind kind)
{
	uint32_t least = UINT32_MAX;

	for (int i = 0; i < SITE_ROWS; i++) {
		uint32_t count = cell_of(s, i, a)->count[kind];

		if (count < least)
			least = count;
	}
	return least;
}

bool
site_join(struct sites *s, const struct addr *a, enum site_kind kind,
    uint32_t limit)
{
	if (site_count(s, a, kind) >= limit)
		return false;
	for (int i = 0; i < SITE_ROWS; i++)
		cell_of(s, i, a)->count[kind]++;
	return true;
}

void
site_leave(struct sites *s, const struct addr *a, enum site_kind kind)
{
	for (int i = 0; i < SITE_ROWS; i++) {
		struct site_cell *cell = cell_of(s, i, a);

		assert(cell->count[kind] > 0);
		cell->count[kind]--;
	}
}

bool
site_take(struct sites *s, const struct addr *a, usec_t now,
    enum site_rate which, const struct bucket_rate *rate)
{
	bool granted = false;

	for (int i = 0; i < SITE_ROWS; i++)
		if (bucket_take(&cell_of(s, i, a)->bucket[which], rate, now,
		    1))
			granted = true;
	return granted;
}
