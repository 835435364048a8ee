#include "runner.h"

#include "err.h"
#include "noise.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Alice begins, Bob answers, Mallory is neither. */
struct world {
	struct rng rng;
	struct keypair alice, bob, mallory;
	struct noise a, b;
};

static const char prologue[] = "gop2p alice bob";

static const bool is_anonymous[NOISE_PATTERN_COUNT] = { [NOISE_NK] = true };
static const bool has_pin[NOISE_PATTERN_COUNT] =
    { [NOISE_IK] = true, [NOISE_NK] = true, [NOISE_KK] = true };
static const int messages[NOISE_PATTERN_COUNT] =
    { [NOISE_IK] = 2, [NOISE_XX] = 3, [NOISE_NK] = 2, [NOISE_KK] = 2 };

static int
start_alice(struct world *w, enum noise_pattern pattern, const void *p,
    size_t len)
{
	return noise_init(&w->a, pattern, true, p, len,
	    is_anonymous[pattern] ? NULL : &w->alice,
	    has_pin[pattern] ? w->bob.public : NULL);
}

/* Somebody who answers with the given keys. */
static int
start_answer(struct world *w, enum noise_pattern pattern, const void *p,
    size_t len, const struct keypair *own)
{
	return noise_init(&w->b, pattern, false, p, len, own,
	    pattern == NOISE_KK ? w->alice.public : NULL);
}

static void
start(struct world *w, enum noise_pattern pattern)
{
	rng_init_test(&w->rng, test_seed(), "noise");
	keypair_make(&w->alice, &w->rng);
	keypair_make(&w->bob, &w->rng);
	keypair_make(&w->mallory, &w->rng);
	ck_assert_int_eq(start_alice(w, pattern, prologue, sizeof prologue),
	    E_OK);
	ck_assert_int_eq(start_answer(w, pattern, prologue, sizeof prologue,
	    &w->bob), E_OK);
}

/* Writes a message with a payload of 5 bytes. */
static size_t
write_message(struct world *w, struct noise *from, uint8_t msg[static 256])
{
	size_t len = 0;

	ck_assert_int_eq(noise_write(from, &w->rng, "hello", 5, msg, 256,
	    &len), E_OK);
	return len;
}

static int
read_message(struct noise *to, const uint8_t *msg, size_t len)
{
	uint8_t payload[256];
	size_t payload_len = 0;
	int err = noise_read(to, msg, len, payload, sizeof payload,
	    &payload_len);

	if (err == E_OK) {
		ck_assert_uint_eq(payload_len, 5);
		ck_assert_mem_eq(payload, "hello", 5);
	}
	return err;
}

static struct noise *
writer(struct world *w, int message)
{
	return message % 2 == 0 ? &w->a : &w->b;
}

static struct noise *
reader(struct world *w, int message)
{
	return message % 2 == 0 ? &w->b : &w->a;
}

/* The first messages of a handshake. */
static void
run(struct world *w, int count)
{
	uint8_t msg[256];
	size_t len;

	for (int i = 0; i < count; i++) {
		len = write_message(w, writer(w, i), msg);
		ck_assert_int_eq(read_message(reader(w, i), msg, len), E_OK);
	}
}

static void
check_dead(struct noise *n)
{
	static const struct noise zero;
	uint8_t msg[256];
	size_t len;

	ck_assert_mem_eq(n, &zero, sizeof zero);
	ck_assert(!noise_is_done(n));
	ck_assert(!noise_is_turn(n));
	ck_assert_ptr_null(noise_remote(n));
	ck_assert_ptr_null(noise_hash(n));
	ck_assert_uint_eq(noise_overhead(n), 0);
	ck_assert_int_eq(noise_write(n, NULL, NULL, 0, msg, sizeof msg, &len),
	    E_STATE);
	ck_assert_int_eq(noise_read(n, msg, sizeof msg, msg, sizeof msg, &len),
	    E_STATE);
}

