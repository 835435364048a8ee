#include "err.h"
#include "peer.h"
#include "runner.h"

#include <string.h>

/* Two who are introduced, message by message, without a server. */

static const usec_t t0 = 1000 * USEC_S;

static struct self ann, bob;
static struct peer *asks, *asked; /* bob at ann's, ann at bob's */
static uint8_t request[DGRAM_MAX], answer[DGRAM_MAX];
static size_t request_len, answer_len;

static void
be_somebody(struct self *self, const char *name)
{
	memset(self, 0, sizeof *self);
	rng_init_test(&self->rng, test_seed(), name);
	keypair_make(&self->identity, &self->rng);
	memcpy(self->name, name, strlen(name));
	self->port = 9001;
	self->seen = addr_v4(192, 0, 2, (uint8_t)name[0], 9001);
}

static void
set_up(void)
{
	be_somebody(&ann, "ann");
	be_somebody(&bob, "bob");
	asks = peer_new(1, "bob", PEER_ASKING);
	memcpy(asks->key, bob.identity.public, KEY_LEN);
	asked = peer_new(2, "", PEER_ASKED);
	request_len = answer_len = 0;
}

static void
tear_down(void)
{
	peer_free(asks);
	peer_free(asked);
}

/* What the server makes of OP_REQUEST. */
static void
ask(const char *requester)
{
	uint8_t call[DGRAM_MAX];
	struct wr w = wr_of(call, sizeof call);
	struct wr push = wr_of(request, sizeof request);
	char target[NAME_SIZE];
	struct rd r;

	ck_assert(peer_ask(asks, &ann, &w));
	r = rd_of(call, w.len);
	put_bytes(&push, get_bytes(&r, NONCE_LEN), NONCE_LEN);
	wire_put_name(&push, requester);
	wire_get_name(&r, target);
	wire_put_name(&push, target);
	ck_assert_mem_eq(get_bytes(&r, KEY_LEN), bob.identity.public,
	    KEY_LEN);
	put_bytes(&push, r.p, r.len);
	ck_assert(!push.bad);
	request_len = push.len;
}

static bool
hear(void)
{
	struct rd r = rd_of(request, request_len);

	return peer_hear(asked, &bob, &r);
}

static void
allow(void)
{
	struct wr w = wr_of(answer, sizeof answer);

	ck_assert(peer_allow(asked, &bob, t0, &w));
	answer_len = w.len;
}

static bool
be_allowed(void)
{
	struct rd r = rd_of(answer, answer_len);

	get_bytes(&r, NONCE_LEN);
	return peer_allowed(asks, ann.no_relay, t0, &r);
}

START_TEST(an_introduction_gives_both_the_same_keys)
{
	set_up();
	ask("ann");
	ck_assert(hear());
	ck_assert_str_eq(asked->name, "ann");
	ck_assert_mem_eq(asked->key, ann.identity.public, KEY_LEN);
	ck_assert(asked->has_key);
	allow();
	ck_assert_int_eq(asked->state, PEER_ALLOWING);
	ck_assert(be_allowed());
	ck_assert_int_eq(asks->state, PEER_OPEN);
	ck_assert_mem_eq(answer, asks->nonce, NONCE_LEN);
	ck_assert_uint_eq(asks->link.remote, asked->link.index);
	ck_assert_uint_eq(asked->link.remote, asks->link.index);
	ck_assert(asks->link.is_asker && !asked->link.is_asker);
	/* The allower's candidates came along. */
	ck_assert_uint_eq(asks->cands.count, 1);
	ck_assert(addr_eq(&asks->cands.list[0].addr, &bob.seen));
	tear_down();
}
END_TEST

/* Every byte of it counts. */
START_TEST(a_request_that_was_changed_is_not_heard)
{
	size_t i;

	set_up();
	ask("ann");
	for (i = 0; i < request_len; i++) {
		struct peer *p = peer_new(3, "", PEER_ASKED);
		struct rd r = rd_of(request, request_len);

		request[i] ^= 1;
		must(!peer_hear(p, &bob, &r), "byte %zu", i);
		request[i] ^= 1;
		peer_free(p);
	}
	ck_assert(hear());
	tear_down();
}
END_TEST

START_TEST(a_request_of_any_other_length_is_not_heard)
{
	size_t i;

	set_up();
	ask("ann");
	for (i = 0; i < request_len; i++) {
		struct peer *p = peer_new(3, "", PEER_ASKED);
		struct rd r = rd_of(request, i);

		must(!peer_hear(p, &bob, &r), "%zu bytes", i);
		peer_free(p);
	}
	request_len++;
	ck_assert(!hear());
	tear_down();
}
END_TEST

