#include "runner.h"

#include "err.h"
#include "session.h"
#include "wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LEN = 11, PACKET_LEN = TEXT_LEN + SESSION_OVERHEAD };

static const char text[TEXT_LEN + 1] = "hello there";

/* Two ends with keys that fit each other. */
static void
make_pair(struct session *a, struct session *b)
{
	memset(a, 0, sizeof *a);
	memset(b, 0, sizeof *b);
	memset(a->keys.send, 0x11, KEY_LEN);
	memset(a->keys.recv, 0x22, KEY_LEN);
	memcpy(b->keys.send, a->keys.recv, KEY_LEN);
	memcpy(b->keys.recv, a->keys.send, KEY_LEN);
}

static void
make_small(struct session_small *s, const struct session *like)
{
	memset(s, 0, sizeof *s);
	s->keys = like->keys;
}

/* Seals text with a counter, which must work. */
static void
seal(struct session *s, uint64_t counter, uint8_t packet[static PACKET_LEN])
{
	size_t len = 0;

	s->keys.next = counter;
	ck_assert_int_eq(session_seal(&s->keys, 7, counter, text, TEXT_LEN,
	    packet, PACKET_LEN, &len), E_OK);
	ck_assert_uint_eq(len, PACKET_LEN);
}

static int
try_open(struct session *s, const uint8_t *packet, size_t len)
{
	uint8_t plain[PACKET_LEN];
	uint64_t counter = 0;
	size_t plain_len = 0;
	int err = session_open(s, packet, len, plain, sizeof plain, &plain_len,
	    &counter);

	if (err == E_OK) {
		ck_assert_uint_eq(plain_len, TEXT_LEN);
		ck_assert_mem_eq(plain, text, TEXT_LEN);
	}
	return err;
}

static int
try_open_small(struct session_small *s, const uint8_t *packet, size_t len)
{
	uint8_t plain[PACKET_LEN];
	uint64_t counter;
	size_t plain_len;

	return session_small_open(s, packet, len, plain, sizeof plain,
	    &plain_len, &counter);
}

START_TEST(handshake_gives_two_sessions_that_fit)
{
	struct keypair client, server;
	struct noise i, r;
	struct session a;
	struct session_small b;
	uint8_t msg[256], payload[1], packet[PACKET_LEN];
	struct rng rng;
	size_t len;

	rng_init_test(&rng, 1, "session");
	keypair_make(&client, &rng);
	keypair_make(&server, &rng);
	noise_init(&i, NOISE_IK, true, "p", 1, &client, server.public);
	noise_init(&r, NOISE_IK, false, "p", 1, &server, NULL);
	ck_assert_int_eq(noise_write(&i, &rng, NULL, 0, msg, sizeof msg, &len),
	    E_OK);
	ck_assert_int_eq(noise_read(&r, msg, len, payload, 0, &len),
	    E_OK);
	ck_assert_int_eq(noise_write(&r, &rng, NULL, 0, msg, sizeof msg, &len),
	    E_OK);
	ck_assert_int_eq(noise_read(&i, msg, len, payload, 0, &len),
	    E_OK);
	memset(&a, 0xaa, sizeof a);
	memset(&b, 0xaa, sizeof b);
	session_init(&a, &i);
	session_small_init(&b, &r);
	ck_assert_mem_eq(a.keys.send, b.keys.recv, KEY_LEN);
	ck_assert_mem_eq(a.keys.recv, b.keys.send, KEY_LEN);
	ck_assert_int_eq(session_seal(&a.keys, 7, 0, text, TEXT_LEN, packet,
	    sizeof packet, &len), E_OK);
	ck_assert_int_eq(try_open_small(&b, packet, sizeof packet), E_OK);
	ck_assert_int_eq(session_seal(&b.keys, 7, 0, text, TEXT_LEN, packet,
	    sizeof packet, &len), E_OK);
	ck_assert_int_eq(try_open(&a, packet, sizeof packet), E_OK);
	ck_assert_int_eq(try_open(&a, packet, sizeof packet), E_REPLAY);
}
END_TEST

