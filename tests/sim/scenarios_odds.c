#include "figures.h"

#include <stdlib.h>

/* Issue "Through any NAT": pairs of which one NAT at least chooses another port
 * for every destination. `make odds` shows what `make check` only judges. */

enum { RUNS = 24 };

/* What stands behind an address. */
enum kind {
	EASY,
	EASY_ADF,
	EASY_TFTP,
	POISON,
	CARRIER,     /* easy twice, any port */
	SEQUENTIAL,
	RANDOM,
	RANDOM_ADF,
	RANDOM_TFTP,
	RANDOM_FAR,  /* of a carrier, behind a home */
	RANDOM_FEW,  /* at most 252 mappings: RFC 6888 with 256 subscribers */
	BLOCK,
	PORT_SET,
};

enum { NEW = 1, LOSSY = 2 };

/* Median and 99 in 100, in milliseconds. */
static const struct {
	const char *name;
	uint8_t a, b, how;
	uint16_t median, most;
} table[] = {
	{ "easy/adf, random", EASY_ADF, RANDOM, 0, 240, 500 },
	{ "easy, random", EASY, RANDOM, 0, 2500, 10000 },
	{ "the same, new", EASY, RANDOM, NEW, 2500, 10000 },
	{ "the same, lossy", EASY, RANDOM, LOSSY, 2500, 10000 },
	{ "the same, lossy, new", EASY, RANDOM, LOSSY | NEW, 2500, 10000 },
	{ "poison, random", POISON, RANDOM, 0, 2500, 10000 },
	{ "the same, lossy", POISON, RANDOM, LOSSY, 2500, 10000 },
	{ "carrier, random", CARRIER, RANDOM, 0, 2500, 10000 },
	{ "the same, new", CARRIER, RANDOM, NEW, 2500, 10000 },
	{ "the same, lossy", CARRIER, RANDOM, LOSSY, 2500, 10000 },
	{ "easy, random/few", EASY, RANDOM_FEW, 0, 2500, 10000 },
	{ "easy, random/far", EASY, RANDOM_FAR, 0, 2500, 10000 },
	{ "the same, lossy", EASY, RANDOM_FAR, LOSSY, 2500, 10000 },
	{ "random, random/adf", RANDOM, RANDOM_ADF, 0, 2500, 10000 },
	{ "the same, new", RANDOM, RANDOM_ADF, NEW, 2500, 10000 },
	{ "the same, lossy", RANDOM, RANDOM_ADF, LOSSY, 2500, 10000 },
	{ "random/adf twice", RANDOM_ADF, RANDOM_ADF, 0, 2500, 10000 },
	{ "random, random/tftp", RANDOM, RANDOM_TFTP, 0, 4000, 10000 },
	{ "the same, lossy", RANDOM, RANDOM_TFTP, LOSSY, 4000, 10000 },
	{ "the same, new", RANDOM, RANDOM_TFTP, NEW, 4000, 10000 },
	{ "easy/tftp, random", EASY_TFTP, RANDOM, 0, 1000, 10000 },
	{ "easy, block", EASY, BLOCK, 0, 1000, 10000 },
	{ "the same, lossy", EASY, BLOCK, LOSSY, 1000, 10000 },
	{ "the same, new", EASY, BLOCK, NEW, 1000, 10000 },
	{ "easy, port set", EASY, PORT_SET, 0, 1000, 10000 },
	{ "the same, lossy", EASY, PORT_SET, LOSSY, 1000, 10000 },
	{ "the same, new", EASY, PORT_SET, NEW, 1000, 10000 },
	{ "easy, sequential", EASY, SEQUENTIAL, 0, 1500, 1500 },
	{ "the same, lossy", EASY, SEQUENTIAL, LOSSY, 1500, 10000 },
	{ "the same, new", EASY, SEQUENTIAL, NEW, 1500, 10000 },
	{ "poison, sequential", POISON, SEQUENTIAL, 0, 1500, 1500 },
	{ "the same, lossy", POISON, SEQUENTIAL, LOSSY, 1500, 10000 },
	{ "the same, new", POISON, SEQUENTIAL, NEW, 1500, 10000 },
	{ "sequential twice", SEQUENTIAL, SEQUENTIAL, 0, 1500, 10000 },
	{ "the same, lossy", SEQUENTIAL, SEQUENTIAL, LOSSY, 1500, 10000 },
	{ "the same, new", SEQUENTIAL, SEQUENTIAL, NEW, 1500, 10000 },
	{ "sequential, random/adf", SEQUENTIAL, RANDOM_ADF, 0, 2500, 10000 },
};

static struct place
place_of(enum kind kind)
{
	struct nat_conf nat = kind < SEQUENTIAL ? nat_easy : nat_random;

	switch (kind) {
	case EASY_ADF:
		return behind(&nat_restricted);
	case POISON:
		return behind(&nat_linux);
	case SEQUENTIAL:
		return behind(&nat_sequential);
	case CARRIER:
		nat.alloc = NAT_RANDOM;
		return behind_carrier(&nat, NULL);
	case RANDOM_ADF:
		nat.filter = NAT_AD;
		break;
	case EASY_TFTP:
	case RANDOM_TFTP:
		nat.alg_tftp = true;
		break;
	case RANDOM_FAR:
		return behind_carrier(&nat_random, NULL);
	case RANDOM_FEW:
		nat.subscriber_max = 252;
		break;
	case BLOCK:
		nat.alloc = NAT_BLOCK;
		break;
	case PORT_SET:
		nat.alloc = NAT_PORT_SET;
		break;
	case EASY:
	case RANDOM:
		break;
	}
	return behind(&nat);
}

static struct cell
cell_of(int n)
{
	struct cell cell = {
		.name = table[n].name,
		.a = place_of((enum kind)table[n].a),
		.b = place_of((enum kind)table[n].b),
		.transport = TRANSPORT_UDP,
		.is_new = table[n].how & NEW,
		.takes_turns = true,
		.median = table[n].median * USEC_MS,
		.most = table[n].most * USEC_MS,
	};
	/* 100 ms there and back, 5 % lost each way. */
	if (table[n].how & LOSSY) {
		cell.delay = 25 * USEC_MS;
		cell.loss = 25 * PER_CENT / 10;
	}
	return cell;
}


static int
number_of(const char *variable, int otherwise)
{
	const char *s = getenv(variable);

	return s != NULL ? atoi(s) : otherwise;
}

START_TEST(a_direct_path_comes_about_as_promised)
{
	struct cell cell = cell_of(_i);
	int only = number_of("GOP2P_CELL", _i);
	struct figures f;

	if (only != _i)
		return;
	f = figures_measure(&cell, number_of("GOP2P_RUNS", RUNS),
	    test_seed());
	if (getenv("GOP2P_FIGURES") != NULL)
		figures_print(stderr, _i, &cell, &f);
	ck_assert_uint_le(f.median, cell.median);
	ck_assert_uint_le(f.most, cell.most);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("odds");
	TCase *tc = tcase_create("direct");

	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, a_direct_path_comes_about_as_promised, 0,
	    sizeof table / sizeof table[0]);
	suite_add_tcase(s, tc);
	return s;
}
