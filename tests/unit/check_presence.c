#include "guest.h"
#include "presence.h"

static struct world w;
static struct guest ann, bob, cat;

static void
setup(void)
{
	world_open(&w, NULL);
}

static void
teardown(void)
{
	world_close(&w);
}

/* Ann is online and subscribes. */
static void
subscribe(void)
{
	struct rd r;

	guest_must_join(&ann, &w, "ann", guest_home(1));
	ck_assert_int_eq(guest_switch(&ann, OP_SUBSCRIBE, true), STATUS_OK);
	r = rd_of(ann.reply, ann.reply_len);
	ann.cursor = get_u64(&r);
	ck_assert(rd_done(&r));
}

/* Reads one event of a push. */
static void
expect(struct rd *r, enum presence kind, const char *name, const char *old)
{
	char got[NAME_SIZE], got_old[NAME_SIZE];

	ck_assert_uint_eq(get_u8(r), kind);
	wire_get_name(r, got);
	wire_get_name(r, got_old);
	get_bytes(r, KEY_ID_LEN);
	ck_assert(!r->bad);
	ck_assert_str_eq(got, name);
	ck_assert_str_eq(got_old, old);
}

/* Waits until Ann is told of one event, the next after her cursor. */
static void
expect_one(enum presence kind, const char *name, const char *old)
{
	struct rd r;

	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	ck_assert_uint_eq(get_u64(&r), ann.cursor);
	expect(&r, kind, name, old);
	ck_assert(rd_done(&r));
	ann.cursor++;
}

static void
expect_silence(struct guest *g)
{
	struct rd r;

	world_pass(&w, 3 * USEC_S);
	ck_assert(!guest_pushed(g, PUSH_PRESENCE, &r));
}

START_TEST(subscriber_hears_of_arrival_rename_and_departure)
{
	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	expect_one(PRESENCE_ARRIVED, "bob", "");
	ck_assert_int_eq(guest_rename(&bob, "bert"), STATUS_OK);
	expect_one(PRESENCE_RENAMED, "bert", "bob");
	guest_goodbye(&bob);
	expect_one(PRESENCE_LEFT, "bert", "");
	expect_silence(&ann);
}
END_TEST

START_TEST(event_carries_the_key_id)
{
	uint8_t id[KEY_ID_LEN];
	struct rd r;

	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	get_bytes(&r, 8 + 1 + 4 + 1);
	wire_key_id(bob.keys.public, id);
	ck_assert_mem_eq(get_bytes(&r, KEY_ID_LEN), id, KEY_ID_LEN);
}
END_TEST

START_TEST(who_did_not_subscribe_hears_nothing)
{
	guest_must_join(&ann, &w, "ann", guest_home(1));
	guest_must_join(&bob, &w, "bob", guest_home(2));
	expect_silence(&ann);
	subscribe();
	ck_assert_int_eq(guest_switch(&ann, OP_SUBSCRIBE, false), STATUS_OK);
	guest_must_join(&cat, &w, "cat", guest_home(3));
	expect_silence(&ann);
}
END_TEST

