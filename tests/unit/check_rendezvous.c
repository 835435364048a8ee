#include "err.h"
#include "guest.h"
#include "push.h"
#include "rendezvous.h"

static struct world w;
static struct guest ann, bob, cat;

static void
setup(void)
{
	world_open(&w, NULL);
	guest_must_join(&ann, &w, "ann", guest_home(1));
	guest_must_join(&bob, &w, "bob", guest_home(2));
	guest_must_join(&cat, &w, "cat", guest_home(3));
}

static void
teardown(void)
{
	world_close(&w);
}

/* An end of the request with tag was pushed to g. */
static void
expect_end(struct guest *g, enum push kind, uint8_t tag, enum push_end why)
{
	uint8_t nonce[NONCE_LEN];
	struct rd r;

	nonce_of(tag, nonce);
	ck_assert(guest_pushed(g, kind, &r));
	ck_assert_mem_eq(get_bytes(&r, NONCE_LEN), nonce, NONCE_LEN);
	ck_assert_uint_eq(get_u8(&r), why);
	ck_assert(rd_done(&r));
}

static bool
is_pushed(struct guest *g, enum push kind)
{
	struct rd r;

	return guest_pushed(g, kind, &r);
}

/* ---- the way it should go ---- */

START_TEST(request_reaches_the_target_with_both_names)
{
	uint8_t nonce[NONCE_LEN], msg1[INTRO_MSG1_LEN];
	char name[NAME_SIZE];
	struct rd r;

	nonce_of(5, nonce);
	memset(msg1, 6, sizeof msg1);
	ck_assert_int_eq(guest_request(&ann, &bob, "BOB", 5), STATUS_OK);
	ck_assert_uint_eq(ann.reply_len, 0);
	ck_assert(guest_pushed(&bob, PUSH_REQUEST, &r));
	ck_assert_mem_eq(get_bytes(&r, NONCE_LEN), nonce, NONCE_LEN);
	wire_get_name(&r, name);
	ck_assert_str_eq(name, "ann");
	wire_get_name(&r, name);
	ck_assert_str_eq(name, "BOB");
	ck_assert_mem_eq(get_bytes(&r, sizeof msg1), msg1, sizeof msg1);
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(allow_tells_both_in_the_same_instant)
{
	uint8_t nonce[NONCE_LEN], msg2[200];
	struct addr addr;
	struct rd r;
	uint64_t route_b;

	nonce_of(5, nonce);
	memset(msg2, 7, sizeof msg2);
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	r = rd_of(bob.reply, bob.reply_len);
	addr = addr_get(&r);
	ck_assert(addr_eq(&addr, &ann.addr));
	route_b = get_u64(&r);
	ck_assert_uint_ne(route_b, 0);
	ck_assert(rd_done(&r));
	ck_assert(guest_pushed(&ann, PUSH_ALLOW, &r));
	ck_assert_mem_eq(get_bytes(&r, NONCE_LEN), nonce, NONCE_LEN);
	addr = addr_get(&r);
	ck_assert(addr_eq(&addr, &bob.addr));
	ck_assert_uint_ne(get_u64(&r), route_b);
	ck_assert_mem_eq(get_bytes(&r, sizeof msg2), msg2, sizeof msg2);
	ck_assert(rd_done(&r));
}
END_TEST

static bool
tells(const uint8_t *buf, size_t len, const struct addr *a)
{
	for (size_t i = 0; i + 4 <= len; i++)
		if (memcmp(buf + i, a->ip, 4) == 0)
			return true;
	return false;
}

START_TEST(no_address_is_told_before_both_agreed)
{
	ck_assert_int_eq(guest_lookup(&ann, "bob"), STATUS_OK);
	ck_assert(!tells(ann.reply, ann.reply_len, &bob.addr));
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_uint_eq(ann.reply_len, 0);
	guest_listen(&bob);
	for (size_t i = 0; i < bob.got_count; i++)
		ck_assert(!tells(bob.got[i].body, bob.got[i].len,
		    &ann.addr));
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert(tells(bob.reply, bob.reply_len, &ann.addr));
}
END_TEST

START_TEST(repeated_calls_have_the_effect_of_one)
{
	uint8_t reply[64];
	size_t len;
	struct rd r;

	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert(guest_pushed(&bob, PUSH_REQUEST, &r));
	ck_assert(!is_pushed(&bob, PUSH_REQUEST));
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	len = bob.reply_len;
	memcpy(reply, bob.reply, len);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert_uint_eq(bob.reply_len, len);
	ck_assert_mem_eq(bob.reply, reply, len);
	ck_assert(is_pushed(&ann, PUSH_ALLOW));
	ck_assert(!is_pushed(&ann, PUSH_ALLOW));
	ck_assert_uint_eq(server_stats(w.s)->requests, 1);
	ck_assert_uint_eq(server_stats(w.s)->allows, 1);
}
END_TEST

START_TEST(deny_reaches_the_requester)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_deny(&bob, 5, false), STATUS_OK);
	ck_assert_int_eq(guest_deny(&bob, 5, false), STATUS_OK);
	expect_end(&ann, PUSH_DENY, 5, END_DENIED);
	ck_assert(!is_pushed(&ann, PUSH_DENY));
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_GONE);
}
END_TEST