START_TEST(packet_has_the_layout_of_the_wire)
{
	static const uint8_t header[DATA_HEADER] = {
		5, 0, 0, 0, /* PACKET_DATA */
		0x01, 0x02, 0x03, 0x04,
		0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	};
	static const uint8_t nonce[CRYPT_NONCE_LEN] = {
		0, 0, 0, 0, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
	};
	uint8_t packet[PACKET_LEN], plain[TEXT_LEN];
	struct session a, b;
	uint32_t index = 0;
	size_t len = 0;

	make_pair(&a, &b);
	ck_assert_int_eq(session_seal(&a.keys, 0x01020304, 0x1112131415161718,
	    text, TEXT_LEN, packet, sizeof packet, &len), E_OK);
	ck_assert_uint_eq(len, 16 + TEXT_LEN + 16);
	ck_assert_mem_eq(packet, header, sizeof header);
	ck_assert(crypt_open(a.keys.send, nonce, header, sizeof header,
	    packet + 16, len - 16, plain));
	ck_assert_mem_eq(plain, text, TEXT_LEN);
	ck_assert_int_eq(session_index(packet, len, &index), E_OK);
	ck_assert_uint_eq(index, 0x01020304);
}
END_TEST

START_TEST(seal_and_open_work_in_place)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b;
	uint64_t counter = 0;
	size_t len = 0;

	make_pair(&a, &b);
	memcpy(packet + DATA_HEADER, text, TEXT_LEN);
	ck_assert_int_eq(session_seal(&a.keys, 7, 9, packet + DATA_HEADER,
	    TEXT_LEN, packet, sizeof packet, &len), E_OK);
	ck_assert_int_eq(session_open(&b, packet, len, packet + DATA_HEADER,
	    TEXT_LEN, &len, &counter), E_OK);
	ck_assert_uint_eq(len, TEXT_LEN);
	ck_assert_uint_eq(counter, 9);
	ck_assert_mem_eq(packet + DATA_HEADER, text, TEXT_LEN);
}
END_TEST

START_TEST(empty_packet_is_all_overhead)
{
	uint8_t packet[SESSION_OVERHEAD], plain[1];
	struct session a, b;
	uint64_t counter;
	size_t len = 0;

	make_pair(&a, &b);
	ck_assert_int_eq(session_seal(&a.keys, 7, 0, NULL, 0, packet,
	    sizeof packet, &len), E_OK);
	ck_assert_uint_eq(len, 32);
	ck_assert_int_eq(session_open(&b, packet, len, plain, 0, &len,
	    &counter), E_OK);
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(seal_never_uses_a_counter_twice)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b;
	size_t len = 0;

	make_pair(&a, &b);
	seal(&a, 1000, packet);
	for (uint64_t counter = 0; counter <= 1000; counter += 250)
		ck_assert_int_eq(session_seal(&a.keys, 7, counter, text,
		    TEXT_LEN, packet, sizeof packet, &len), E_STATE);
	ck_assert_int_eq(session_seal(&a.keys, 7, 1001, text, TEXT_LEN, packet,
	    sizeof packet, &len), E_OK);
}
END_TEST

START_TEST(seal_refuses_the_reserved_counter)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b;
	size_t len = 0;

	make_pair(&a, &b);
	ck_assert_int_eq(session_seal(&a.keys, 7, UINT64_MAX, text, TEXT_LEN,
	    packet, sizeof packet, &len), E_LIMIT);
	seal(&a, UINT64_MAX - 1, packet);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_REPLAY);
	ck_assert_int_eq(session_seal(&a.keys, 7, UINT64_MAX, text, TEXT_LEN,
	    packet, sizeof packet, &len), E_LIMIT);
	ck_assert_int_eq(session_seal(&a.keys, 7, UINT64_MAX - 1, text,
	    TEXT_LEN, packet, sizeof packet, &len), E_STATE);
	ck_assert_uint_eq(a.keys.next, UINT64_MAX);
}
END_TEST

