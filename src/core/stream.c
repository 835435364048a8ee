#include "stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool
sock_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct streams *t = owner;

	return memcmp(&t->all[slot].sock, key, len) == 0;
}

bool
streams_init(struct streams *t, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN])
{
	memset(t, 0, sizeof *t);
	t->all = calloc(max, sizeof *t->all);
	t->links = calloc(max, sizeof *t->links);
	if (t->all == NULL || t->links == NULL ||
	    !map_init(&t->by_sock, max, key, sock_eq, t)) {
		streams_fini(t);
		return false;
	}
	t->max = max;
	t->free = FIFO_NONE;
	fifo_init(&t->half);
	fifo_init(&t->open);
	return true;
}

void
streams_fini(struct streams *t)
{
	for (uint32_t slot = 0; slot < t->end; slot++)
		frame_fini(&t->all[slot].reader);
	free(t->links);
	free(t->all);
	map_fini(&t->by_sock);
	memset(t, 0, sizeof *t);
}

uint32_t
stream_new(struct streams *t, usec_t now, int sock, const struct addr *from)
{
	uint32_t slot = t->free;
	struct stream *s;
	uint16_t generation;

	if (slot != FIFO_NONE)
		t->free = t->links[slot].newer;
	else if (t->end < t->max)
		slot = t->end++;
	else
		return FIFO_NONE;
	s = &t->all[slot];
	generation = s->generation;
	memset(s, 0, sizeof *s);
	s->generation = (uint16_t)(generation + 1);
	s->from = *from;
	s->sock = sock;
	s->member = FIFO_NONE;
	s->heard = now;
	s->reader.limit = DGRAM_MAX;
	map_add(&t->by_sock, &s->sock, sizeof s->sock, slot);
	fifo_add(&t->half, t->links, slot);
	return slot;
}

void
stream_free(struct streams *t, uint32_t slot)
{
	struct stream *s = &t->all[slot];

	assert(s->sock >= 0);
	map_remove(&t->by_sock, &s->sock, sizeof s->sock, slot);
	fifo_remove(s->is_open ? &t->open : &t->half, t->links, slot);
	frame_fini(&s->reader);
	s->sock = -1;
	t->links[slot].newer = t->free;
	t->free = slot;
}

uint32_t
stream_find(const struct streams *t, int sock)
{
	return map_find(&t->by_sock, &sock, sizeof sock);
}

void
stream_heard(struct streams *t, usec_t now, uint32_t slot)
{
	struct stream *s = &t->all[slot];

	fifo_remove(s->is_open ? &t->open : &t->half, t->links, slot);
	s->is_open = true;
	s->heard = now;
	fifo_add(&t->open, t->links, slot);
}

uint32_t
stream_oldest_half(const struct streams *t)
{
	return t->half.oldest;
}

uint32_t
stream_oldest(const struct streams *t, usec_t *when)
{
	const uint32_t half = t->half.oldest, open = t->open.oldest;
	usec_t half_at = USEC_NEVER, open_at = USEC_NEVER;
	int patience = t->half.count > STREAM_HALF_MAX / 2 ?
	    STREAM_HALF_FAST_S : STREAM_HALF_S;

	if (half != FIFO_NONE)
		half_at = t->all[half].heard + (usec_t)patience * USEC_S;
	if (open != FIFO_NONE)
		open_at = t->all[open].heard + STREAM_IDLE_S * USEC_S;
	*when = usec_min(half_at, open_at);
	return half_at < open_at ? half : open;
}