/* ---- what it does ---- */

START_TEST(both_ends_agree_on_keys_and_hash)
{
	struct world w;
	uint8_t send[2][KEY_LEN], recv[2][KEY_LEN];

	start(&w, _i);
	run(&w, messages[_i]);
	ck_assert(noise_is_done(&w.a));
	ck_assert(noise_is_done(&w.b));
	ck_assert_mem_eq(noise_hash(&w.a), noise_hash(&w.b), CRYPT_HASH_LEN);
	noise_split(&w.a, send[0], recv[0]);
	noise_split(&w.b, send[1], recv[1]);
	ck_assert_mem_eq(send[0], recv[1], KEY_LEN);
	ck_assert_mem_eq(send[1], recv[0], KEY_LEN);
	ck_assert_mem_ne(send[0], recv[0], KEY_LEN);
}
END_TEST

START_TEST(both_ends_learn_whom_they_talk_to)
{
	struct world w;

	start(&w, _i);
	run(&w, messages[_i]);
	ck_assert_mem_eq(noise_remote(&w.a), w.bob.public, KEY_LEN);
	if (is_anonymous[_i])
		ck_assert_ptr_null(noise_remote(&w.b));
	else
		ck_assert_mem_eq(noise_remote(&w.b), w.alice.public, KEY_LEN);
}
END_TEST

START_TEST(messages_have_the_sizes_of_the_pattern)
{
	static const size_t want[NOISE_PATTERN_COUNT][3] = {
		[NOISE_IK] = { 96, 48 },
		[NOISE_XX] = { 32, 96, 64 },
		[NOISE_NK] = { 48, 48 },
		[NOISE_KK] = { 48, 48 },
	};
	struct world w;
	uint8_t msg[256];

	start(&w, _i);
	for (int i = 0; i < messages[_i]; i++) {
		ck_assert(noise_is_turn(writer(&w, i)));
		ck_assert(!noise_is_turn(reader(&w, i)));
		ck_assert_uint_eq(noise_overhead(writer(&w, i)), want[_i][i]);
		ck_assert_uint_eq(noise_overhead(reader(&w, i)), want[_i][i]);
		ck_assert_uint_eq(write_message(&w, writer(&w, i), msg),
		    want[_i][i] + 5);
		ck_assert_int_eq(read_message(reader(&w, i), msg,
		    want[_i][i] + 5), E_OK);
	}
	ck_assert_uint_eq(noise_overhead(&w.a), 0);
	ck_assert_uint_eq(noise_overhead(&w.b), 0);
}
END_TEST

START_TEST(remote_is_unknown_before_it_was_read)
{
	struct world w;

	start(&w, NOISE_IK);
	ck_assert_mem_eq(noise_remote(&w.a), w.bob.public, KEY_LEN);
	ck_assert_ptr_null(noise_remote(&w.b));
	ck_assert_ptr_null(noise_hash(&w.a));
	run(&w, 1);
	ck_assert_mem_eq(noise_remote(&w.b), w.alice.public, KEY_LEN);
	ck_assert_ptr_null(noise_hash(&w.b));
}
END_TEST

START_TEST(a_message_may_be_65535_bytes_and_no_more)
{
	static uint8_t payload[NOISE_MSG_MAX], msg[NOISE_MSG_MAX + 1];
	struct world w;
	size_t len = 0;

	start(&w, NOISE_IK);
	ck_assert_int_eq(noise_write(&w.a, &w.rng, payload, NOISE_MSG_MAX - 96,
	    msg, sizeof msg, &len), E_OK);
	ck_assert_uint_eq(len, NOISE_MSG_MAX);
	ck_assert_int_eq(noise_read(&w.b, msg, len, payload, sizeof payload,
	    &len), E_OK);
	ck_assert_uint_eq(len, NOISE_MSG_MAX - 96);
	ck_assert_int_eq(noise_write(&w.b, &w.rng, payload, NOISE_MSG_MAX - 47,
	    msg, sizeof msg, &len), E_LIMIT);
	check_dead(&w.b);
	ck_assert_int_eq(noise_read(&w.a, msg, sizeof msg, payload,
	    sizeof payload, &len), E_LIMIT);
	check_dead(&w.a);
}
END_TEST

