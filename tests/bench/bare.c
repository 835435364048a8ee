#include "bare.h"

#include "bench.h"
#include "err.h"
#include "noise.h"
#include "session.h"
#include "wire.h"

#include <sodium.h>

double
bare_responder_us(void)
{
	enum { ROUNDS = 400 };
	uint8_t msg[256], msg2[256], payload[INIT_PAYLOAD] = { 0 };
	struct session_small session;
	struct keypair own, other;
	uint64_t before, sum = 0;
	struct rng rng;
	size_t len, got;

	rng_init_test(&rng, 1, "bare");
	keypair_make(&own, &rng);
	keypair_make(&other, &rng);
	for (int i = 0; i < ROUNDS; i++) {
		struct noise a, b;

		noise_init(&a, NOISE_IK, true, "x", 1, &other, own.public);
		noise_write(&a, &rng, payload, sizeof payload, msg,
		    sizeof msg, &len);
		before = bench_cpu_ns();
		noise_init(&b, NOISE_IK, false, "x", 1, &own, NULL);
		if (noise_read(&b, msg, len, payload, sizeof payload, &got) !=
		    E_OK)
			bench_die("bare responder");
		noise_write(&b, &rng, payload, 40, msg2, sizeof msg2, &len);
		session_small_init(&session, &b);
		sum += bench_cpu_ns() - before;
	}
	return (double)sum / ROUNDS / 1000;
}

double
bare_aead_us(size_t size)
{
	enum { ROUNDS = 50000 };
	static uint8_t buf[2048];
	uint8_t key[32] = { 1 }, nonce[12] = { 0 };
	unsigned long long len;
	uint64_t before = bench_cpu_ns();

	for (int i = 0; i < ROUNDS; i++) {
		crypto_aead_chacha20poly1305_ietf_encrypt(buf, &len, buf,
		    size, nonce, 12, NULL, nonce, key);
		if (crypto_aead_chacha20poly1305_ietf_decrypt(buf, &len, NULL,
		    buf, len, nonce, 12, nonce, key) != 0)
			bench_die("bare AEAD");
	}
	return (double)(bench_cpu_ns() - before) / ROUNDS / 1000;
}