START_TEST(a_yes_can_be_taken_back)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert_int_eq(guest_deny(&bob, 5, false), STATUS_OK);
	expect_end(&ann, PUSH_DENY, 5, END_DENIED);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_GONE);
}
END_TEST

START_TEST(a_request_can_be_taken_back_after_the_yes)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert_int_eq(guest_cancel(&ann, 5), STATUS_OK);
	expect_end(&bob, PUSH_ENDED, 5, END_CANCELLED);
}
END_TEST

START_TEST(cancel_reaches_the_target)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert(is_pushed(&bob, PUSH_REQUEST));
	ck_assert_int_eq(guest_cancel(&ann, 5), STATUS_OK);
	expect_end(&bob, PUSH_ENDED, 5, END_CANCELLED);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_GONE);
}
END_TEST

START_TEST(cancel_takes_back_a_request_that_was_not_heard)
{
	struct rd r;
	uint32_t id;

	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	world_forget(&w); /* lost */
	ck_assert_int_eq(guest_cancel(&ann, 5), STATUS_OK);
	world_pass(&w, 5 * USEC_S);
	ck_assert(!guest_pushed_quietly(&bob, PUSH_REQUEST, &r, &id));
	expect_end(&bob, PUSH_ENDED, 5, END_CANCELLED);
}
END_TEST

START_TEST(target_that_leaves_ends_the_request)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	guest_goodbye(&bob);
	expect_end(&ann, PUSH_DENY, 5, END_GONE);
}
END_TEST

START_TEST(target_that_falls_silent_ends_the_request)
{
	world_pass(&w, 30 * USEC_S);
	ck_assert(guest_beat(&ann));
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	world_pass(&w, 24 * USEC_S);
	ck_assert(!is_pushed(&ann, PUSH_DENY));
	world_pass(&w, 2 * USEC_S);
	expect_end(&ann, PUSH_DENY, 5, END_GONE);
}
END_TEST

START_TEST(requester_that_leaves_ends_the_request)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert(is_pushed(&bob, PUSH_REQUEST));
	guest_goodbye(&ann);
	expect_end(&bob, PUSH_ENDED, 5, END_GONE);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_GONE);
	ck_assert_int_eq(guest_deny(&bob, 5, false), STATUS_GONE);
}
END_TEST

START_TEST(request_expires_after_a_minute)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	for (int i = 0; i < 3; i++) {
		world_pass(&w, 20 * USEC_S);
		ck_assert(guest_beat(&ann));
		ck_assert(guest_beat(&bob));
	}
	world_pass(&w, 3 * USEC_S);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_GONE);
	ck_assert_int_eq(guest_cancel(&ann, 5), STATUS_GONE);
}
END_TEST

START_TEST(push_is_repeated_until_acknowledged)
{
	struct rd r;
	uint32_t id, again;

	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert(guest_pushed_quietly(&bob, PUSH_REQUEST, &r, &id));
	world_pass(&w, 300 * USEC_MS);
	ck_assert(guest_pushed_quietly(&bob, PUSH_REQUEST, &r, &again));
	ck_assert_uint_eq(again, id);
	guest_ack(&bob, id);
	world_pass(&w, 20 * USEC_S);
	ck_assert(!guest_pushed_quietly(&bob, PUSH_REQUEST, &r, &id));
}
END_TEST