/* Passes a message in buffers that are no larger than it needs. */
static void
pass(struct world *w, int message, const char *text, size_t text_len)
{
	struct noise *from = writer(w, message);
	size_t cap = noise_overhead(from) + text_len, len = 0, got_len = 99;
	uint8_t *msg = malloc(cap), *got = malloc(text_len + 1);

	ck_assert_int_eq(noise_write(from, &w->rng, text, text_len, msg, cap,
	    &len), E_OK);
	ck_assert_uint_eq(len, cap);
	ck_assert_int_eq(noise_read(reader(w, message), msg, len, got,
	    text_len, &got_len), E_OK);
	ck_assert_uint_eq(got_len, text_len);
	ck_assert_int_eq(memcmp(got, text, text_len), 0);
	free(msg);
	free(got);
}

START_TEST(payloads_may_be_of_any_size)
{
	struct world w;

	for (size_t len = 0; len <= 5; len++) {
		start(&w, _i);
		for (int i = 0; i < messages[_i]; i++)
			pass(&w, i, "hello", len);
		ck_assert(noise_is_done(&w.a));
	}
}
END_TEST

START_TEST(same_seed_gives_the_same_messages)
{
	struct world one, two;
	uint8_t msg[2][256];
	size_t len;

	start(&one, NOISE_IK);
	start(&two, NOISE_IK);
	len = write_message(&one, &one.a, msg[0]);
	write_message(&two, &two.a, msg[1]);
	ck_assert_mem_eq(msg[0], msg[1], len);
}
END_TEST

/* ---- misuse ---- */

START_TEST(init_wants_the_keys_of_the_pattern)
{
	struct world w;
	struct noise n;
	int good;

	start(&w, _i);
	for (int keys = 0; keys < 8; keys++) {
		bool is_initiator = keys & 4;
		bool needs_own = !is_initiator || !is_anonymous[_i];
		bool needs_remote = is_initiator ? has_pin[_i] :
		    _i == NOISE_KK;

		good = needs_own == ((keys & 1) != 0) &&
		    needs_remote == ((keys & 2) != 0);
		memset(&n, 0xaa, sizeof n);
		ck_assert_int_eq(noise_init(&n, _i, is_initiator, NULL, 0,
		    keys & 1 ? &w.alice : NULL,
		    keys & 2 ? w.bob.public : NULL), good ? E_OK : E_BAD);
		if (!good)
			check_dead(&n);
	}
}
END_TEST

START_TEST(speaking_out_of_turn_ends_it)
{
	struct world w;
	uint8_t msg[256] = { 0 };
	size_t len;

	start(&w, _i);
	ck_assert_int_eq(noise_write(&w.b, &w.rng, NULL, 0, msg, sizeof msg,
	    &len), E_STATE);
	check_dead(&w.b);
	ck_assert_int_eq(noise_read(&w.a, msg, sizeof msg, msg, sizeof msg,
	    &len), E_STATE);
	check_dead(&w.a);
}
END_TEST

START_TEST(nothing_follows_the_last_message)
{
	struct world w;
	uint8_t msg[256] = { 0 };
	size_t len;

	start(&w, _i);
	run(&w, messages[_i]);
	ck_assert_int_eq(noise_write(&w.a, &w.rng, NULL, 0, msg, sizeof msg,
	    &len), E_STATE);
	ck_assert_int_eq(noise_read(&w.b, msg, sizeof msg, msg, sizeof msg,
	    &len), E_STATE);
	check_dead(&w.a);
	check_dead(&w.b);
}
END_TEST

