/* Test vectors that others published. They are not part of the source: their
 * folder is GOP2P_VECTORS, by default ../shared/vectors beside the top of the
 * source tree. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Where a file of that folder would be; valid until the next call. */
const char *vectors_path(const char *name);

/* Reads a file of that folder. Where it is absent, prints a TAP plan that
 * skips the program with a notice, and exits 0; where it is damaged, exits
 * with a failure. The caller decrefs. */
json_t *vectors_load(const char *name);

/* The bytes of a hexadecimal string: the member name of an object. Returns
 * how many; 0 if the member is absent or empty. Exits with a failure if it is
 * not hexadecimal or longer than cap. */
size_t vectors_hex(const json_t *object, const char *name, uint8_t *out,
    size_t cap);

#endif
