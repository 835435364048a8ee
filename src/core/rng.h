/* Randomness is an argument. A generator is seeded once (by the edge from the
 * kernel, by the simulator from a number) and then gives the same stream for
 * the same seed. ChaCha20 with fast key erasure: what was given cannot be
 * computed back from the state. */
#ifndef RNG_H
#define RNG_H

#include <stddef.h>
#include <stdint.h>

enum { RNG_SEED_LEN = 32, RNG_POOL = 512 };

struct rng {
	uint8_t pool[RNG_POOL]; /* the first RNG_SEED_LEN bytes key the next */
	size_t used;
};

void rng_init(struct rng *rng, const uint8_t seed[static RNG_SEED_LEN]);

/* A generator of its own for a node: seeded from a number and a label. */
void rng_init_test(struct rng *rng, uint64_t seed, const char *label);

void rng_fill(struct rng *rng, void *out, size_t len);
uint32_t rng_u32(struct rng *rng);
uint64_t rng_u64(struct rng *rng);

/* Uniform in 0 to bound-1, without bias; bound > 0. */
uint32_t rng_below(struct rng *rng, uint32_t bound);

/* Uniform in lo to hi, both included; lo <= hi. */
uint64_t rng_range(struct rng *rng, uint64_t lo, uint64_t hi);

/* Wipes the state. */
void rng_fini(struct rng *rng);

#endif
