#include "runner.h"

#include "conf.h"
#include "rng.h"
#include "text.h"
#include "usec.h"

#include <stdlib.h>
#include <string.h>

struct sample {
	bool relay;
	bool json;
	uint16_t port;
	uint32_t clients;
	char name[9];
	struct conf_host server;
	usec_t linger;
	bool config;
};

#define AT(field) offsetof(struct sample, field)

static const struct conf_option table[] = {
	{ "port", "PORT", "listen on PORT (default 9000)", AT(port), 1, 0,
	    CONF_PORT, CONF_BOTH, 'p' },
	{ "server", "HOST[:PORT]", "the server", AT(server), 9000, 0,
	    CONF_HOST, CONF_BOTH, 's' },
	{ "relay", "no-", "never through the server", AT(relay), 0, 0,
	    CONF_BOOL, CONF_BOTH, 0 },
	{ "json", NULL, "print JSON", AT(json), 0, 0,
	    CONF_BOOL, CONF_IN_OPTIONS, 0 },
	{ "clients-max", NULL, NULL, AT(clients), 1, 100000,
	    CONF_NUMBER, CONF_IN_FILE, 0 },
	{ "name", "NAME", "ask for NAME", AT(name), 1, 8,
	    CONF_STRING, CONF_BOTH, 'n' },
	{ "linger", "SECONDS", "stay after the end of input", AT(linger), 100,
	    3600000, CONF_DURATION, CONF_BOTH, 0 },
	{ 0 },
};

static struct slice
slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static bool
parse(const char *text, struct sample *conf, struct conf_error *err)
{
	return conf_read(table, text, strlen(text), conf, err);
}

START_TEST(file_sets_what_it_names)
{
	struct sample conf = { .relay = true, .clients = 7 };
	struct conf_error err;

	ck_assert(parse("# comment\n"
	    "\n"
	    "port = 9100\n"
	    "\tserver=example.org \t# ours\r\n"
	    "relay = no\n"
	    "  # another\n"
	    "name = a#b c\n"
	    "linger = 5m", &conf, &err));
	ck_assert_uint_eq(conf.port, 9100);
	ck_assert_str_eq(conf.server.name, "example.org");
	ck_assert_uint_eq(conf.server.port, 9000);
	ck_assert(!conf.relay);
	ck_assert_str_eq(conf.name, "a#b c");
	ck_assert_uint_eq(conf.linger, 300 * USEC_S);
	ck_assert_uint_eq(conf.clients, 7);
}
END_TEST

START_TEST(empty_file_changes_nothing)
{
	struct sample conf = { .port = 5 };
	struct conf_error err;

	ck_assert(parse("", &conf, &err));
	ck_assert(parse("\n\n  \n# only\n", &conf, &err));
	ck_assert_uint_eq(conf.port, 5);
}
END_TEST

