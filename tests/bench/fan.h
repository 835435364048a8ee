/* One socket that plays thousands of machines: every datagram leaves from an
 * address of its own in 127.0.0.0/8, so that limits by address hold. Answers
 * come back to the one socket, whoever they are for. */
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

/* Ends the program when it cannot. */
struct fan *fan_new(void);
void fan_free(struct fan *f);

/* The port of 127.0.0.1 to which everything goes from now on. */
void fan_aim(struct fan *f, uint16_t port);

/* Puts a datagram of a machine into the batch, which is sent when it is full
 * and by fan_flush. */
void fan_send(struct fan *f, uint32_t machine, const void *buf, size_t len);
void fan_flush(struct fan *f);

/* How many datagrams came, waiting at most so many milliseconds for the first;
 * 0 if none did. They are valid until the next call. */
int fan_receive(struct fan *f, int wait_ms);
uint8_t *fan_packet(struct fan *f, int i, size_t *len);

#endif