START_TEST(write_without_room_ends_it)
{
	struct world w;
	uint8_t msg[256], before[256];
	size_t len = 99;

	memset(msg, 0xaa, sizeof msg);
	memcpy(before, msg, sizeof msg);
	for (size_t cap = 0; cap < 96 + 5; cap++) {
		start(&w, NOISE_IK);
		ck_assert_int_eq(noise_write(&w.a, &w.rng, "hello", 5, msg,
		    cap, &len), E_FULL);
		check_dead(&w.a);
	}
	ck_assert_mem_eq(msg, before, sizeof msg);
	ck_assert_uint_eq(len, 99);
}
END_TEST

START_TEST(read_without_room_ends_it)
{
	struct world w;
	uint8_t msg[256], payload[4];
	size_t len, payload_len = 99;

	start(&w, NOISE_IK);
	len = write_message(&w, &w.a, msg);
	ck_assert_int_eq(noise_read(&w.b, msg, len, payload, sizeof payload,
	    &payload_len), E_FULL);
	ck_assert_uint_eq(payload_len, 99);
	check_dead(&w.b);
}
END_TEST

/* Every message of XX but its first begins with a part under the old key. */
START_TEST(the_last_nonce_is_refused)
{
	struct world w;
	uint8_t msg[256];
	size_t len;

	start(&w, NOISE_XX);
	run(&w, 2);
	w.a.nonce = w.b.nonce = UINT64_MAX - 1;
	len = write_message(&w, &w.a, msg);
	ck_assert_int_eq(read_message(&w.b, msg, len), E_OK);

	start(&w, NOISE_XX);
	run(&w, 2);
	w.a.nonce = UINT64_MAX;
	ck_assert_int_eq(noise_write(&w.a, &w.rng, NULL, 0, msg, sizeof msg,
	    &len), E_AUTH);
	check_dead(&w.a);

	start(&w, NOISE_XX);
	run(&w, 2);
	len = write_message(&w, &w.a, msg);
	w.b.nonce = UINT64_MAX;
	ck_assert_int_eq(read_message(&w.b, msg, len), E_AUTH);
	check_dead(&w.b);
}
END_TEST

/* ---- secrets ---- */

START_TEST(fini_leaves_no_secret)
{
	struct world w;

	start(&w, _i);
	run(&w, 1);
	noise_fini(&w.a);
	noise_fini(&w.a);
	check_dead(&w.a);
}
END_TEST

START_TEST(split_leaves_only_the_remote_and_the_hash)
{
	struct world w;
	struct noise want = { 0 };
	uint8_t send[KEY_LEN], recv[KEY_LEN];

	start(&w, _i);
	run(&w, messages[_i]);
	noise_split(&w.a, send, recv);
	ck_assert(!noise_is_done(&w.a));
	memcpy(want.remote, w.a.remote, KEY_LEN);
	memcpy(want.remote_ephemeral, w.a.remote_ephemeral, KEY_LEN);
	memcpy(want.hash, w.a.hash, sizeof want.hash);
	ck_assert_ptr_null(w.a.own);
	ck_assert_mem_eq(&w.a.ephemeral, &want.ephemeral,
	    sizeof want.ephemeral);
	ck_assert_mem_eq(w.a.chaining, want.chaining, sizeof want.chaining);
	ck_assert_mem_eq(w.a.key, want.key, sizeof want.key);
	ck_assert_mem_eq(noise_remote(&w.a), w.bob.public, KEY_LEN);
	ck_assert_ptr_nonnull(noise_hash(&w.a));
}
END_TEST

START_TEST(split_before_the_end_is_our_own_bug)
{
	struct world w;
	uint8_t send[KEY_LEN], recv[KEY_LEN];

	start(&w, NOISE_IK);
	noise_split(&w.a, send, recv);
}
END_TEST

/* ---- attacks ---- */

