#include "config.h"

#include "folder.h"

#include "core/err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40, FILE_NAME_MAX = 64 };

/* A path on its way: done is resolved and safe, todo is not. */
struct walk {
	char done[FOLDER_PATH];
	char todo[FOLDER_PATH];
	int links;
	bool in_container; /* some owners cannot be told apart */
	char *why;
};

/* ---- safety ---- */

/* In a user namespace root outside of it, and everybody else without a mapping,
 * looks like "nobody". */
static bool
is_in_container(void)
{
	FILE *f = fopen("/proc/self/uid_map", "re");
	unsigned long inside = 0, outside = 0, count = 4294967295;

	if (f == NULL)
		return false;
	if (fscanf(f, "%lu %lu %lu", &inside, &outside, &count) != 3)
		count = 0;
	fclose(f);
	return inside != 0 || outside != 0 || count != 4294967295;
}

static bool
is_trusted(const struct walk *w, uid_t owner)
{
	enum { NOBODY = 65534 };

	return owner == geteuid() || owner == 0 ||
	    (w->in_container && owner == NOBODY);
}

/* A folder on the way: others must not be able to replace what is in it. In one
 * with the sticky bit they cannot. */
static int
check_parent(const struct walk *w, const struct stat *st)
{
	if (!is_trusted(w, st->st_uid))
		return why_say(w->why, E_DENIED,
		    "the folder %s belongs to another user (%lu)", w->done,
		    (unsigned long)st->st_uid);
	if ((st->st_mode & 022) != 0 && !(st->st_mode & S_ISVTX))
		return why_say(w->why, E_DENIED, "others can change the folder "
		    "%s: chmod go-w '%s'", w->done, w->done);
	return 0;
}

static int
check_last(const struct walk *w, const struct stat *st,
    unsigned int forbidden)
{
	if (st->st_uid != geteuid())
		return why_say(w->why, E_DENIED,
		    "the folder %s belongs to another user (%lu)", w->done,
		    (unsigned long)st->st_uid);
	if ((st->st_mode & forbidden) != 0)
		return why_say(w->why, E_DENIED, "others have access to the "
		    "folder %s: chmod 700 '%s'", w->done, w->done);
	return 0;
}

/* ---- the way to a folder ---- */

static void
go_up(struct walk *w)
{
	char *slash = strrchr(w->done, '/');

	if (slash != NULL)
		*slash = '\0';
}

/* Puts the target of the link at done in front of what is left to do. */
static int
follow(struct walk *w, const struct stat *st)
{
	char target[FOLDER_PATH], rest[FOLDER_PATH];
	ssize_t len;

	if (!is_trusted(w, st->st_uid))
		return why_say(w->why, E_DENIED,
		    "%s is a symbolic link of another user (%lu)", w->done,
		    (unsigned long)st->st_uid);
	len = readlink(w->done, target, sizeof target - 1);
	if (len < 0)
		return why_say(w->why, E_IO, "cannot read the link %s: %s",
		    w->done, strerror(errno));
	target[len] = '\0';
	memcpy(rest, w->todo, sizeof rest);
	if (++w->links > LINKS_MAX || snprintf(w->todo, sizeof w->todo,
	    "%s/%s", target, rest) >= (int)sizeof w->todo)
		return why_say(w->why, E_IO, "too many links at %s", w->done);
	if (target[0] == '/')
		w->done[0] = '\0';
	else
		go_up(w);
	return 0;
}

/* Takes the next name of the path to name; false at its end. */
static bool
next_name(struct walk *w, char name[static FOLDER_PATH])
{
	const char *from = w->todo + strspn(w->todo, "/");
	const size_t len = strcspn(from, "/");

	if (len == 0)
		return false;
	memcpy(name, from, len);
	name[len] = '\0';
	memmove(w->todo, from + len, strlen(from + len) + 1);
	return true;
}

static int
step(struct walk *w, const char *name, struct stat *st)
{
	const size_t at = strlen(w->done);

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		go_up(w);
		return 0;
	}
	if (snprintf(w->done + at, sizeof w->done - at, "/%s", name) >=
	    (int)(sizeof w->done - at))
		return why_say(w->why, E_IO, "the folder's path is too long");
	if (lstat(w->done, st) < 0 && (errno != ENOENT ||
	    (mkdir(w->done, 0700) < 0 && errno != EEXIST) ||
	    lstat(w->done, st) < 0))
		return why_say(w->why, E_IO, "cannot make the folder %s: %s",
		    w->done, strerror(errno));
	if (S_ISLNK(st->st_mode))
		return follow(w, st);
	if (!S_ISDIR(st->st_mode))
		return why_say(w->why, E_IO, "%s is not a folder", w->done);
	/* The last one has stricter rules (check_last). */
	if (w->todo[strspn(w->todo, "/")] == '\0')
		return 0;
	return check_parent(w, st);
}

static int
walk_to(struct walk *w, const char *path)
{
	char name[FOLDER_PATH];
	struct stat st;
	int err;

	if (path[0] != '/' && getcwd(w->done, sizeof w->done) == NULL)
		return why_say(w->why, E_IO, "there is no current folder");
	if (snprintf(w->todo, sizeof w->todo, "%s/%s", w->done, path) >=
	    (int)sizeof w->todo)
		return why_say(w->why, E_IO, "the folder's path is too long");
	w->done[0] = '\0';
	while (next_name(w, name)) {
		err = step(w, name, &st);
		if (err != 0)
			return err;
	}
	return 0;
}

