#include "config.h"

#include "io/settings.h"
#include "runner.h"
#include "scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sample {
	uint16_t port;
	bool relay;
	char name[9];
	bool once;
};

static const struct conf_option table[] = {
	{ "port", "PORT", "", offsetof(struct sample, port), 1, 0, CONF_PORT,
	    CONF_BOTH, 'p' },
	{ "do-relay", "no-", "", offsetof(struct sample, relay), 0, 0,
	    CONF_BOOL, CONF_BOTH, 0 },
	{ "name", "NAME", "", offsetof(struct sample, name), 1, 8,
	    CONF_STRING, CONF_BOTH, 'n' },
	{ "once", NULL, "", offsetof(struct sample, once), 0, 0, CONF_BOOL,
	    CONF_IN_OPTIONS, 0 },
	{ 0 }
};

static char why[WHY_SIZE];
static struct sample s;

static bool
read_text(const char *text, size_t len)
{
	char *base = scratch_make();
	const char *path = scratch_path(base, "conf");
	FILE *f = fopen(path, "w");
	bool is_good;

	s = (struct sample){ .port = 1, .relay = true };
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, len, f), len);
	fclose(f);
	is_good = settings_read_file(table, path, true, &s, why);
	scratch_remove(base);
	return is_good;
}

START_TEST(file_is_read_over_the_defaults)
{
	static const char text[] = "name = Ann\r\n# port = 3\ndo-relay = no";

	ck_assert(read_text(text, strlen(text)));
	ck_assert_uint_eq(s.port, 1);
	ck_assert(!s.relay);
	ck_assert_str_eq(s.name, "Ann");
	ck_assert(read_text("", 0));
}
END_TEST

START_TEST(mistake_is_told_with_file_and_line)
{
	static const char text[] = "\nport = many\n";

	ck_assert(!read_text(text, strlen(text)));
	ck_assert_ptr_nonnull(strstr(why, "/conf:2: port "));
}
END_TEST

START_TEST(file_that_is_too_long_is_refused)
{
	static char text[65537];

	memset(text, '\n', sizeof text);
	ck_assert(read_text(text, sizeof text - 1));
	ck_assert(!read_text(text, sizeof text));
}
END_TEST

START_TEST(missing_file_is_an_error_only_if_it_was_named)
{
	ck_assert(settings_read_file(table, "/nonexistent", false, &s, why));
	ck_assert(!settings_read_file(table, "/nonexistent", true, &s, why));
	ck_assert_ptr_nonnull(strstr(why, "/nonexistent: No such file"));
	/* A folder is there, and no file. */
	ck_assert(!settings_read_file(table, "/", false, &s, why));
}
END_TEST

START_TEST(environment_is_read_by_capitals)
{
	s = (struct sample){ .port = 1, .relay = true };
	setenv("X_PORT", "9", 1);
	setenv("X_DO_RELAY", "no", 1);
	setenv("X_NAME", "", 1);
	setenv("X_ONCE", "yes", 1);
	ck_assert(settings_read_environment(table, "X_", &s, why));
	ck_assert_uint_eq(s.port, 9);
	ck_assert(!s.relay);
	ck_assert_str_eq(s.name, "");
	ck_assert(!s.once);
	setenv("X_NAME", "much too long", 1);
	ck_assert(!settings_read_environment(table, "X_", &s, why));
	ck_assert_ptr_nonnull(strstr(why, "X_NAME: "));
}
END_TEST

Suite *
make_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *tc = tcase_create("settings");

	tcase_add_test(tc, file_is_read_over_the_defaults);
	tcase_add_test(tc, mistake_is_told_with_file_and_line);
	tcase_add_test(tc, file_that_is_too_long_is_refused);
	tcase_add_test(tc, missing_file_is_an_error_only_if_it_was_named);
	tcase_add_test(tc, environment_is_read_by_capitals);
	suite_add_tcase(suite, tc);
	return suite;
}
