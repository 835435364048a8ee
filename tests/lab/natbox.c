/* A NAT and its way to the internet, between file descriptors that carry IP
 * packets, one a read: TUN devices, or a datagram socket to another natbox.
 *
 *   natbox in=FD [in=FD ...] out=FD [KNOB=VALUE ...]
 *
 * Each in= is a host of the inside network (or its router). The cable is
 * outside of the NAT. Lines on standard input are orders, each answered by a
 * line; at their end natbox ends:
 *
 *   reboot [new-ports]   forgets all mappings
 *   pool ADDRESS,...     other external addresses; forgets as well
 *   cut, mend            nothing passes the cable; it does again
 *   set KNOB=VALUE       the cable's
 *   forward udp|tcp ADDRESS:PORT PORT, unforward udp|tcp PORT
 *   stats                what passed, as JSON
 */
#define _GNU_SOURCE /* ppoll */
#include "../sim/due.h"
#include "../sim/nat.h"
#include "ippkt.h"
#include "knobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	PACKET_MAX = 2048,
	IN_MAX = 16,
	KNOWN_MAX = 64,     /* inside addresses */
	REMOTE_MAX = 32,    /* addresses outside that are counted */
	READS_MAX = 64,     /* of a descriptor, in a row */
	ORDER_MAX = 256,
	MTU_DEFAULT = 1500,
};

struct parcel {
	bool is_up;
	size_t len;
	uint8_t bytes[];
};

struct count {
	struct addr remote;
	uint64_t packets[2], bytes[2]; /* UDP, TCP; sent to it from inside */
};

struct box {
	struct knobs knobs;
	struct nat *nat;
	struct rng rng;
	struct dues dues;
	usec_t now;
	int in[IN_MAX], in_count, out;
	struct known {
		struct addr at;
		int in;
	} known[KNOWN_MAX];
	uint32_t known_count;
	struct count counts[REMOTE_MAX];
	uint32_t remote_count, peak;
	uint64_t unread; /* packets that nobody here understands */
	char order[ORDER_MAX];
	size_t order_len;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "natbox: %s\n", what);
	exit(2);
}

static usec_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (usec_t)t.tv_sec * USEC_S + (usec_t)t.tv_nsec / 1000;
}

/* ---- the inside ---- */

static struct known *
find_known(struct box *b, const struct addr *a)
{
	for (uint32_t i = 0; i < b->known_count; i++)
		if (addr_same_ip(&b->known[i].at, a))
			return &b->known[i];
	return NULL;
}

/* As a switch does: an address is where packets from it come from. */
static void
learn(struct box *b, const struct addr *a, int in)
{
	struct known *k = find_known(b, a);

	if (k == NULL && b->known_count < KNOWN_MAX)
		k = &b->known[b->known_count++];
	if (k != NULL)
		*k = (struct known) { .at = *a, .in = in };
}

/* What a device does not take is lost, as on any network. */
static void
put(int fd, const uint8_t *buf, size_t len)
{
	ssize_t ignored = write(fd, buf, len);

	(void)ignored;
}

static void
to_inside(struct box *b, const struct addr *dst, const uint8_t *buf,
    size_t len)
{
	const struct known *k = find_known(b, dst);

	if (k != NULL)
		put(b->in[k->in], buf, len);
}

/* ---- the cable ---- */

static void
onto_cable(struct box *b, bool is_up, const uint8_t *buf, size_t len)
{
	struct cable *cable = &b->knobs.cable;
	int copies = cable_copies(cable, &b->rng);

	while (copies-- > 0) {
		usec_t at = b->now;
		struct parcel *p;

		if (!cable_cross(cable, &b->rng, is_up ? CABLE_UP : CABLE_DOWN,
		    len, &at))
			continue;
		p = malloc(sizeof *p + len);
		if (p == NULL)
			die("no memory");
		p->is_up = is_up;
		p->len = len;
		memcpy(p->bytes, buf, len);
		dues_add(&b->dues, at + cable_late(cable, &b->rng), NULL, p);
	}
}