/* True if a reader notices the change of a message. XX sends its first in
 * clear: there it is the sender who notices, by the answer. */
static bool
is_noticed(struct world *w, int message, uint8_t *msg, size_t len)
{
	struct noise *to = reader(w, message);
	uint8_t payload[256];

	if (w->a.pattern != NOISE_XX || message > 0)
		return read_message(to, msg, len) == E_AUTH;
	if (noise_read(to, msg, len, payload, sizeof payload, &len) != E_OK)
		return false;
	len = write_message(w, to, msg);
	return read_message(&w->a, msg, len) == E_AUTH;
}

START_TEST(every_changed_byte_is_noticed)
{
	struct world w;
	uint8_t msg[256];
	size_t len = 1;

	for (int message = 0; message < messages[_i]; message++) {
		for (size_t at = 0; at < len; at++) {
			start(&w, _i);
			run(&w, message);
			len = write_message(&w, writer(&w, message), msg);
			/* X25519 ignores the highest bit of a point. */
			msg[at] ^= at % 2 ? 0x80 : 0x01;
			ck_assert_msg(is_noticed(&w, message, msg, len),
			    "message %d, byte %zu", message + 1, at);
		}
	}
}
END_TEST

START_TEST(every_prefix_is_refused)
{
	struct world w;
	uint8_t msg[256], *exact;
	size_t len, overhead;

	start(&w, _i);
	run(&w, 1);
	overhead = noise_overhead(&w.b);
	len = write_message(&w, &w.b, msg);
	for (size_t cut = 0; cut < len; cut++) {
		struct noise copy = w.a;

		exact = malloc(cut + (cut == 0));
		memcpy(exact, msg, cut);
		ck_assert_int_eq(read_message(&copy, exact, cut),
		    cut < overhead ? E_SHORT : E_AUTH);
		check_dead(&copy);
		free(exact);
	}
	msg[len] = 0;
	ck_assert_int_eq(read_message(&w.a, msg, len + 1), E_AUTH);
}
END_TEST

/* The names of both sides stand in the prologue: who was led to somebody
 * else than he asked for (unknown key share) does not get a session. */
START_TEST(another_prologue_is_refused)
{
	static const char other[] = "gop2p alice eve";
	struct world w;
	uint8_t msg[256];
	size_t len;

	start(&w, _i);
	noise_fini(&w.b);
	start_answer(&w, _i, other, sizeof other, &w.bob);
	len = write_message(&w, &w.a, msg);
	if (_i == NOISE_XX) {
		ck_assert_int_eq(read_message(&w.b, msg, len), E_OK);
		len = write_message(&w, &w.b, msg);
		ck_assert_int_eq(read_message(&w.a, msg, len), E_AUTH);
		return;
	}
	ck_assert_int_eq(read_message(&w.b, msg, len), E_AUTH);
}
END_TEST

START_TEST(somebody_else_than_the_pinned_cannot_answer)
{
	struct world w;
	uint8_t msg[256];
	size_t len;

	start(&w, _i);
	start_answer(&w, _i, prologue, sizeof prologue, &w.mallory);
	len = write_message(&w, &w.a, msg);
	if (_i == NOISE_XX) {
		/* No pin: he can, but only under his own key. */
		ck_assert_int_eq(read_message(&w.b, msg, len), E_OK);
		len = write_message(&w, &w.b, msg);
		ck_assert_int_eq(read_message(&w.a, msg, len), E_OK);
		ck_assert_mem_eq(noise_remote(&w.a), w.mallory.public, KEY_LEN);
		return;
	}
	ck_assert_int_eq(read_message(&w.b, msg, len), E_AUTH);
}
END_TEST

/* Key compromise: who holds Alice's secret can pose as Alice, but not as Bob
 * to Alice. Here Alice begins. */
