#include "config.h"

#include "core/err.h"
#include "io/names.h"
#include "runner.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What SQLite writes goes through here, so that each call can fail, once or
 * from then on, or be the last of the process. */
static int calls_until_fault = -1;
static int fault_errno;
static enum { FAULT_ONCE, FAULT_FROM_NOW_ON, FAULT_DEATH } fault_kind;

static bool
is_fault(void)
{
	if (calls_until_fault < 0 || calls_until_fault-- > 0)
		return false;
	if (fault_kind == FAULT_DEATH)
		_exit(99);
	if (fault_kind == FAULT_FROM_NOW_ON)
		calls_until_fault = 0;
	errno = fault_errno;
	return true;
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return is_fault() ? -1 : syscall(SYS_pwrite64, fd, buf, len, at);
}

ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	return pwrite(fd, buf, len, at);
}

/* A process that dies loses nothing that it has written: no need to wait for
 * the disk. */
int
fsync(int fd)
{
	(void)fd;
	return is_fault() ? -1 : 0;
}

int
fdatasync(int fd)
{
	return fsync(fd);
}

static char why[WHY_SIZE];

struct store {
	char *base;
	struct folder folder;
	struct names *names;
};

static void
open_store(struct store *s)
{
	ck_assert_msg(folder_open(&s->folder, s->base, FOLDER_PRIVATE, why) ==
	    0, "%s", why);
	ck_assert_msg(names_open(&s->names, &s->folder, why) == 0, "%s", why);
}

static void
close_store(struct store *s)
{
	names_close(s->names);
	folder_close(&s->folder);
}

static struct store
new_store(void)
{
	struct store s = { .base = scratch_make() };

	open_store(&s);
	return s;
}

static void
end_store(struct store *s)
{
	close_store(s);
	scratch_remove(s->base);
}

