/* Keys from which an account does not want to hear: a pool, and a list of each
 * account's. */
#ifndef BLOCK_H
#define BLOCK_H

#include "limit.h"
#include "registry.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { BLOCKS_PER_ACCOUNT = 64 };

struct blocks {
	struct block {
		uint8_t key_id[KEY_ID_LEN];
		uint32_t next;
	} *pool;
	uint32_t max, end, free;
};

bool blocks_init(struct blocks *b, uint32_t max);
void blocks_fini(struct blocks *b);

/* False if there is no room. */
bool block_add(struct blocks *b, struct registry *r, uint32_t account,
    const uint8_t key[static KEY_LEN]);
void block_remove(struct blocks *b, struct registry *r, uint32_t account,
    const uint8_t key[static KEY_LEN]);
void block_clear(struct blocks *b, struct registry *r, uint32_t account);

bool block_has(const struct blocks *b, const struct registry *r,
    uint32_t account, const uint8_t key[static KEY_LEN]);

#endif
