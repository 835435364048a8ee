/* What names look like: names of one skeleton can be taken for each other
 * (UTS 39, section 4). With a table of our own, of the letters and digits that
 * look alike in the scripts of most people's names. */
#ifndef SKELETON_H
#define SKELETON_H

#include "limit.h"

/* Writes the skeleton of a name, with NUL; one that is longer is cut. Capitals
 * count as small letters but where they look like another letter. */
typedef void skeleton_fn(const char *name, char out[static SKELETON_SIZE]);
skeleton_fn skeleton_of;

#endif
