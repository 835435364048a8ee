#include "config.h"

#include "core/err.h"
#include "io/profile.h"
#include "io/xdg.h"
#include "runner.h"
#include "scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char why[WHY_SIZE];

/* A home for the case; nothing of the user's is touched. */
static char *
make_home(void)
{
	char *home = scratch_make();

	setenv("HOME", home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_STATE_HOME");
	return home;
}

static int
open_profile(struct profile *p, const char *name, struct keypair *key)
{
	struct rng rng;
	bool is_new;

	rng_init_test(&rng, test_seed(), name != NULL ? name : "");
	return profile_open(p, name, &rng, key, &is_new, why);
}

START_TEST(profile_lies_where_xdg_says)
{
	char *home = make_home();
	struct profile p;
	struct keypair key;

	ck_assert_int_eq(open_profile(&p, NULL, &key), 0);
	ck_assert_str_eq(p.data.path, scratch_path(home, ".local/share/gop2p"));
	ck_assert_str_eq(p.state.path,
	    scratch_path(home, ".local/state/gop2p"));
	profile_close(&p);
	setenv("XDG_DATA_HOME", scratch_path(home, "data"), 1);
	setenv("XDG_STATE_HOME", "relative/is/ignored", 1);
	ck_assert_int_eq(open_profile(&p, "work", &key), 0);
	ck_assert_str_eq(p.data.path,
	    scratch_path(home, "data/gop2p/profiles/work"));
	ck_assert_str_eq(p.state.path,
	    scratch_path(home, ".local/state/gop2p/profiles/work"));
	profile_close(&p);
	scratch_remove(home);
}
END_TEST

START_TEST(profiles_have_keys_of_their_own)
{
	char *home = make_home();
	struct profile p;
	struct keypair one, two, again;

	ck_assert_int_eq(open_profile(&p, NULL, &one), 0);
	profile_close(&p);
	ck_assert_int_eq(open_profile(&p, "two", &two), 0);
	profile_close(&p);
	ck_assert_int_eq(open_profile(&p, NULL, &again), 0);
	profile_close(&p);
	ck_assert_int_ne(memcmp(one.public, two.public, KEY_LEN), 0);
	ck_assert_int_eq(memcmp(one.public, again.public, KEY_LEN), 0);
	scratch_remove(home);
}
END_TEST

/* Security.md L1: sixteen pairs, of which two are safe. */
static const mode_t key_modes[] = { 0600, 0400, 0640, 0604 };
static const mode_t folder_modes[] = { 0700, 0750, 0705, 0755 };

START_TEST(unsafe_key_or_folder_is_refused_with_what_to_type)
{
	const mode_t key_mode = key_modes[_i % 4];
	const mode_t folder_mode = folder_modes[_i / 4];
	const bool is_safe = (key_mode & 077) == 0 && folder_mode == 0700;
	char *home = make_home();
	const char *folder = scratch_path(home, ".local/share/gop2p");
	struct profile p;
	struct keypair key;
	int err;

	ck_assert_int_eq(open_profile(&p, NULL, &key), 0);
	profile_close(&p);
	ck_assert_int_eq(chmod(scratch_path(folder, "key"), key_mode), 0);
	ck_assert_int_eq(chmod(folder, folder_mode), 0);
	err = open_profile(&p, NULL, &key);
	ck_assert_msg(err == (is_safe ? 0 : E_DENIED), "%o %o: %s", key_mode,
	    folder_mode, why);
	if (err == 0)
		profile_close(&p);
	else
		ck_assert_ptr_nonnull(strstr(why, "chmod "));
	scratch_remove(home);
}
END_TEST

START_TEST(second_instance_is_told_of_the_option)
{
	char *home = make_home();
	struct profile one, two;
	struct keypair key;

	ck_assert_int_eq(open_profile(&one, NULL, &key), 0);
	ck_assert_int_eq(open_profile(&two, NULL, &key), E_TAKEN);
	ck_assert_ptr_nonnull(strstr(why, "--profile"));
	ck_assert_int_eq(open_profile(&two, "other", &key), 0);
	profile_close(&two);
	profile_close(&one);
	ck_assert_int_eq(open_profile(&two, NULL, &key), 0);
	profile_close(&two);
	scratch_remove(home);
}
END_TEST

START_TEST(names_that_leave_the_folder_are_refused)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", "-a",
		".hidden", "a b", "a\nb", "\xc3\xa4",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	char *home = make_home();
	struct profile p;
	struct keypair key;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert_msg(open_profile(&p, names[i], &key) == E_BAD,
		    "%s", names[i]);
	ck_assert_int_ne(access(scratch_path(home, ".local"), F_OK), 0);
	scratch_remove(home);
}
END_TEST

START_TEST(damaged_key_stops_the_profile)
{
	char *home = make_home();
	struct profile p;
	struct keypair key;
	const char *path = scratch_path(home, ".local/share/gop2p/key");

	ck_assert_int_eq(open_profile(&p, NULL, &key), 0);
	profile_close(&p);
	ck_assert_int_eq(truncate(path, 150), 0);
	ck_assert_int_eq(open_profile(&p, NULL, &key), E_IO);
	ck_assert_ptr_nonnull(strstr(why, "restore it"));
	scratch_remove(home);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_test(tc, profile_lies_where_xdg_says);
	tcase_add_test(tc, profiles_have_keys_of_their_own);
	tcase_add_loop_test(tc,
	    unsafe_key_or_folder_is_refused_with_what_to_type, 0, 16);
	tcase_add_test(tc, second_instance_is_told_of_the_option);
	tcase_add_test(tc, names_that_leave_the_folder_are_refused);
	tcase_add_test(tc, damaged_key_stops_the_profile);
	suite_add_tcase(s, tc);
	return s;
}
