#include "vectors.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
vectors_path(const char *name)
{
	static char path[4096];
	const char *dir = getenv("GOP2P_VECTORS"), *top = getenv("srcdir");

	if (dir != NULL && *dir != '\0')
		snprintf(path, sizeof path, "%s/%s", dir, name);
	else
		snprintf(path, sizeof path, "%s/../shared/vectors/%s",
		    top != NULL ? top : ".", name);
	return path;
}

json_t *
vectors_load(const char *name)
{
	const char *path = vectors_path(name);
	json_error_t error;
	json_t *root;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		printf("1..0 # SKIP no %s (GOP2P_VECTORS names the folder)\n",
		    path);
		exit(EXIT_SUCCESS);
	}
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
		exit(EXIT_FAILURE);
	}
	return root;
}

size_t
vectors_hex(const json_t *object, const char *name, uint8_t *out, size_t cap)
{
	const json_t *member = json_object_get(object, name);
	const char *hex = json_string_value(member);
	size_t len = json_string_length(member), count;

	if (hex == NULL)
		return 0;
	if (sodium_hex2bin(out, cap, hex, len, NULL, &count, NULL) != 0 ||
	    count * 2 != len) {
		fprintf(stderr, "%s: not hexadecimal, or over %zu bytes: %s\n",
		    name, cap, hex);
		exit(EXIT_FAILURE);
	}
	return count;
}