START_TEST(requests_that_cross_both_arrive)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_request(&bob, &ann, "ann", 6), STATUS_OK);
	ck_assert(is_pushed(&bob, PUSH_REQUEST));
	ck_assert(is_pushed(&ann, PUSH_REQUEST));
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert(is_pushed(&ann, PUSH_ALLOW));
}
END_TEST

START_TEST(target_that_registers_again_hears_the_request_again)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert(is_pushed(&bob, PUSH_REQUEST));
	bob.addr = guest_home(20);
	ck_assert_int_eq(guest_join(&bob, ""), STATUS_OK);
	ck_assert_str_eq(bob.name, "bob");
	ck_assert(is_pushed(&bob, PUSH_REQUEST));
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert(is_pushed(&ann, PUSH_ALLOW));
}
END_TEST

START_TEST(requester_that_registers_again_gets_the_answer)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ann.addr = guest_home(20);
	ck_assert_int_eq(guest_join(&ann, ""), STATUS_OK);
	ck_assert_int_eq(guest_allow(&bob, 5), STATUS_OK);
	ck_assert(is_pushed(&ann, PUSH_ALLOW));
}
END_TEST

/* ---- what must not be ---- */

START_TEST(strangers_cannot_answer_or_cancel)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_allow(&cat, 5), STATUS_GONE);
	ck_assert_int_eq(guest_deny(&cat, 5, false), STATUS_GONE);
	ck_assert_int_eq(guest_cancel(&cat, 5), STATUS_GONE);
	ck_assert_int_eq(guest_cancel(&bob, 5), STATUS_GONE);
	ck_assert_int_eq(guest_allow(&ann, 5), STATUS_GONE);
	ck_assert(!is_pushed(&ann, PUSH_ALLOW));
	ck_assert(!is_pushed(&ann, PUSH_DENY));
}
END_TEST

START_TEST(nonce_of_another_is_refused)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_request(&cat, &bob, "bob", 5), STATUS_BAD);
}
END_TEST

START_TEST(nobody_asks_itself)
{
	ck_assert_int_eq(guest_request(&ann, &ann, "ann", 5), STATUS_BAD);
}
END_TEST

/* Security.md S7: whatever the reason, the same bytes. */
START_TEST(unknown_offline_and_refusing_look_the_same)
{
	struct guest nobody;
	const struct { const struct guest *to; const char *name; } cases[] = {
		{ &nobody, "dora" },        /* unknown */
		{ &cat, "bob" },            /* with another key */
		{ &cat, "cat" },            /* offline */
		{ &bob, "bob" },            /* refuses */
		{ &bob, "\xff\xfe" },       /* no name at all */
	};

	guest_make(&nobody, &w, "dora", guest_home(9));
	guest_goodbye(&cat);
	ck_assert_int_eq(guest_block(&bob, &ann, true), STATUS_OK);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		world_forget(&w);
		ck_assert_int_eq(guest_request(&ann, cases[i].to,
		    cases[i].name, (uint8_t)(10 + i)), STATUS_UNKNOWN);
		ck_assert_uint_eq(ann.reply_len, 0);
		ck_assert_uint_eq(w.count, 1);
		if (i == 1)
			continue; /* LOOKUP does not name a key */
		world_forget(&w);
		ck_assert_int_eq(guest_lookup(&ann, cases[i].name),
		    STATUS_UNKNOWN);
		ck_assert_uint_eq(ann.reply_len, 0);
		ck_assert_uint_eq(w.count, 1);
	}
	ck_assert(!is_pushed(&bob, PUSH_REQUEST));
}
END_TEST

START_TEST(who_is_blocked_does_not_see_the_blocker)
{
	ck_assert_int_eq(guest_block(&bob, &ann, true), STATUS_OK);
	ck_assert_uint_eq(guest_list(&ann, "", NULL, 0), 1);
	ck_assert_uint_eq(guest_list(&cat, "", NULL, 0), 2);
	ck_assert_int_eq(guest_lookup(&ann, "bob"), STATUS_UNKNOWN);
	ck_assert_int_eq(guest_block(&bob, &ann, false), STATUS_OK);
	ck_assert_uint_eq(guest_list(&ann, "", NULL, 0), 2);
	ck_assert_int_eq(guest_lookup(&ann, "bob"), STATUS_OK);
}
END_TEST

