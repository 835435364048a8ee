#include "face/agenda.h"
#include "runner.h"

static struct event
done(uint32_t serial, bool ok, enum exit_code code)
{
	return (struct event){ .kind = EV_DONE, .serial = serial, .ok = ok,
		.exit_code = code };
}

START_TEST(a_person_need_not_wait)
{
	struct agenda a = { .in_order = false };

	for (int i = 0; i < AGENDA_MAX; i++) {
		ck_assert(agenda_may_begin(&a, COMMAND_CONNECT));
		agenda_begin(&a, COMMAND_CONNECT);
	}
	ck_assert(!agenda_may_begin(&a, COMMAND_EXIT));
}
END_TEST

START_TEST(a_command_of_a_script_ends_before_the_next)
{
	struct agenda a = { .in_order = true };
	struct event ev;
	uint32_t serial = agenda_begin(&a, COMMAND_TCP);

	ck_assert_uint_ne(serial, 0);
	ck_assert(!agenda_may_begin(&a, COMMAND_MSG));
	ck_assert(!agenda_may_begin(&a, COMMAND_EXIT));
	ev = done(serial + 1, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(!agenda_may_begin(&a, COMMAND_MSG));
	ev = done(serial, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(agenda_may_begin(&a, COMMAND_MSG));
}
END_TEST

START_TEST(messages_that_follow_each_other_begin_together)
{
	struct agenda a = { .in_order = true };
	struct event ev;
	uint32_t first = agenda_begin(&a, COMMAND_MSG), second;

	ck_assert(agenda_may_begin(&a, COMMAND_MSG));
	ck_assert(!agenda_may_begin(&a, COMMAND_NONE));
	ck_assert(!agenda_may_begin(&a, COMMAND_ALLOW));
	ck_assert(!agenda_may_begin(&a, COMMAND_EXIT));
	second = agenda_begin(&a, COMMAND_MSG);
	ev = done(first, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(!agenda_may_begin(&a, COMMAND_EXIT));
	ev = done(second, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(agenda_may_begin(&a, COMMAND_EXIT));
}
END_TEST

START_TEST(answers_may_begin_while_a_connect_waits)
{
	struct agenda a = { .in_order = true };
	struct event ev;
	uint32_t connect = agenda_begin(&a, COMMAND_CONNECT), allow;

	ck_assert(agenda_may_begin(&a, COMMAND_ALLOW));
	ck_assert(agenda_may_begin(&a, COMMAND_DENY));
	ck_assert(agenda_may_begin(&a, COMMAND_EXIT));
	ck_assert(!agenda_may_begin(&a, COMMAND_MSG));
	ck_assert(!agenda_may_begin(&a, COMMAND_NONE));
	allow = agenda_begin(&a, COMMAND_ALLOW);
	ck_assert(agenda_may_begin(&a, COMMAND_DENY));
	ev = done(connect, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(!agenda_may_begin(&a, COMMAND_DENY));
	ev = done(allow, true, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ck_assert(agenda_may_begin(&a, COMMAND_MSG));
}
END_TEST

START_TEST(the_first_failure_counts)
{
	struct agenda a = { .in_order = true };
	struct event ev = done(0, false, EXIT_CODE_DENIED);

	ck_assert_int_eq(a.failed, EXIT_CODE_OK);
	agenda_end(&a, &ev);
	ev = done(0, false, EXIT_CODE_NO_PATH);
	agenda_end(&a, &ev);
	ck_assert_int_eq(a.failed, EXIT_CODE_DENIED);
}
END_TEST

START_TEST(a_failure_without_a_code_is_one)
{
	struct agenda a = { .in_order = true };
	struct event ev = done(0, false, EXIT_CODE_OK);

	agenda_end(&a, &ev);
	ck_assert_int_eq(a.failed, EXIT_CODE_RUNTIME);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("agenda");
	TCase *tc = tcase_create("agenda");

	tcase_add_test(tc, a_person_need_not_wait);
	tcase_add_test(tc, a_command_of_a_script_ends_before_the_next);
	tcase_add_test(tc, messages_that_follow_each_other_begin_together);
	tcase_add_test(tc, answers_may_begin_while_a_connect_waits);
	tcase_add_test(tc, the_first_failure_counts);
	tcase_add_test(tc, a_failure_without_a_code_is_one);
	suite_add_tcase(s, tc);
	return s;
}