static const struct mistake_row {
	const char *text;
	uint32_t line;
	const char *complaint;
} mistake_rows[] = {
	{ "\nprot = 1", 2,
	    "there is no setting \"prot\"; did you mean \"port\"?" },
	{ "client-max = 1", 1, "there is no setting \"client-max\"; "
	    "did you mean \"clients-max\"?" },
	{ "frobnicate = 1", 1, "there is no setting \"frobnicate\"; "
	    "the manual page lists all" },
	{ "json = yes", 1, "there is no setting \"json\"; "
	    "the manual page lists all" },
	{ "Port = 1", 1,
	    "there is no setting \"Port\"; did you mean \"port\"?" },
	{ "= 1", 1, "there is no setting \"\"; the manual page lists all" },
	{ "port 9000", 1,
	    "\"port 9000\" is no setting; write KEY = VALUE" },
	{ "\x1b[2J\xff", 1, "\"\xef\xbf\xbd[2J\xef\xbf\xbd\" is no setting; "
	    "write KEY = VALUE" },
	{ "port =", 1, "port has no value; remove the line for the default" },
	{ "port = # none", 1,
	    "port has no value; remove the line for the default" },
	{ "port = 1\n#\nport = 2", 3,
	    "port was set in line 1 already; remove one of the lines" },
	{ "port = 0", 1,
	    "port must be a number from 1 to 65535, not \"0\"" },
	{ "port = 65536", 1,
	    "port must be a number from 1 to 65535, not \"65536\"" },
	{ "port = -1", 1,
	    "port must be a number from 1 to 65535, not \"-1\"" },
	{ "port = 9000x", 1,
	    "port must be a number from 1 to 65535, not \"9000x\"" },
	{ "port = 99999999999999999999999", 1, "port must be a number from 1 "
	    "to 65535, not \"99999999999999999999999\"" },
	{ "clients-max = 100001", 1, "clients-max must be a number from 1 to "
	    "100000, not \"100001\"" },
	{ "relay = maybe", 1, "relay must be yes or no, not \"maybe\"" },
	{ "name = 123456789", 1, "name must have 1 to 8 bytes, not 9" },
	{ "name = a\tb", 1,
	    "name must be UTF-8 text without control characters" },
	{ "name = \xff", 1,
	    "name must be UTF-8 text without control characters" },
	{ "server = a:b:c", 1, "server must be HOST or HOST:PORT, an IPv6 "
	    "address with a port as [2001:db8::1]:9000, not \"a:b:c\"" },
	{ "server = two words", 1, "server must be HOST or HOST:PORT, an IPv6 "
	    "address with a port as [2001:db8::1]:9000, not \"two words\"" },
	{ "linger = 99ms", 1, "linger must be a time from 100ms to 1h, like "
	    "500ms, 30s, 5m or 2h, not \"99ms\"" },
	{ "linger = 2h", 1, "linger must be a time from 100ms to 1h, like "
	    "500ms, 30s, 5m or 2h, not \"2h\"" },
	{ "linger = 1w", 1, "linger must be a time from 100ms to 1h, like "
	    "500ms, 30s, 5m or 2h, not \"1w\"" },
	{ "linger = s", 1, "linger must be a time from 100ms to 1h, like "
	    "500ms, 30s, 5m or 2h, not \"s\"" },
};

START_TEST(mistakes_are_named_with_their_line)
{
	const struct mistake_row *row = &mistake_rows[_i];
	struct conf_error err = { 0 };
	struct sample conf = { 0 };

	ck_assert_msg(!parse(row->text, &conf, &err), "%s", row->text);
	ck_assert_str_eq(err.text, row->complaint);
	ck_assert_uint_eq(err.line, row->line);
}
END_TEST

START_TEST(bool_has_its_words)
{
	static const char *const yes[] = { "yes", "true", "on" };
	static const char *const no[] = { "no", "false", "off" };
	const struct conf_option *o = conf_find(table, slice_of("relay"));
	struct conf_error err;

	for (size_t i = 0; i < 3; i++) {
		struct sample conf = { .relay = false };

		ck_assert(conf_set(o, slice_of(yes[i]), &conf, &err));
		ck_assert(conf.relay);
		ck_assert(conf_set(o, slice_of(no[i]), &conf, &err));
		ck_assert(!conf.relay);
	}
}
END_TEST

START_TEST(duration_has_its_units)
{
	static const struct {
		const char *text;
		usec_t want;
	} rows[] = {
		{ "30", 30 * USEC_S }, { "100ms", 100 * USEC_MS },
		{ "30s", 30 * USEC_S }, { "5m", 300 * USEC_S },
		{ "1h", 3600 * USEC_S }, { "3600", 3600 * USEC_S },
	};
	const struct conf_option *o = conf_find(table, slice_of("linger"));
	struct conf_error err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct sample conf = { 0 };

		ck_assert(conf_set(o, slice_of(rows[i].text), &conf, &err));
		ck_assert_uint_eq(conf.linger, rows[i].want);
	}
}
END_TEST