START_TEST(seal_without_room_changes_nothing)
{
	uint8_t packet[PACKET_LEN], before[PACKET_LEN];
	struct session a, b;
	size_t len = 99;

	make_pair(&a, &b);
	memset(packet, 0xaa, sizeof packet);
	memcpy(before, packet, sizeof packet);
	for (size_t cap = 0; cap < PACKET_LEN; cap++)
		ck_assert_int_eq(session_seal(&a.keys, 7, 5, text, TEXT_LEN,
		    packet, cap, &len), E_FULL);
	ck_assert_mem_eq(packet, before, sizeof packet);
	ck_assert_uint_eq(len, 99);
	ck_assert_uint_eq(a.keys.next, 0);
}
END_TEST

START_TEST(open_refuses_every_prefix)
{
	uint8_t packet[PACKET_LEN], *exact;
	struct session a, b, before;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	before = b;
	for (size_t len = 0; len < PACKET_LEN; len++) {
		exact = malloc(len + (len == 0));
		memcpy(exact, packet, len);
		ck_assert_int_eq(try_open(&b, exact, len),
		    len < SESSION_OVERHEAD ? E_SHORT : E_AUTH);
		free(exact);
	}
	ck_assert_mem_eq(&b, &before, sizeof b);
}
END_TEST

START_TEST(open_refuses_every_changed_bit)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b, before;
	int err;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	before = b;
	for (size_t bit = 0; bit < 8 * sizeof packet; bit++) {
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		err = try_open(&b, packet, sizeof packet);
		ck_assert_int_eq(err, bit < 32 ? E_BAD : E_AUTH);
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_mem_eq(&b, &before, sizeof b);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
}
END_TEST

START_TEST(open_refuses_an_appended_byte)
{
	uint8_t packet[PACKET_LEN + 1] = { 0 };
	struct session a, b;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_AUTH);
}
END_TEST

START_TEST(open_refuses_what_it_sent_itself)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	ck_assert_int_eq(try_open(&a, packet, sizeof packet), E_AUTH);
}
END_TEST

START_TEST(open_without_room_changes_nothing)
{
	uint8_t packet[PACKET_LEN], plain[TEXT_LEN];
	struct session a, b, before;
	uint64_t counter = 99;
	size_t len = 99;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	before = b;
	ck_assert_int_eq(session_open(&b, packet, sizeof packet, plain,
	    TEXT_LEN - 1, &len, &counter), E_FULL);
	ck_assert_mem_eq(&b, &before, sizeof b);
	ck_assert_uint_eq(len, 99);
	ck_assert_uint_eq(counter, 99);
}
END_TEST

START_TEST(replay_gives_no_plaintext)
{
	static const uint8_t zero[TEXT_LEN];
	uint8_t packet[PACKET_LEN], plain[2 * PACKET_LEN];
	struct session a, b;
	uint64_t counter = 99;
	size_t len = 99;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
	memset(plain, 0xaa, sizeof plain);
	ck_assert_int_eq(session_open(&b, packet, sizeof packet, plain,
	    sizeof plain, &len, &counter), E_REPLAY);
	ck_assert_mem_eq(plain, zero, sizeof zero);
	for (size_t i = TEXT_LEN; i < sizeof plain; i++)
		ck_assert_uint_eq(plain[i], 0xaa);
	ck_assert_uint_eq(len, 99);
	ck_assert_uint_eq(counter, 99);
}
END_TEST

/* What is not authentic is E_AUTH even where its counter was seen. */
START_TEST(window_is_asked_after_the_tag)
{
	uint8_t packet[PACKET_LEN];
	struct session a, b;

	make_pair(&a, &b);
	seal(&a, 3, packet);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
	packet[PACKET_LEN - 1] ^= 1;
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_AUTH);
}
END_TEST