/* The server cannot tell the target another name than the one that asked. */
START_TEST(a_request_under_another_name_is_not_heard)
{
	set_up();
	ask("carl");
	ck_assert(!hear());
	tear_down();
}
END_TEST

START_TEST(a_request_for_another_name_is_not_heard)
{
	set_up();
	memcpy(asks->name, "carl", 5);
	ask("ann");
	ck_assert(!hear());
	memcpy(bob.name_beside, "CARL", 5);
	ck_assert(hear());
	tear_down();
}
END_TEST

START_TEST(a_request_for_another_key_is_not_heard)
{
	set_up();
	ask("ann");
	keypair_make(&bob.identity, &bob.rng);
	ck_assert(!hear());
	tear_down();
}
END_TEST

START_TEST(an_answer_that_was_changed_changes_nothing)
{
	size_t i;

	set_up();
	ask("ann");
	ck_assert(hear());
	allow();
	for (i = NONCE_LEN; i < answer_len; i++) {
		answer[i] ^= 1;
		must(!be_allowed(), "byte %zu", i);
		must(asks->state == PEER_ASKING && !asks->link.is_open,
		    "byte %zu", i);
		answer[i] ^= 1;
	}
	for (i = NONCE_LEN; i < answer_len; i++) {
		struct rd r = rd_of(answer + NONCE_LEN, i - NONCE_LEN);

		must(!peer_allowed(asks, false, t0, &r), "%zu bytes", i);
	}
	/* The true one still counts. */
	ck_assert(be_allowed());
	tear_down();
}
END_TEST

START_TEST(an_answer_to_another_request_is_none)
{
	struct peer *other;
	struct peer *first;

	set_up();
	ask("ann");
	ck_assert(hear());
	allow();
	first = asks;
	other = peer_new(4, "bob", PEER_ASKING);
	memcpy(other->key, bob.identity.public, KEY_LEN);
	asks = other;
	ask("ann");
	ck_assert(!be_allowed());
	asks = first;
	ck_assert(be_allowed());
	peer_free(other);
	tear_down();
}
END_TEST

/* Either side alone forbids it, and both know. */
START_TEST(the_relay_takes_both)
{
	set_up();
	ann.no_relay = _i & 1;
	bob.no_relay = _i & 2;
	ask("ann");
	ck_assert(hear());
	allow();
	ck_assert(be_allowed());
	ck_assert(asks->link.relay_ok == (_i == 0));
	ck_assert(asked->link.relay_ok == (_i == 0));
	ck_assert(asks->no_relay == bob.no_relay);
	ck_assert(asked->no_relay == ann.no_relay);
	tear_down();
}
END_TEST

/* What the server saw comes first, twice is once, and what may not be probed is
 * left out. */
START_TEST(targets_are_what_was_seen_and_what_was_said)
{
	struct addr lan = addr_v4(192, 168, 1, 2, 9001);
	struct addr port = addr_v4(80, 1, 1, 1, 80);
	struct cands out;

	set_up();
	ann.seen = addr_v4(81, 1, 1, 1, 9001);
	asks->seen = addr_v4(80, 1, 1, 1, 9001);
	cands_add(&asks->cands, CAND_SEEN, &asks->seen);
	cands_add(&asks->cands, CAND_LAN, &lan);
	cands_add(&asks->cands, CAND_GUESS, &port);
	peer_targets(asks, &ann, &out);
	ck_assert_uint_eq(out.count, 1);
	ck_assert(addr_eq(&out.list[0].addr, &asks->seen));
	tear_down();
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("peer");
	TCase *tc = tcase_create("introduction");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_introduction_gives_both_the_same_keys);
	tcase_add_test(tc, a_request_that_was_changed_is_not_heard);
	tcase_add_test(tc, a_request_of_any_other_length_is_not_heard);
	tcase_add_test(tc, a_request_under_another_name_is_not_heard);
	tcase_add_test(tc, a_request_for_another_name_is_not_heard);
	tcase_add_test(tc, a_request_for_another_key_is_not_heard);
	tcase_add_test(tc, an_answer_that_was_changed_changes_nothing);
	tcase_add_test(tc, an_answer_to_another_request_is_none);
	tcase_add_loop_test(tc, the_relay_takes_both, 0, 4);
	tcase_add_test(tc, targets_are_what_was_seen_and_what_was_said);
	suite_add_tcase(s, tc);
	return s;
}
