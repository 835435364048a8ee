#include "runner.h"

#include "err.h"
#include "knownfile.h"
#include "rng.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_A "6100000000000000000000000000000000000000000000000000000000000000"
#define KEY_B "6200000000000000000000000000000000000000000000000000000000000000"
#define KEY_C "6300000000000000000000000000000000000000000000000000000000000000"
#define BOB KEY_B " 2026-01-31 verified Bob\n"

static const uint8_t ka[KEY_LEN] = "a", kb[KEY_LEN] = "b", kc[KEY_LEN] = "c";

static int
read_peers(struct known *k, const char *text, struct knownfile_faults *faults)
{
	memset(faults, 0xaa, sizeof *faults);
	return knownfile_read_peers(k, text, strlen(text), faults);
}

/* The text of a file without its head. */
static const char *
body(const char *text)
{
	while (*text == '#' && strncmp(text, "# What follows", 14) != 0)
		text = strchr(text, '\n') + 1;
	return text;
}

START_TEST(file_of_people_is_for_people)
{
	struct known k;
	char *text;
	size_t len = 0;

	known_init(&k);
	known_pin(&k, ka, "J\xc3\xbcrgen", 0);
	known_pin(&k, kb, "Bob", 20484ull * 86400);
	known_verify(&k, kb, true);
	known_block(&k, kc, "Eve", 11016ull * 86400);
	text = knownfile_write_peers(&k, &len);
	ck_assert_uint_eq(len, strlen(text));
	ck_assert_str_eq(text,
	    "# The people that gop2p knows, by their keys. A line is\n"
	    "#\n"
	    "#     KEY FIRST-SEEN STATE NAME\n"
	    "#\n"
	    "# and STATE one of\n"
	    "#     pinned            only this key may use the name\n"
	    "#     verified          the same, and you have compared safety "
	    "numbers\n"
	    "#     blocked           you never hear from this key\n"
	    "#     verified,blocked  both\n"
	    "#\n"
	    "# Remove a line to forget a key. Edit this file while gop2p is "
	    "not\n"
	    "# running, for it writes it anew with every change. Your own "
	    "comments\n"
	    "# move to the end.\n"
	    KEY_A " 1970-01-01 pinned J\xc3\xbcrgen\n"
	    KEY_B " 2026-01-31 verified Bob\n"
	    KEY_C " 2000-02-29 blocked Eve\n");
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(file_of_servers_is_for_people)
{
	struct known k;
	char *text;
	size_t len = 0;

	known_init(&k);
	known_server_pin(&k, "Example.org", 9000, ka, 0);
	known_server_pin(&k, "2001:db8::1", 443, kb, 0);
	known_server_pin(&k, "192.0.2.1", 9000, kc, 0);
	text = knownfile_write_servers(&k, &len);
	ck_assert_str_eq(body(text),
	    "example.org:9000 " KEY_A " 1970-01-01\n"
	    "[2001:db8::1]:443 " KEY_B " 1970-01-01\n"
	    "192.0.2.1:9000 " KEY_C " 1970-01-01\n");
	ck_assert_uint_eq(len, strlen(text));
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(people_come_back)
{
	struct knownfile_faults faults;
	struct known k;
	char *text;
	size_t len;

	known_init(&k);
	ck_assert_int_eq(read_peers(&k,
	    KEY_A " 1999-12-31 pinned Alice\r\n"
	    "\n"
	    " " KEY_B "\t2026-01-31 verified,blocked  Bob \n"
	    KEY_C " 2024-02-29 blocked bob", &faults), E_OK);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(k.peers.count, 3);
	ck_assert_uint_eq(known_by_key(&k, ka)->first_day, 10956);
	ck_assert(known_by_key(&k, kb)->verified);
	ck_assert(known_by_key(&k, kb)->blocked);
	ck_assert(!known_by_key(&k, kc)->verified);
	ck_assert(known_by_key(&k, kc)->blocked);
	text = knownfile_write_peers(&k, &len);
	ck_assert_str_eq(body(text),
	    KEY_A " 1999-12-31 pinned Alice\n"
	    KEY_B " 2026-01-31 verified,blocked Bob\n"
	    KEY_C " 2024-02-29 blocked bob\n");
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(servers_come_back)
{
	struct knownfile_faults faults;
	static const char text[] =
	    "example.org " KEY_A " 2026-01-31\n"
	    "[2001:DB8::1]:443 " KEY_B " 2026-01-31\n";
	struct known k;

	known_init(&k);
	ck_assert_int_eq(knownfile_read_servers(&k, text, sizeof text - 1,
	    &faults), E_OK);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_mem_eq(known_server_find(&k, "example.org", 9000)->key, ka,
	    KEY_LEN);
	ck_assert_mem_eq(known_server_find(&k, "2001:db8::1", 443)->key, kb,
	    KEY_LEN);
	known_fini(&k);
}
END_TEST

START_TEST(every_day_of_a_century_comes_back)
{
	struct knownfile_faults faults;
	struct known k;
	char *text;
	size_t len;

	known_init(&k);
	known_pin(&k, ka, "Alice", 0);
	for (uint32_t day = 0; day < 36525; day += 3) {
		k.peers.items[0].first_day = day;
		text = knownfile_write_peers(&k, &len);
		if (knownfile_read_peers(&k, text, len, &faults) != E_OK ||
		    faults.count != 0 || k.peers.items[0].first_day != day)
			ck_abort_msg("day %u", day);
		free(text);
	}
	known_fini(&k);
}
END_TEST

START_TEST(days_beyond_9999_are_its_last)
{
	struct known k;
	char *text;
	size_t len;

	known_init(&k);
	known_pin(&k, ka, "Alice", 0);
	k.peers.items[0].first_day = UINT32_MAX;
	text = knownfile_write_peers(&k, &len);
	ck_assert_str_eq(body(text), KEY_A " 9999-12-31 pinned Alice\n");
	free(text);
	known_fini(&k);
}
END_TEST

/* ---- faults ---- */

static const struct {
	const char *line, *what;
} bad_peers[] = {
	{ "x", "the key is not 64 hexadecimal digits" },
	{ KEY_A "0 2026-01-31 pinned Al",
	    "the key is not 64 hexadecimal digits" },
	{ KEY_A, "the date is not like 2026-01-31" },
	{ KEY_A " 2026-1-31 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-02-29 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2100-02-29 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 1900-01-01 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-00-01 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-13-01 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-01-00 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-01-3a pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026/01/31 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026/01-31 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-01/31 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-01-310 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-0:-01 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-1/-01 pinned Al", "the date is not like 2026-01-31" },
	{ KEY_A " 2026-01-31",
	    "the state is not pinned, verified or blocked" },
	{ KEY_A " 2026-01-31 Pinned Al",
	    "the state is not pinned, verified or blocked" },
	{ KEY_A " 2026-01-31 pinned", "the name cannot be one" },
	{ KEY_A " 2026-01-31 pinned /al", "the name cannot be one" },
	{ KEY_A " 2026-01-31 pinned \xff", "the name cannot be one" },
	{ KEY_A " 2026-01-31 pinned Al Capone", "something follows the name" },
	{ KEY_A " 2026-01-31 pinned Al C", "something follows the name" },
	{ KEY_A " 2026-01-31 pinned aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "the name is too long" },
	{ KEY_A " 2026-01-31 pinned aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "the name is too long" },
	{ KEY_B " 2026-01-31 pinned Al", "this key stands above already" },
	{ KEY_A " 2026-01-31 pinned bob", "this name has another key above" },
};

enum { BAD_PEERS = sizeof bad_peers / sizeof bad_peers[0] };

START_TEST(strange_line_is_reported_and_kept)
{
	struct knownfile_faults faults;
	struct known k;
	char in[1024], want[1024], *text;
	size_t len;

	known_init(&k);
	snprintf(in, sizeof in, "\n" BOB "%s\n" KEY_C " 2026-01-31 pinned "
	    "Cat\n", bad_peers[_i].line);
	ck_assert_int_eq(read_peers(&k, in, &faults), E_OK);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.first[0].line, 3);
	ck_assert_str_eq(faults.first[0].what, bad_peers[_i].what);
	ck_assert_uint_eq(k.peers.count, 2);
	snprintf(want, sizeof want, BOB KEY_C " 2026-01-31 pinned Cat\n"
	    "# What follows is kept as it was found: comments, and lines that "
	    "could\n# not be read.\n%s\n", bad_peers[_i].line);
	text = knownfile_write_peers(&k, &len);
	ck_assert_str_eq(body(text), want);
	/* And again: reported again, nothing piles up. */
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), E_OK);
	ck_assert_uint_eq(faults.count, 1);
	free(text);
	text = knownfile_write_peers(&k, &len);
	ck_assert_str_eq(body(text), want);
	free(text);
	known_fini(&k);
}
END_TEST

static const struct {
	const char *line, *what;
} bad_servers[] = {
	{ "host:", "the server is not HOST:PORT" },
	{ "host:65536 " KEY_B " 2026-01-31", "the server is not HOST:PORT" },
	{ "host:0 " KEY_B " 2026-01-31", "the server is not HOST:PORT" },
	{ "[host]:1 " KEY_B " 2026-01-31", "the server is not HOST:PORT" },
	{ "host:1 x", "the key is not 64 hexadecimal digits" },
	{ "host:1 " KEY_B, "the date is not like 2026-01-31" },
	{ "host:1 " KEY_B " 2026-01-31 x", "something follows the date" },
	{ "A:9000 " KEY_B " 2026-01-31", "this server stands above already" },
	{ "\xff:9000 " KEY_B " 2026-01-31", "the host cannot be one" },
};

enum { BAD_SERVERS = sizeof bad_servers / sizeof bad_servers[0] };

START_TEST(strange_server_is_reported_and_kept)
{
	struct knownfile_faults faults;
	struct known k;
	char in[1024], *text;
	size_t len;

	known_init(&k);
	snprintf(in, sizeof in, "a " KEY_A " 2026-01-31\n%s\n",
	    bad_servers[_i].line);
	ck_assert_int_eq(knownfile_read_servers(&k, in, strlen(in), &faults),
	    E_OK);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.first[0].line, 2);
	ck_assert_str_eq(faults.first[0].what, bad_servers[_i].what);
	ck_assert_uint_eq(k.servers.count, 1);
	text = knownfile_write_servers(&k, &len);
	ck_assert_ptr_nonnull(strstr(text, bad_servers[_i].line));
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(comments_are_kept_once)
{
	static const char want[] = BOB
	    "# What follows is kept as it was found: comments, and lines that "
	    "could\n# not be read.\n# Bob is from work\n  # indented\n";
	struct knownfile_faults faults;
	struct known k;
	char *text = NULL;
	size_t len;

	known_init(&k);
	ck_assert_int_eq(read_peers(&k, "# Bob is from work\n" BOB
	    "  # indented\n", &faults), E_OK);
	for (int i = 0; i < 3; i++) {
		free(text);
		text = knownfile_write_peers(&k, &len);
		ck_assert_str_eq(body(text), want);
		ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults),
		    E_OK);
		ck_assert_uint_eq(faults.count, 0);
	}
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(faults_are_counted_beyond_the_eighth)
{
	struct knownfile_faults faults;
	struct known k;

	known_init(&k);
	ck_assert_int_eq(read_peers(&k, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n",
	    &faults), E_OK);
	ck_assert_uint_eq(faults.count, 10);
	ck_assert_uint_eq(faults.first[7].line, 8);
	known_fini(&k);
}
END_TEST

START_TEST(overlong_host_is_reported)
{
	struct knownfile_faults faults;
	struct known k;
	char in[512];

	known_init(&k);
	snprintf(in, sizeof in, "%0300d " KEY_A " 2026-01-31\n", 0);
	ck_assert_int_eq(knownfile_read_servers(&k, in, strlen(in), &faults),
	    E_OK);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_str_eq(faults.first[0].what, "the server is not HOST:PORT");
	known_fini(&k);
}
END_TEST

START_TEST(longest_entries_are_read)
{
	struct knownfile_faults faults;
	char host[254], in[1024], *text;
	struct known k;
	size_t len;

	known_init(&k);
	ck_assert_int_eq(read_peers(&k, KEY_A " 2026-01-31 verified,blocked "
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", &faults), E_OK);
	ck_assert_uint_eq(faults.count, 0);
	/* With blanks to the longest line there may be. */
	snprintf(in, sizeof in, KEY_B " 2026-01-31 pinned %*s\n", 512 - 83,
	    "Bob");
	ck_assert_uint_eq(strlen(in), 513);
	ck_assert_int_eq(read_peers(&k, in, &faults), E_OK);
	ck_assert_uint_eq(faults.count, 0);
	memset(host, 'a', sizeof host - 1);
	host[sizeof host - 1] = '\0';
	ck_assert_int_eq(known_server_pin(&k, host, 65535, ka, 0), E_OK);
	text = knownfile_write_servers(&k, &len);
	ck_assert_int_eq(knownfile_read_servers(&k, text, len, &faults), E_OK);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_ptr_nonnull(known_server_find(&k, host, 65535));
	free(text);
	known_fini(&k);
}
END_TEST

START_TEST(overlong_line_is_reported_and_kept)
{
	struct knownfile_faults faults;
	char in[1024], *text;
	struct known k;
	size_t len;

	known_init(&k);
	snprintf(in, sizeof in, "%s %500s\n" BOB, KEY_A, "x");
	ck_assert_int_eq(read_peers(&k, in, &faults), E_OK);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_str_eq(faults.first[0].what, "the line is too long");
	ck_assert_uint_eq(k.peers.count, 1);
	text = knownfile_write_peers(&k, &len);
	in[64 + 1 + 500] = '\0';
	ck_assert_ptr_nonnull(strstr(text, in));
	free(text);
	known_fini(&k);
}
END_TEST

/* ---- refusals ---- */

/* A store that must not change. */
static void
check_refused(const char *text, size_t len, int err, uint32_t line,
    const char *what)
{
	struct knownfile_faults faults;
	struct known k;

	known_init(&k);
	known_pin(&k, kc, "Carol", 0);
	known_server_pin(&k, "host", 9000, kc, 0);
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), err);
	ck_assert_uint_eq(faults.count, 1);
	ck_assert_uint_eq(faults.first[0].line, line);
	ck_assert_str_eq(faults.first[0].what, what);
	ck_assert_uint_eq(k.peers.count, 1);
	ck_assert_str_eq(k.peers.items[0].name, "Carol");
	ck_assert_uint_eq(k.servers.count, 1);
	known_fini(&k);
}

START_TEST(what_is_not_text_is_refused)
{
	static const char nul[] = BOB "a\0b\n", bell[] = BOB BOB "\a";

	check_refused(nul, sizeof nul - 1, E_BAD, 2, "this is not a text file");
	check_refused(bell, sizeof bell - 1, E_BAD, 3,
	    "this is not a text file");
	check_refused("\x1b[2J", 4, E_BAD, 1, "this is not a text file");
	check_refused("\x7f", 1, E_BAD, 1, "this is not a text file");
}
END_TEST

START_TEST(file_that_is_too_large_is_refused)
{
	size_t len = 1048577;
	char *text = malloc(len);

	memset(text, '\n', len);
	check_refused(text, len, E_LIMIT, 0, "the file is too large");
	free(text);
}
END_TEST

START_TEST(file_of_1_mib_without_end_is_refused)
{
	size_t len = 1048576;
	char *text = malloc(len);

	memset(text, 'x', len);
	check_refused(text, len, E_LIMIT, 1,
	    "too much of the file is no entry");
	memset(text, '\n', len);
	memcpy(text, BOB, sizeof BOB - 1);
	struct knownfile_faults faults;
	struct known k;

	known_init(&k);
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), E_OK);
	ck_assert_uint_eq(k.peers.count, 1);
	known_fini(&k);
	free(text);
}
END_TEST