START_TEST(subscription_may_come_with_the_registration)
{
	struct rd r;

	guest_make(&ann, &w, "ann", guest_home(1));
	ann.flags = INIT_SUBSCRIBE;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	guest_must_join(&bob, &w, "bob", guest_home(2));
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	get_u64(&r);
	expect(&r, PRESENCE_ARRIVED, "bob", "");
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(hidden_client_is_seen_by_nobody)
{
	subscribe();
	guest_make(&bob, &w, "bob", guest_home(2));
	bob.flags = INIT_HIDDEN;
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	ck_assert_int_eq(guest_rename(&bob, "bert"), STATUS_OK);
	expect_silence(&ann);
	ck_assert_uint_eq(guest_list(&ann, "", NULL, 0), 0);
	ck_assert_int_eq(guest_lookup(&ann, "bert"), STATUS_OK);
	ck_assert_int_eq(guest_switch(&bob, OP_HIDE, false), STATUS_OK);
	expect_one(PRESENCE_ARRIVED, "bert", "");
	ck_assert_int_eq(guest_switch(&bob, OP_HIDE, false), STATUS_OK);
	ck_assert_int_eq(guest_switch(&bob, OP_HIDE, true), STATUS_OK);
	expect_one(PRESENCE_LEFT, "bert", "");
	guest_goodbye(&bob);
	expect_silence(&ann);
}
END_TEST

/* Who comes and goes costs everybody's attention. */
START_TEST(nobody_comes_and_goes_all_the_time)
{
	int switched = 0;

	guest_must_join(&bob, &w, "bob", guest_home(2));
	for (int i = 0; i < 90; i++)
		switched += guest_switch(&bob, OP_HIDE, i % 2 == 0) ==
		    STATUS_OK;
	ck_assert_int_ge(switched, 60);
	ck_assert_int_lt(switched, 90);
	world_pass(&w, USEC_S);
	ck_assert_int_eq(guest_switch(&bob, OP_HIDE, true), STATUS_OK);
	ck_assert_int_eq(guest_switch(&bob, OP_HIDE, true), STATUS_OK);
}
END_TEST

START_TEST(registering_again_is_no_arrival)
{
	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	expect_one(PRESENCE_ARRIVED, "bob", "");
	ck_assert_int_eq(guest_join(&bob, "bob"), STATUS_OK);
	expect_silence(&ann);
	ck_assert_int_eq(guest_join(&bob, "bill"), STATUS_OK);
	expect_one(PRESENCE_RENAMED, "bill", "bob");
	bob.flags = INIT_HIDDEN;
	ck_assert_int_eq(guest_join(&bob, "bill"), STATUS_OK);
	expect_one(PRESENCE_LEFT, "bill", "");
}
END_TEST

START_TEST(push_is_repeated_until_acknowledged)
{
	struct rd r;
	uint32_t id, again = 0;
	int times = 0;

	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	world_pass(&w, 100 * USEC_MS);
	ck_assert(guest_pushed_quietly(&ann, PUSH_PRESENCE, &r, &id));
	for (int i = 0; i < 30; i++) {
		world_pass(&w, USEC_S);
		times += guest_pushed_quietly(&ann, PUSH_PRESENCE, &r,
		    &again);
	}
	ck_assert_int_ge(times, 5);
	ck_assert_int_le(times, 12);
	ck_assert_uint_eq(again, id);
	guest_ack(&ann, id);
	while (guest_pushed_quietly(&ann, PUSH_PRESENCE, &r, &again))
		;
	expect_silence(&ann);
}
END_TEST

START_TEST(late_or_wrong_acknowledgement_changes_nothing)
{
	struct rd r;
	uint32_t first, second;

	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	world_pass(&w, 100 * USEC_MS);
	ck_assert(guest_pushed_quietly(&ann, PUSH_PRESENCE, &r, &first));
	guest_ack(&ann, first);
	guest_must_join(&cat, &w, "cat", guest_home(3));
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed_quietly(&ann, PUSH_PRESENCE, &r, &second));
	guest_ack(&ann, first);
	guest_ack(&ann, second + 1000);
	world_pass(&w, USEC_S);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	get_u64(&r);
	expect(&r, PRESENCE_ARRIVED, "cat", "");
}
END_TEST

START_TEST(events_come_in_one_packet_when_many_happen_at_once)
{
	static struct guest many[20];
	struct rd r;
	char name[NAME_SIZE];

	subscribe();
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		guest_must_join(&many[i], &w, name, guest_home(10 + i));
	}
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	ck_assert_uint_eq(get_u64(&r), ann.cursor);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "guest%d", i);
		expect(&r, PRESENCE_ARRIVED, name, "");
	}
	ck_assert(rd_done(&r));
}
END_TEST

START_TEST(heartbeat_says_what_was_missed)
{
	struct rd r;
	uint64_t first;

	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	expect_one(PRESENCE_ARRIVED, "bob", "");
	ann.cursor--; /* as if the push had never been read */
	ck_assert(guest_beat(&ann));
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	first = get_u64(&r);
	ck_assert_uint_eq(first, ann.cursor);
	expect(&r, PRESENCE_ARRIVED, "bob", "");
}
END_TEST

START_TEST(cursor_of_zero_says_nothing)
{
	subscribe();
	guest_must_join(&bob, &w, "bob", guest_home(2));
	expect_one(PRESENCE_ARRIVED, "bob", "");
	ann.cursor = 0;
	ck_assert(guest_beat(&ann));
	expect_silence(&ann);
}
END_TEST

START_TEST(cursor_of_an_earlier_run_is_below_the_first_number)
{
	struct rd r;
	uint64_t old;

	subscribe();
	old = ann.cursor;
	world_pass(&w, 2 * USEC_S);
	world_restart(&w);
	ann.flags = INIT_SUBSCRIBE;
	ck_assert_int_eq(guest_join(&ann, "ann"), STATUS_OK);
	world_pass(&w, 200 * USEC_MS);
	ck_assert(guest_pushed(&ann, PUSH_PRESENCE, &r));
	ck_assert_uint_gt(get_u64(&r), old);
}
END_TEST

/* ---- the ring ---- */

START_TEST(who_falls_behind_the_ring_is_told_where_it_begins)
{
	static const uint8_t key[KEY_LEN];
	struct member m = { .state = MEMBER_LIVE };
	struct bulletin p;
	uint8_t buf[1200];
	struct wr wr = wr_of(buf, sizeof buf);
	struct rd r;

	ck_assert(presence_init(&p, UINT64_C(0xfffffff0)));
	presence_subscribe(&p, &m);
	for (int i = 0; i < PRESENCE_RING + 5; i++)
		presence_add(&p, 0, PRESENCE_ARRIVED, "x", NULL, key);
	presence_write(&p, &m, &wr);
	r = rd_of(wr.p, wr.len);
	ck_assert_uint_eq(get_u64(&r), UINT64_C(0xfffffff0) + 5);
	presence_fini(&p);
}
END_TEST

