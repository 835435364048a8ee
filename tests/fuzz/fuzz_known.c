/* The files of the trust store, and the key file: what is accepted keeps the
 * rules of the store, and reads the same after it was written. */
#include "fuzz.h"

#include "err.h"
#include "ident.h"
#include "knownfile.h"
#include "name.h"

#include <stdlib.h>
#include <string.h>

static void
check_faults(const struct knownfile_faults *faults)
{
	for (uint32_t i = 0; i < faults->count; i++) {
		if (i < KNOWNFILE_FAULTS_MAX)
			assert(strlen(faults->first[i].what) > 0);
	}
}

/* Keys stand once; a name belongs to one key. */
static void
check_rules(const struct known *k)
{
	for (size_t i = 0; i < k->peers.count; i++) {
		const struct known_peer *peer = &k->peers.items[i];
		char name[NAME_SIZE];

		assert(known_by_key(k, peer->key) == peer);
		assert(name_check(peer->name, strlen(peer->name), name) ==
		    NAME_OK);
		assert(strcmp(peer->name, name) == 0);
		if (!peer->blocked)
			assert(known_by_name(k, peer->name) == peer);
	}
	for (size_t i = 0; i < k->servers.count; i++) {
		const struct known_server *server = &k->servers.items[i];

		assert(known_server_find(k, server->host, server->port) ==
		    server);
	}
}

/* Writes, reads, writes: twice the same. */
static void
check_stable(struct known *k,
    int (*read)(struct known *, const char *, size_t,
    struct knownfile_faults *),
    char *(*write)(const struct known *, size_t *))
{
	struct knownfile_faults faults;
	size_t len, again_len;
	char *text = write(k, &len), *again;

	assert(text != NULL && strlen(text) == len);
	assert(read(k, text, len, &faults) == E_OK);
	check_rules(k);
	again = write(k, &again_len);
	assert(again != NULL && again_len == len);
	assert(memcmp(text, again, len) == 0);
	free(text);
	free(again);
}

static void
check_key_file(const char *text, size_t len)
{
	char out[IDENT_FILE_SIZE];
	struct keypair pair, again;

	if (ident_decode(text, len, &pair) != E_OK)
		return;
	assert(ident_decode(out, ident_encode(&pair, out), &again) == E_OK);
	assert(memcmp(&pair, &again, sizeof pair) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct knownfile_faults faults;
	struct known k;

	known_init(&k);
	if (knownfile_read_peers(&k, text, size, &faults) == E_OK) {
		check_rules(&k);
		check_stable(&k, knownfile_read_peers, knownfile_write_peers);
	}
	check_faults(&faults);
	if (knownfile_read_servers(&k, text, size, &faults) == E_OK) {
		check_rules(&k);
		check_stable(&k, knownfile_read_servers,
		    knownfile_write_servers);
	}
	check_faults(&faults);
	known_fini(&k);
	check_key_file(text, size);
	return 0;
}