int
folder_open(struct folder *f, const char *path, unsigned int forbidden,
    char why[static WHY_SIZE])
{
	struct walk w = { .in_container = is_in_container(), .why = why };
	struct stat st;
	int fd, err = walk_to(&w, path);

	if (err != 0)
		return err;
	fd = open(w.done[0] != '\0' ? w.done : "/",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		err = why_say(why, E_IO, "cannot open the folder %s: %s",
		    w.done, strerror(errno));
	else
		err = check_last(&w, &st, forbidden);
	if (err != 0) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	f->fd = fd;
	memcpy(f->path, w.done, sizeof f->path);
	return 0;
}

void
folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

bool
folder_lock(const struct folder *f)
{
	return flock(f->fd, LOCK_EX | LOCK_NB) == 0;
}

/* ---- files ---- */

static int
check_file(const struct folder *f, const char *name, bool is_secret,
    const struct stat *st, char *why)
{
	if (!S_ISREG(st->st_mode))
		return why_say(why, E_DENIED, "%s/%s is not a file: move it "
		    "away", f->path, name);
	if (st->st_uid != geteuid())
		return why_say(why, E_DENIED,
		    "%s/%s belongs to another user (%lu): put a copy of your "
		    "own in its place", f->path, name,
		    (unsigned long)st->st_uid);
	if (is_secret && (st->st_mode & 077) != 0)
		return why_say(why, E_DENIED, "others can read the secret key "
		    "%s/%s: chmod 600 '%s/%s'", f->path, name, f->path, name);
	if ((st->st_mode & 022) != 0)
		return why_say(why, E_DENIED, "others can change %s/%s: "
		    "chmod go-w '%s/%s'", f->path, name, f->path, name);
	if (st->st_nlink != 1)
		return why_say(why, E_DENIED, "%s/%s has a second name "
		    "(hard link): make a copy and remove both", f->path, name);
	return 0;
}

static int
refuse_link(const struct folder *f, const char *name, char *why)
{
	return why_say(why, E_DENIED, "%s/%s is a symbolic link: put the file "
	    "itself there", f->path, name);
}

int
folder_check(const struct folder *f, const char *name,
    char why[static WHY_SIZE])
{
	struct stat st;

	if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : why_say(why, E_IO,
		    "cannot read %s/%s: %s", f->path, name, strerror(errno));
	if (S_ISLNK(st.st_mode))
		return refuse_link(f, name, why);
	return check_file(f, name, false, &st, why);
}

static int
read_all(int fd, char *buf, size_t cap, size_t *len)
{
	size_t have = 0;

	for (;;) {
		ssize_t n = read(fd, buf + have, cap + 1 - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return E_IO;
		if (n == 0)
			break;
		have += (size_t)n;
		if (have > cap)
			return E_FULL;
	}
	buf[have] = '\0';
	*len = have;
	return 0;
}

int
folder_read(const struct folder *f, const char *name, bool is_secret,
    char *buf, size_t cap, size_t *len, char why[static WHY_SIZE])
{
	/* Not to wait for the other end of a named pipe. */
	int fd = openat(f->fd, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int err;

	if (fd < 0 && errno == ENOENT)
		return E_NONE;
	if (fd < 0 && errno == ELOOP)
		return refuse_link(f, name, why);
	if (fd < 0 || fstat(fd, &st) < 0) {
		err = why_say(why, E_IO, "cannot read %s/%s: %s", f->path, name,
		    strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	err = check_file(f, name, is_secret, &st, why);
	if (err == 0)
		err = read_all(fd, buf, cap, len);
	if (err == E_IO)
		why_say(why, err, "cannot read %s/%s: %s", f->path, name,
		    strerror(errno));
	else if (err == E_FULL)
		why_say(why, err, "%s/%s is longer than %zu bytes: shorten "
		    "it, or move it away", f->path, name, cap);
	close(fd);
	return err;
}

static bool
write_all(int fd, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
write_new(const struct folder *f, const char *name, const void *buf,
    size_t len)
{
	int fd, error;

	unlinkat(f->fd, name, 0);
	fd = openat(f->fd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	if (write_all(fd, buf, len) && fsync(fd) == 0) {
		/* Some file systems tell of a full disk only here. */
		return close(fd) == 0;
	}
	error = errno;
	close(fd);
	errno = error;
	return false;
}

int
folder_write(const struct folder *f, const char *name, const void *buf,
    size_t len, char why[static WHY_SIZE])
{
	char temp[FILE_NAME_MAX];
	int err;

	if (snprintf(temp, sizeof temp, ".%s.new", name) >= (int)sizeof temp)
		return why_say(why, E_IO, "the name of a file is too long");
	if (write_new(f, temp, buf, len) &&
	    renameat(f->fd, temp, f->fd, name) == 0 && fsync(f->fd) == 0)
		return 0;
	err = why_say(why, E_IO, "cannot write %s/%s: %s", f->path, name,
	    strerror(errno));
	unlinkat(f->fd, temp, 0);
	return err;
}
