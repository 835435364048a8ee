#include "runner.h"

#include "outlook.h"
#include "wire.h"

#include <string.h>

static uint8_t
nat_of(enum nat_mapping mapping, enum nat_filter filter)
{
	return (uint8_t)(mapping | filter << 4);
}

/* What we are, and what is to be expected of each kind of others. */
static const struct row {
	struct outlook_own own;
	enum outlook want[OUTLOOK_PEERS];
} rows[] = {
	{ { .nat = 0 }, { OUTLOOK_UNKNOWN, OUTLOOK_UNKNOWN, OUTLOOK_UNKNOWN,
	    OUTLOOK_UNKNOWN } },
	{ { .nat = NAT_NONE | FILTER_OPEN << 4 }, { OUTLOOK_AT_ONCE,
	    OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE, OUTLOOK_SOON } },
	/* A firewall of one's own is like an easy NAT. */
	{ { .nat = NAT_NONE | FILTER_APDF << 4 }, { OUTLOOK_AT_ONCE,
	    OUTLOOK_SOON, OUTLOOK_GUESSED, OUTLOOK_SOON } },
	{ { .nat = NAT_EIM | FILTER_OPEN << 4 }, { OUTLOOK_AT_ONCE,
	    OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE, OUTLOOK_SOON } },
	{ { .nat = NAT_EIM | FILTER_APDF << 4 }, { OUTLOOK_AT_ONCE,
	    OUTLOOK_SOON, OUTLOOK_GUESSED, OUTLOOK_SOON } },
	{ { .nat = NAT_EIM }, { OUTLOOK_AT_ONCE, OUTLOOK_SOON,
	    OUTLOOK_GUESSED, OUTLOOK_SOON } },
	{ { .nat = NAT_APDM | FILTER_APDF << 4, .counts = true },
	    { OUTLOOK_SOON, OUTLOOK_SOON, OUTLOOK_RELAYED, OUTLOOK_SOON } },
	{ { .nat = NAT_APDM | FILTER_APDF << 4 }, { OUTLOOK_GUESSED,
	    OUTLOOK_RELAYED, OUTLOOK_RELAYED, OUTLOOK_GUESSED } },
	{ { .nat = NAT_APDM | FILTER_OPEN << 4 }, { OUTLOOK_GUESSED,
	    OUTLOOK_GUESSED, OUTLOOK_GUESSED, OUTLOOK_GUESSED } },
	/* A mapped port makes up for any NAT, and not for what is blocked. */
	{ { .nat = NAT_APDM | FILTER_APDF << 4, .is_mapped = true },
	    { OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE, OUTLOOK_AT_ONCE,
	    OUTLOOK_SOON } },
	{ { .no_udp = true, .is_mapped = true }, { OUTLOOK_SOON, OUTLOOK_SOON,
	    OUTLOOK_GUESSED, OUTLOOK_SOON } },
};

START_TEST(own_nat_tells_what_to_expect)
{
	const struct row *row = &rows[_i];

	for (int peer = 0; peer < OUTLOOK_PEERS; peer++)
		ck_assert_int_eq(outlook_of(&row->own,
		    (enum outlook_peer)peer), row->want[peer]);
}
END_TEST

/* Whatever helps never makes anything worse. */
START_TEST(more_freedom_is_never_worse)
{
	for (int peer = 0; peer < OUTLOOK_PEERS; peer++)
		for (int map = NAT_NONE; map <= NAT_APDM; map++) {
			struct outlook_own strict = { .nat =
			    nat_of((enum nat_mapping)map, FILTER_APDF) };
			struct outlook_own counts = strict, open = strict,
			    mapped = strict;
			enum outlook at = outlook_of(&strict,
			    (enum outlook_peer)peer);

			counts.counts = true;
			open.nat = nat_of((enum nat_mapping)map, FILTER_OPEN);
			mapped.is_mapped = true;
			ck_assert_int_le(outlook_of(&counts,
			    (enum outlook_peer)peer), at);
			ck_assert_int_le(outlook_of(&open,
			    (enum outlook_peer)peer), at);
			ck_assert_int_le(outlook_of(&mapped,
			    (enum outlook_peer)peer), at);
		}
}
END_TEST

START_TEST(every_word_is_of_its_own)
{
	for (int a = 0; a <= OUTLOOK_RELAYED; a++)
		for (int b = 0; b < a; b++)
			ck_assert(strcmp(outlook_token((enum outlook)a),
			    outlook_token((enum outlook)b)) != 0 &&
			    strcmp(outlook_text((enum outlook)a),
			    outlook_text((enum outlook)b)) != 0);
	for (int a = 0; a < OUTLOOK_PEERS; a++)
		for (int b = 0; b < a; b++)
			ck_assert(strcmp(
			    outlook_peer_token((enum outlook_peer)a),
			    outlook_peer_token((enum outlook_peer)b)) != 0 &&
			    strcmp(outlook_peer_text((enum outlook_peer)a),
			    outlook_peer_text((enum outlook_peer)b)) != 0);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("outlook");
	TCase *tc = tcase_create("outlook");

	tcase_add_loop_test(tc, own_nat_tells_what_to_expect, 0,
	    (int)(sizeof rows / sizeof *rows));
	tcase_add_test(tc, more_freedom_is_never_worse);
	tcase_add_test(tc, every_word_is_of_its_own);
	suite_add_tcase(s, tc);
	return s;
}
