/* The server's store: which name belongs to which key (SQLite). Changes are
 * gathered and become true together, on the disk, in names_commit. */
#ifndef NAMES_H
#define NAMES_H

#include "core/act.h"
#include "io/folder.h"
#include "io/saver.h"

#define NAMES_FILE "names.db"

struct names;

/* Opens the store of a folder, made if it is not there. E_DENIED: it is not
 * safe; E_BAD: it is damaged, or not ours; E_IO. All with a reason. */
int names_open(struct names **out, const struct folder *f,
    char why[static WHY_SIZE]);

enum { NAMES_GAP_S = 7 * 86400 };

/* No name grows old while the server does not run, or by a clock that was set
 * wrong, now or in an earlier run: uses in the future become uses at wall_s,
 * the time of day; and when the last use of any name is longer ago than
 * NAMES_GAP_S, all uses move on by that time, which *gap_s gets, else 0. Before
 * the first change. E_BAD, E_IO with a reason. */
int names_mend_times(struct names *n, uint64_t wall_s, uint64_t *gap_s,
    char why[static WHY_SIZE]);

/* Changes without commit are lost. */
void names_close(struct names *n);

/* Calls each for every name of the store; it says false to stop. E_BAD, E_IO
 * with a reason. */
int names_load(struct names *n,
    bool (*each)(void *ctx, const struct store_change *name), void *ctx,
    char why[static WHY_SIZE]);

/* Adds a change. E_IO: it cannot be made, and the commit will fail. */
int names_change(struct names *n, const struct store_change *change,
    char why[static WHY_SIZE]);

/* All changes since the last commit, or, with E_IO and the reason, none. */
int names_commit(struct names *n, char why[static WHY_SIZE]);

#endif
