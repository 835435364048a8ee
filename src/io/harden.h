/* What a process gives up because it needs none of it. */
#ifndef HARDEN_H
#define HARDEN_H

#include <stdbool.h>

/* At the start of every program: new files are nobody else's, there are no
 * core dumps, no other process may look inside, a closed pipe is an error and
 * not the end, and the three standard files are not free for others. */
void harden_process(void);

/* As many descriptors as the system allows; returns how many these are. */
unsigned long harden_raise_descriptors(void);

/* When the start is over: gives back what only the start needed of the program
 * and of its libraries. It comes again where it is touched again. */
void harden_forget_start(void);

/* Becomes an ordinary user for good; for a daemon that was started by root. On
 * failure errno says why (0: there is no such user). */
bool harden_become(const char *user);

#endif
