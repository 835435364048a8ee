#include "config.h"

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sanitizers need more than we do. */
#ifdef __SANITIZE_ADDRESS__
#undef HAVE_LINUX_LANDLOCK_H
#undef HAVE_SECCOMP
#endif

/* ---- files and TCP: landlock ---- */

#if defined HAVE_LINUX_LANDLOCK_H && defined SYS_landlock_create_ruleset

#include <linux/landlock.h>

/* Rights that came later than the oldest header, by the version of the
 * interface that has them. */
enum {
	FS_FIRST = (1 << 13) - 1, /* 1: all from EXECUTE to MAKE_SYM */
	FS_REFER = 1 << 13,       /* 2 */
	FS_TRUNCATE = 1 << 14,    /* 3 */
	FS_IOCTL_DEV = 1 << 15,   /* 5 */
	NET_BIND_CONNECT = 3,     /* 4 */

	FS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	FS_WRITE = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	    FS_TRUNCATE,
};

struct rights {
	uint64_t fs, net;
};

static bool
allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	bool is_done;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return false;
	is_done = syscall(SYS_landlock_add_rule, rules,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return is_done;
}

static bool
restrict_to(const struct sandbox *box, int rules, uint64_t known)
{
	/* A spare descriptor (listen.c). */
	return allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE) &&
	    allow(rules, box->writable, FS_WRITE & known) &&
	    (box->readable == NULL ||
	    allow(rules, box->readable, FS_READ)) &&
	    syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

static bool
enter_landlock(const struct sandbox *box)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct rights all = { .fs = FS_FIRST };
	bool is_done;
	int rules;

	if (version < 1)
		return false;
	all.fs |= (version >= 2 ? FS_REFER : 0) |
	    (version >= 3 ? FS_TRUNCATE : 0) |
	    (version >= 5 ? FS_IOCTL_DEV : 0);
	all.net = version >= 4 ? NET_BIND_CONNECT : 0;
	rules = (int)syscall(SYS_landlock_create_ruleset, &all,
	    version >= 4 ? sizeof all : sizeof all.fs, 0);
	if (rules < 0)
		return false;
	is_done = restrict_to(box, rules, all.fs);
	close(rules);
	return is_done;
}

#else

static bool
enter_landlock(const struct sandbox *box)
{
	(void)box;
	errno = ENOSYS;
	return false;
}

#endif

/* ---- system calls: seccomp ---- */

#ifdef HAVE_SECCOMP

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* What is needed after the start: nothing that makes a process, opens a port,
 * changes an owner, a mode or a user. Calls that an architecture does not have
 * are passed over. */
static const char *const calls[] = {
	/* the loop */
	"epoll_wait", "epoll_pwait", "epoll_pwait2", "epoll_ctl",
	"timerfd_settime", "eventfd2", "clock_gettime", "gettimeofday",
	"restart_syscall", "rt_sigreturn", "rt_sigaction", "rt_sigprocmask",
	"sigreturn",
	/* sockets */
	"recvmmsg", "recvmsg", "recvfrom", "recv", "sendmmsg", "sendmsg",
	"sendto", "send", "accept", "accept4", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "shutdown",
	"connect",
	/* files */
	"open", "openat", "close", "read", "pread64", "readv", "write",
	"pwrite64", "writev", "lseek", "_llseek", "fsync", "fdatasync",
	"ftruncate", "ftruncate64", "fallocate", "unlink", "unlinkat", "stat",
	"stat64", "fstat", "fstat64", "fstatat64", "lstat", "lstat64",
	"newfstatat", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getcwd", "fcntl", "fcntl64", "flock",
	/* memory, randomness, the end */
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",
	"getrandom", "futex", "getpid", "gettid", "geteuid",
	"getuid", "tgkill", "exit", "exit_group",
	/* SQLite waits for a lock */
	"nanosleep", "clock_nanosleep", "clock_nanosleep_time64",
};

static bool
allow_call(scmp_filter_ctx filter, const char *name)
{
	const int number = seccomp_syscall_resolve_name(name);

	return number == __NR_SCMP_ERROR || number < 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) == 0;
}

/* No memory that can be executed. */
static bool
allow_memory(scmp_filter_ctx filter, const char *name)
{
	const int number = seccomp_syscall_resolve_name(name);

	return number == __NR_SCMP_ERROR || number < 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

/* A supervisor and syslog are told through sockets of this kind. */
static bool
allow_local_sockets(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
	    SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0)) == 0;
}

static bool
load(scmp_filter_ctx filter)
{
	const int err = seccomp_load(filter);

	errno = -err;
	return err == 0;
}

static bool
enter_seccomp(const struct sandbox *box)
{
	scmp_filter_ctx filter = seccomp_init(box->is_strict ?
	    SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	bool is_done = filter != NULL;

	for (size_t i = 0; is_done && i < sizeof calls / sizeof calls[0]; i++)
		is_done = allow_call(filter, calls[i]);
	is_done = is_done && allow_memory(filter, "mmap") &&
	    allow_memory(filter, "mmap2") &&
	    allow_memory(filter, "mprotect") &&
	    allow_local_sockets(filter) && load(filter);
	seccomp_release(filter);
	return is_done;
}

#else

static bool
enter_seccomp(const struct sandbox *box)
{
	(void)box;
	errno = ENOSYS;
	return false;
}

#endif

/* Notes the name of a lock with those in force, or with its error among those
 * that are not. */
static void
note(bool is_done, const char *name, char what[static WHY_SIZE],
    char lacks[static WHY_SIZE])
{
	char *to = is_done ? what : lacks;
	const size_t len = strlen(to);

	snprintf(to + len, WHY_SIZE - len, "%s%s%s%s", len > 0 ? ", " : "",
	    name, is_done ? "" : ": ", is_done ? "" : strerror(errno));
}

bool
sandbox_enter(const struct sandbox *box, char what[static WHY_SIZE],
    char lacks[static WHY_SIZE])
{
	what[0] = lacks[0] = '\0';
	note(enter_landlock(box), "landlock", what, lacks);
	note(enter_seccomp(box), "seccomp", what, lacks);
	return !box->is_strict || lacks[0] == '\0';
}