/* A round over many members takes several turns. */
START_TEST(event_during_a_round_reaches_those_it_has_passed)
{
	static const uint8_t key[KEY_LEN];
	struct registry reg;
	struct bulletin p;
	usec_t now = USEC_S;
	uint32_t slot;

	ck_assert(registry_init(&reg, 5000, 8, key, 0));
	ck_assert(presence_init(&p, 1));
	for (int i = 0; i < 5000; i++) {
		slot = member_new(&reg, now);
		member_promote(&reg, now, slot, MEMBER_LIVE);
	}
	presence_add(&p, now, PRESENCE_ARRIVED, "x", NULL, key);
	now += USEC_S;
	ck_assert(!presence_turn(&p, &reg, now, &slot));
	ck_assert_uint_eq(p.at, 4096);
	ck_assert_uint_le(p.due, now);
	presence_subscribe(&p, &reg.members[0]);
	presence_add(&p, now, PRESENCE_ARRIVED, "y", NULL, key);
	ck_assert(!presence_turn(&p, &reg, now, &slot));
	ck_assert_uint_eq(p.at, 0);
	ck_assert_uint_gt(p.due, now);
	ck_assert_uint_le(p.due, now + USEC_S);
	ck_assert(presence_turn(&p, &reg, p.due, &slot));
	ck_assert_uint_eq(slot, 0);
	presence_fini(&p);
	registry_fini(&reg);
}
END_TEST

/* Everybody gets every event once and in order, whatever is lost. */
START_TEST(losses_delay_events_but_lose_none)
{
	static const uint8_t key[KEY_LEN];
	struct registry reg;
	struct bulletin p;
	struct rng rng;
	uint64_t seen[8];
	usec_t now = USEC_S;
	uint32_t slot;

	rng_init_test(&rng, test_seed(), "presence");
	ck_assert(registry_init(&reg, 8, 8, key, 0));
	ck_assert(presence_init(&p, UINT64_C(0x7fffff00)));
	for (int i = 0; i < 8; i++) {
		slot = member_new(&reg, now);
		member_promote(&reg, now, slot, MEMBER_LIVE);
		presence_subscribe(&p, &reg.members[slot]);
		seen[slot] = p.head;
	}
	for (int step = 0; step < 200000; step++, now += 5 * USEC_MS) {
		if (step < 10000 && rng_below(&rng, 20) == 0)
			presence_add(&p, now, PRESENCE_ARRIVED, "x", NULL,
			    key);
		while (presence_turn(&p, &reg, now, &slot)) {
			uint8_t buf[1000];
			struct wr wr = wr_of(buf, sizeof buf);
			uint32_t id = presence_write(&p, &reg.members[slot],
			    &wr);
			struct rd r = rd_of(wr.p, wr.len);
			uint64_t at = get_u64(&r);

			ck_assert_uint_le(at, seen[slot]);
			if (rng_below(&rng, 10) < 3)
				continue; /* the push is lost */
			for (; r.len > 0; at++) {
				expect(&r, PRESENCE_ARRIVED, "x", "");
				if (at == seen[slot])
					seen[slot]++;
			}
			if (rng_below(&rng, 10) < 7)
				presence_ack(&p, now, &reg.members[slot], id);
		}
	}
	for (int i = 0; i < 8; i++)
		ck_assert_uint_eq(seen[i], p.head);
	ck_assert_uint_eq(p.due, USEC_NEVER);
	presence_fini(&p);
	registry_fini(&reg);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("presence");
	TCase *tc = tcase_create("presence");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, subscriber_hears_of_arrival_rename_and_departure);
	tcase_add_test(tc, event_carries_the_key_id);
	tcase_add_test(tc, who_did_not_subscribe_hears_nothing);
	tcase_add_test(tc, subscription_may_come_with_the_registration);
	tcase_add_test(tc, hidden_client_is_seen_by_nobody);
	tcase_add_test(tc, nobody_comes_and_goes_all_the_time);
	tcase_add_test(tc, registering_again_is_no_arrival);
	tcase_add_test(tc, push_is_repeated_until_acknowledged);
	tcase_add_test(tc, late_or_wrong_acknowledgement_changes_nothing);
	tcase_add_test(tc, events_come_in_one_packet_when_many_happen_at_once);
	tcase_add_test(tc, heartbeat_says_what_was_missed);
	tcase_add_test(tc, cursor_of_zero_says_nothing);
	tcase_add_test(tc, cursor_of_an_earlier_run_is_below_the_first_number);
	tcase_add_test(tc, who_falls_behind_the_ring_is_told_where_it_begins);
	tcase_add_test(tc,
	    event_during_a_round_reaches_those_it_has_passed);
	tcase_add_test(tc, losses_delay_events_but_lose_none);
	suite_add_tcase(suite, tc);
	return suite;
}