START_TEST(deny_and_block_holds)
{
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 5), STATUS_OK);
	ck_assert_int_eq(guest_deny(&bob, 5, true), STATUS_OK);
	expect_end(&ann, PUSH_DENY, 5, END_DENIED);
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 6), STATUS_UNKNOWN);
	ck_assert_int_eq(guest_request(&cat, &bob, "bob", 7), STATUS_OK);
}
END_TEST

START_TEST(block_list_has_a_limit)
{
	struct guest other;

	for (int i = 0; i < 64; i++) {
		char label[16];

		snprintf(label, sizeof label, "other%d", i);
		guest_make(&other, &w, label, guest_home(50));
		ck_assert_int_eq(guest_block(&bob, &other, true), STATUS_OK);
		ck_assert_int_eq(guest_block(&bob, &other, true), STATUS_OK);
		world_pass(&w, 50 * USEC_MS);
	}
	ck_assert_int_eq(guest_block(&bob, &ann, true), STATUS_LIMIT);
	ck_assert_int_eq(guest_block(&bob, &other, false), STATUS_OK);
	ck_assert_int_eq(guest_block(&bob, &ann, true), STATUS_OK);
}
END_TEST

START_TEST(calls_of_any_other_length_are_refused)
{
	static const enum op ops[] = { OP_LIST, OP_LOOKUP, OP_RENAME,
		OP_SUBSCRIBE, OP_HIDE, OP_REQUEST, OP_ALLOW, OP_DENY,
		OP_CANCEL, OP_RESUME, OP_LEAVE, OP_BLOCK };
	uint8_t zeros[1100] = { 0 };

	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		struct wr body = wr_of(zeros, sizeof zeros);

		ck_assert_int_eq(guest_call(&ann, ops[i], &body),
		    STATUS_BAD);
		body.len = sizeof zeros;
		ck_assert_int_eq(guest_call(&ann, ops[i], &body),
		    STATUS_BAD);
		world_pass(&w, 100 * USEC_MS);
	}
	ck_assert_int_eq(guest_call(&ann, (enum op)0, NULL), STATUS_BAD);
	ck_assert_int_eq(guest_call(&ann, (enum op)255, NULL), STATUS_BAD);
}
END_TEST

/* ---- limits: security.md S8 ---- */

START_TEST(sender_asks_three_strangers_then_one_in_ten_seconds)
{
	static struct guest many[8];
	char name[16];
	int asked = 0;

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		guest_must_join(&many[i], &w, name, guest_home(10 + i));
	}
	for (int i = 0; i < 8; i++)
		asked += guest_request(&ann, &many[i], many[i].name,
		    (uint8_t)(10 + i)) == STATUS_OK;
	ck_assert_int_eq(asked, 3);
	world_pass(&w, 25 * USEC_S);
	ck_assert(guest_beat(&many[7]));
	ck_assert_int_eq(guest_request(&ann, &many[7], "guest7", 30),
	    STATUS_LIMIT);
	world_pass(&w, 5 * USEC_S + USEC_MS);
	ck_assert_int_eq(guest_request(&ann, &many[7], "guest7", 31),
	    STATUS_OK);
}
END_TEST

START_TEST(pair_asks_three_times_in_a_minute)
{
	int asked = 0;

	for (uint8_t i = 0; i < 12; i++) {
		if (guest_request(&ann, &bob, "bob", (uint8_t)(10 + i)) ==
		    STATUS_OK) {
			asked++;
			ck_assert_int_eq(guest_deny(&bob, (uint8_t)(10 + i),
			    false), STATUS_OK);
		}
		world_pass(&w, 5 * USEC_S - USEC_MS);
	}
	ck_assert_int_eq(asked, 3);
}
END_TEST