START_TEST(thief_of_a_key_cannot_answer_as_somebody_else)
{
	struct world w;
	struct keypair fakes[3];
	uint8_t msg[256];
	size_t len;

	start(&w, _i);
	fakes[0] = w.alice;
	fakes[1] = w.mallory;
	memset(&fakes[2], 0, sizeof fakes[2]);
	for (int i = 0; i < 3; i++) {
		memcpy(fakes[i].public, w.bob.public, KEY_LEN);
		start_alice(&w, _i, prologue, sizeof prologue);
		start_answer(&w, _i, prologue, sizeof prologue, &fakes[i]);
		len = write_message(&w, &w.a, msg);
		if (_i != NOISE_XX) {
			ck_assert_int_eq(read_message(&w.b, msg, len), E_AUTH);
			continue;
		}
		ck_assert_int_eq(read_message(&w.b, msg, len), E_OK);
		len = write_message(&w, &w.b, msg);
		ck_assert_int_eq(read_message(&w.a, msg, len), E_AUTH);
	}
}
END_TEST

/* The thief of Bob's secret begins as Alice. He makes message 1 of IK by
 * swapping the secrets of ss: Noise says so (7.7, source property 1). */
static size_t
forge_first(struct world *w, struct keypair *ephemeral,
    uint8_t chaining[static KEY_LEN], uint8_t hash[static KEY_LEN],
    uint8_t msg[static 256])
{
	uint8_t shared[KEY_LEN], key[KEY_LEN], nonce[CRYPT_NONCE_LEN];

	keypair_make(ephemeral, &w->rng);
	memcpy(chaining, "Noise_IK_25519_ChaChaPoly_SHA256", 32);
	crypt_hash(chaining, 32, prologue, sizeof prologue, hash);
	crypt_hash(hash, 32, w->bob.public, KEY_LEN, hash);
	memcpy(msg, ephemeral->public, KEY_LEN);
	crypt_hash(hash, 32, msg, KEY_LEN, hash);
	crypt_dh(ephemeral->secret, w->bob.public, shared); /* es */
	crypt_hkdf(chaining, shared, KEY_LEN, chaining, key);
	crypt_nonce(0, nonce);
	crypt_seal(key, nonce, hash, 32, w->alice.public, KEY_LEN, msg + 32);
	crypt_hash(hash, 32, msg + 32, 48, hash);
	crypt_dh(w->bob.secret, w->alice.public, shared); /* ss, stolen */
	crypt_hkdf(chaining, shared, KEY_LEN, chaining, key);
	crypt_seal(key, nonce, hash, 32, "hello", 5, msg + 80);
	crypt_hash(hash, 32, msg + 80, 21, hash);
	return 101;
}

START_TEST(thief_of_a_key_cannot_go_beyond_message_1)
{
	struct world w;
	struct keypair ephemeral;
	uint8_t chaining[KEY_LEN], hash[KEY_LEN], key[KEY_LEN], ck[KEY_LEN];
	uint8_t msg[256], shared[KEY_LEN], plain[256], h[KEY_LEN];
	uint8_t nonce[CRYPT_NONCE_LEN];
	size_t len;

	start(&w, NOISE_IK);
	len = forge_first(&w, &ephemeral, chaining, hash, msg);
	/* This much he can: nothing is committed on message 1. */
	ck_assert_int_eq(read_message(&w.b, msg, len), E_OK);
	ck_assert_mem_eq(noise_remote(&w.b), w.alice.public, KEY_LEN);
	len = write_message(&w, &w.b, msg);
	crypt_hash(hash, 32, msg, KEY_LEN, h);
	crypt_dh(ephemeral.secret, msg, shared); /* ee */
	crypt_hkdf(chaining, shared, KEY_LEN, chaining, key);
	crypt_nonce(0, nonce);
	/* For se he would need Alice's secret, and has these. */
	const uint8_t *secrets[] =
	    { w.bob.secret, ephemeral.secret, w.mallory.secret };

	for (int i = 0; i < 3; i++) {
		crypt_dh(secrets[i], msg, shared);
		crypt_hkdf(chaining, shared, KEY_LEN, ck, key);
		ck_assert(!crypt_open(key, nonce, h, 32, msg + 32, len - 32,
		    plain));
	}
	/* The attempt itself is right: with her secret it opens. */
	crypt_dh(w.alice.secret, msg, shared);
	crypt_hkdf(chaining, shared, KEY_LEN, ck, key);
	ck_assert(crypt_open(key, nonce, h, 32, msg + 32, len - 32, plain));
}
END_TEST