/* flynn/noise CVE-2021-4239: a forged packet must not use up a nonce. */
START_TEST(forged_packets_change_nothing)
{
	uint8_t packet[PACKET_LEN], forged[PACKET_LEN];
	struct session a, b, before;
	struct session_small s, small_before;
	struct rng rng;

	make_pair(&a, &b);
	make_small(&s, &b);
	before = b;
	small_before = s;
	rng_init_test(&rng, test_seed(), "forger");
	seal(&a, 0, packet);
	for (int i = 0; i < 10000; i++) {
		memcpy(forged, packet, sizeof forged);
		rng_fill(&rng, forged + 8, i % 2 ? 8 : sizeof forged - 8);
		if (try_open(&b, forged, sizeof forged) != E_AUTH ||
		    try_open_small(&s, forged, sizeof forged) != E_AUTH)
			ck_abort_msg("packet %d was not refused", i);
	}
	ck_assert_mem_eq(&b, &before, sizeof b);
	ck_assert_mem_eq(&s, &small_before, sizeof s);
	ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
	ck_assert_int_eq(try_open_small(&s, packet, sizeof packet), E_OK);
}
END_TEST

/* Between peers one counter runs on when the keys change. */
START_TEST(first_counter_of_a_key_may_be_anything)
{
	static const uint64_t first[] = { 0, 1, 63, 64, 8191, 8192, 1ULL << 60,
	    UINT64_MAX - 1 };
	uint8_t packet[PACKET_LEN];
	struct session a, b;

	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
		make_pair(&a, &b);
		seal(&a, first[i], packet);
		ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_OK);
		ck_assert_int_eq(try_open(&b, packet, sizeof packet), E_REPLAY);
	}
}
END_TEST

START_TEST(fini_leaves_no_secret)
{
	static const struct session zero;
	static const struct session_small small_zero;
	struct session a, b;
	struct session_small s;

	make_pair(&a, &b);
	make_small(&s, &a);
	session_fini(&a);
	session_fini(&a);
	session_small_fini(&s);
	ck_assert_mem_eq(&a, &zero, sizeof zero);
	ck_assert_mem_eq(&s, &small_zero, sizeof small_zero);
}
END_TEST

START_TEST(sizes_are_what_was_promised)
{
	ck_assert_uint_le(sizeof(struct session_small), 96);
	ck_assert_uint_eq(sizeof(struct replay), 16);
	ck_assert_uint_eq(sizeof(struct replay_wide), 8 + 1024);
}
END_TEST

/* ---- the window ---- */

/* Both sizes behind one interface. */
struct window {
	bool is_wide;
	struct replay small;
	struct replay_wide wide;
};

static bool
take(struct window *w, uint64_t counter)
{
	return w->is_wide ? replay_wide_take(&w->wide, counter) :
	    replay_take(&w->small, counter);
}

/* ck_assert writes a mark each time, too slow for millions of them. */
static void
expect(struct window *w, uint64_t counter, bool is_new)
{
	if (take(w, counter) != is_new)
		ck_abort_msg("counter %llu: %s", (unsigned long long)counter,
		    is_new ? "refused" : "taken");
}

static uint64_t
behind_max(const struct window *w)
{
	return w->is_wide ? 8128 : 63;
}

START_TEST(window_reaches_as_far_back_as_promised)
{
	struct window w = { .is_wide = _i };
	uint64_t max = behind_max(&w);

	/* Whatever the place of the top in its word. */
	for (uint64_t top = 20000; top < 20130; top++) {
		w = (struct window){ .is_wide = _i };
		expect(&w, top, true);
		expect(&w, top - max - 1, false);
		expect(&w, top - max, true);
		expect(&w, top - max, false);
	}
}
END_TEST

START_TEST(window_takes_each_once_forwards_and_backwards)
{
	struct window w = { .is_wide = _i };
	uint64_t max = behind_max(&w);

	for (uint64_t c = 0; c <= max; c++)
		expect(&w, c, true);
	for (uint64_t c = 0; c <= max; c++)
		expect(&w, c, false);
	for (uint64_t c = 2 * max + 1; c > max; c--)
		expect(&w, c, true);
	for (uint64_t c = 0; c <= 2 * max + 1; c++)
		expect(&w, c, false);
}
END_TEST

START_TEST(window_forgets_nothing_when_it_jumps)
{
	struct window w = { .is_wide = _i };
	uint64_t max = behind_max(&w), top;

	for (uint64_t jump = 1; jump <= 3 * max; jump += 1 + max / 16) {
		w = (struct window){ .is_wide = _i };
		for (uint64_t c = 0; c < max; c++)
			expect(&w, c, true);
		top = max - 1 + jump;
		expect(&w, top, true);
		for (uint64_t c = 0; c <= top; c++)
			expect(&w, c, c >= max && c != top && top - c <= max);
	}
}
END_TEST

