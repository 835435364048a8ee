/* What people see of a key: its fingerprint, the safety number of two, and the
 * file that keeps one's own. */
#ifndef IDENT_H
#define IDENT_H

#include "crypt.h"
#include "limit.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of texts, with NUL. */
enum {
	IDENT_FULL_SIZE = 30,    /* 4QF7-2LM9-8H3K-0WXV-5T1C-ZR6B */
	IDENT_SHORT_SIZE = 10,   /* 4QF7-2LM9 */
	IDENT_NUMBER_SIZE = 72,  /* 12 groups of 5 digits */
	IDENT_KEY_SIZE = 65,     /* 64 hexadecimal digits */
	IDENT_FILE_SIZE = 512,   /* more than ident_encode writes */
};

/* The fingerprint of a key: 120 bits of its SHA-256 in Crockford's base32. */
void ident_fingerprint(const uint8_t key[static KEY_LEN],
    char out[static IDENT_FULL_SIZE]);

/* Its first two groups, from a key id (wire_key_id). */
void ident_short(const uint8_t id[static KEY_ID_LEN],
    char out[static IDENT_SHORT_SIZE]);

/* The safety number of two keys, the same from either side: 60 digits, groups
 * with a blank between. Slow on purpose (some 10 ms). */
void ident_number(const uint8_t a[static KEY_LEN],
    const uint8_t b[static KEY_LEN], char out[static IDENT_NUMBER_SIZE]);

/* A public key as text, for files and programs. Either case is read. */
void ident_key_text(const uint8_t key[static KEY_LEN],
    char out[static IDENT_KEY_SIZE]);
bool ident_key_parse(const char *s, size_t len, uint8_t out[static KEY_LEN]);

/* The key file: comments, and one line with the secret and a checksum.
 * Returns the length without NUL; the caller wipes out. */
size_t ident_encode(const struct keypair *pair,
    char out[static IDENT_FILE_SIZE]);

/* Reads a key file. E_NONE: there is no key in it; E_BAD: not a key file of
 * this version; E_AUTH: damaged, its checksum is wrong. */
int ident_decode(const char *text, size_t len, struct keypair *out);

#endif
