/* TCP streams, dialled or accepted. What is written goes out in tcp_flush, so
 * that the frames of one turn share a segment; what the system does not take
 * waits. A stream that is idle has no buffer. */
#ifndef TCP_H
#define TCP_H

#include "core/act.h"
#include "io/loop.h"

#define TCP_LINGER USEC_S /* for what waits when a stream is closed */

enum {
	TCP_READ_MAX = 65536,    /* bytes of one stream a wake-up */
	TCP_BATCH = 256,         /* frames a flush */
	TCP_BATCH_BYTES = 131072,
	TCP_QUEUE_FIRST = 4096,  /* first size of a queue */
	TCP_QUEUES_MAX = 64 * 1024 * 1024, /* bytes in all queues */
	TCP_QUEUES_SHARE = 256,  /* of what is left of it, for one */
	TCP_STALL_MS = 15000,    /* without an ack: the stream is dead */
};

/* All streams of a host: their buffers, and where their inputs go
 * (IN_CONNECTED, IN_BYTES, IN_CLOSED). After IN_CLOSED, and IN_CONNECTED with
 * an error, the stream is gone. */
struct tcp_pool;
struct tcp;

struct tcp_stats {
	uint64_t dropped; /* frames for which there was no room */
};

/* NULL without memory. */
struct tcp_pool *tcp_pool_new(struct loop *l,
    void (*input)(void *ctx, const struct input *in), void *ctx);

/* Streams that linger are cut off; all others must be closed. */
void tcp_pool_free(struct tcp_pool *pool);
const struct tcp_stats *tcp_pool_stats(const struct tcp_pool *pool);

/* Streams that were closed and linger. */
unsigned int tcp_lingering(const struct tcp_pool *pool);

/* Begins to connect to to, from local unless that is NULL or not set; ends in
 * IN_CONNECTED. NULL and errno when it cannot even begin. */
struct tcp *tcp_dial(struct tcp_pool *pool, int number, uint8_t ttl,
    const struct addr *local, const struct addr *to);

/* A stream from an accepted connection; NULL without memory, fd is closed
 * then. */
struct tcp *tcp_adopt(struct tcp_pool *pool, int number, int fd);
struct addr tcp_local(const struct tcp *t);
struct addr tcp_remote(const struct tcp *t);

/* How many bytes may wait on a stream, more than which take no further frame,
 * when so many wait on all. The more wait the fewer they are, so that many who
 * do not read leave room for who does; nobody who has nothing waiting is
 * refused. */
size_t tcp_queue_limit(size_t queued);

/* Puts a frame into the batch; all of it or, if more than tcp_queue_limit bytes
 * of the stream wait already, nothing. The batch must have room. */
void tcp_write(struct tcp *t, const void *buf, size_t len);

/* True if the batch has room for a frame of len bytes. */
bool tcp_has_room(const struct tcp_pool *pool, size_t len);

/* Writes the batch. */
void tcp_flush(struct tcp_pool *pool);

/* Closes a stream; what waits is tried for TCP_LINGER. Nothing is reported any
 * more. */
void tcp_close(struct tcp *t);

/* Ends it at once, with a reset. */
void tcp_cut(struct tcp *t);

#endif