START_TEST(too_many_comments_are_refused)
{
	struct knownfile_faults faults;
	char *text = malloc(20000);
	struct known k;
	size_t len = 0;

	while (len < 16384 - 16)
		len += (size_t)sprintf(text + len, "# abcdefghijklm\n");
	len += (size_t)sprintf(text + len, "# abcdefghijklm\n");
	ck_assert_uint_eq(len, 16384);
	known_init(&k);
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), E_OK);
	known_fini(&k);
	/* One byte more. */
	strcpy(text + len - 1, "n\n");
	check_refused(text, len + 1, E_LIMIT, 1024,
	    "too much of the file is no entry");
	free(text);
}
END_TEST

START_TEST(more_than_256_servers_are_refused)
{
	struct knownfile_faults faults;
	char text[257 * 100];
	struct known k;
	size_t len = 0;

	for (int i = 0; i < 257; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    "s%d:9000 " KEY_A " 2026-01-31\n", i);
	known_init(&k);
	known_server_pin(&k, "host", 9000, kc, 0);
	ck_assert_int_eq(knownfile_read_servers(&k, text, len, &faults),
	    E_FULL);
	ck_assert_uint_eq(faults.first[0].line, 257);
	ck_assert_str_eq(faults.first[0].what, "too many servers");
	ck_assert_uint_eq(k.servers.count, 1);
	known_fini(&k);
}
END_TEST

