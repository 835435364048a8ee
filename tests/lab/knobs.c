#include "knobs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { WORD, YES, TIME, SHARE, COUNT32, COUNT16, SIGNED, PORTS, ADDRESS,
	POOL, TCP_POOL };

struct knob {
	const char *name;
	const char *values; /* of WORD: in the order of the enum */
	enum kind kind;
	size_t at;
};

#define NAT(field) offsetof(struct knobs, nat.field)
#define CABLE(field) offsetof(struct knobs, cable.field)

static const struct knob table[] = {
	{ "wire", "yes", YES, offsetof(struct knobs, is_wire) },
	{ "seed", "NUMBER", COUNT32, offsetof(struct knobs, seed) },
	{ "firewall", "yes", YES, NAT(is_firewall) },
	{ "mapping", "ei ad apd", WORD, NAT(mapping) },
	{ "filter", "ei ad apd", WORD, NAT(filter) },
	{ "alloc", "preserve sequential random block port-set", WORD,
	    NAT(alloc) },
	{ "ports", "LOW-HIGH", PORTS, NAT(port_lo) },
	{ "step", "NUMBER", SIGNED, NAT(step) },
	{ "cross", "PER-SECOND", COUNT32, NAT(cross_per_s) },
	{ "block", "PORTS", COUNT16, NAT(block) },
	{ "pooling", "paired arbitrary", WORD, NAT(pooling) },
	{ "hairpin", "external internal no", WORD, NAT(hairpin) },
	{ "stray", "drop icmp rst poison", WORD, NAT(stray) },
	{ "syn-hold", "TIME", TIME, NAT(syn_hold) },
	{ "syn-strict", "yes", YES, NAT(syn_strict) },
	{ "tcp-loose", "yes", YES, NAT(tcp_loose) },
	{ "tcp-window", "yes", YES, NAT(tcp_window) },
	{ "udp-fresh", "TIME", TIME, NAT(udp_fresh) },
	{ "udp-timer", "TIME", TIME, NAT(udp_timer) },
	{ "tcp-transitory", "TIME", TIME, NAT(tcp_transitory) },
	{ "tcp-timer", "TIME", TIME, NAT(tcp_timer) },
	{ "no-refresh-in", "yes", YES, NAT(no_refresh_in) },
	{ "quiet", "yes", YES, NAT(quiet) },
	{ "table", "MAPPINGS", COUNT32, NAT(table_max) },
	{ "subscriber", "MAPPINGS", COUNT32, NAT(subscriber_max) },
	{ "tftp", "yes", YES, NAT(alg_tftp) },
	{ "no-udp", "yes", YES, NAT(no_udp) },
	{ "no-tcp", "yes", YES, NAT(no_tcp) },
	{ "tcp-port-only", "PORT", COUNT16, NAT(tcp_port_only) },
	{ "inside", "ADDRESS", ADDRESS, NAT(inside) },
	{ "pool", "ADDRESS,...", POOL, 0 },
	{ "tcp-pool", "ADDRESS,...", TCP_POOL, 0 },
	{ "delay", "TIME", TIME, CABLE(delay) },
	{ "jitter", "TIME", TIME, CABLE(jitter) },
	{ "loss", "SHARE%", SHARE, CABLE(loss) },
	{ "dup", "SHARE%", SHARE, CABLE(dup) },
	{ "reorder", "SHARE%", SHARE, CABLE(reorder) },
	{ "reorder-by", "TIME", TIME, CABLE(reorder_by) },
	{ "rate", "BYTES-A-SECOND", COUNT32, CABLE(rate) },
	{ "queue", "TIME", TIME, CABLE(queue) },
	{ "mtu", "BYTES", COUNT16, CABLE(mtu) },
	{ "cut", "yes", YES, CABLE(is_cut) },
};
enum { KNOBS = sizeof table / sizeof *table };

/* The place of word in a list of words; -1 if it is not there. */
static int
place_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (int i = 0; *list != '\0'; i++) {
		size_t next = strcspn(list, " ");

		if (next == len && memcmp(word, list, len) == 0)
			return i;
		list += next + (list[next] == ' ');
	}
	return -1;
}

static bool
parse_int(const char *s, long lo, long hi, long *out)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (end == s || *end != '\0' || v < lo || v > hi)
		return false;
	*out = v;
	return true;
}

/* "20ms", "1.5s"; "5%": a number and its unit. */
static bool
parse_scaled(const char *s, const char *unit, double scale, double max,
    double *out)
{
	char *end;
	double v = strtod(s, &end);

	if (end == s || strcmp(end, unit) != 0 || !(v >= 0 && v <= max))
		return false;
	*out = v * scale;
	return true;
}

