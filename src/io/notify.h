/* Word to whoever supervises the process: the protocol of sd_notify(3). Without
 * a supervisor nothing happens. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "core/usec.h"

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." */
void notify_send(const char *state);

/* How often "WATCHDOG=1" is expected at least; 0: never. */
usec_t notify_watchdog(void);

#endif
