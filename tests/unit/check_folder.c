#include "config.h"

#include "core/err.h"
#include "io/folder.h"
#include "io/keyfile.h"
#include "runner.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The calls of folder_write go through here, so that each of them can fail
 * once, or be the last of the process. */
static int calls_until_fault = -1;
static bool fault_is_death;

static bool
is_fault(void)
{
	if (calls_until_fault < 0 || calls_until_fault-- > 0)
		return false;
	if (fault_is_death)
		_exit(99);
	errno = ENOSPC;
	return true;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	if (is_fault()) {
		/* Half of it, as a full disk does. */
		if (len < 2)
			return -1;
		return syscall(SYS_write, fd, buf, len / 2) < 0 ? -1 : -1;
	}
	return syscall(SYS_write, fd, buf, len);
}

int
fsync(int fd)
{
	return is_fault() ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return is_fault() ? -1 : (int)syscall(SYS_renameat2, from_dir, from,
	    to_dir, to, 0);
}

static char why[WHY_SIZE];

static struct folder
open_folder(const char *path)
{
	struct folder f;

	ck_assert_msg(folder_open(&f, path, FOLDER_PRIVATE, why) == 0, "%s",
	    why);
	return f;
}

static void
put_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* ---- the way ---- */

START_TEST(missing_folders_are_made_for_us_alone)
{
	char *base = scratch_make();
	struct folder f;
	struct stat st;

	umask(0);
	f = open_folder(scratch_path(base, "a/b//./c/"));
	ck_assert_str_eq(f.path, scratch_path(base, "a/b/c"));
	ck_assert_int_eq(stat(scratch_path(base, "a"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(fstat(f.fd, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(relative_path_begins_where_we_are)
{
	char *base = scratch_make();
	struct folder f;

	ck_assert_int_eq(mkdir(scratch_path(base, "x"), 0700), 0);
	ck_assert_int_eq(chdir(scratch_path(base, "x")), 0);
	f = open_folder("../y");
	ck_assert_str_eq(f.path, scratch_path(base, "y"));
	folder_close(&f);
	ck_assert_int_eq(chdir("/"), 0);
	scratch_remove(base);
}
END_TEST

static const struct {
	mode_t mode;
	bool is_private, is_ours; /* accepted as such */
} modes[] = {
	{ 0700, true, true },
	{ 0750, false, true },
	{ 0705, false, true },
	{ 0711, false, true },
	{ 0755, false, true },
	{ 0770, false, false },
	{ 0707, false, false },
	{ 0702, false, false },
	{ 0720, false, false },
	{ 01777, false, false },
};

START_TEST(folder_that_others_can_enter_is_refused)
{
	char *base = scratch_make();
	const char *path = scratch_path(base, "d");
	struct folder f;
	int err;

	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(chmod(path, modes[_i].mode), 0);
	err = folder_open(&f, path, FOLDER_PRIVATE, why);
	ck_assert_msg(err == (modes[_i].is_private ? 0 : E_DENIED), "%o: %s",
	    modes[_i].mode, why);
	if (err != 0)
		ck_assert_ptr_nonnull(strstr(why, "chmod 700 '"));
	else
		folder_close(&f);
	err = folder_open(&f, path, FOLDER_OURS, why);
	ck_assert_msg(err == (modes[_i].is_ours ? 0 : E_DENIED), "%o: %s",
	    modes[_i].mode, why);
	if (err == 0)
		folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(folder_that_others_can_replace_is_refused)
{
	char *base = scratch_make();
	struct folder f;

	ck_assert_int_eq(mkdir(scratch_path(base, "open"), 0700), 0);
	ck_assert_int_eq(mkdir(scratch_path(base, "open/d"), 0700), 0);
	ck_assert_int_eq(chmod(scratch_path(base, "open"), 0777), 0);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "open/d"),
	    FOLDER_PRIVATE, why), E_DENIED);
	ck_assert_ptr_nonnull(strstr(why, "chmod go-w"));
	/* The sticky bit keeps what is ours. */
	ck_assert_int_eq(chmod(scratch_path(base, "open"), 01777), 0);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "open/d"),
	    FOLDER_PRIVATE, why), 0);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(our_own_links_are_followed)
{
	char *base = scratch_make();
	struct folder f;

	ck_assert_int_eq(mkdir(scratch_path(base, "real"), 0700), 0);
	ck_assert_int_eq(symlink("real", scratch_path(base, "link")), 0);
	f = open_folder(scratch_path(base, "link/d"));
	ck_assert_str_eq(f.path, scratch_path(base, "real/d"));
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(links_in_a_circle_end)
{
	char *base = scratch_make();
	struct folder f;

	ck_assert_int_eq(symlink("b", scratch_path(base, "a")), 0);
	ck_assert_int_eq(symlink("a", scratch_path(base, "b")), 0);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "a"),
	    FOLDER_PRIVATE, why), E_IO);
	scratch_remove(base);
}
END_TEST

