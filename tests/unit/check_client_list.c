#include "err.h"
#include "lone.h"
#include "runner.h"

#include <string.h>

/* Who is online, as a server tells it that may say anything. */

static struct lone l;

static void
set_up(void)
{
	lone_make(&l);
	l.conf.subscribe = true;
	fake_answers(&l.fake, OP_LIST, STATUS_OK,
	    "\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 12);
	lone_start(&l);
	lone_forget(&l);
}

static void
put_entry(struct wr *w, enum presence presence, const char *name,
    const char *old)
{
	put_u8(w, (uint8_t)presence);
	wire_put_name(w, name);
	wire_put_name(w, old);
	put_zeros(w, KEY_ID_LEN);
}

/* One event, the number-th. */
static void
tell(uint64_t number, enum presence presence, const char *name,
    const char *old)
{
	uint8_t body[256];
	struct wr w = wr_of(body, sizeof body);

	put_u64(&w, number);
	put_entry(&w, presence, name, old);
	lone_push(&l, PUSH_PRESENCE, body, w.len);
}

static size_t
online(void)
{
	uint64_t version;
	size_t count;

	client_online(l.c, &count, &version);
	return count;
}

START_TEST(a_renamed_person_is_one_person)
{
	set_up();
	tell(0, PRESENCE_ARRIVED, "bob", "");
	tell(1, PRESENCE_RENAMED, "robert", "bob");
	ck_assert_uint_eq(online(), 1);
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->peer, "robert");
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->old_name, "bob");
	tell(2, PRESENCE_LEFT, "robert", "");
	ck_assert_uint_eq(online(), 0);
	lone_close(&l);
}
END_TEST

/* What is no name does not reach the screen, new or old; with an old one that
 * is none the person has arrived. */
START_TEST(names_that_are_none_are_not_told)
{
	static const char *const bad[] = { "", "a b", "a\nb", "\x1b[2J",
		"\xff\xfe", "a\xe2\x80\xae" "b" };
	uint64_t number = 0;
	size_t i;

	set_up();
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		tell(number++, PRESENCE_ARRIVED, bad[i], "");
		ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	}
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		tell(number++, PRESENCE_RENAMED, "bob", bad[i]);
		ck_assert_uint_eq(lone_count(&l, EV_CLIENT), i + 1);
		ck_assert_int_eq(lone_last(&l, EV_CLIENT)->presence,
		    PRESENCE_ARRIVED);
		ck_assert_str_eq(lone_last(&l, EV_CLIENT)->old_name, "");
	}
	ck_assert_uint_eq(online(), 1);
	lone_close(&l);
}
END_TEST

START_TEST(an_old_name_is_told_of_renames_only)
{
	set_up();
	tell(0, PRESENCE_ARRIVED, "bob", "carl");
	ck_assert_str_eq(lone_last(&l, EV_CLIENT)->old_name, "");
	lone_close(&l);
}
END_TEST

START_TEST(repeated_news_are_told_once)
{
	set_up();
	tell(0, PRESENCE_ARRIVED, "bob", "");
	tell(0, PRESENCE_ARRIVED, "bob", "");
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 1);
	lone_close(&l);
}
END_TEST

/* What lies between was missed: the list tells. */
START_TEST(a_gap_in_the_news_is_filled_from_the_list)
{
	size_t lists;

	set_up();
	tell(0, PRESENCE_ARRIVED, "bob", "");
	lists = fake_count(&l.fake, OP_LIST);
	tell(7, PRESENCE_ARRIVED, "carl", "");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(fake_count(&l.fake, OP_LIST), lists + 1);
	lone_close(&l);
}
END_TEST

START_TEST(our_own_comings_and_goings_are_no_news)
{
	set_up();
	tell(0, PRESENCE_LEFT, "ann", "");
	tell(1, PRESENCE_ARRIVED, "ANN", "");
	ck_assert_uint_eq(lone_count(&l, EV_CLIENT), 0);
	ck_assert_uint_eq(online(), 0);
	lone_close(&l);
}
END_TEST

/* A page that names itself as the next one. */
START_TEST(a_list_without_an_end_ends)
{
	uint8_t body[64];
	struct wr w = wr_of(body, sizeof body);
	uint32_t all;

	set_up();
	put_u32(&w, 1);
	put_u64(&w, 0);
	wire_put_name(&w, "bob");
	put_zeros(&w, KEY_ID_LEN + 4);
	fake_answers(&l.fake, OP_LIST, STATUS_OK, body, w.len);
	all = lone_do(&l, "all");
	lone_run(&l, 5 * USEC_S);
	ck_assert(lone_done(&l, all)->ok);
	ck_assert_uint_eq(lone_last(&l, EV_CLIENTS)->count, 1);
	lone_close(&l);
}
END_TEST

START_TEST(a_list_says_what_its_names_begin_with)
{
	uint32_t all;

	set_up();
	all = lone_do(&l, "all bo");
	lone_run(&l, USEC_S);
	ck_assert(lone_done(&l, all)->ok);
	ck_assert_uint_eq(lone_last(&l, EV_CLIENTS)->len, 2);
	ck_assert_str_eq(lone_last(&l, EV_CLIENTS)->text, "bo");
	lone_do(&l, "all");
	lone_run(&l, USEC_S);
	ck_assert_uint_eq(lone_last(&l, EV_CLIENTS)->len, 0);
	lone_close(&l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("client_list");
	TCase *tc = tcase_create("news");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_renamed_person_is_one_person);
	tcase_add_test(tc, names_that_are_none_are_not_told);
	tcase_add_test(tc, an_old_name_is_told_of_renames_only);
	tcase_add_test(tc, repeated_news_are_told_once);
	tcase_add_test(tc, a_gap_in_the_news_is_filled_from_the_list);
	tcase_add_test(tc, our_own_comings_and_goings_are_no_news);
	tcase_add_test(tc, a_list_without_an_end_ends);
	tcase_add_test(tc, a_list_says_what_its_names_begin_with);
	suite_add_tcase(s, tc);
	return s;
}