START_TEST(replayed_message_1_leads_to_other_keys)
{
	struct world w;
	struct noise again;
	uint8_t first[256], msg[256], one[KEY_LEN], two[KEY_LEN], recv[KEY_LEN];
	size_t first_len, len;

	start(&w, NOISE_IK);
	again = w.b;
	first_len = write_message(&w, &w.a, first);
	ck_assert_int_eq(read_message(&w.b, first, first_len), E_OK);
	write_message(&w, &w.b, msg);
	noise_split(&w.b, one, recv);
	ck_assert_int_eq(read_message(&again, first, first_len), E_OK);
	len = write_message(&w, &again, msg);
	noise_split(&again, two, recv);
	ck_assert_mem_ne(one, two, KEY_LEN);
	/* The true initiator could still answer, the one who replays not. */
	ck_assert_int_eq(read_message(&w.a, msg, len), E_OK);
}
END_TEST

START_TEST(forged_answers_do_not_end_a_handshake)
{
	struct world w;
	struct noise before;
	uint8_t msg[256], forged[256], payload[256];
	size_t len, payload_len = 99;

	start(&w, NOISE_IK);
	run(&w, 1);
	len = write_message(&w, &w.b, msg);
	before = w.a;
	for (int i = 0; i < 1000; i++) {
		memcpy(forged, msg, len);
		rng_fill(&w.rng, forged + (i % 2 ? 32 : 0), 21);
		if (noise_try_read(&w.a, forged, len, payload, sizeof payload,
		    &payload_len) != E_AUTH)
			ck_abort_msg("answer %d was not refused", i);
	}
	ck_assert_uint_eq(payload_len, 99);
	ck_assert_mem_eq(&w.a, &before, sizeof before);
	ck_assert_int_eq(noise_try_read(&w.a, msg, len, payload,
	    sizeof payload, &payload_len), E_OK);
	ck_assert_uint_eq(payload_len, 5);
	ck_assert(noise_is_done(&w.a));
}
END_TEST

/* The points of low order and their forms that are not canonical. */
static const char *const low_order[] = {
	"00000000000000000000000000000000"
	"00000000000000000000000000000000",
	"01000000000000000000000000000000"
	"00000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46a"
	"da098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b"
	"04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffff"
	"ffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffff"
	"ffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffff"
	"ffffffffffffffffffffffffffffff7f",
};

enum { LOW_ORDERS = sizeof low_order / sizeof low_order[0] };

START_TEST(ephemeral_of_low_order_is_refused)
{
	struct world w;
	uint8_t msg[256];
	size_t len;

	for (int high = 0; high < 2; high++) {
		start(&w, NOISE_IK);
		len = write_message(&w, &w.a, msg);
		unhex(low_order[_i], msg, KEY_LEN);
		msg[31] |= (uint8_t)(high << 7);
		ck_assert_int_eq(read_message(&w.b, msg, len), E_AUTH);
		check_dead(&w.b);
	}
}
END_TEST

START_TEST(pinned_key_of_low_order_is_refused)
{
	static const enum noise_pattern pinned[] =
	    { NOISE_IK, NOISE_NK, NOISE_KK };
	struct world w;
	uint8_t msg[256];
	size_t len;

	for (int i = 0; i < 3; i++) {
		start(&w, pinned[i]);
		unhex(low_order[_i], w.bob.public, KEY_LEN);
		ck_assert_int_eq(start_alice(&w, pinned[i], NULL, 0), E_OK);
		ck_assert_int_eq(noise_write(&w.a, &w.rng, NULL, 0, msg,
		    sizeof msg, &len), E_AUTH);
		check_dead(&w.a);
	}
}
END_TEST