START_TEST(links_of_others_are_refused)
{
	char *base = scratch_make();
	struct folder f;

	if (geteuid() != 0) {
		scratch_remove(base);
		return; /* only root can make a link of another user */
	}
	ck_assert_int_eq(mkdir(scratch_path(base, "ours"), 0700), 0);
	ck_assert_int_eq(symlink("ours", scratch_path(base, "trap")), 0);
	ck_assert_int_eq(lchown(scratch_path(base, "trap"), 12345, 12345), 0);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "trap"),
	    FOLDER_PRIVATE, why), E_DENIED);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "trap/d"),
	    FOLDER_PRIVATE, why), E_DENIED);
	scratch_remove(base);
}
END_TEST

START_TEST(file_in_the_way_is_no_folder)
{
	char *base = scratch_make();
	struct folder f;

	put_file(scratch_path(base, "f"), "", 0600);
	ck_assert_int_eq(folder_open(&f, scratch_path(base, "f/d"),
	    FOLDER_PRIVATE, why), E_IO);
	ck_assert_ptr_nonnull(strstr(why, "is not a folder"));
	scratch_remove(base);
}
END_TEST

START_TEST(locked_folder_keeps_others_out)
{
	char *base = scratch_make();
	struct folder a = open_folder(base), b = open_folder(base);

	ck_assert(folder_lock(&a));
	ck_assert(!folder_lock(&b));
	folder_close(&a);
	ck_assert(folder_lock(&b));
	folder_close(&b);
	scratch_remove(base);
}
END_TEST

/* ---- files ---- */

static int
read_file(const struct folder *f, bool is_secret, char *buf, size_t cap)
{
	size_t len = 999;
	int err = folder_read(f, "f", is_secret, buf, cap, &len, why);

	ck_assert(err != 0 || len == strlen(buf));
	return err;
}

