/* Packets to a session. The input is a list of steps: a byte says what comes
 * next, an own packet that is sealed with a counter near the last one, an
 * earlier one again, either of them damaged, or bytes as they are. What was
 * refused has changed nothing, what was accepted is new and unaltered. */
#include "fuzz.h"

#include "bytes.h"
#include "err.h"
#include "session.h"
#include "wire.h"

#include <stdbool.h>
#include <string.h>

enum { TEXT_LEN = 9, PACKET_LEN = TEXT_LEN + SESSION_OVERHEAD, SENT_MAX = 64 };

struct packet {
	uint8_t bytes[PACKET_LEN];
	uint64_t counter;
	bool taken, small_taken;
};

struct world {
	struct session_keys sender;
	struct session wide;
	struct session_small small;
	struct packet sent[SENT_MAX];
	size_t count;
	uint64_t counter;
};

static const char text[TEXT_LEN + 1] = "plaintext";

/* Hands a packet to both; returns which took it (1: wide, 2: small). */
static int
hand(struct world *w, const uint8_t *packet, size_t len)
{
	struct session before = w->wide;
	struct session_small small_before = w->small;
	uint8_t plain[2048];
	uint64_t counter = 0;
	size_t plain_len = 0;
	int taken = 0;

	if (session_open(&w->wide, packet, len, plain, sizeof plain,
	    &plain_len, &counter) == E_OK) {
		assert(plain_len == TEXT_LEN);
		assert(memcmp(plain, text, TEXT_LEN) == 0);
		taken |= 1;
	} else {
		assert(memcmp(&w->wide, &before, sizeof before) == 0);
	}
	if (session_small_open(&w->small, packet, len, plain, sizeof plain,
	    &plain_len, &counter) == E_OK) {
		assert(memcmp(plain, text, TEXT_LEN) == 0);
		taken |= 2;
	} else {
		assert(memcmp(&w->small, &small_before,
		    sizeof small_before) == 0);
	}
	return taken;
}

static void
seal(struct world *w, uint64_t step)
{
	struct packet *p = &w->sent[w->count];
	uint64_t counter = w->counter + step;
	size_t len = 0;
	int err, want = E_OK;

	if (w->count == SENT_MAX)
		return;
	if (counter == UINT64_MAX)
		want = E_LIMIT;
	else if (counter < w->sender.next)
		want = E_STATE;
	err = session_seal(&w->sender, 1, counter, text, TEXT_LEN, p->bytes,
	    sizeof p->bytes, &len);
	assert(err == want);
	if (err != E_OK)
		return;
	p->counter = w->counter = counter;
	p->taken = p->small_taken = false;
	w->count++;
}

/* Nobody takes a packet twice, whatever came in between. */
static void
deliver(struct world *w, uint8_t which)
{
	struct packet *p;
	int taken;

	if (w->count == 0)
		return;
	p = &w->sent[which % w->count];
	taken = hand(w, p->bytes, sizeof p->bytes);
	assert(!(p->taken && (taken & 1)));
	assert(!(p->small_taken && (taken & 2)));
	/* The last one is always in the window. */
	if (p->counter == w->counter)
		assert((p->taken || (taken & 1)) &&
		    (p->small_taken || (taken & 2)));
	p->taken = p->taken || (taken & 1);
	p->small_taken = p->small_taken || (taken & 2);
}

static void
damage(struct world *w, uint8_t which, uint8_t at, uint8_t bits)
{
	uint8_t copy[PACKET_LEN];

	if (w->count == 0 || bits == 0)
		return;
	memcpy(copy, w->sent[which % w->count].bytes, sizeof copy);
	copy[at % sizeof copy] ^= bits;
	assert(hand(w, copy, sizeof copy) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	static struct world w;
	uint32_t index;

	memset(&w, 0, sizeof w);
	memset(w.sender.send, 0x11, KEY_LEN);
	memset(w.wide.keys.recv, 0x11, KEY_LEN);
	memset(w.small.keys.recv, 0x11, KEY_LEN);
	(void)session_index(data, size, &index);
	assert(hand(&w, data, size) == 0);
	while (!r.bad && r.len > 0) {
		uint8_t op = get_u8(&r), arg = get_u8(&r);

		switch (op % 4) {
		case 0:
			seal(&w, arg);
			break;
		case 1:
			seal(&w, (uint64_t)arg << (op >> 2));
			break;
		case 2:
			deliver(&w, arg);
			break;
		case 3:
			damage(&w, arg, get_u8(&r), op >> 2);
			break;
		}
	}
	return 0;
}
