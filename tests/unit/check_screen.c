/* What the screen sends; the budgets are those of a slow line. */
#include "meter.h"
#include "runner.h"

enum { BUDGET = 80 };

/* What happens to a conversation, and to those who wait for one. */
static const struct { const char *from, *to; } changes[] = {
	{ "registering", "idle" }, { "asking", "punching" },
	{ "udp", "tcp" }, { "tcp", "udp" }, { "udp", "relay" },
	{ "relay", "udp" }, { "udp", "quiet" }, { "quiet", "udp" },
	{ "relay", "quiet" }, { "quiet", "relay" }, { "quiet", "lost" },
	{ "lost", "udp" }, { "lost", "relay" }, { "udp", "server-lost" },
	{ "server-lost", "udp" }, { "udp", "scrolled" },
	{ "scrolled", "udp" }, { "udp", "unread" }, { "unread", "udp" },
	{ "unread", "scrolled" }, { "scrolled", "unread" },
};

START_TEST(a_change_of_the_status_line_takes_few_bytes)
{
	ck_assert(meter_open());
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		size_t count = meter_change(changes[i].from, changes[i].to,
		    (enum theme)_i);

		ck_assert_msg(count <= BUDGET, "%s to %s takes %zu bytes",
		    changes[i].from, changes[i].to, count);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("screen");
	TCase *tc = tcase_create("bytes");

	tcase_add_loop_test(tc, a_change_of_the_status_line_takes_few_bytes,
	    0, THEME_COUNT);
	suite_add_tcase(suite, tc);
	return suite;
}