static size_t
write_many(char *text, size_t cap, unsigned count)
{
	size_t len = 0;

	for (unsigned i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, cap - len,
		    "%064x 2026-01-31 pinned n%u\n", i, i);
	return len;
}

START_TEST(more_than_4096_people_are_refused)
{
	char *text = malloc(KNOWN_FILE_MAX);
	struct knownfile_faults faults;
	struct known k;
	size_t len = write_many(text, KNOWN_FILE_MAX, 4097);

	check_refused(text, len, E_FULL, 4097, "too many people");
	len = write_many(text, KNOWN_FILE_MAX, 4096);
	known_init(&k);
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), E_OK);
	ck_assert_uint_eq(k.peers.count, 4096);
	free(text);
	/* The fullest store fits into a file that can be read again. */
	text = knownfile_write_peers(&k, &len);
	ck_assert_int_eq(knownfile_read_peers(&k, text, len, &faults), E_OK);
	ck_assert_uint_eq(k.peers.count, 4096);
	free(text);
	known_fini(&k);
}
END_TEST

/* ---- anything ---- */

/* Reads bytes; what was accepted must read the same after it was written. */
static void
check_any(const char *text, size_t len)
{
	struct knownfile_faults faults;
	char *exact = malloc(len + (len == 0)), *one, *two;
	size_t one_len, two_len;
	struct known k;

	memcpy(exact, text, len);
	known_init(&k);
	if (knownfile_read_peers(&k, exact, len, &faults) == E_OK) {
		one = knownfile_write_peers(&k, &one_len);
		if (knownfile_read_peers(&k, one, one_len, &faults) != E_OK)
			ck_abort_msg("own file refused:\n%s", one);
		two = knownfile_write_peers(&k, &two_len);
		if (strcmp(one, two) != 0)
			ck_abort_msg("not stable:\n%s\n%s", one, two);
		free(one);
		free(two);
	}
	known_fini(&k);
	free(exact);
}

