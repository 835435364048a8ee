/* Who is put under load: gop2pd itself, and the smallest programs that do what
 * it cannot do without, as its limits. Each is a process on the first core,
 * listening on a port of 127.0.0.1. */
#ifndef TARGET_H
#define TARGET_H

#include "player.h"

struct target {
	int pid;
	uint16_t port;
	char folder[64]; /* of gop2pd: its state, gone with it */
};

/* Limits receive and send in batches of 64, wait for nothing else, and check
 * nothing that has not to be. */
enum limit {
	LIMIT_ECHO,  /* LIMIT_ECHO_LEN bytes of what came */
	LIMIT_BEAT,  /* finds the keys, opens, and seals as many bytes as
	                HEARTBEAT_ACK has */
	LIMIT_PING,  /* the same, but seals as many bytes as came */
	LIMIT_STREAM_BEAT, /* as LIMIT_BEAT over TCP, in an epoll of all */
	LIMIT_RELAY, /* finds the other side of a route, and forwards: routes
	                with numbers that differ in the last bit belong
	                together, and begin where a first packet came from */
};

enum {
	LIMIT_ECHO_LEN = COOKIE_PACKET_LEN,
	LIMIT_BEAT_LEN = 26, /* frames of a HEARTBEAT_ACK over IPv4 */
	LIMIT_ROUTES = 1024,
};

/* Whatever opens packets plays the server of these players, with their keys as
 * they are now. */
struct target limit_start(enum limit kind, const struct player *players,
    uint32_t count);

/* The gop2pd of this build (or $GOP2PD), with what a configuration says beyond
 * the port; without limits that would stop a load. The folder must be gone when
 * it ends, so end it by target_stop. */
struct target daemon_start(const char *conf);

void target_stop(struct target *t);

#endif