START_TEST(target_is_shown_ten_strangers_in_a_minute)
{
	static struct guest many[30];
	char name[16];
	int asked = 0, shown = 0;

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		guest_must_join(&many[i], &w, name, guest_home(10 + i));
	}
	for (int i = 0; i < 30; i++) {
		asked += guest_request(&many[i], &bob, "bob",
		    (uint8_t)(10 + i)) == STATUS_OK;
		shown += is_pushed(&bob, PUSH_REQUEST);
	}
	ck_assert_int_eq(asked, 10);
	ck_assert_int_eq(shown, 10);
	for (int i = 0; i < 3; i++) {
		world_pass(&w, 20 * USEC_S + USEC_MS);
		ck_assert(guest_beat(&bob));
		ck_assert(guest_beat(&many[29]));
	}
	ck_assert_int_eq(guest_request(&many[29], &bob, "bob", 99),
	    STATUS_OK);
}
END_TEST

START_TEST(known_contacts_pass_by_the_strangers)
{
	static struct guest many[12];
	char name[16];
	uint64_t a, b;

	guest_introduce(&ann, &bob, 1, &a, &b);
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		guest_must_join(&many[i], &w, name, guest_home(10 + i));
		guest_request(&many[i], &bob, "bob", (uint8_t)(10 + i));
	}
	ck_assert_int_eq(guest_request(&many[11], &bob, "bob", 98),
	    STATUS_LIMIT);
	ck_assert_int_eq(guest_request(&ann, &bob, "bob", 99), STATUS_OK);
}
END_TEST

/* Whom somebody names is his affair: what counts is who named him. */
START_TEST(naming_makes_no_contact_of_a_stranger)
{
	static struct guest many[12];
	char name[16];
	int asked = 0;

	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		guest_must_join(&many[i], &w, name, guest_home(10 + i));
		guest_resume(&many[i], &bob, 1);
		asked += guest_request(&many[i], &bob, "bob",
		    (uint8_t)(10 + i)) == STATUS_OK;
	}
	ck_assert_int_eq(asked, 10);
}
END_TEST

/* ---- the table ---- */

struct table {
	struct registry reg;
	struct rendezvous v;
	struct pushes pushes;
};

static void
table_open(struct table *t, uint32_t max)
{
	static const uint8_t key[MAP_KEY_LEN];

	ck_assert(registry_init(&t->reg, 1, 64, key, 0));
	ck_assert(rendezvous_init(&t->v, max, key));
	ck_assert(pushes_init(&t->pushes, 48, 0));
	for (uint32_t n = 0; n < 64; n++) {
		uint8_t k[KEY_LEN] = { (uint8_t)n, 1 };
		char name[NAME_SIZE];

		snprintf(name, sizeof name, "n%u", n);
		ck_assert_uint_eq(account_new(&t->reg, k, name), n);
	}
}

static void
table_close(struct table *t)
{
	pushes_fini(&t->pushes);
	rendezvous_fini(&t->v);
	registry_fini(&t->reg);
}

static bool
tell(struct table *t, uint32_t account)
{
	return push_add(&t->pushes, &t->reg, 0, account, PUSH_ENDED, "", 0);
}

/* Some take nothing of what they are told: there is a place for others who have
 * less. */
START_TEST(whoever_takes_nothing_gives_way)
{
	struct table t;
	uint32_t n, told;

	table_open(&t, 64);
	for (n = 0; n < 48; n++)
		ck_assert(tell(&t, n % 2));
	ck_assert(!tell(&t, 0));
	ck_assert(!tell(&t, 1));
	for (n = 2; n < 12; n++)
		for (told = 0; told < 2; told++)
			ck_assert_msg(tell(&t, n), "%u, %u", n, told);
	ck_assert(!tell(&t, 0));
	ck_assert(!tell(&t, 1));
	for (n = 0; n < 48; n++)
		ck_assert_ptr_nonnull(push_turn(&t.pushes, &t.reg, 0));
	ck_assert_ptr_null(push_turn(&t.pushes, &t.reg, 0));
	for (n = 0; n < 64; n++)
		push_clear(&t.pushes, &t.reg, n);
	for (n = 0; n < 48; n++)
		ck_assert(tell(&t, n));
	table_close(&t);
}
END_TEST

