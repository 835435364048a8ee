#include "config.h"

#include "gateways.h"

#include "sock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_MAX = 1 << 20,   /* of a table of routes */
	ROUTE_UP = 0x1,       /* RTF_UP, RTF_GATEWAY and RTF_REJECT */
	ROUTE_GATEWAY = 0x2,
	ROUTE_REJECT = 0x200,
};

static bool
leads_on(unsigned int flags)
{
	return (flags & (ROUTE_UP | ROUTE_GATEWAY | ROUTE_REJECT)) ==
	    (ROUTE_UP | ROUTE_GATEWAY);
}

static const char *
next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end != NULL ? end + 1 : line + strlen(line);
}

bool
gateways_parse4(const char *text, struct addr *router)
{
	unsigned int best = 0;
	bool has_one = false;

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		unsigned int to, via, flags, metric, mask;
		uint8_t ip[4];

		if (sscanf(line, "%*15s %x %x %x %*d %*u %u %x", &to, &via,
		    &flags, &metric, &mask) != 5 || to != 0 || mask != 0 ||
		    !leads_on(flags) || (has_one && metric >= best))
			continue;
		/* As it lies in memory. */
		memcpy(ip, &via, sizeof ip);
		*router = addr_v4(ip[0], ip[1], ip[2], ip[3], 0);
		best = metric;
		has_one = true;
	}
	return has_one;
}

static bool
parse_ip6(const char *hex, uint8_t ip[static 16])
{
	for (int i = 0; i < 16; i++)
		if (sscanf(hex + 2 * i, "%2" SCNx8, &ip[i]) != 1)
			return false;
	return true;
}

bool
gateways_parse6(const char *text, struct addr *router,
    char device[static 16])
{
	static const uint8_t any[16];
	unsigned int best = 0;
	bool has_one = false;

	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		char to[33], via[33], name[16];
		unsigned int length, metric, flags;
		uint8_t ip[16];

		if (sscanf(line, "%32s %x %*32s %*x %32s %x %*x %*x %x %15s",
		    to, &length, via, &metric, &flags, name) != 6 ||
		    length != 0 || !leads_on(flags) ||
		    (has_one && metric >= best))
			continue;
		if (!parse_ip6(to, ip) || memcmp(ip, any, sizeof any) != 0 ||
		    !parse_ip6(via, ip))
			continue;
		*router = addr_v6(ip, 0);
		memcpy(device, name, sizeof name);
		best = metric;
		has_one = true;
	}
	return has_one;
}

/* The whole file, to be freed; NULL if there is none. */
static char *
read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? malloc(TEXT_MAX + 1) : NULL;
	size_t len = 0;
	ssize_t n;

	while (text != NULL && len < TEXT_MAX &&
	    (n = read(fd, text + len, TEXT_MAX - len)) > 0)
		len += (size_t)n;
	if (text != NULL)
		text[len] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* Connecting a socket for datagrams sends nothing: the system only chooses our
 * address. */
static bool
find_local(const struct addr *to, struct addr *local)
{
	union sock_addr s;
	struct addr port = *to;
	socklen_t len;
	int fd = sock_new(SOCK_DGRAM, (enum addr_family)to->family);

	if (fd < 0)
		return false;
	port.port = 9;
	len = sock_put(&port, &s);
	*local = connect(fd, &s.any, len) == 0 ? sock_local(fd) :
	    (struct addr) { 0 };
	close(fd);
	local->port = 0;
	return addr_is_set(local);
}

static size_t
read4(struct addr out[static 2])
{
	char *text = read_text("/proc/net/route");
	bool is_good = text != NULL && gateways_parse4(text, &out[0]) &&
	    find_local(&out[0], &out[1]);

	free(text);
	return is_good ? 2 : 0;
}

/* The router's own address is link-local; what it lets in is to the address
 * that we have towards the rest of the world. */
static size_t
read6(struct addr out[static 2])
{
	static const uint8_t world[16] = { 0x20, [15] = 1 };
	struct addr far = addr_v6(world, 0);
	char *text = read_text("/proc/net/ipv6_route");
	char device[16];
	bool is_good = text != NULL &&
	    gateways_parse6(text, &out[0], device) &&
	    find_local(&far, &out[1]) &&
	    addr_class(&out[1]) == ADDR_IS_PUBLIC;

	free(text);
	if (is_good && addr_class(&out[0]) == ADDR_IS_LINK_LOCAL)
		out[0].scope = if_nametoindex(device);
	return is_good ? 2 : 0;
}

size_t
gateways_read(struct addr out[static GATEWAYS_MAX])
{
	size_t count = read4(out);

	return count + read6(out + count);
}
