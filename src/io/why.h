/* Why something cannot be done: one line that says what to do. */
#ifndef WHY_H
#define WHY_H

enum { WHY_SIZE = 512 };

/* Writes a reason, cut to what fits, and returns err. */
int why_say(char why[static WHY_SIZE], int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds "; " and what to do about it, and returns err. */
int why_add(char why[static WHY_SIZE], int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