START_TEST(queue_of_a_target_is_bounded)
{
	struct table t;
	uint8_t nonce[NONCE_LEN];
	uint32_t n;

	table_open(&t, 64);
	for (n = 1; n < 64; n++) {
		if (intro_check(&t.v, &t.reg, 0, n, 0, false) != 0)
			break;
		nonce_of((uint8_t)n, nonce);
		ck_assert_uint_ne(intro_new(&t.v, &t.reg, 0, nonce, n, 0,
		    false), NOBODY);
	}
	ck_assert_uint_eq(n - 1, 32);
	ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, n, 0, false), E_FULL);
	table_close(&t);
}
END_TEST

/* What has an end is kept for a minute: whoever asks his own friends again and
 * again does not fill the ring for all others. */
START_TEST(requester_has_few_of_the_ring)
{
	struct table t;
	uint8_t nonce[NONCE_LEN];
	uint32_t n, slot;

	table_open(&t, 100);
	for (n = 1; n < 64; n++) {
		if (intro_check(&t.v, &t.reg, 0, 0, n, false) != 0)
			break;
		nonce_of((uint8_t)n, nonce);
		slot = intro_new(&t.v, &t.reg, 0, nonce, 0, n, false);
		ck_assert_uint_ne(slot, NOBODY);
		t.v.ring[slot].state = INTRO_ENDED;
	}
	ck_assert_uint_eq(n - 1, 32);
	ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, 0, n, false), E_LIMIT);
	rendezvous_expire(&t.v, &t.reg, INTRO_LIFE_S * USEC_S);
	ck_assert_int_eq(intro_check(&t.v, &t.reg, INTRO_LIFE_S * USEC_S, 0, n,
	    false), 0);
	table_close(&t);
}
END_TEST

/* What is left when half of it is taken is for those who have nothing there. */
START_TEST(half_of_the_ring_is_for_one_request_each)
{
	struct table t;
	uint8_t nonce[NONCE_LEN];
	uint32_t n, from;

	table_open(&t, 32);
	for (n = 0; n < 16; n++) {
		from = n / 8;
		ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, from, 40 + n,
		    false), 0);
		nonce_of((uint8_t)n, nonce);
		ck_assert_uint_ne(intro_new(&t.v, &t.reg, 0, nonce, from,
		    40 + n, false), NOBODY);
	}
	ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, 0, 60, false), E_LIMIT);
	for (; n < 32; n++) {
		ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, n, 60, false),
		    0);
		nonce_of((uint8_t)n, nonce);
		ck_assert_uint_ne(intro_new(&t.v, &t.reg, 0, nonce, n, 60,
		    false), NOBODY);
		ck_assert_int_eq(intro_check(&t.v, &t.reg, 0, n, 61, false),
		    E_LIMIT);
	}
	table_close(&t);
}
END_TEST

START_TEST(full_ring_takes_no_more_until_the_oldest_expire)
{
	struct table t;
	uint8_t nonce[NONCE_LEN];

	table_open(&t, 4);
	for (uint8_t n = 0; n < 4; n++) {
		nonce_of(n, nonce);
		ck_assert_uint_ne(intro_new(&t.v, &t.reg, n * USEC_S, nonce,
		    n, n + 1u, true), NOBODY);
	}
	nonce_of(9, nonce);
	ck_assert_uint_eq(intro_new(&t.v, &t.reg, 9 * USEC_S, nonce, 9, 10,
	    true), NOBODY);
	ck_assert_uint_eq(rendezvous_deadline(&t.v), 62 * USEC_S);
	rendezvous_expire(&t.v, &t.reg, 62 * USEC_S);
	ck_assert_uint_ne(intro_new(&t.v, &t.reg, 62 * USEC_S, nonce, 9, 10,
	    true), NOBODY);
	ck_assert_uint_eq(rendezvous_deadline(&t.v), 63 * USEC_S);
	table_close(&t);
}
END_TEST

