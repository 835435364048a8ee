#include "ident.h"

#include "err.h"
#include "lines.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
	GROUP = 4,            /* characters of a fingerprint's group */
	NUMBER_ROUNDS = 5200, /* of SHA-512, as Signal does */
	NUMBER_DIGITS = 30,   /* a key */
	NUMBER_GROUP = 5,
	CHECK_LEN = 8,        /* bytes of the key file's checksum */
};

static const char file_tag[] = "gop2p-key-1";
static const char number_label[] = "gop2p safety number 1";

/* Writes so many groups of base32 from bits, and a NUL. */
static void
write_groups(const uint8_t *bits, int groups, char *out)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint32_t held = 0;
	int count = 0;

	for (int i = 0; i < groups * GROUP; i++) {
		if (count < 5) {
			held = held << 8 | *bits++;
			count += 8;
		}
		count -= 5;
		if (i > 0 && i % GROUP == 0)
			*out++ = '-';
		*out++ = alphabet[held >> count & 31];
	}
	*out = '\0';
}

void
ident_fingerprint(const uint8_t key[static KEY_LEN],
    char out[static IDENT_FULL_SIZE])
{
	uint8_t hash[CRYPT_HASH_LEN];

	crypt_hash(key, KEY_LEN, NULL, 0, hash);
	write_groups(hash, 6, out);
}

void
ident_short(const uint8_t id[static KEY_ID_LEN],
    char out[static IDENT_SHORT_SIZE])
{
	write_groups(id, 2, out);
}

/* The thirty digits of a key. The label keeps them apart from what anybody
 * else computes from the same key. */
static void
write_digits(const uint8_t key[static KEY_LEN],
    char out[static NUMBER_DIGITS])
{
	uint8_t hash[crypto_hash_sha512_BYTES];
	crypto_hash_sha512_state state;
	const void *before = number_label;
	size_t len = sizeof number_label - 1;

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, before, len);
	crypto_hash_sha512_update(&state, key, KEY_LEN);
	for (int i = 0; i < NUMBER_ROUNDS; i++) {
		crypto_hash_sha512_update(&state, key, KEY_LEN);
		crypto_hash_sha512_final(&state, hash);
		crypto_hash_sha512_init(&state);
		crypto_hash_sha512_update(&state, hash, sizeof hash);
	}
	for (int group = 0; group < NUMBER_DIGITS / NUMBER_GROUP; group++) {
		uint64_t value = 0;

		for (int i = 0; i < NUMBER_GROUP; i++)
			value = value << 8 | hash[group * NUMBER_GROUP + i];
		value %= 100000;
		for (int i = NUMBER_GROUP - 1; i >= 0; i--) {
			out[group * NUMBER_GROUP + i] =
			    (char)('0' + value % 10);
			value /= 10;
		}
	}
}

void
ident_number(const uint8_t a[static KEY_LEN],
    const uint8_t b[static KEY_LEN], char out[static IDENT_NUMBER_SIZE])
{
	char digits[2][NUMBER_DIGITS];
	int first;

	write_digits(a, digits[0]);
	write_digits(b, digits[1]);
	first = memcmp(digits[0], digits[1], NUMBER_DIGITS) > 0;
	for (int i = 0; i < 2 * NUMBER_DIGITS; i++) {
		if (i > 0 && i % NUMBER_GROUP == 0)
			*out++ = ' ';
		*out++ = digits[first ^ (i / NUMBER_DIGITS)][i % NUMBER_DIGITS];
	}
	*out = '\0';
}

void
ident_key_text(const uint8_t key[static KEY_LEN],
    char out[static IDENT_KEY_SIZE])
{
	sodium_bin2hex(out, IDENT_KEY_SIZE, key, KEY_LEN);
}

/* Exactly cap bytes of hexadecimal digits. */
static bool
unhex(const char *s, size_t len, uint8_t *out, size_t cap)
{
	size_t count;

	return len == 2 * cap &&
	    sodium_hex2bin(out, cap, s, len, NULL, &count, NULL) == 0 &&
	    count == cap;
}

bool
ident_key_parse(const char *s, size_t len, uint8_t out[static KEY_LEN])
{
	uint8_t key[KEY_LEN];

	if (!unhex(s, len, key, sizeof key))
		return false;
	memcpy(out, key, sizeof key);
	return true;
}

static void
checksum(const uint8_t secret[static KEY_LEN], uint8_t out[static CHECK_LEN])
{
	uint8_t hash[CRYPT_HASH_LEN];

	crypt_hash(file_tag, sizeof file_tag - 1, secret, KEY_LEN, hash);
	memcpy(out, hash, CHECK_LEN);
	crypt_wipe(hash, sizeof hash);
}

size_t
ident_encode(const struct keypair *pair, char out[static IDENT_FILE_SIZE])
{
	char print[IDENT_FULL_SIZE], hex[2 * KEY_LEN + 1];
	char check_hex[2 * CHECK_LEN + 1];
	uint8_t check[CHECK_LEN];
	int len;

	ident_fingerprint(pair->public, print);
	checksum(pair->secret, check);
	sodium_bin2hex(hex, sizeof hex, pair->secret, KEY_LEN);
	sodium_bin2hex(check_hex, sizeof check_hex, check, sizeof check);
	len = snprintf(out, IDENT_FILE_SIZE,
	    "# Identity key of gop2p. Whoever has it can pose as you:\n"
	    "# never show it, never send it. Its fingerprint, which you may\n"
	    "# show, is %s.\n"
	    "%s %s %s\n", print, file_tag, hex, check_hex);
	assert(len > 0 && len < IDENT_FILE_SIZE);
	crypt_wipe(hex, sizeof hex);
	return (size_t)len;
}

/* The line with the key: its tag, the secret, the checksum. */
static int
decode_line(struct slice line, struct keypair *out)
{
	struct slice tag = line_word(&line), hex = line_word(&line);
	struct slice check_hex = line_word(&line);
	uint8_t check[CHECK_LEN], want[CHECK_LEN];
	int err = E_OK;

	if (!slice_is(&tag, file_tag) || line_word(&line).len > 0 ||
	    !unhex(hex.p, hex.len, out->secret, KEY_LEN) ||
	    !unhex(check_hex.p, check_hex.len, check, sizeof check))
		return E_BAD;
	checksum(out->secret, want);
	if (sodium_memcmp(check, want, sizeof want) != 0)
		err = E_AUTH;
	crypt_wipe(want, sizeof want);
	crypt_wipe(check, sizeof check);
	return err;
}

int
ident_decode(const char *text, size_t len, struct keypair *out)
{
	struct lines lines = lines_of(text, len);
	struct keypair pair;
	struct slice line;
	int err = E_NONE;

	while (err == E_OK || err == E_NONE) {
		if (!lines_next(&lines, &line))
			break;
		if (line_is_empty(&line) || line_is_comment(&line))
			continue;
		err = err == E_OK ? E_BAD : decode_line(line, &pair);
	}
	if (err == E_OK)
		keypair_of(out, pair.secret);
	keypair_fini(&pair);
	return err;
}
