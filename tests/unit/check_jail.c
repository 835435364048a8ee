#include "config.h"

#include "io/jail.h"
#include "runner.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG = 60, PIECE = 1024 * 1024 };

/* Runs what a child does in jail; returns how it ended. */
static int
jailed(unsigned int seconds, int (*work)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		sigset_t all;

		/* As child.h has it. */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		jail_enter(seconds);
		_exit(work());
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int
go_on_for_ever(void)
{
	while (pause() < 0)
		continue;
	return 0;
}

START_TEST(it_ends_in_time)
{
	int status = jailed(1, go_on_for_ever);

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGALRM);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__

static int
take_all_memory(void)
{
	for (int pieces = 0; pieces < 2 * JAIL_MEMORY / PIECE; pieces++) {
		char *piece = malloc(PIECE);

		if (piece == NULL)
			return pieces;
		memset(piece, 1, PIECE);
	}
	return 0;
}

START_TEST(it_gets_no_more_memory_than_its_part)
{
	int status = jailed(LONG, take_all_memory);

	ck_assert(WIFEXITED(status));
	ck_assert_int_ge(WEXITSTATUS(status), 8);
	ck_assert_int_le(WEXITSTATUS(status), JAIL_MEMORY / PIECE);
}
END_TEST

#endif

#if defined HAVE_LINUX_LANDLOCK_H && defined SYS_landlock_create_ruleset && \
    !defined __SANITIZE_ADDRESS__

static int
read_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? 7 : 0;
}

/* Where the kernel has landlock at all. */
START_TEST(it_reads_no_file)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
	int status = jailed(LONG, read_a_file);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), version > 0 ? 7 : 0);
}
END_TEST

#define HAS_LANDLOCK 1
#endif

Suite *
make_suite(void)
{
	Suite *s = suite_create("jail");
	TCase *tc = tcase_create("jail");

	tcase_add_test(tc, it_ends_in_time);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, it_gets_no_more_memory_than_its_part);
#endif
#ifdef HAS_LANDLOCK
	tcase_add_test(tc, it_reads_no_file);
#endif
	suite_add_tcase(s, tc);
	return s;
}
