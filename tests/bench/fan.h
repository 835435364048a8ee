/* Thousands of machines: every packet leaves from an address of its own in
 * 127.0.0.0/8, so that limits by address hold. Over UDP they share one socket,
 * over TCP each has its connection. */
#ifndef FAN_H
#define FAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FAN_BATCH = 64,
	FAN_MACHINES = 0xf00000, /* 127.1.0.0 to 127.240.255.255 */
};

struct fan;

/* Both end the program when something fails. */
struct fan *fan_new(void);
struct fan *fan_new_tcp(uint32_t machines);
void fan_free(struct fan *f);

/* The port of 127.0.0.1 to which everything goes from now on. Connections that
 * there are stay where they are. */
void fan_aim(struct fan *f, uint16_t port);

/* Sends a packet of a machine: a datagram, or a frame of its connection, which
 * is made first. Datagrams wait until there are FAN_BATCH, or for fan_flush. */
void fan_send(struct fan *f, uint32_t machine, const void *buf, size_t len);
void fan_flush(struct fan *f);

/* How many packets came, waiting at most so many milliseconds for the first;
 * 0 if none did. They are valid until the next call. */
int fan_receive(struct fan *f, int wait_ms);
uint8_t *fan_packet(struct fan *f, int i, size_t *len);

#endif