START_TEST(damaged_file_never_harms)
{
	static const char good[] = "# note\n" KEY_A " 2026-01-31 pinned Alice\n"
	    BOB KEY_C " 2026-01-31 verified,blocked J\xc3\xbcrgen\n";
	char text[sizeof good];
	struct rng rng;

	for (size_t len = 0; len < sizeof good; len++)
		check_any(good, len);
	rng_init_test(&rng, test_seed(), "knownfile");
	for (int i = 0; i < 3000; i++) {
		memcpy(text, good, sizeof good);
		for (uint32_t n = rng_below(&rng, 8); n > 0; n--) {
			uint32_t at = rng_below(&rng, sizeof good - 1);

			if (rng_below(&rng, 2) == 0)
				text[at] = good[rng_below(&rng,
				    sizeof good - 1)];
			else
				text[at] = (char)rng_below(&rng, 256);
		}
		check_any(text, sizeof good - 1);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("knownfile");
	TCase *use = tcase_create("use"), *faults = tcase_create("faults");
	TCase *refusals = tcase_create("refusals");
	TCase *any = tcase_create("any");

	tcase_add_test(use, file_of_people_is_for_people);
	tcase_add_test(use, file_of_servers_is_for_people);
	tcase_add_test(use, people_come_back);
	tcase_add_test(use, servers_come_back);
	tcase_add_test(use, every_day_of_a_century_comes_back);
	tcase_add_test(use, days_beyond_9999_are_its_last);
	tcase_add_loop_test(faults, strange_line_is_reported_and_kept, 0,
	    BAD_PEERS);
	tcase_add_loop_test(faults, strange_server_is_reported_and_kept, 0,
	    BAD_SERVERS);
	tcase_add_test(faults, comments_are_kept_once);
	tcase_add_test(faults, faults_are_counted_beyond_the_eighth);
	tcase_add_test(faults, overlong_host_is_reported);
	tcase_add_test(faults, longest_entries_are_read);
	tcase_add_test(faults, overlong_line_is_reported_and_kept);
	tcase_add_test(refusals, what_is_not_text_is_refused);
	tcase_add_test(refusals, file_that_is_too_large_is_refused);
	tcase_add_test(refusals, file_of_1_mib_without_end_is_refused);
	tcase_add_test(refusals, too_many_comments_are_refused);
	tcase_add_test(refusals, more_than_256_servers_are_refused);
	tcase_add_test(refusals, more_than_4096_people_are_refused);
	tcase_add_test(any, damaged_file_never_harms);
	suite_add_tcase(suite, use);
	suite_add_tcase(suite, faults);
	suite_add_tcase(suite, refusals);
	suite_add_tcase(suite, any);
	return suite;
}