static struct store_change
change_of(const char *name, uint8_t key, uint64_t used)
{
	struct store_change c = { .used = used };

	snprintf(c.name, sizeof c.name, "%s", name);
	snprintf(c.fold, sizeof c.fold, "%s", name);
	for (char *p = c.fold; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	memset(c.key, key, sizeof c.key);
	return c;
}

static int
change(struct names *n, const char *name, uint8_t key, uint64_t used)
{
	const struct store_change c = change_of(name, key, used);

	return names_change(n, &c, why);
}

static int
forget(struct names *n, const char *name)
{
	struct store_change c = change_of(name, 0, 0);

	c.remove = true;
	return names_change(n, &c, why);
}

static bool
list_one(void *ctx, const struct store_change *name)
{
	char *out = ctx;

	for (size_t i = 1; i < sizeof name->key; i++)
		ck_assert_uint_eq(name->key[i], name->key[0]);
	sprintf(out + strlen(out), "%s/%s=%u@%llu ", name->name, name->fold,
	    name->key[0], (unsigned long long)name->used);
	return true;
}

/* "Ann/ann=1@100 ", the one used last first. */
static const char *
list(struct names *n)
{
	static char out[4096];

	out[0] = '\0';
	ck_assert_msg(names_load(n, list_one, out, why) == 0, "%s", why);
	return out;
}

START_TEST(names_survive_a_restart)
{
	struct store s = new_store();

	ck_assert_int_eq(change(s.names, "Ann", 1, 100), 0);
	ck_assert_int_eq(change(s.names, "Bob", 2, 200), 0);
	ck_assert_int_eq(names_commit(s.names, why), 0);
	close_store(&s);
	open_store(&s);
	ck_assert_str_eq(list(s.names), "Bob/bob=2@200 Ann/ann=1@100 ");
	end_store(&s);
}
END_TEST

/* The server was down for long, or its clock is far ahead. */
START_TEST(no_name_grows_old_while_nobody_can_use_it)
{
	struct store s = new_store();
	uint64_t gap;

	ck_assert_int_eq(names_mend_times(s.names, 5, &gap, why), 0);
	ck_assert_uint_eq(gap, 0);
	change(s.names, "Ann", 1, 100);
	change(s.names, "Bob", 2, 200);
	names_commit(s.names, why);
	ck_assert_int_eq(names_mend_times(s.names, 200 + NAMES_GAP_S, &gap,
	    why), 0);
	ck_assert_uint_eq(gap, 0);
	ck_assert_str_eq(list(s.names), "Bob/bob=2@200 Ann/ann=1@100 ");
	ck_assert_int_eq(names_mend_times(s.names, 1000000, &gap, why), 0);
	ck_assert_uint_eq(gap, 999800);
	ck_assert_str_eq(list(s.names), "Bob/bob=2@1000000 Ann/ann=1@999900 ");
	end_store(&s);
}
END_TEST

/* The clock was ahead in the run before, or is behind. */
START_TEST(no_name_was_used_in_the_future)
{
	struct store s = new_store();
	uint64_t gap;

	change(s.names, "Ann", 1, 4000000000);
	change(s.names, "Bob", 2, 200);
	names_commit(s.names, why);
	ck_assert_int_eq(names_mend_times(s.names, 1000, &gap, why), 0);
	ck_assert_uint_eq(gap, 0);
	ck_assert_str_eq(list(s.names), "Ann/ann=1@1000 Bob/bob=2@200 ");
	end_store(&s);
}
END_TEST

START_TEST(changes_replace_and_remove)
{
	struct store s = new_store();

	change(s.names, "Ann", 1, 100);
	change(s.names, "Bob", 2, 200);
	ck_assert_int_eq(names_commit(s.names, why), 0);
	change(s.names, "ANN", 3, 300);
	forget(s.names, "bob");
	forget(s.names, "nobody");
	ck_assert_int_eq(names_commit(s.names, why), 0);
	ck_assert_str_eq(list(s.names), "ANN/ann=3@300 ");
	end_store(&s);
}
END_TEST

START_TEST(what_was_not_committed_is_lost)
{
	struct store s = new_store();

	change(s.names, "Ann", 1, 100);
	close_store(&s);
	open_store(&s);
	ck_assert_str_eq(list(s.names), "");
	end_store(&s);
}
END_TEST

START_TEST(commit_without_changes_is_nothing)
{
	struct store s = new_store();

	ck_assert_int_eq(names_commit(s.names, why), 0);
	ck_assert_int_eq(names_commit(s.names, why), 0);
	end_store(&s);
}
END_TEST

START_TEST(text_is_kept_as_it_is)
{
	struct store s = new_store();

	change(s.names, "'; DROP TABLE names; --", 1, 1);
	change(s.names, "J\xc3\xb6rg\xf0\x9f\xa6\xa6", 2, 2);
	ck_assert_int_eq(names_commit(s.names, why), 0);
	close_store(&s);
	open_store(&s);
	ck_assert_str_eq(list(s.names),
	    "J\xc3\xb6rg\xf0\x9f\xa6\xa6/j\xc3\xb6rg\xf0\x9f\xa6\xa6=2@2 "
	    "'; DROP TABLE names; --/'; drop table names; --=1@1 ");
	end_store(&s);
}
END_TEST

START_TEST(store_is_for_us_alone)
{
	struct store s = new_store();
	struct stat st;

	umask(0);
	change(s.names, "Ann", 1, 100);
	ck_assert_int_eq(names_commit(s.names, why), 0);
	ck_assert_int_eq(stat(scratch_path(s.base, "names.db"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(scratch_path(s.base, "names.db-wal"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	end_store(&s);
}
END_TEST

/* ---- faults ---- */

/* Ann changes her key and Bob leaves: all of it or nothing. */
static const char before[] = "Bob/bob=2@2 Ann/ann=1@1 ";
static const char after[] = "Ann/ann=3@3 ";

static void
put_before(struct store *s)
{
	change(s->names, "Ann", 1, 1);
	change(s->names, "Bob", 2, 2);
	ck_assert_int_eq(names_commit(s->names, why), 0);
}

static int
put_after(struct store *s)
{
	change(s->names, "Ann", 3, 3);
	forget(s->names, "Bob");
	return names_commit(s->names, why);
}

START_TEST(failed_commit_changes_nothing_and_the_next_one_works)
{
	const int errors[] = { ENOSPC, EIO };
	int calls = 0, err = E_IO;

	fault_errno = errors[_i];
	for (; err != 0; calls++) {
		struct store s = new_store();

		ck_assert_int_lt(calls, 50);
		put_before(&s);
		fault_kind = FAULT_ONCE;
		calls_until_fault = calls;
		err = put_after(&s);
		calls_until_fault = -1;
		ck_assert_str_eq(list(s.names), err == 0 ? after : before);
		ck_assert_int_eq(put_after(&s), 0);
		ck_assert_str_eq(list(s.names), after);
		close_store(&s);
		open_store(&s);
		ck_assert_str_eq(list(s.names), after);
		end_store(&s);
	}
	ck_assert_int_gt(calls, 2);
}
END_TEST

START_TEST(full_disk_is_named_and_survived)
{
	struct store s = new_store();

	put_before(&s);
	fault_errno = ENOSPC;
	fault_kind = FAULT_FROM_NOW_ON;
	calls_until_fault = 0;
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(put_after(&s), E_IO);
		ck_assert_str_eq(why, "the disk is full");
	}
	ck_assert_str_eq(list(s.names), before);
	calls_until_fault = -1;
	ck_assert_int_eq(put_after(&s), 0);
	ck_assert_str_eq(list(s.names), after);
	end_store(&s);
}
END_TEST

/* In a process that dies at a call; true if the commit had been reported. */
static bool
die_at(struct store *s, int call)
{
	bool was_reported;
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	close_store(s);
	if (fork() == 0) {
		open_store(s);
		fault_kind = FAULT_DEATH;
		calls_until_fault = call;
		if (put_after(s) == 0 && write(ends[1], "x", 1) == 1)
			names_close(s->names);
		_exit(0);
	}
	close(ends[1]);
	was_reported = read(ends[0], &byte, 1) == 1;
	close(ends[0]);
	wait(NULL);
	open_store(s);
	return was_reported;
}

START_TEST(death_at_any_call_leaves_the_old_or_the_new)
{
	bool was_reported = false, is_new;

	for (int call = 0; !was_reported; call++) {
		struct store s = new_store();

		put_before(&s);
		was_reported = die_at(&s, call);
		is_new = strcmp(list(s.names), after) == 0;
		ck_assert(is_new || strcmp(list(s.names), before) == 0);
		ck_assert(is_new || !was_reported);
		ck_assert_int_eq(put_after(&s), 0);
		ck_assert_str_eq(list(s.names), after);
		end_store(&s);
		ck_assert_int_lt(call, 50);
	}
}
END_TEST

static void
put_bytes_at(const struct store *s, long at, const char *bytes)
{
	FILE *f = fopen(scratch_path(s->base, "names.db"), "r+");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, at, SEEK_SET), 0);
	fputs(bytes, f);
	fclose(f);
}

START_TEST(damaged_store_is_refused_with_what_to_do)
{
	const long places[] = { 0, 4096 };
	struct store s = new_store();

	put_before(&s);
	close_store(&s);
	put_bytes_at(&s, places[_i], "this is no page of a database, is it?");
	ck_assert_int_eq(folder_open(&s.folder, s.base, FOLDER_PRIVATE, why),
	    0);
	ck_assert_int_eq(names_open(&s.names, &s.folder, why), E_BAD);
	ck_assert_ptr_nonnull(strstr(why, "restore it from a copy"));
	folder_close(&s.folder);
	scratch_remove(s.base);
}
END_TEST

START_TEST(store_of_a_later_version_is_refused)
{
	struct store s = new_store();
	sqlite3 *db;

	close_store(&s);
	ck_assert_int_eq(sqlite3_open(scratch_path(s.base, "names.db"), &db),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA user_version = 7", NULL,
	    NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	ck_assert_int_eq(folder_open(&s.folder, s.base, FOLDER_PRIVATE, why),
	    0);
	ck_assert_int_eq(names_open(&s.names, &s.folder, why), E_BAD);
	ck_assert_ptr_nonnull(strstr(why, "later"));
	folder_close(&s.folder);
	scratch_remove(s.base);
}
END_TEST

START_TEST(link_in_place_of_the_store_is_refused)
{
	struct store s = new_store();
	const char *path = scratch_path(s.base, "names.db");

	close_store(&s);
	ck_assert_int_eq(rename(path, scratch_path(s.base, "victim")), 0);
	ck_assert_int_eq(symlink("victim", path), 0);
	ck_assert_int_eq(folder_open(&s.folder, s.base, FOLDER_PRIVATE, why),
	    0);
	ck_assert_int_eq(names_open(&s.names, &s.folder, why), E_DENIED);
	folder_close(&s.folder);
	scratch_remove(s.base);
}
END_TEST

Suite *
make_suite(void)
{
	Suite *s = suite_create("names");
	TCase *tc = tcase_create("names");

	tcase_add_test(tc, names_survive_a_restart);
	tcase_add_test(tc, no_name_grows_old_while_nobody_can_use_it);
	tcase_add_test(tc, no_name_was_used_in_the_future);
	tcase_add_test(tc, changes_replace_and_remove);
	tcase_add_test(tc, what_was_not_committed_is_lost);
	tcase_add_test(tc, commit_without_changes_is_nothing);
	tcase_add_test(tc, text_is_kept_as_it_is);
	tcase_add_test(tc, store_is_for_us_alone);
	suite_add_tcase(s, tc);
	tc = tcase_create("faults");
	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc,
	    failed_commit_changes_nothing_and_the_next_one_works, 0, 2);
	tcase_add_test(tc, full_disk_is_named_and_survived);
	tcase_add_test(tc, death_at_any_call_leaves_the_old_or_the_new);
	tcase_add_loop_test(tc, damaged_store_is_refused_with_what_to_do, 0,
	    2);
	tcase_add_test(tc, store_of_a_later_version_is_refused);
	tcase_add_test(tc, link_in_place_of_the_store_is_refused);
	suite_add_tcase(s, tc);
	return s;
}
