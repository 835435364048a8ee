#include "io/upnp.h"
#include "runner.h"

static bool
is_at(const char *url)
{
	const struct addr router = addr_v4(192, 168, 1, 1, 5351);
	const struct addr local = addr_v4(192, 168, 1, 7, 9001);

	return upnp_is_at(url, &router, &local);
}

START_TEST(only_urls_of_the_router_are_asked)
{
	static const char *const good[] = { "http://192.168.1.1/",
		"http://192.168.1.1", "http://192.168.1.1:5000/rootDesc.xml",
		"http://192.168.1.1:49152/a?b=c#d" };
	static const char *const bad[] = { "", "http://", "http:///x",
		"http://192.168.1.2/", "http://192.168.1.1.example.org/",
		"http://192.168.1.1@10.0.0.1/", "http://user@192.168.1.1/",
		"http://10.0.0.1/192.168.1.1", "http://192.168.1.10/",
		"https://192.168.1.1/", "ftp://192.168.1.1/",
		"file:///etc/passwd", "http://router/", "http://[::1]/",
		"http://192.168.1.1:0/", "http://192.168.1.1:99999/",
		"http://00000000000000000000000000000000000000000000000000000"
		    "0000000000000000192.168.1.1/" };

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ck_assert_msg(is_at(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(!is_at(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(of_ipv6_every_neighbour_may_be_the_router)
{
	static const char *const good[] = { "http://[fe80::1]:5000/",
		"http://[2001:db8:1:1::1]:5000/d.xml",
		"http://[2001:db8:1:1:ffff::2]/" };
	static const char *const bad[] = { "http://[2001:db8:1:2::1]:5000/",
		"http://[2001:db8:1:1::7]:5000/", "http://[fe80::2]/",
		"http://192.168.1.1/", "http://[::1]/", "file:///etc/passwd" };
	struct addr router, local;

	ck_assert(addr_parse("fe80::1", 5351, &router));
	ck_assert(addr_parse("2001:db8:1:1::7", 9001, &local));
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ck_assert_msg(upnp_is_at(good[i], &router, &local), "%s",
		    good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(!upnp_is_at(bad[i], &router, &local), "%s",
		    bad[i]);
}
END_TEST

static void
never(void *ctx, const struct input *in)
{
	(void)ctx;
	ck_abort_msg("input %d", (int)in->kind);
}

START_TEST(nothing_is_given_back_that_was_not_given)
{
	const struct act act = { .kind = ACT_UPNP, .sock = 3,
		.from = addr_v4(192, 168, 1, 2, 9001),
		.to = addr_v4(192, 168, 1, 1, 5351), .id = 0 };
	struct loop *l = loop_new();
	struct upnp *u = upnp_new(l, never, NULL);
	const char *why = NULL;

	ck_assert(!upnp_ask(u, &act, &why));
	ck_assert_ptr_nonnull(why);
	upnp_free(u);
	loop_free(l);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("upnp");
	TCase *tc = tcase_create("upnp");

	tcase_add_test(tc, only_urls_of_the_router_are_asked);
	tcase_add_test(tc, of_ipv6_every_neighbour_may_be_the_router);
	tcase_add_test(tc, nothing_is_given_back_that_was_not_given);
	suite_add_tcase(s, tc);
	return s;
}
