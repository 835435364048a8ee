/* A client as seen by its packets, without anything behind them: what a load
 * generator needs of the protocol, and thousands fit. */
#ifndef PLAYER_H
#define PLAYER_H

#include "noise.h"
#include "session.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct player {
	struct keypair keys;
	struct session_small session;
	uint32_t index, server;   /* its own, and what the server calls it */
	uint32_t call;            /* id of the last one */
	uint8_t nonce[NONCE_LEN];
	char name[NAME_SIZE];     /* that it was given */
	struct noise *noise;      /* only between INIT and ACCEPT */
};

/* A new key. index is how the server will call it. */
void player_init(struct player *p, struct rng *rng, uint32_t index);
void player_fini(struct player *p);

/* Each writes a packet to out, which holds DGRAM_MAX bytes, and returns its
 * length. The nonce of a HELLO begins with the index. */
size_t player_hello(struct player *p, struct rng *rng, uint8_t *out);
size_t player_answer_cookie(struct player *p, struct rng *rng,
    const uint8_t server_key[static KEY_LEN], const uint8_t *cookie_packet,
    uint8_t *out);
size_t player_beat(struct player *p, uint8_t *out);
size_t player_call(struct player *p, enum op op, const struct wr *body,
    uint8_t *out);
size_t player_ack(struct player *p, uint32_t push, uint8_t *out);

/* Of a packet that came: who it is for, by its index or nonce. False if it
 * does not say. */
bool player_index(const uint8_t *packet, size_t len, uint32_t *index);

/* Reads ACCEPT; false if it is wrong or a refusal. */
bool player_accept(struct player *p, const uint8_t *packet, size_t len);

/* Opens DATA in place: its frames. False if it is not authentic. */
bool player_open(struct player *p, uint8_t *packet, size_t len,
    struct rd *frames);

#endif