/* Random requests, departures and time: lists and index stay right. */
START_TEST(random_changes_leave_nothing_behind)
{
	struct table t;
	struct rng rng;
	usec_t now = 0;
	uint64_t serial = 0;

	rng_init_test(&rng, test_seed(), "rendezvous");
	table_open(&t, 100);
	for (int step = 0; step < 50000; step++) {
		uint8_t nonce[NONCE_LEN] = { 0 };
		uint32_t a = rng_below(&rng, 64), b = rng_below(&rng, 64);
		uint32_t other;
		bool was_asker, was_pending;

		serial++;
		memcpy(nonce, &serial, sizeof serial);
		now += rng_below(&rng, 2) * USEC_S;
		rendezvous_expire(&t.v, &t.reg, now);
		if (rng_below(&rng, 8) == 0)
			while (intro_leave(&t.v, &t.reg, a, &other,
			    &was_asker, &was_pending) != NOBODY)
				ck_assert_uint_ne(other, a);
		else if (a != b && t.v.count < t.v.max)
			ck_assert_uint_eq(intro_new(&t.v, &t.reg, now, nonce,
			    a, b, true), intro_find(&t.v, nonce));
	}
	rendezvous_expire(&t.v, &t.reg, now + 100 * USEC_S);
	ck_assert_uint_eq(t.v.count, 0);
	ck_assert_uint_eq(t.v.by_nonce.count, 0);
	for (uint32_t n = 0; n < 64; n++) {
		ck_assert_uint_eq(t.reg.accounts[n].asks, NOBODY);
		ck_assert_uint_eq(t.reg.accounts[n].asked, NOBODY);
	}
	table_close(&t);
}
END_TEST

static TCase *
flow_case(void)
{
	TCase *tc = tcase_create("flow");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, request_reaches_the_target_with_both_names);
	tcase_add_test(tc, allow_tells_both_in_the_same_instant);
	tcase_add_test(tc, no_address_is_told_before_both_agreed);
	tcase_add_test(tc, repeated_calls_have_the_effect_of_one);
	tcase_add_test(tc, deny_reaches_the_requester);
	tcase_add_test(tc, a_yes_can_be_taken_back);
	tcase_add_test(tc, a_request_can_be_taken_back_after_the_yes);
	tcase_add_test(tc, cancel_reaches_the_target);
	tcase_add_test(tc, cancel_takes_back_a_request_that_was_not_heard);
	tcase_add_test(tc, target_that_leaves_ends_the_request);
	tcase_add_test(tc, target_that_falls_silent_ends_the_request);
	tcase_add_test(tc, requester_that_leaves_ends_the_request);
	tcase_add_test(tc, request_expires_after_a_minute);
	tcase_add_test(tc, push_is_repeated_until_acknowledged);
	tcase_add_test(tc, requests_that_cross_both_arrive);
	tcase_add_test(tc,
	    target_that_registers_again_hears_the_request_again);
	tcase_add_test(tc, requester_that_registers_again_gets_the_answer);
	return tc;
}

static TCase *
limits_case(void)
{
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, strangers_cannot_answer_or_cancel);
	tcase_add_test(tc, nonce_of_another_is_refused);
	tcase_add_test(tc, nobody_asks_itself);
	tcase_add_test(tc, unknown_offline_and_refusing_look_the_same);
	tcase_add_test(tc, who_is_blocked_does_not_see_the_blocker);
	tcase_add_test(tc, deny_and_block_holds);
	tcase_add_test(tc, block_list_has_a_limit);
	tcase_add_test(tc, calls_of_any_other_length_are_refused);
	tcase_add_test(tc,
	    sender_asks_three_strangers_then_one_in_ten_seconds);
	tcase_add_test(tc, pair_asks_three_times_in_a_minute);
	tcase_add_test(tc, target_is_shown_ten_strangers_in_a_minute);
	tcase_add_test(tc, known_contacts_pass_by_the_strangers);
	tcase_add_test(tc, naming_makes_no_contact_of_a_stranger);
	return tc;
}

Suite *
make_suite(void)
{
	Suite *suite = suite_create("rendezvous");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, whoever_takes_nothing_gives_way);
	tcase_add_test(tc, queue_of_a_target_is_bounded);
	tcase_add_test(tc, requester_has_few_of_the_ring);
	tcase_add_test(tc, half_of_the_ring_is_for_one_request_each);
	tcase_add_test(tc,
	    full_ring_takes_no_more_until_the_oldest_expire);
	tcase_add_test(tc, random_changes_leave_nothing_behind);
	suite_add_tcase(suite, flow_case());
	suite_add_tcase(suite, limits_case());
	suite_add_tcase(suite, tc);
	return suite;
}
