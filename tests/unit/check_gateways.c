#include "io/gateways.h"
#include "runner.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define HEAD "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask" \
	"\t\tMTU\tWindow\tIRTT\n"

/* One line of /proc/net/route, where addresses stand as they lie in memory. */
static const char *
line4(const char *to, const char *via, unsigned int flags, unsigned int metric,
    const char *mask)
{
	static char buf[4][128];
	static int n;
	char *line = buf[n++ % 4];

	snprintf(line, sizeof buf[0], "eth0\t%08X\t%08X\t%04X\t0\t0\t%u\t"
	    "%08X\t0\t0\t0\n", inet_addr(to), inet_addr(via), flags, metric,
	    inet_addr(mask));
	return line;
}

static const char *
router4(const char *one, const char *two)
{
	static char text[512], out[ADDR_TEXT];
	struct addr router;

	snprintf(text, sizeof text, HEAD "%s%s", one, two);
	return gateways_parse4(text, &router) ?
	    addr_format_ip(&router, out) : "none";
}

START_TEST(the_default_route_of_ipv4_is_found)
{
	const char *lan = line4("192.168.1.0", "0.0.0.0", 1, 0,
	    "255.255.255.0");

	ck_assert_str_eq(router4(lan, line4("0.0.0.0", "192.168.1.1", 3, 100,
	    "0.0.0.0")), "192.168.1.1");
	ck_assert_str_eq(router4(lan, ""), "none");
	ck_assert_str_eq(router4("", ""), "none");
	/* A way to some networks, one that is down, one without a router. */
	ck_assert_str_eq(router4(lan, line4("10.0.0.0", "192.168.1.7", 3, 0,
	    "255.0.0.0")), "none");
	ck_assert_str_eq(router4(lan, line4("0.0.0.0", "192.168.1.1", 2, 0,
	    "0.0.0.0")), "none");
	ck_assert_str_eq(router4(lan, line4("0.0.0.0", "0.0.0.0", 1, 0,
	    "0.0.0.0")), "none");
	ck_assert_str_eq(router4(lan, line4("0.0.0.0", "192.168.1.1", 0x203,
	    0, "0.0.0.0")), "none");
}
END_TEST

START_TEST(the_best_of_two_default_routes_counts)
{
	const char *far = line4("0.0.0.0", "10.0.0.1", 3, 600, "0.0.0.0");
	const char *near = line4("0.0.0.0", "192.168.1.1", 3, 100, "0.0.0.0");

	ck_assert_str_eq(router4(far, near), "192.168.1.1");
	ck_assert_str_eq(router4(near, far), "192.168.1.1");
}
END_TEST

#define ANY6 "00000000000000000000000000000000"
#define ROUTER6 "fe800000000000000000000000000001"
#define LINE6(to, via, metric, flags) \
	to " " ANY6 " 00 " via " " metric " 00000001 00000000 " flags \
	"     eth0\n"

START_TEST(the_default_route_of_ipv6_is_found_with_its_interface)
{
	static const char text[] =
	    LINE6("20010db8000000000000000000000000 40", ANY6, "00000100",
	    "00000001")
	    LINE6(ANY6 " 00", ANY6, "ffffffff", "00200200")
	    LINE6(ANY6 " 00", ROUTER6, "00000400", "00450003");
	char out[ADDR_TEXT], device[16];
	struct addr router;

	ck_assert(gateways_parse6(text, &router, device));
	ck_assert_str_eq(addr_format_ip(&router, out), "fe80::1");
	ck_assert_str_eq(device, "eth0");
	ck_assert(!gateways_parse6("", &router, device));
	ck_assert(!gateways_parse6(LINE6(ANY6 " 08", ROUTER6, "00000400",
	    "00450003"), &router, device));
}
END_TEST

START_TEST(nonsense_is_no_route)
{
	char device[16];
	struct addr router;

	ck_assert(!gateways_parse4("\n\n x y z\n%s%n", &router));
	ck_assert(!gateways_parse6("zzzz 00 " ANY6 " 00 " ROUTER6
	    " 0 0 0 00000003 eth0\n", &router, device));
}
END_TEST

START_TEST(this_machine_has_pairs_of_one_family_each)
{
	struct addr pairs[GATEWAYS_MAX];
	size_t count = gateways_read(pairs);

	ck_assert_uint_eq(count % 2, 0);
	for (size_t i = 0; i < count; i += 2) {
		ck_assert_uint_eq(pairs[i].family, pairs[i + 1].family);
		ck_assert_uint_eq(pairs[i].port, 0);
		ck_assert_uint_eq(pairs[i + 1].port, 0);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("gateways");
	TCase *tc = tcase_create("gateways");

	tcase_add_test(tc, the_default_route_of_ipv4_is_found);
	tcase_add_test(tc, the_best_of_two_default_routes_counts);
	tcase_add_test(tc,
	    the_default_route_of_ipv6_is_found_with_its_interface);
	tcase_add_test(tc, nonsense_is_no_route);
	tcase_add_test(tc, this_machine_has_pairs_of_one_family_each);
	suite_add_tcase(s, tc);
	return s;
}
