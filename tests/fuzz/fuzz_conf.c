/* Configuration files: read, or refused with a clean complaint. */
#include "fuzz.h"

#include "conf.h"
#include "text.h"
#include "usec.h"

#include <string.h>

struct sample {
	bool relay;
	uint16_t port;
	uint32_t clients;
	char name[9];
	struct conf_host server;
	usec_t linger;
};

#define AT(field) offsetof(struct sample, field)

static const struct conf_option table[] = {
	{ "port", "PORT", "", AT(port), 1, 0, CONF_PORT, CONF_BOTH, 'p' },
	{ "server", "HOST", "", AT(server), 9000, 0, CONF_HOST, CONF_BOTH, 0 },
	{ "relay", NULL, "", AT(relay), 0, 0, CONF_BOOL, CONF_BOTH, 0 },
	{ "clients", "N", "", AT(clients), 1, 1000, CONF_NUMBER, CONF_BOTH, 0 },
	{ "name", "NAME", "", AT(name), 1, 8, CONF_STRING, CONF_BOTH, 0 },
	{ "linger", "TIME", "", AT(linger), 100, 3600000, CONF_DURATION,
	    CONF_BOTH, 0 },
	{ 0 },
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sample conf = { .port = 9000, .clients = 1 };
	struct conf_error err = { 0 };
	bool ok = conf_read(table, (const char *)data, size, &conf, &err);

	assert(conf.port > 0 && conf.clients >= 1 && conf.clients <= 1000);
	assert(conf.linger <= 3600 * USEC_S && strlen(conf.name) <= 8);
	assert(ok || (err.line > 0 && strlen(err.text) > 0));
	assert(text_is_utf8(err.text, strlen(err.text)));
	assert(strpbrk(err.text, "\x1b\n\t") == NULL);
	return 0;
}