START_TEST(window_ends_before_the_reserved_counter)
{
	struct window w = { .is_wide = _i };
	uint64_t max = behind_max(&w);

	expect(&w, UINT64_MAX, false);
	expect(&w, UINT64_MAX - 1, true);
	expect(&w, UINT64_MAX, false);
	expect(&w, UINT64_MAX - 1, false);
	expect(&w, UINT64_MAX - 1 - max, true);
	expect(&w, UINT64_MAX - 2 - max, false);
	expect(&w, 0, false);
}
END_TEST

/* The reference: every counter that was ever taken, and the highest. */
enum { MODEL_MAX = 1 << 18 };

struct model {
	bool taken[MODEL_MAX];
	bool any;
	uint64_t top;
};

static bool
model_take(struct model *m, uint64_t counter, uint64_t behind)
{
	if (m->taken[counter] ||
	    (m->any && counter < m->top && m->top - counter > behind))
		return false;
	m->taken[counter] = true;
	m->top = m->any && m->top > counter ? m->top : counter;
	m->any = true;
	return true;
}

START_TEST(window_agrees_with_a_model_over_random_orders)
{
	static struct model model;
	struct window w = { .is_wide = _i };
	uint64_t max = behind_max(&w), head, counter;
	struct rng rng;

	rng_init_test(&rng, test_seed(), "window");
	for (int round = 0; round < 20; round++) {
		memset(&model, 0, sizeof model);
		w = (struct window){ .is_wide = _i };
		head = rng_below(&rng, 2) * rng_below(&rng, 100000);
		for (int i = 0; i < 100000; i++) {
			if (rng_below(&rng, 5000) == 0)
				head += rng_below(&rng, (uint32_t)max * 2);
			head += rng_below(&rng, 3);
			counter = head - rng_below(&rng,
			    (uint32_t)(head < max + 64 ? head : max + 64) + 1);
			if (head >= MODEL_MAX)
				break;
			expect(&w, counter, model_take(&model, counter, max));
		}
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *packet = tcase_create("packet");
	TCase *window = tcase_create("window");

	tcase_add_test(packet, handshake_gives_two_sessions_that_fit);
	tcase_add_test(packet, packet_has_the_layout_of_the_wire);
	tcase_add_test(packet, seal_and_open_work_in_place);
	tcase_add_test(packet, empty_packet_is_all_overhead);
	tcase_add_test(packet, seal_never_uses_a_counter_twice);
	tcase_add_test(packet, seal_refuses_the_reserved_counter);
	tcase_add_test(packet, seal_without_room_changes_nothing);
	tcase_add_test(packet, open_refuses_every_prefix);
	tcase_add_test(packet, open_refuses_every_changed_bit);
	tcase_add_test(packet, open_refuses_an_appended_byte);
	tcase_add_test(packet, open_refuses_what_it_sent_itself);
	tcase_add_test(packet, open_without_room_changes_nothing);
	tcase_add_test(packet, replay_gives_no_plaintext);
	tcase_add_test(packet, window_is_asked_after_the_tag);
	tcase_add_test(packet, forged_packets_change_nothing);
	tcase_add_test(packet, first_counter_of_a_key_may_be_anything);
	tcase_add_test(packet, fini_leaves_no_secret);
	tcase_add_test(packet, sizes_are_what_was_promised);
	tcase_add_loop_test(window, window_reaches_as_far_back_as_promised,
	    0, 2);
	tcase_add_loop_test(window,
	    window_takes_each_once_forwards_and_backwards, 0, 2);
	tcase_add_loop_test(window, window_forgets_nothing_when_it_jumps,
	    0, 2);
	tcase_add_loop_test(window, window_ends_before_the_reserved_counter,
	    0, 2);
	tcase_add_loop_test(window,
	    window_agrees_with_a_model_over_random_orders, 0, 2);
	suite_add_tcase(suite, packet);
	suite_add_tcase(suite, window);
	return suite;
}