START_TEST(what_was_written_is_read)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	struct stat st;
	char buf[16];

	ck_assert_int_eq(read_file(&f, true, buf, 15), E_NONE);
	umask(0);
	ck_assert_int_eq(folder_write(&f, "f", "one", 3, why), 0);
	ck_assert_int_eq(folder_write(&f, "f", "second", 6, why), 0);
	ck_assert_int_eq(read_file(&f, true, buf, 15), 0);
	ck_assert_str_eq(buf, "second");
	ck_assert_int_eq(read_file(&f, true, buf, 6), 0);
	ck_assert_int_eq(read_file(&f, true, buf, 5), E_FULL);
	ck_assert_int_eq(stat(scratch_path(base, "f"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

static const struct {
	mode_t mode;
	bool is_secret, is_ours; /* accepted as such */
} file_modes[] = {
	{ 0600, true, true },
	{ 0400, true, true },
	{ 0640, false, true },
	{ 0604, false, true },
	{ 0644, false, true },
	{ 0660, false, false },
	{ 0606, false, false },
	{ 0620, false, false },
	{ 0602, false, false },
	{ 0777, false, false },
};

START_TEST(file_that_others_can_read_or_change_is_refused)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	char buf[16];

	put_file(scratch_path(base, "f"), "x", file_modes[_i].mode);
	ck_assert_int_eq(read_file(&f, true, buf, 15),
	    file_modes[_i].is_secret ? 0 : E_DENIED);
	if (!file_modes[_i].is_secret)
		ck_assert_ptr_nonnull(strstr(why, "chmod 600 '"));
	ck_assert_int_eq(read_file(&f, false, buf, 15),
	    file_modes[_i].is_ours ? 0 : E_DENIED);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(traps_are_not_read)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	const char *path = scratch_path(base, "f");
	char buf[16];

	put_file(scratch_path(base, "other"), "x", 0600);
	ck_assert_int_eq(symlink("other", path), 0);
	ck_assert_int_eq(read_file(&f, false, buf, 15), E_DENIED);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(link(scratch_path(base, "other"), path), 0);
	ck_assert_int_eq(read_file(&f, false, buf, 15), E_DENIED);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(read_file(&f, false, buf, 15), E_DENIED);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(read_file(&f, false, buf, 15), E_DENIED);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(traps_are_not_written_through)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	char buf[16];

	put_file(scratch_path(base, "victim"), "intact", 0600);
	ck_assert_int_eq(symlink("victim", scratch_path(base, "f")), 0);
	ck_assert_int_eq(symlink("victim", scratch_path(base, ".f.new")), 0);
	ck_assert_int_eq(folder_write(&f, "f", "new", 3, why), 0);
	ck_assert_int_eq(read_file(&f, true, buf, 15), 0);
	ck_assert_str_eq(buf, "new");
	ck_assert_int_eq(unlink(scratch_path(base, "f")), 0);
	ck_assert_int_eq(rename(scratch_path(base, "victim"),
	    scratch_path(base, "f")), 0);
	ck_assert_int_eq(read_file(&f, true, buf, 15), 0);
	ck_assert_str_eq(buf, "intact");
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(file_is_old_or_new_after_a_failure_of_any_call)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	char buf[16];
	int failures = 0, err;

	ck_assert_int_eq(folder_write(&f, "f", "old", 3, why), 0);
	for (;;) {
		calls_until_fault = failures;
		err = folder_write(&f, "f", "newer", 5, why);
		calls_until_fault = -1;
		ck_assert_int_eq(read_file(&f, true, buf, 15), 0);
		if (err == 0)
			break;
		ck_assert_int_eq(err, E_IO);
		ck_assert_ptr_nonnull(strstr(why, "No space left"));
		ck_assert(strcmp(buf, "old") == 0 ||
		    strcmp(buf, "newer") == 0);
		failures++;
	}
	ck_assert_str_eq(buf, "newer");
	/* write, fsync, renameat, and fsync of the folder */
	ck_assert_int_eq(failures, 4);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(file_is_old_or_new_after_death_at_any_call)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	char buf[16];
	int status = 1;

	for (int call = 0; status != 0; call++) {
		ck_assert_int_eq(folder_write(&f, "f", "old", 3, why), 0);
		if (fork() == 0) {
			calls_until_fault = call;
			fault_is_death = true;
			folder_write(&f, "f", "newer", 5, why);
			_exit(0);
		}
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(read_file(&f, true, buf, 15), 0);
		ck_assert_str_eq(buf, call < 3 ? "old" : "newer");
		ck_assert_int_lt(call, 5);
	}
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

/* ---- keys ---- */

START_TEST(key_is_made_once_and_read_afterwards)
{
	char *base = scratch_make();
	struct folder f = open_folder(base);
	struct keypair one, two;
	struct rng rng;
	bool is_new;

	rng_init_test(&rng, test_seed(), "key");
	ck_assert_int_eq(keyfile_open(&f, &rng, &one, &is_new, why), 0);
	ck_assert(is_new);
	ck_assert_int_eq(keyfile_open(&f, &rng, &two, &is_new, why), 0);
	ck_assert(!is_new);
	ck_assert_int_eq(memcmp(&one, &two, sizeof one), 0);
	ck_assert_int_eq(chmod(scratch_path(base, "key"), 0644), 0);
	ck_assert_int_eq(keyfile_open(&f, &rng, &two, &is_new, why), E_DENIED);
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

START_TEST(damaged_key_is_not_replaced)
{
	static const char *const texts[] = { "", "garbage\n",
		"gop2p-key-1 00 00\n" };
	char *base = scratch_make();
	struct folder f = open_folder(base);
	struct keypair pair;
	struct rng rng;
	bool is_new;

	rng_init_test(&rng, test_seed(), "key");
	for (size_t i = 0; i < 3; i++) {
		put_file(scratch_path(base, "key"), texts[i], 0600);
		ck_assert_int_eq(keyfile_open(&f, &rng, &pair, &is_new, why),
		    E_BAD);
		ck_assert_ptr_nonnull(strstr(why, "restore it"));
	}
	folder_close(&f);
	scratch_remove(base);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("folder");
	TCase *tc = tcase_create("the way");

	tcase_add_test(tc, missing_folders_are_made_for_us_alone);
	tcase_add_test(tc, relative_path_begins_where_we_are);
	tcase_add_loop_test(tc, folder_that_others_can_enter_is_refused, 0,
	    sizeof modes / sizeof modes[0]);
	tcase_add_test(tc, folder_that_others_can_replace_is_refused);
	tcase_add_test(tc, our_own_links_are_followed);
	tcase_add_test(tc, links_in_a_circle_end);
	tcase_add_test(tc, links_of_others_are_refused);
	tcase_add_test(tc, file_in_the_way_is_no_folder);
	tcase_add_test(tc, locked_folder_keeps_others_out);
	suite_add_tcase(s, tc);
	tc = tcase_create("files");
	tcase_add_test(tc, what_was_written_is_read);
	tcase_add_loop_test(tc,
	    file_that_others_can_read_or_change_is_refused, 0,
	    sizeof file_modes / sizeof file_modes[0]);
	tcase_add_test(tc, traps_are_not_read);
	tcase_add_test(tc, traps_are_not_written_through);
	tcase_add_test(tc, file_is_old_or_new_after_a_failure_of_any_call);
	tcase_add_test(tc, file_is_old_or_new_after_death_at_any_call);
	suite_add_tcase(s, tc);
	tc = tcase_create("keys");
	tcase_add_test(tc, key_is_made_once_and_read_afterwards);
	tcase_add_test(tc, damaged_key_is_not_replaced);
	suite_add_tcase(s, tc);
	return s;
}
