#include "config.h"

#include "names.h"

#include "core/err.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FORMAT = 1 };

struct names {
	sqlite3 *db;
	sqlite3_stmt *put, *remove, *begin, *commit;
	char path[FOLDER_PATH + 16];
	bool has_begun;
	bool has_failed; /* the changes since begin must not become true */
	char why[WHY_SIZE]; /* it has failed */
};

/* ---- opening ---- */

/* The write-ahead log is for the speed of commits; FULL, because a name that
 * was given must not be given to somebody else after a power failure. The file
 * is ours alone (the folder is locked), so it needs no shared memory. */
static const char settings[] =
    "PRAGMA locking_mode = EXCLUSIVE;"
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -256;"
    "PRAGMA trusted_schema = OFF;";

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS names ("
    " fold TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " key BLOB NOT NULL CHECK (length(key) = 32),"
    " used INTEGER NOT NULL"
    ") WITHOUT ROWID;"
    "PRAGMA user_version = 1;";

static int
is_damaged(const struct names *n, char why[static WHY_SIZE])
{
	return why_say(why, E_BAD, "%s is damaged: restore it from a copy, "
	    "or move it away (clients then claim their names anew)", n->path);
}

static int
explain(const struct names *n, char why[static WHY_SIZE])
{
	const int rc = sqlite3_errcode(n->db);

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		return is_damaged(n, why);
	if (rc == SQLITE_FULL)
		return why_say(why, E_IO, "cannot use %s: the disk is full",
		    n->path);
	return why_say(why, E_IO, "cannot use %s: %s; mend that, or move it "
	    "away (clients then claim their names anew)", n->path,
	    sqlite3_errmsg(n->db));
}

/* A query at its first row; NULL if there is none. */
static sqlite3_stmt *
query(struct names *n, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(n->db, sql, -1, &s, NULL) != SQLITE_OK)
		return NULL;
	if (sqlite3_step(s) == SQLITE_ROW)
		return s;
	sqlite3_finalize(s);
	return NULL;
}

static int
check_version(struct names *n, char why[static WHY_SIZE])
{
	sqlite3_stmt *s = query(n, "PRAGMA user_version");
	int version;

	if (s == NULL)
		return explain(n, why);
	version = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	if (version <= FORMAT)
		return 0;
	return why_say(why, E_BAD,
	    "%s was made by a later gop2pd: use that one", n->path);
}

static int
check_whole(struct names *n, char why[static WHY_SIZE])
{
	sqlite3_stmt *s = query(n, "PRAGMA quick_check(1)");
	const char *found;
	bool is_ok;

	if (s == NULL)
		return explain(n, why);
	found = (const char *)sqlite3_column_text(s, 0);
	is_ok = found != NULL && strcmp(found, "ok") == 0;
	sqlite3_finalize(s);
	return is_ok ? 0 : is_damaged(n, why);
}

static bool
prepare(struct names *n)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} all[] = {
		{ &n->begin, "BEGIN IMMEDIATE" },
		{ &n->commit, "COMMIT" },
		{ &n->put, "INSERT OR REPLACE INTO names"
		    " (fold, name, key, used) VALUES (?1, ?2, ?3, ?4)" },
		{ &n->remove, "DELETE FROM names WHERE fold = ?1" },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (sqlite3_prepare_v3(n->db, all[i].sql, -1,
		    SQLITE_PREPARE_PERSISTENT, all[i].stmt, NULL) != SQLITE_OK)
			return false;
	return true;
}

static int
set_up(struct names *n, char why[static WHY_SIZE])
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	    SQLITE_OPEN_NOMUTEX;
	int err;

#ifdef SQLITE_OPEN_NOFOLLOW
	flags |= SQLITE_OPEN_NOFOLLOW;
#endif
	/* Pages of the cache as they are needed, none in advance. */
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	if (sqlite3_open_v2(n->path, &n->db, flags, NULL) != SQLITE_OK ||
	    sqlite3_exec(n->db, settings, NULL, NULL, NULL) != SQLITE_OK)
		return explain(n, why);
	err = check_version(n, why);
	if (err == 0)
		err = check_whole(n, why);
	if (err != 0)
		return err;
	if (sqlite3_exec(n->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    !prepare(n))
		return explain(n, why);
	return 0;
}

int
names_open(struct names **out, const struct folder *f,
    char why[static WHY_SIZE])
{
	struct names *n;
	mode_t mask;
	int err = folder_check(f, NAMES_FILE, why);

	if (err != 0)
		return err;
	n = calloc(1, sizeof *n);
	if (n == NULL)
		return why_say(why, E_IO, "there is not enough memory");
	snprintf(n->path, sizeof n->path, "%s/%s", f->path, NAMES_FILE);
	mask = umask(077);
	err = set_up(n, why);
	umask(mask);
	if (err != 0) {
		names_close(n);
		return err;
	}
	*out = n;
	return 0;
}

