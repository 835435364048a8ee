#include "site.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_IS_AREA = 0xff };

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
cell_of(const struct sites *s, int row, uint64_t site)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint32_t v;

	_Static_assert(SITE_KEY_LEN == crypto_shorthash_KEYBYTES, "SipHash");
	crypto_shorthash(hash, (const uint8_t *)&site, sizeof site,
	    s->key[row]);
	memcpy(&v, hash, sizeof v);
	return &s->rows[row][(uint64_t)v * s->width >> 32];
}

/* The /48 around a site of IPv6; 0 for IPv4. No /56 has this number. */
static uint64_t
area_of(const struct addr *a)
{
	return a->family == ADDR_V6 ?
	    addr_site(a) >> 16 << 16 | SITE_IS_AREA : 0;
}

static uint32_t
count_of(const struct sites *s, uint64_t site, enum site_kind kind)
{
	uint32_t least = UINT32_MAX;

	for (int i = 0; i < SITE_ROWS; i++) {
		uint32_t count = cell_of(s, i, site)->count[kind];

		if (count < least)
			least = count;
	}
	return least;
}

uint32_t
site_count(const struct sites *s, const struct addr *a, enum site_kind kind)
{
	const uint64_t area = area_of(a);
	const uint32_t count = count_of(s, addr_site(a), kind);
	const uint32_t share = area != 0 ?
	    count_of(s, area, kind) / SITE_AREA : 0;

	return share > count ? share : count;
}

static void
add(struct sites *s, uint64_t site, enum site_kind kind)
{
	for (int i = 0; i < SITE_ROWS; i++)
		cell_of(s, i, site)->count[kind]++;
}

bool
site_join(struct sites *s, const struct addr *a, enum site_kind kind,
    uint32_t limit)
{
	const uint64_t area = area_of(a);

	if (site_count(s, a, kind) >= limit)
		return false;
	add(s, addr_site(a), kind);
	if (area != 0)
		add(s, area, kind);
	return true;
}

static void
take_off(struct sites *s, uint64_t site, enum site_kind kind)
{
	for (int i = 0; i < SITE_ROWS; i++) {
		struct site_cell *cell = cell_of(s, i, site);

		assert(cell->count[kind] > 0);
		cell->count[kind]--;
	}
}

void
site_leave(struct sites *s, const struct addr *a, enum site_kind kind)
{
	const uint64_t area = area_of(a);

	take_off(s, addr_site(a), kind);
	if (area != 0)
		take_off(s, area, kind);
}

static bool
take(struct sites *s, uint64_t site, usec_t now, enum site_rate which,
    const struct bucket_rate *rate, uint32_t count)
{
	bool granted = false;

	for (int i = 0; i < SITE_ROWS; i++)
		if (bucket_take(&cell_of(s, i, site)->bucket[which], rate,
		    now, count))
			granted = true;
	return granted;
}

static uint32_t
multiply(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX / b ? UINT32_MAX : a * b;
}

bool
site_take(struct sites *s, const struct addr *a, usec_t now,
    enum site_rate which, const struct bucket_rate *rate, uint32_t count)
{
	const uint32_t times = which == SITE_RELAYED ? 2 : SITE_AREA;
	const struct bucket_rate wide = { multiply(rate->per_s, times),
		multiply(rate->burst, times) };
	const uint64_t area = area_of(a);

	return take(s, addr_site(a), now, which, rate, count) &&
	    (area == 0 || take(s, area, now, which, &wide, count));
}
