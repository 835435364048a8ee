#include "session.h"

#include "bytes.h"
#include "err.h"
#include "wire.h"

#include <assert.h>
#include <string.h>

_Static_assert(SESSION_OVERHEAD == (int)DATA_HEADER + TAG_LEN, "layout");
_Static_assert(TAG_LEN == (int)CRYPT_TAG_LEN, "layout");
/* Memory per idle client counts. */
_Static_assert(sizeof(struct session_small) <= 96, "server's share");

enum { WORD_BITS = 64, WIDE_BITS = REPLAY_WIDE_WORDS * WORD_BITS };

/* The ring is cleared a word at a time, so one word of it may be half new. */
_Static_assert(REPLAY_WIDE_BEHIND + WORD_BITS <= WIDE_BITS, "window");

bool
replay_take(struct replay *r, uint64_t counter)
{
	uint64_t ahead, behind;

	if (counter == UINT64_MAX)
		return false;
	if (counter >= r->next) {
		ahead = counter - r->next + 1;
		r->seen = ahead < WORD_BITS ? r->seen << ahead | 1 : 1;
		r->next = counter + 1;
		return true;
	}
	behind = r->next - 1 - counter;
	if (behind > REPLAY_BEHIND || (r->seen >> behind & 1) != 0)
		return false;
	r->seen |= (uint64_t)1 << behind;
	return true;
}

/* Clears the words that come into the window when counter becomes its top. */
static void
advance(struct replay_wide *r, uint64_t counter)
{
	uint64_t word = r->next / WORD_BITS, last = counter / WORD_BITS;

	/* The word of next is in use already, unless next is its first bit. */
	if (r->next % WORD_BITS != 0)
		word++;
	if (last >= word && last - word >= REPLAY_WIDE_WORDS)
		word = last - REPLAY_WIDE_WORDS + 1;
	for (; word <= last; word++)
		r->seen[word % REPLAY_WIDE_WORDS] = 0;
	r->next = counter + 1;
}

bool
replay_wide_take(struct replay_wide *r, uint64_t counter)
{
	uint64_t *word = &r->seen[counter / WORD_BITS % REPLAY_WIDE_WORDS];
	uint64_t bit = (uint64_t)1 << counter % WORD_BITS;

	if (counter == UINT64_MAX)
		return false;
	if (counter >= r->next)
		advance(r, counter);
	else if (r->next - 1 - counter > REPLAY_WIDE_BEHIND)
		return false;
	if ((*word & bit) != 0)
		return false;
	*word |= bit;
	return true;
}

void
session_init(struct session *s, struct noise *n)
{
	memset(s, 0, sizeof *s);
	noise_split(n, s->keys.send, s->keys.recv);
}

void
session_small_init(struct session_small *s, struct noise *n)
{
	memset(s, 0, sizeof *s);
	noise_split(n, s->keys.send, s->keys.recv);
}

void
session_fini(struct session *s)
{
	crypt_wipe(s, sizeof *s);
}

void
session_small_fini(struct session_small *s)
{
	crypt_wipe(s, sizeof *s);
}

int
session_seal(struct session_keys *keys, uint32_t index, uint64_t counter,
    const void *plain, size_t len, uint8_t *out, size_t cap, size_t *out_len)
{
	uint8_t nonce[CRYPT_NONCE_LEN];
	struct wr w = wr_of(out, cap);

	if (counter == UINT64_MAX)
		return E_LIMIT;
	if (counter < keys->next)
		return E_STATE;
	if (cap < SESSION_OVERHEAD || len > cap - SESSION_OVERHEAD)
		return E_FULL;
	put_u8(&w, PACKET_DATA);
	put_zeros(&w, 3);
	put_u32(&w, index);
	put_u64(&w, counter);
	assert(!w.bad && w.len == DATA_HEADER);
	crypt_nonce(counter, nonce);
	crypt_seal(keys->send, nonce, out, DATA_HEADER, plain, len,
	    out + DATA_HEADER);
	keys->next = counter + 1;
	*out_len = len + SESSION_OVERHEAD;
	return E_OK;
}

static int
parse(const uint8_t *packet, size_t len, uint32_t *index, uint64_t *counter)
{
	struct rd r = rd_of(packet, len);
	uint8_t type, zero8;
	uint16_t zero16;
	uint32_t to;
	uint64_t count;

	if (len < SESSION_OVERHEAD)
		return E_SHORT;
	type = get_u8(&r);
	zero8 = get_u8(&r);
	zero16 = get_u16(&r);
	to = get_u32(&r);
	count = get_u64(&r);
	assert(!r.bad);
	if (type != PACKET_DATA || zero8 != 0 || zero16 != 0)
		return E_BAD;
	*index = to;
	*counter = count;
	return E_OK;
}

int
session_index(const uint8_t *packet, size_t len, uint32_t *index)
{
	uint64_t counter;

	return parse(packet, len, index, &counter);
}

/* All of opening but the window. */
static int
decrypt(const struct session_keys *keys, const uint8_t *packet, size_t len,
    uint8_t *plain, size_t cap, uint64_t *counter)
{
	uint8_t nonce[CRYPT_NONCE_LEN];
	uint64_t count = 0;
	uint32_t index;
	int err = parse(packet, len, &index, &count);

	if (err != E_OK)
		return err;
	if (len - SESSION_OVERHEAD > cap)
		return E_FULL;
	crypt_nonce(count, nonce);
	if (!crypt_open(keys->recv, nonce, packet, DATA_HEADER,
	    packet + DATA_HEADER, len - DATA_HEADER, plain))
		return E_AUTH;
	*counter = count;
	return E_OK;
}

/* The window is asked only now: what is not authentic has no counter. */
static int
finish(bool is_new, size_t len, uint64_t count, uint8_t *plain,
    size_t *plain_len, uint64_t *counter)
{
	if (!is_new) {
		crypt_wipe(plain, len - SESSION_OVERHEAD);
		return E_REPLAY;
	}
	*plain_len = len - SESSION_OVERHEAD;
	*counter = count;
	return E_OK;
}

int
session_open(struct session *s, const uint8_t *packet, size_t len,
    uint8_t *plain, size_t cap, size_t *plain_len, uint64_t *counter)
{
	uint64_t count = 0;
	int err = decrypt(&s->keys, packet, len, plain, cap, &count);

	if (err != E_OK)
		return err;
	return finish(replay_wide_take(&s->seen, count), len, count, plain,
	    plain_len, counter);
}

int
session_small_open(struct session_small *s, const uint8_t *packet,
    size_t len, uint8_t *plain, size_t cap, size_t *plain_len,
    uint64_t *counter)
{
	uint64_t count = 0;
	int err = decrypt(&s->keys, packet, len, plain, cap, &count);

	if (err != E_OK)
		return err;
	return finish(replay_take(&s->seen, count), len, count, plain,
	    plain_len, counter);
}
