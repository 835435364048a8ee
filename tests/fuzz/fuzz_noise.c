/* Handshakes with a stranger: the first byte says which pattern, which message,
 * and how it is read; the rest is that message, either as it is or laid over
 * the true one. A refused handshake is dead and empty, noise_try_read leaves no
 * trace, and nothing but the true message is taken. */
#include "fuzz.h"

#include "err.h"
#include "noise.h"

#include <stdbool.h>
#include <string.h>

enum { INPUT_MAX = 2048 };

static const struct noise dead;

/* Of the first byte, beyond the pattern in its lowest bits. */
enum { ANSWER = 4, TRY = 8, OVER = 16 };

/* A reader and the true message that it waits for. */
struct scene {
	struct keypair pairs[2];
	struct noise to;
	uint8_t msg[256];
	size_t len;
};

static void
prepare(struct scene *s, enum noise_pattern pattern, bool is_answer)
{
	struct noise a, b;
	struct rng rng;
	uint8_t payload[256];
	size_t len;
	int err;

	rng_init_test(&rng, pattern, "fuzz");
	keypair_make(&s->pairs[0], &rng);
	keypair_make(&s->pairs[1], &rng);
	err = noise_init(&a, pattern, true, "fuzz", 4,
	    pattern == NOISE_NK ? NULL : &s->pairs[0],
	    pattern == NOISE_XX ? NULL : s->pairs[1].public);
	assert(err == E_OK);
	err = noise_init(&b, pattern, false, "fuzz", 4, &s->pairs[1],
	    pattern == NOISE_KK ? s->pairs[0].public : NULL);
	assert(err == E_OK);
	err = noise_write(&a, &rng, "first", 5, s->msg, sizeof s->msg,
	    &s->len);
	assert(err == E_OK);
	s->to = b;
	if (!is_answer)
		return;
	err = noise_read(&b, s->msg, s->len, payload, sizeof payload, &len);
	assert(err == E_OK);
	err = noise_write(&b, &rng, "second", 6, s->msg, sizeof s->msg,
	    &s->len);
	assert(err == E_OK);
	s->to = a;
}

/* Made once: X25519 is what takes the time. */
static const struct scene *
scene(enum noise_pattern pattern, bool is_answer)
{
	static struct scene scenes[NOISE_PATTERN_COUNT][2];
	struct scene *s = &scenes[pattern][is_answer];

	if (s->len == 0)
		prepare(s, pattern, is_answer);
	return s;
}

static void
check_read(const struct scene *s, const uint8_t *msg, size_t len, bool is_try)
{
	struct noise to = s->to;
	uint8_t payload[INPUT_MAX], out[256];
	struct rng rng;
	size_t out_len = 0;
	/* Only the first message of XX can be made by anybody. */
	bool is_open = to.pattern == NOISE_XX && to.step == 0;
	bool is_true = len == s->len && memcmp(msg, s->msg, len) == 0;
	int err = (is_try ? noise_try_read : noise_read)(&to, msg, len,
	    payload, sizeof payload, &out_len);

	assert(err == E_OK ? is_true || is_open : !is_true);
	if (err != E_OK) {
		assert(memcmp(&to, is_try ? &s->to : &dead, sizeof to) == 0);
		return;
	}
	if (noise_is_turn(&to)) {
		rng_init_test(&rng, 1, "answer");
		err = noise_write(&to, &rng, NULL, 0, out, sizeof out,
		    &out_len);
		/* A point of low order shows when it is first used. */
		assert(err == E_OK || (is_open && err == E_AUTH));
	}
	noise_fini(&to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scene *s;
	uint8_t over[256];
	uint8_t mode;

	if (size == 0 || size > INPUT_MAX)
		return 0;
	mode = *data++;
	size--;
	s = scene(mode % NOISE_PATTERN_COUNT, mode & ANSWER);
	if (!(mode & OVER)) {
		check_read(s, data, size, mode & TRY);
		return 0;
	}
	memcpy(over, s->msg, s->len);
	for (size_t i = 0; i < size && i < s->len; i++)
		over[i] ^= data[i];
	check_read(s, over, s->len, mode & TRY);
	return 0;
}
