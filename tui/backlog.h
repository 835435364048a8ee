/* What was said in a conversation, and what happened to it: at most 5,000
 * entries or 4 MiB, whichever is less; the oldest go. An entry has a number
 * that stays when older ones go. */
#ifndef BACKLOG_H
#define BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BACKLOG_ENTRIES = 5000,
	BACKLOG_BYTES = 4 << 20,
};

enum entry_kind {
	ENTRY_THEIRS,
	ENTRY_OWN,
	ENTRY_EVENT, /* "*": what happened */
	ENTRY_ERROR, /* "!": what failed */
	ENTRY_MORE,  /* goes on with the entry above */
};

enum entry_mark {
	MARK_NONE,
	MARK_WAITING,   /* no path to the peer yet */
	MARK_SENT,
	MARK_DELIVERED,
	MARK_FAILED,
};

struct entry {
	uint64_t number;  /* from 1, in order */
	uint64_t id;      /* of the message; 0: none */
	int64_t wall_s;   /* local time: seconds since 1970-01-01 00:00 there */
	enum entry_kind kind;
	enum entry_mark mark;
	char *text;       /* clean, NUL-terminated */
	size_t len;
};

struct backlog {
	struct entry *ring;
	size_t cap, first, count;
	size_t bytes;       /* of entries and their texts */
	uint64_t next;      /* number of the next entry; 0 counts as 1 */
};

/* All zeros is an empty backlog. */
void backlog_fini(struct backlog *b);

/* Cleans text and adds it. Returns the entry, valid until the next call; NULL
 * without memory. */
struct entry *backlog_add(struct backlog *b, enum entry_kind kind,
    int64_t wall_s, const char *text, size_t len);

/* By number; NULL if it is gone or not there yet. */
struct entry *backlog_get(const struct backlog *b, uint64_t number);

/* Numbers of the oldest and one beyond the newest. */
uint64_t backlog_begin(const struct backlog *b);
uint64_t backlog_end(const struct backlog *b);

/* The newest own message with that id, or NULL. */
struct entry *backlog_message(const struct backlog *b, uint64_t id);

/* The newest entry before number that contains the text (ASCII letters in
 * either case), or NULL. */
struct entry *backlog_find(const struct backlog *b, uint64_t before,
    const char *text);

/* Messages (not events) from number on. */
size_t backlog_messages(const struct backlog *b, uint64_t from);

#endif
