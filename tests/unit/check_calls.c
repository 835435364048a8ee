#include "calls.h"
#include "runner.h"

#include <string.h>

static const usec_t t0 = 1000 * USEC_S;

/* A call as it is on the wire. */
struct frame {
	uint32_t id;
	uint8_t op;
	size_t len;
	uint8_t body[64];
};

/* The next call that is due; false if none is. */
static bool
next(struct calls *c, usec_t now, struct frame *f)
{
	uint8_t buf[128], type;
	struct wr w = wr_of(buf, sizeof buf);
	struct rd r, body;

	if (!calls_next(c, now, &w))
		return false;
	ck_assert(!w.bad);
	r = rd_of(buf, w.len);
	ck_assert(wire_next_frame(&r, &type, &body));
	ck_assert(rd_done(&r));
	ck_assert_uint_eq(type, SF_CALL);
	f->id = get_u32(&body);
	f->op = get_u8(&body);
	f->len = body.len;
	ck_assert_uint_le(body.len, sizeof f->body);
	get_copy(&body, f->body, body.len);
	ck_assert(!body.bad);
	return true;
}

/* Adds a call and returns its id. */
static uint32_t
add(struct calls *c, usec_t now, enum op op, uint64_t tag)
{
	struct frame f;

	ck_assert(calls_add(c, now, op, tag, "body", 4));
	ck_assert(next(c, now, &f));
	return f.id;
}

START_TEST(a_call_leaves_at_once_with_its_body)
{
	struct calls c;
	struct frame f;

	calls_init(&c);
	ck_assert_uint_eq(calls_deadline(&c, true), USEC_NEVER);
	ck_assert(calls_add(&c, t0, OP_LOOKUP, 7, "\x03" "bob", 4));
	ck_assert_uint_eq(calls_deadline(&c, true), t0);
	ck_assert(next(&c, t0, &f));
	ck_assert_uint_ne(f.id, 0);
	ck_assert_uint_eq(f.op, OP_LOOKUP);
	ck_assert_uint_eq(f.len, 4);
	ck_assert_mem_eq(f.body, "\x03" "bob", 4);
	ck_assert(!next(&c, t0, &f));
	calls_fini(&c);
}
END_TEST

START_TEST(a_call_may_have_no_body)
{
	struct calls c;
	struct frame f;

	calls_init(&c);
	ck_assert(calls_add(&c, t0, OP_RELEASE, 0, NULL, 0));
	ck_assert(next(&c, t0, &f));
	ck_assert_uint_eq(f.len, 0);
	calls_fini(&c);
}
END_TEST

START_TEST(an_unanswered_call_is_repeated_ever_more_slowly)
{
	static const usec_t at[] = { 0, 300, 900, 2100, 4500, 7500, 10500,
		13500, 16500, 19500 };
	struct calls c;
	struct frame first, f;
	size_t i;

	calls_init(&c);
	ck_assert(calls_add(&c, t0, OP_REQUEST, 7, "body", 4));
	ck_assert(next(&c, t0, &first));
	for (i = 1; i < sizeof at / sizeof at[0]; i++) {
		usec_t now = t0 + at[i] * USEC_MS;

		ck_assert_uint_eq(calls_deadline(&c, true), now);
		ck_assert(!next(&c, now - 1, &f));
		ck_assert(next(&c, now, &f));
		ck_assert_uint_eq(f.id, first.id);
		ck_assert_mem_eq(f.body, "body", 4);
	}
	ck_assert_uint_eq(calls_deadline(&c, true), t0 + CALL_GIVE_UP_US);
	calls_fini(&c);
}
END_TEST

START_TEST(a_call_is_answered_once)
{
	struct calls c;
	uint8_t op = 0;
	uint64_t tag = 0;
	uint32_t id;

	calls_init(&c);
	id = add(&c, t0, OP_ALLOW, 7);
	ck_assert(!calls_answer(&c, id + 1, &op, &tag));
	ck_assert(!calls_answer(&c, 0, &op, &tag));
	ck_assert_uint_eq(tag, 0);
	ck_assert(calls_answer(&c, id, &op, &tag));
	ck_assert_uint_eq(op, OP_ALLOW);
	ck_assert_uint_eq(tag, 7);
	ck_assert(!calls_answer(&c, id, &op, &tag));
	ck_assert_uint_eq(calls_deadline(&c, true), USEC_NEVER);
	calls_fini(&c);
}
END_TEST

START_TEST(a_call_that_nobody_answers_is_given_up_after_20_s)
{
	struct calls c;
	uint8_t op;
	uint64_t tag;

	calls_init(&c);
	add(&c, t0, OP_LIST, 9);
	ck_assert(!calls_give_up(&c, t0 + 20 * USEC_S - 1, &op, &tag));
	ck_assert(calls_give_up(&c, t0 + 20 * USEC_S, &op, &tag));
	ck_assert_uint_eq(op, OP_LIST);
	ck_assert_uint_eq(tag, 9);
	ck_assert(!calls_give_up(&c, t0 + 20 * USEC_S, &op, &tag));
	calls_fini(&c);
}
END_TEST

