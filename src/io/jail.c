#include "config.h"

#include "jail.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

/* The sanitizers need more than we do. */
#ifdef __SANITIZE_ADDRESS__
#undef HAVE_LINUX_LANDLOCK_H
#endif

#if defined HAVE_LINUX_LANDLOCK_H && defined SYS_landlock_create_ruleset

#include <linux/landlock.h>

/* Every right to files that the first version knows, and no path. */
static void
forget_files(void)
{
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = (1 << 13) - 1 };
	int rules = (int)syscall(SYS_landlock_create_ruleset, &all,
	    sizeof all.handled_access_fs, 0);

	if (rules < 0)
		return;
	syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

#else

static void
forget_files(void)
{
}

#endif

#ifndef __SANITIZE_ADDRESS__

static void
limit_memory(void)
{
	const struct rlimit some = { JAIL_MEMORY, JAIL_MEMORY };

	setrlimit(RLIMIT_DATA, &some);
}

#else

static void
limit_memory(void)
{
}

#endif

/* A library that complains does not do so on the terminal. */
static void
be_silent(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	for (int to = 0; to <= 2; to++)
		dup2(fd, to);
	if (fd > 2)
		close(fd);
}

/* Children take no signals (child.h): this one has to. */
static void
end_after(unsigned int seconds)
{
	sigset_t only;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&only);
	sigaddset(&only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	alarm(seconds);
}

void
jail_enter(unsigned int seconds)
{
	const struct rlimit none = { 0, 0 };

	end_after(seconds);
	be_silent();
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	limit_memory();
#ifdef HAVE_SYS_PRCTL_H
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	forget_files();
}
