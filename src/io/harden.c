#include "config.h"

#include "harden.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif
#ifdef HAVE_DL_ITERATE_PHDR
#include <link.h>
#endif

/* A file of ours must not get the number of one that was closed: what is
 * written to standard error would go into it. From /dev/null nothing comes, and
 * writing to this one fails as it did. */
static void
fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

void
harden_process(void)
{
	const struct rlimit none = { 0 };

	fill_standard_files();
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &none);
#ifdef HAVE_SYS_PRCTL_H
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
}

unsigned long
harden_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return ULONG_MAX;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max;
}

#ifdef HAVE_DL_ITERATE_PHDR

/* True if the dynamic linker wrote into what is only for reading. */
static bool
is_patched(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const ElfW(Dyn) *d = (void *)(info->dlpi_addr + p->p_vaddr);

		if (p->p_type != PT_DYNAMIC)
			continue;
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS &&
			    (d->d_un.d_val & DF_TEXTREL) != 0))
				return true;
	}
	return false;
}

static int
forget_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)ctx;
	if (is_patched(info))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const uintptr_t in = (info->dlpi_addr + p->p_vaddr) % page;

		if (p->p_type == PT_LOAD && (p->p_flags & PF_W) == 0)
			madvise((void *)(info->dlpi_addr + p->p_vaddr - in),
			    p->p_filesz + in, MADV_DONTNEED);
	}
	return 0;
}

void
harden_forget_start(void)
{
	dl_iterate_phdr(forget_object, NULL);
}

#else

void
harden_forget_start(void)
{
}

#endif

bool
harden_become(const char *name)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (user == NULL)
		return false;
	return setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 &&
	    setuid(user->pw_uid) == 0;
}