static bool
parse_time(const char *s, usec_t *out)
{
	double us;

	if (!parse_scaled(s, "ms", (double)USEC_MS, 1e6, &us) &&
	    !parse_scaled(s, "s", (double)USEC_S, 1e6, &us))
		return false;
	*out = (usec_t)llround(us);
	return true;
}

static bool
parse_share(const char *s, uint32_t *out)
{
	double share;

	if (!parse_scaled(s, "%", PER_CENT, 100, &share))
		return false;
	*out = (uint32_t)lround(share);
	return true;
}

static bool
parse_ports(const char *s, uint16_t port[static 2])
{
	int lo, hi, end = 0;

	if (sscanf(s, "%5d-%5d%n", &lo, &hi, &end) != 2 || s[end] != '\0' ||
	    lo < 1 || hi > 65535 || lo > hi)
		return false;
	port[0] = (uint16_t)lo;
	port[1] = (uint16_t)hi;
	return true;
}

uint32_t
knobs_pool(const char *text, struct addr pool[static NAT_POOL])
{
	char one[ADDR_TEXT];
	struct addr got[NAT_POOL];
	uint32_t count = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (count == NAT_POOL || len >= sizeof one)
			return 0;
		memcpy(one, text, len);
		one[len] = '\0';
		if (!addr_parse(one, 0, &got[count++]))
			return 0;
		text += len + (text[len] == ',');
	}
	memcpy(pool, got, count * sizeof *got);
	return count;
}

static bool
set_number(void *at, enum kind kind, const char *value)
{
	long lo = kind == SIGNED ? -1000 : 0, n;
	long hi = kind == COUNT16 ? UINT16_MAX : 1000 * 1000 * 1000;

	if (!parse_int(value, lo, hi, &n))
		return false;
	switch (kind) {
	case COUNT16:
		*(uint16_t *)at = (uint16_t)n;
		return true;
	case SIGNED:
		*(int *)at = (int)n;
		return true;
	default:
		*(uint32_t *)at = (uint32_t)n;
		return true;
	}
}

static bool
set(struct knobs *k, const struct knob *knob, const char *value)
{
	void *at = (char *)k + knob->at;
	struct nat_conf *nat = &k->nat;

	switch (knob->kind) {
	case WORD: {
		int place = place_of(value, knob->values);

		/* An enum without negative values is an unsigned. */
		if (place >= 0)
			*(unsigned *)at = (unsigned)place;
		return place >= 0;
	}
	case YES:
		*(bool *)at = strcmp(value, "yes") == 0;
		return *(bool *)at || strcmp(value, "no") == 0;
	case TIME:
		return parse_time(value, at);
	case SHARE:
		return parse_share(value, at);
	case COUNT32:
	case COUNT16:
	case SIGNED:
		return set_number(at, knob->kind, value);
	case PORTS:
		return parse_ports(value, at);
	case ADDRESS:
		return addr_parse(value, 0, at);
	case POOL:
		return (nat->pool_count = knobs_pool(value, nat->pool)) > 0;
	case TCP_POOL:
		return (nat->tcp_pool_count =
		    knobs_pool(value, nat->tcp_pool)) > 0;
	}
	abort();
}

static bool
turn(struct knobs *k, const char *word, size_t from,
    char why[static KNOBS_WHY])
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < KNOBS; i++) {
		const struct knob *knob = &table[i];

		if (strlen(knob->name) != len || knob->at < from ||
		    memcmp(knob->name, word, len) != 0)
			continue;
		if (word[len] == '=' && set(k, knob, word + len + 1))
			return true;
		snprintf(why, KNOBS_WHY, "%s: it is %s=%s", word, knob->name,
		    knob->values);
		return false;
	}
	snprintf(why, KNOBS_WHY, "%s: there is no such knob", word);
	return false;
}

bool
knobs_turn(struct knobs *k, const char *word, char why[static KNOBS_WHY])
{
	return turn(k, word, 0, why);
}

bool
knobs_turn_cable(struct cable *cable, const char *word,
    char why[static KNOBS_WHY])
{
	struct knobs k = { .cable = *cable };

	if (!turn(&k, word, offsetof(struct knobs, cable), why))
		return false;
	*cable = k.cable;
	return true;
}

void
knobs_list(void (*line)(const char *text))
{
	char text[KNOBS_WHY];

	for (size_t i = 0; i < KNOBS; i++) {
		snprintf(text, sizeof text, "  %s=%s", table[i].name,
		    table[i].values);
		line(text);
	}
}
