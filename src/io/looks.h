/* What names look like, by ICU's table of confusable characters: more of them,
 * and of more scripts, than skeleton.h knows. The table is taken from ICU when
 * gop2p is built: with ICU itself, 4 MB of each client were its libraries. */
#ifndef LOOKS_H
#define LOOKS_H

#include "core/skeleton.h"

/* ICU's skeleton, as skeleton_of sees it; skeleton_of alone without ICU. */
skeleton_fn looks_skeleton;

#endif
