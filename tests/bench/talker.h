/* A client of its own, in a process of its own on the first core: the engine
 * and the edge of gop2p without a face. */
#ifndef TALKER_H
#define TALKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct talker {
	int pid;
	int commands; /* bytes to it, see enum talker_command */
	FILE *says;   /* lines from it: a word, the time in ns, numbers */
};

/* What it says: "registered", "connected", "direct", "heard" of the first
 * message; and at the end of a row "row" with two numbers, the median and the
 * 99th percentile of its round trips in ns. */

enum talker_command {
	TALKER_CONNECT = 'c', /* ask the other, greet him when he agrees */
	TALKER_ROW = 'r',     /* TALKER_PINGS messages, each answered one
	                         followed by the next */
};

enum { TALKER_PINGS = 1000, TALKER_TEXT = 64 };

/* It allows whoever asks, and answers every message of another by the same if
 * answers is set. only_relay: it is deaf to all but the server. */
struct talker talker_start(const char *name, const char *peer,
    uint16_t server_port, bool answers, bool only_relay);
void talker_stop(struct talker *t);

void talker_tell(const struct talker *t, enum talker_command command);

/* Waits until it says that word; the time at which it did, and the numbers
 * behind it, of which there are at most two. */
uint64_t talker_await(struct talker *t, const char *word,
    double numbers[static 2]);

/* The median and the 99th percentile. Sorts. */
double talker_median(uint64_t *ns, size_t count);
double talker_worst(uint64_t *ns, size_t count);

#endif