/* Turns p into a router's answer to it. */
static void
answer(struct pkt *p, enum pkt_error error, const struct addr *from,
    uint16_t mtu)
{
	struct pkt q = { .proto = PKT_ICMP, .ttl = PKT_TTL_DEFAULT,
		.error = (uint8_t)error, .about = p->proto, .mtu = mtu,
		.about_src = p->src, .about_dst = p->dst, .seq = p->seq,
		.src = *from, .dst = p->src };

	q.src.port = q.dst.port = 0;
	*p = q;
}

/* True if the packet is too big for the cable; p becomes the answer, if one
 * is due. */
static bool
is_too_big(const struct box *b, const uint8_t *buf, size_t len,
    const struct addr *from, struct pkt *p)
{
	uint16_t mtu = b->knobs.cable.mtu;

	if (mtu == 0)
		mtu = MTU_DEFAULT;
	if (len <= mtu)
		return false;
	if (p->proto != PKT_ICMP && !b->knobs.nat.quiet &&
	    from->family == p->src.family && ippkt_is_whole(buf, len))
		answer(p, PKT_TOO_BIG, from, mtu);
	else
		p->proto = PKT_ICMP, p->error = 0;
	return true;
}

/* ---- packets ---- */

static void
count(struct box *b, const struct pkt *p, size_t len)
{
	struct count *c = b->counts;
	uint32_t i;

	if (p->proto == PKT_ICMP)
		return;
	for (i = 0; i < b->remote_count; i++, c++)
		if (addr_same_ip(&c->remote, &p->dst))
			break;
	if (i == REMOTE_MAX)
		return;
	if (i == b->remote_count) {
		b->remote_count++;
		c->remote = p->dst;
	}
	c->packets[p->proto == PKT_TCP]++;
	c->bytes[p->proto == PKT_TCP] += len;
}

/* Sends what the NAT made of the packet in buf on its way. */
static void
dispatch(struct box *b, enum nat_verdict verdict, const struct pkt *p,
    uint8_t *buf, size_t len)
{
	uint8_t made[IPPKT_BUILD_MAX];

	if (verdict == NAT_DROP)
		return;
	if (p->data == NULL) {
		len = ippkt_build(p, made);
		buf = made;
	} else {
		ippkt_patch(buf, len, p);
	}
	if (verdict == NAT_OUT)
		onto_cable(b, true, buf, len);
	else
		to_inside(b, &p->dst, buf, len);
}

static bool
is_on_lan(struct box *b, int in, const struct pkt *p)
{
	const struct known *k = find_known(b, &p->dst);

	return k != NULL && k->in != in;
}

/* The router has nothing to offer to its own people. */
static bool
is_for_router(const struct box *b, const struct pkt *p)
{
	return addr_same_ip(&b->knobs.nat.inside, &p->dst);
}

static void
from_inside(struct box *b, int in, uint8_t *buf, size_t len)
{
	enum nat_verdict verdict = NAT_IN;
	struct pkt p;

	if (!ippkt_read(buf, len, &p)) {
		b->unread++;
		return;
	}
	learn(b, &p.src, in);
	count(b, &p, len);
	if (is_on_lan(b, in, &p)) {
		to_inside(b, &p.dst, buf, len);
		return;
	}
	if (b->knobs.is_wire) {
		onto_cable(b, true, buf, len);
		return;
	}
	if (is_for_router(b, &p)) {
		if (p.proto == PKT_ICMP)
			return;
		answer(&p, PKT_PORT, &b->knobs.nat.inside, 0);
	} else if (is_too_big(b, buf, len, &b->knobs.nat.inside, &p)) {
		verdict = p.error != 0 ? NAT_IN : NAT_DROP;
	} else {
		verdict = nat_outbound(b->nat, b->now, &p);
	}
	dispatch(b, verdict, &p, buf, len);
}

/* At the outer end of the cable. */
static void
from_outside(struct box *b, uint8_t *buf, size_t len)
{
	struct pkt p;
	uint8_t made[IPPKT_BUILD_MAX];

	if (!ippkt_read(buf, len, &p)) {
		b->unread++;
		return;
	}
	if (!is_too_big(b, buf, len, &p.dst, &p))
		onto_cable(b, false, buf, len);
	else if (p.error != 0)
		put(b->out, made, ippkt_build(&p, made));
}