void
names_close(struct names *n)
{
	if (n == NULL)
		return;
	sqlite3_finalize(n->begin);
	sqlite3_finalize(n->commit);
	sqlite3_finalize(n->put);
	sqlite3_finalize(n->remove);
	sqlite3_close(n->db);
	free(n);
}

/* ---- times ---- */

/* Carries out a change with one number in it. */
static bool
update(struct names *n, const char *sql, uint64_t number)
{
	sqlite3_stmt *s = NULL;
	bool is_done = sqlite3_prepare_v2(n->db, sql, -1, &s, NULL) ==
	    SQLITE_OK;

	if (is_done) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)number);
		is_done = sqlite3_step(s) == SQLITE_DONE;
	}
	sqlite3_finalize(s);
	return is_done;
}

int
names_mend_times(struct names *n, uint64_t wall_s, uint64_t *gap_s,
    char why[static WHY_SIZE])
{
	sqlite3_stmt *s;
	uint64_t last = 0;

	*gap_s = 0;
	if (!update(n, "UPDATE names SET used = ?1 WHERE used > ?1", wall_s))
		return explain(n, why);
	s = query(n, "SELECT max(used) FROM names WHERE used > 0");
	if (s == NULL)
		return explain(n, why);
	last = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	if (last == 0 || wall_s - last <= NAMES_GAP_S)
		return 0;
	if (!update(n, "UPDATE names SET used = used + ?1", wall_s - last))
		return explain(n, why);
	*gap_s = wall_s - last;
	return 0;
}

/* ---- reading ---- */

/* True if column i is a text of 1 to cap-1 bytes without NUL. */
static bool
get_text(sqlite3_stmt *s, int i, char *out, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(s, i);
	const size_t len = (size_t)sqlite3_column_bytes(s, i);

	if (text == NULL || len == 0 || len >= cap || strlen(text) != len)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

static bool
get_name(sqlite3_stmt *s, struct store_change *out)
{
	const void *key = sqlite3_column_blob(s, 2);

	memset(out, 0, sizeof *out);
	if (key == NULL || sqlite3_column_bytes(s, 2) != sizeof out->key ||
	    !get_text(s, 0, out->fold, sizeof out->fold) ||
	    !get_text(s, 1, out->name, sizeof out->name))
		return false;
	memcpy(out->key, key, sizeof out->key);
	out->used = (uint64_t)sqlite3_column_int64(s, 3);
	return true;
}

int
names_load(struct names *n,
    bool (*each)(void *ctx, const struct store_change *name), void *ctx,
    char why[static WHY_SIZE])
{
	sqlite3_stmt *s = NULL;
	struct store_change name;
	int rc;

	rc = sqlite3_prepare_v2(n->db, "SELECT fold, name, key, used"
	    " FROM names ORDER BY used DESC, fold", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	for (; rc == SQLITE_ROW; rc = sqlite3_step(s))
		if (get_name(s, &name) && !each(ctx, &name))
			break;
	sqlite3_finalize(s);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : explain(n, why);
}

/* ---- changing ---- */

/* Remembers why the changes since begin cannot become true. */
static int
fail(struct names *n, char why[static WHY_SIZE])
{
	if (!n->has_failed)
		snprintf(n->why, sizeof n->why, "%s",
		    sqlite3_errcode(n->db) == SQLITE_FULL ?
		    "the disk is full" : sqlite3_errmsg(n->db));
	n->has_failed = true;
	snprintf(why, WHY_SIZE, "%s", n->why);
	return E_IO;
}

static bool
run(sqlite3_stmt *s)
{
	const int rc = sqlite3_step(s);

	sqlite3_reset(s);
	return rc == SQLITE_DONE;
}

int
names_change(struct names *n, const struct store_change *change,
    char why[static WHY_SIZE])
{
	sqlite3_stmt *s = change->remove ? n->remove : n->put;

	if (n->has_failed)
		return fail(n, why);
	if (!n->has_begun && !run(n->begin))
		return fail(n, why);
	n->has_begun = true;
	sqlite3_bind_text(s, 1, change->fold, -1, SQLITE_STATIC);
	if (!change->remove) {
		sqlite3_bind_text(s, 2, change->name, -1, SQLITE_STATIC);
		sqlite3_bind_blob(s, 3, change->key, sizeof change->key,
		    SQLITE_STATIC);
		sqlite3_bind_int64(s, 4, (sqlite3_int64)change->used);
	}
	return run(s) ? 0 : fail(n, why);
}

int
names_commit(struct names *n, char why[static WHY_SIZE])
{
	int err = 0;

	if (n->has_failed || (n->has_begun && !run(n->commit)))
		err = fail(n, why);
	/* SQLite itself has ended the transaction after some failures. */
	if (err != 0 && sqlite3_get_autocommit(n->db) == 0)
		sqlite3_exec(n->db, "ROLLBACK", NULL, NULL, NULL);
	n->has_begun = n->has_failed = false;
	return err;
}