/* He who knows that a shared secret will be zero can seal it himself. */
START_TEST(claimed_key_of_low_order_is_refused)
{
	struct world w;
	uint8_t msg[256];
	size_t len = 0;

	start(&w, NOISE_XX);
	unhex(low_order[_i], w.bob.public, KEY_LEN);
	run(&w, 1);
	ck_assert_int_eq(noise_write(&w.b, &w.rng, "hello", 5, msg, sizeof msg,
	    &len), E_OK);
	ck_assert_int_eq(read_message(&w.a, msg, len), E_AUTH);
	check_dead(&w.a);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("noise");
	TCase *use = tcase_create("use"), *misuse = tcase_create("misuse");
	TCase *secrets = tcase_create("secrets");
	TCase *attacks = tcase_create("attacks");
	const int all = NOISE_PATTERN_COUNT;

	tcase_add_loop_test(use, both_ends_agree_on_keys_and_hash, 0, all);
	tcase_add_loop_test(use, both_ends_learn_whom_they_talk_to, 0, all);
	tcase_add_loop_test(use, messages_have_the_sizes_of_the_pattern, 0,
	    all);
	tcase_add_test(use, remote_is_unknown_before_it_was_read);
	tcase_add_test(use, a_message_may_be_65535_bytes_and_no_more);
	tcase_add_loop_test(use, payloads_may_be_of_any_size, 0, all);
	tcase_add_test(use, same_seed_gives_the_same_messages);
	tcase_add_loop_test(misuse, init_wants_the_keys_of_the_pattern, 0, all);
	tcase_add_loop_test(misuse, speaking_out_of_turn_ends_it, 0, all);
	tcase_add_loop_test(misuse, nothing_follows_the_last_message, 0, all);
	tcase_add_test(misuse, write_without_room_ends_it);
	tcase_add_test(misuse, read_without_room_ends_it);
	tcase_add_test(misuse, the_last_nonce_is_refused);
	tcase_add_loop_test(secrets, fini_leaves_no_secret, 0, all);
	tcase_add_loop_test(secrets, split_leaves_only_the_remote_and_the_hash,
	    0, all);
	tcase_add_test_raise_signal(secrets,
	    split_before_the_end_is_our_own_bug, 6);
	tcase_set_timeout(attacks, 20);
	tcase_add_loop_test(attacks, every_changed_byte_is_noticed, 0, all);
	tcase_add_loop_test(attacks, every_prefix_is_refused, 0, all);
	tcase_add_loop_test(attacks, another_prologue_is_refused, 0, all);
	tcase_add_loop_test(attacks,
	    somebody_else_than_the_pinned_cannot_answer, 0, all);
	tcase_add_loop_test(attacks,
	    thief_of_a_key_cannot_answer_as_somebody_else, 0, all);
	tcase_add_test(attacks, thief_of_a_key_cannot_go_beyond_message_1);
	tcase_add_test(attacks, replayed_message_1_leads_to_other_keys);
	tcase_add_test(attacks, forged_answers_do_not_end_a_handshake);
	tcase_add_loop_test(attacks, ephemeral_of_low_order_is_refused, 0,
	    LOW_ORDERS);
	tcase_add_loop_test(attacks, pinned_key_of_low_order_is_refused, 0,
	    LOW_ORDERS);
	tcase_add_loop_test(attacks, claimed_key_of_low_order_is_refused, 0,
	    LOW_ORDERS);
	suite_add_tcase(suite, use);
	suite_add_tcase(suite, misuse);
	suite_add_tcase(suite, secrets);
	suite_add_tcase(suite, attacks);
	return suite;
}