/* At the end of the cable in either direction. */
static void
arrive(struct box *b, struct parcel *parcel)
{
	struct pkt p;

	if (parcel->is_up) {
		put(b->out, parcel->bytes, parcel->len);
		return;
	}
	if (!ippkt_read(parcel->bytes, parcel->len, &p))
		return;
	if (b->knobs.is_wire)
		to_inside(b, &p.dst, parcel->bytes, parcel->len);
	else
		dispatch(b, nat_inbound(b->nat, b->now, &p), &p,
		    parcel->bytes, parcel->len);
}

static void
expire(struct box *b)
{
	struct pkt p;
	uint32_t alive;

	while (dues_next(&b->dues) <= b->now) {
		struct due due = dues_take(&b->dues);

		arrive(b, due.what);
		free(due.what);
	}
	if (b->nat == NULL)
		return;
	while (nat_next(b->nat, b->now, &p))
		dispatch(b, NAT_OUT, &p, NULL, 0);
	alive = nat_count(b->nat, b->now);
	if (alive > b->peak)
		b->peak = alive;
}

/* ---- orders ---- */

static void
print_stats(struct box *b)
{
	char text[ADDR_TEXT];

	printf("{\"mappings\":%u,\"peak\":%u,\"unread\":%llu,\"to\":{",
	    b->nat != NULL ? nat_count(b->nat, b->now) : 0, b->peak,
	    (unsigned long long)b->unread);
	for (uint32_t i = 0; i < b->remote_count; i++) {
		const struct count *c = &b->counts[i];

		printf("%s\"%s\":{\"udp\":[%llu,%llu],\"tcp\":[%llu,%llu]}",
		    i > 0 ? "," : "", addr_format_ip(&c->remote, text),
		    (unsigned long long)c->packets[0],
		    (unsigned long long)c->bytes[0],
		    (unsigned long long)c->packets[1],
		    (unsigned long long)c->bytes[1]);
	}
	puts("}}");
}

static bool
parse_proto(const char *word, enum pkt_proto *proto)
{
	*proto = strcmp(word, "tcp") == 0 ? PKT_TCP : PKT_UDP;
	return *proto == PKT_TCP || strcmp(word, "udp") == 0;
}

static bool
order_forward(struct box *b, char *const word[])
{
	struct addr inside;
	enum pkt_proto proto;
	int port = word[3] != NULL ? atoi(word[3]) : 0;

	return word[2] != NULL && parse_proto(word[1], &proto) &&
	    addr_parse(word[2], 0, &inside) && port > 0 && port < 65536 &&
	    nat_forward(b->nat, b->now, proto, &inside, (uint16_t)port);
}

static bool
order_unforward(struct box *b, char *const word[])
{
	enum pkt_proto proto;

	if (word[2] == NULL || !parse_proto(word[1], &proto))
		return false;
	nat_unforward(b->nat, proto, (uint16_t)atoi(word[2]));
	return true;
}

static bool
order_nat(struct box *b, char *const word[])
{
	struct addr pool[NAT_POOL];
	uint32_t n;

	if (b->nat == NULL)
		return false;
	if (strcmp(word[0], "reboot") == 0) {
		nat_reboot(b->nat, word[1] != NULL);
		return word[1] == NULL || strcmp(word[1], "new-ports") == 0;
	}
	if (word[1] == NULL)
		return false;
	if (strcmp(word[0], "forward") == 0)
		return order_forward(b, word);
	if (strcmp(word[0], "unforward") == 0)
		return order_unforward(b, word);
	if (strcmp(word[0], "pool") != 0)
		return false;
	n = knobs_pool(word[1], pool);
	if (n > 0)
		nat_readdress(b->nat, pool, n);
	return n > 0;
}

static bool
order_cable(struct box *b, char *const word[])
{
	char why[KNOBS_WHY];

	if (strcmp(word[0], "cut") == 0)
		return b->knobs.cable.is_cut = true;
	if (strcmp(word[0], "mend") == 0)
		return !(b->knobs.cable.is_cut = false);
	return strcmp(word[0], "set") == 0 && word[1] != NULL &&
	    knobs_turn_cable(&b->knobs.cable, word[1], why);
}

