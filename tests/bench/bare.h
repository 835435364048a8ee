/* The cryptography that nobody can do without, alone: processor time of this
 * process, in microseconds. */
#ifndef BARE_H
#define BARE_H

#include <stddef.h>

/* A responder of Noise IK: reads message 1, writes message 2, splits. */
double bare_responder_us(void);

/* Sealing and opening that many bytes. */
double bare_aead_us(size_t size);

#endif