START_TEST(while_the_server_is_away_calls_only_age)
{
	struct calls c;
	struct frame f;

	calls_init(&c);
	ck_assert(calls_add(&c, t0, OP_LIST, 9, "body", 4));
	ck_assert_uint_eq(calls_deadline(&c, false), t0 + CALL_GIVE_UP_US);
	ck_assert(next(&c, t0, &f));
	calls_restart(&c, t0 + USEC_MS);
	ck_assert_uint_eq(calls_deadline(&c, true), t0 + USEC_MS);
	ck_assert(next(&c, t0 + USEC_MS, &f));
	/* The pace begins again as well. */
	ck_assert_uint_eq(calls_deadline(&c, true), t0 + 301 * USEC_MS);
	/* But not the time to answer. */
	ck_assert_uint_eq(calls_deadline(&c, false), t0 + CALL_GIVE_UP_US);
	calls_fini(&c);
}
END_TEST

START_TEST(a_cancelled_call_is_neither_sent_nor_answered)
{
	struct calls c;
	struct frame f;
	uint8_t op;
	uint64_t tag;
	uint32_t mine, others;

	calls_init(&c);
	mine = add(&c, t0, OP_REQUEST, 7);
	others = add(&c, t0, OP_REQUEST, 8);
	add(&c, t0, OP_LOOKUP, 7);
	ck_assert(calls_has(&c, OP_REQUEST, 7));
	calls_cancel(&c, OP_REQUEST, 7);
	ck_assert(!calls_has(&c, OP_REQUEST, 7));
	ck_assert(calls_has(&c, OP_REQUEST, 8));
	ck_assert(calls_has(&c, OP_LOOKUP, 7));
	ck_assert(!calls_answer(&c, mine, &op, &tag));
	ck_assert(next(&c, t0 + USEC_S, &f));
	ck_assert_uint_eq(f.id, others);
	calls_fini(&c);
}
END_TEST

START_TEST(the_table_is_bounded_and_its_places_are_used_again)
{
	struct calls c;
	uint8_t op;
	uint64_t tag;
	unsigned i, round;

	calls_init(&c);
	for (round = 0; round < 1000; round++) {
		for (i = 0; i < CALLS_MAX; i++)
			must(calls_add(&c, t0, OP_LEAVE, i, "body", 4),
			    "no room for call %u", i);
		must(!calls_add(&c, t0, OP_LEAVE, i, "body", 4), "room");
		while (calls_give_up(&c, t0 + CALL_GIVE_UP_US, &op, &tag))
			continue;
	}
	calls_fini(&c);
}
END_TEST

START_TEST(ids_are_never_0_and_never_taken)
{
	struct calls c;
	uint32_t before, after;

	calls_init(&c);
	c.next_id = UINT32_MAX - 1;
	before = add(&c, t0, OP_LIST, 1);
	after = add(&c, t0, OP_LIST, 2);
	ck_assert_uint_eq(before, UINT32_MAX);
	ck_assert_uint_ne(after, 0);
	c.next_id = UINT32_MAX - 1;
	ck_assert_uint_ne(add(&c, t0, OP_LIST, 3), UINT32_MAX);
	calls_fini(&c);
}
END_TEST

START_TEST(a_call_that_does_not_fit_is_not_sent_in_part)
{
	struct calls c;
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof buf);

	calls_init(&c);
	ck_assert(calls_add(&c, t0, OP_LIST, 1, "a long body here", 16));
	ck_assert(calls_next(&c, t0, &w));
	ck_assert(w.bad);
	calls_fini(&c);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("calls");
	TCase *tc = tcase_create("repeats");

	tcase_add_test(tc, a_call_leaves_at_once_with_its_body);
	tcase_add_test(tc, a_call_may_have_no_body);
	tcase_add_test(tc, an_unanswered_call_is_repeated_ever_more_slowly);
	tcase_add_test(tc, while_the_server_is_away_calls_only_age);
	tcase_add_test(tc, a_call_that_does_not_fit_is_not_sent_in_part);
	suite_add_tcase(s, tc);
	tc = tcase_create("ends");
	tcase_add_test(tc, a_call_is_answered_once);
	tcase_add_test(tc, a_call_that_nobody_answers_is_given_up_after_20_s);
	tcase_add_test(tc, a_cancelled_call_is_neither_sent_nor_answered);
	tcase_add_test(tc,
	    the_table_is_bounded_and_its_places_are_used_again);
	tcase_add_test(tc, ids_are_never_0_and_never_taken);
	suite_add_tcase(s, tc);
	return s;
}