static void
obey(struct box *b, char *line)
{
	char *word[5] = { NULL }, *save = NULL;

	for (int i = 0; i < 4; i++)
		word[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
	if (word[0] == NULL)
		return;
	if (strcmp(word[0], "stats") == 0)
		print_stats(b);
	else
		puts(order_cable(b, word) || order_nat(b, word) ? "ok" :
		    "error");
	fflush(stdout);
}

/* False at the end of all orders. */
static bool
read_orders(struct box *b)
{
	char *end;
	ssize_t got = read(STDIN_FILENO, b->order + b->order_len,
	    sizeof b->order - 1 - b->order_len);

	if (got <= 0)
		return got < 0 && errno == EINTR;
	b->order_len += (size_t)got;
	b->order[b->order_len] = '\0';
	while ((end = strchr(b->order, '\n')) != NULL) {
		*end++ = '\0';
		obey(b, b->order);
		b->order_len -= (size_t)(end - b->order);
		memmove(b->order, end, b->order_len + 1);
	}
	return b->order_len < sizeof b->order - 1;
}

/* ---- the loop ---- */

static void
drain(struct box *b, int fd, int in)
{
	uint8_t buf[PACKET_MAX];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t len = read(fd, buf, sizeof buf);

		if (len <= 0)
			return;
		if (in >= 0)
			from_inside(b, in, buf, (size_t)len);
		else
			from_outside(b, buf, (size_t)len);
	}
}

static void
wait_for(const struct box *b, struct pollfd fds[], nfds_t count)
{
	usec_t at = dues_next(&b->dues), now = clock_now(), left;
	struct timespec t;

	if (b->nat != NULL)
		at = usec_min(at, nat_deadline(b->nat));
	left = at > now ? at - now : 0;
	t = (struct timespec) { .tv_sec = (time_t)(left / USEC_S),
		.tv_nsec = (long)(left % USEC_S) * 1000 };
	if (ppoll(fds, count, at == USEC_NEVER ? NULL : &t, NULL) < 0)
		for (nfds_t i = 0; i < count; i++)
			fds[i].revents = 0;
}

static void
run(struct box *b)
{
	struct pollfd fds[IN_MAX + 2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = b->out, .events = POLLIN } };
	nfds_t count = 2;

	for (int i = 0; i < b->in_count; i++)
		fds[count++] = (struct pollfd) { .fd = b->in[i],
			.events = POLLIN };
	for (;;) {
		wait_for(b, fds, count);
		b->now = clock_now();
		expire(b);
		if (fds[0].revents != 0 && !read_orders(b))
			return;
		if (fds[1].revents != 0)
			drain(b, b->out, -1);
		for (int i = 0; i < b->in_count; i++)
			if (fds[i + 2].revents != 0)
				drain(b, b->in[i], i);
	}
}

static void
usage_line(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

static void
start(struct box *b)
{
	struct nat_conf *nat = &b->knobs.nat;

	if (b->in_count == 0 || b->out < 0) {
		usage_line("usage: natbox in=FD ... out=FD [KNOB=VALUE ...]");
		knobs_list(usage_line);
		exit(2);
	}
	rng_init_test(&b->rng, b->knobs.seed, "cable");
	if (b->knobs.is_wire)
		return;
	if (nat->pool_count == 0 && !nat->is_firewall)
		die("a NAT needs pool=ADDRESS");
	b->nat = nat_new(nat, b->knobs.seed);
	if (b->nat == NULL)
		die("no memory");
}

static int
descriptor(const char *text)
{
	int fd = atoi(text), flags = fcntl(fd, F_GETFL);

	if (fd < 3 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		die("in= and out= want the numbers of open descriptors");
	return fd;
}

int
main(int argc, char **argv)
{
	static struct box b = { .out = -1 };
	char why[KNOBS_WHY];

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "in=", 3) == 0 && b.in_count < IN_MAX)
			b.in[b.in_count++] = descriptor(argv[i] + 3);
		else if (strncmp(argv[i], "out=", 4) == 0)
			b.out = descriptor(argv[i] + 4);
		else if (!knobs_turn(&b.knobs, argv[i], why))
			die(why);
	}
	start(&b);
	run(&b);
	nat_free(b.nat);
	dues_fini(&b.dues);
	rng_fini(&b.rng);
	return 0;
}