START_TEST(bad_value_leaves_the_field_alone)
{
	struct sample conf = { .port = 5, .name = "old" };
	struct conf_error err;

	ck_assert(!conf_set(&table[0], slice_of("0"), &conf, &err));
	ck_assert(!conf_set(&table[1], slice_of(":"), &conf, &err));
	ck_assert(!conf_set(conf_find(table, slice_of("name")), slice_of(""),
	    &conf, &err));
	ck_assert_uint_eq(conf.port, 5);
	ck_assert_str_eq(conf.name, "old");
	ck_assert_str_eq(conf.server.name, "");
	ck_assert_uint_eq(err.line, 0);
}
END_TEST

START_TEST(unknown_option_is_named_with_dashes)
{
	struct conf_error err;

	conf_unknown(table, CONF_IN_OPTIONS, slice_of("jsn"), &err);
	ck_assert_str_eq(err.text,
	    "there is no option \"--jsn\"; did you mean \"--json\"?");
	conf_unknown(table, CONF_IN_OPTIONS, slice_of("clients-max"), &err);
	ck_assert_str_eq(err.text,
	    "there is no option \"--clients-max\"; --help lists all");
}
END_TEST

START_TEST(help_has_a_line_for_every_option)
{
	static const char want[] =
	    "  -p, --port PORT         listen on PORT (default 9000)\n"
	    "  -s, --server HOST[:PORT]\n"
	    "                          the server\n"
	    "      --no-relay          never through the server\n"
	    "      --json              print JSON\n"
	    "  -n, --name NAME         ask for NAME\n"
	    "      --linger SECONDS    stay after the end of input\n";
	char out[1024];

	ck_assert_uint_eq(conf_help(table, out, sizeof out), strlen(want));
	ck_assert_str_eq(out, want);
	for (size_t cap = 1; cap < sizeof want; cap++) {
		ck_assert_uint_eq(conf_help(table, out, cap), strlen(want));
		ck_assert_uint_eq(strlen(out), cap - 1);
		ck_assert_int_eq(strncmp(out, want, cap - 1), 0);
	}
}
END_TEST

START_TEST(random_files_end_in_settings_or_a_clean_complaint)
{
	static const char *const parts[] = { "port", "server", "relay",
		"linger", "name", "=", " = ", "\n", " ", "\t", "#", "yes",
		"9000", "[::1]:5", "5m", "\xff", "\x1b", "\r\n", "a:b" };
	struct rng rng;

	rng_init_test(&rng, test_seed(), "conf");
	for (int i = 0; i < 50000; i++) {
		struct conf_error err = { 0 };
		struct sample conf = { 0 };
		char text[200] = "";

		for (uint32_t n = rng_below(&rng, 16); n > 0; n--)
			strcat(text, parts[rng_below(&rng,
			    sizeof parts / sizeof *parts)]);
		if (parse(text, &conf, &err))
			continue;
		must(err.line > 0 && strlen(err.text) > 10, "%s", text);
		must(text_is_utf8(err.text, strlen(err.text)) &&
		    strpbrk(err.text, "\x1b\n\r\t") == NULL, "%s", err.text);
	}
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_test(tc, file_sets_what_it_names);
	tcase_add_test(tc, empty_file_changes_nothing);
	tcase_add_loop_test(tc, mistakes_are_named_with_their_line, 0,
	    (int)(sizeof mistake_rows / sizeof *mistake_rows));
	tcase_add_test(tc, bool_has_its_words);
	tcase_add_test(tc, duration_has_its_units);
	tcase_add_test(tc, bad_value_leaves_the_field_alone);
	tcase_add_test(tc, unknown_option_is_named_with_dashes);
	tcase_add_test(tc, help_has_a_line_for_every_option);
	tcase_add_test(tc, random_files_end_in_settings_or_a_clean_complaint);
	suite_add_tcase(s, tc);
	return s;
}
