#include "runner.h"

#include "io/args.h"

#include <string.h>

struct sample {
	bool relay;
	bool json;
	uint16_t port;
	char name[9];
	uint32_t clients;
};

#define AT(field) offsetof(struct sample, field)

static const struct conf_option table[] = {
	{ "port", "PORT", "", AT(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "name", "NAME", "", AT(name), 1, 8, CONF_STRING, CONF_BOTH, 'n' },
	{ "relay", "no-", "", AT(relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "json", NULL, "", AT(json), 0, 0, CONF_BOOL, CONF_IN_OPTIONS, 'j' },
	{ "clients", "N", "", AT(clients), 0, 9, CONF_NUMBER, CONF_IN_FILE, 0 },
	{ 0 },
};

enum { WORDS_MAX = 8 };

/* The words of a line as arguments, after the name of the program. */
static bool
read_args(const char *line, struct sample *conf, struct conf_error *err)
{
	char copy[128], program[] = "program";
	char *argv[WORDS_MAX + 2] = { program };
	int argc = 1;

	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word != NULL;
	    word = strtok(NULL, " "))
		argv[argc++] = word;
	return args_read(table, argc, argv, conf, NULL, err);
}

START_TEST(words_beside_the_options_are_left_where_they_are_wanted)
{
	char program[] = "program", all[] = "all", p[] = "-p", five[] = "5",
	    b[] = "B";
	char *argv[] = { program, all, p, five, b, NULL };
	struct sample conf = { 0 };
	struct conf_error err;
	int words;

	ck_assert(args_read(table, 5, argv, &conf, &words, &err));
	ck_assert_uint_eq(conf.port, 5);
	ck_assert_int_eq(words, 3);
	ck_assert_str_eq(argv[3], "all");
	ck_assert_str_eq(argv[4], "B");
	ck_assert(args_read(table, 3, argv, &conf, &words, &err));
	ck_assert_int_eq(words, 3);
}
END_TEST

static const struct good_row {
	const char *line;
	struct sample want;
} good_rows[] = {
	{ "", { .relay = true, .port = 9000 } },
	{ "-p 1", { .relay = true, .port = 1 } },
	{ "-p1", { .relay = true, .port = 1 } },
	{ "--port 1", { .relay = true, .port = 1 } },
	{ "--port=1", { .relay = true, .port = 1 } },
	{ "--port 1 -p 2", { .relay = true, .port = 2 } },
	{ "--no-relay", { .relay = false, .port = 9000 } },
	{ "--no-relay --relay", { .relay = true, .port = 9000 } },
	{ "-j", { .relay = true, .json = true, .port = 9000 } },
	{ "-jp5", { .relay = true, .json = true, .port = 5 } },
	{ "-n -x", { .relay = true, .port = 9000, .name = "-x" } },
};

START_TEST(options_set_their_fields)
{
	const struct good_row *row = &good_rows[_i];
	struct sample conf = { .relay = true, .port = 9000 };
	struct conf_error err;

	/* Twice: once for the name of the file, once over what it said. */
	for (int round = 0; round < 2; round++) {
		ck_assert_msg(read_args(row->line, &conf, &err), "%s: %s",
		    row->line, err.text);
		ck_assert(conf.relay == row->want.relay);
		ck_assert(conf.json == row->want.json);
		ck_assert_uint_eq(conf.port, row->want.port);
		ck_assert_str_eq(conf.name, row->want.name);
	}
}
END_TEST

static const struct bad_row {
	const char *line;
	const char *complaint;
} bad_rows[] = {
	{ "--prot 1",
	    "there is no option \"--prot\"; did you mean \"--port\"?" },
	{ "--frobnicate=1",
	    "there is no option \"--frobnicate\"; --help lists all" },
	{ "--clients 1",
	    "there is no option \"--clients\"; --help lists all" },
	{ "--no-json", "there is no option \"--no-json\"; --help lists all" },
	{ "-x", "there is no option \"-x\"; --help lists all" },
	{ "-p", "--port needs a value: --port PORT" },
	{ "--port", "--port needs a value: --port PORT" },
	{ "--json=yes", "--json takes no value" },
	{ "--no-relay=yes", "--no-relay takes no value" },
	{ "-p 0", "port must be a number from 1 to 65535, not \"0\"" },
	{ "--name=123456789", "name must have 1 to 8 bytes, not 9" },
	{ "--name=", "name must have 1 to 8 bytes, not 0" },
	{ "bob", "\"bob\" is no option; --help lists all" },
	{ "-p 5 bob", "\"bob\" is no option; --help lists all" },
	{ "bob\x1b[2J", "\"bob\xef\xbf\xbd[2J\" is no option; "
	    "--help lists all" },
	{ "-- -p", "\"-p\" is no option; --help lists all" },
};

START_TEST(mistakes_are_named)
{
	struct sample conf = { .port = 9000 };
	struct conf_error err = { .line = 7 };

	ck_assert_msg(!read_args(bad_rows[_i].line, &conf, &err), "%s",
	    bad_rows[_i].line);
	ck_assert_str_eq(err.text, bad_rows[_i].complaint);
	ck_assert_uint_eq(err.line, 0);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *
make_suite(void)
{
	Suite *s = suite_create("args");
	TCase *tc = tcase_create("args");

	tcase_add_test(tc,
	    words_beside_the_options_are_left_where_they_are_wanted);
	tcase_add_loop_test(tc, options_set_their_fields, 0, ROWS(good_rows));
	tcase_add_loop_test(tc, mistakes_are_named, 0, ROWS(bad_rows));
	suite_add_tcase(s, tc);
	return s;
}
