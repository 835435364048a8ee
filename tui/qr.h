/* QR codes, where libqrencode is built in. */
#ifndef QR_H
#define QR_H

#include <stdbool.h>
#include <stdint.h>

enum {
	QR_SIDE_MAX = 57,  /* modules: version 10 */
	QR_QUIET = 4,      /* light ones around it */
};

/* All zeros is none. */
struct qr {
	int side;
	bool dark[QR_SIDE_MAX][QR_SIDE_MAX]; /* by row and column */
};

bool qr_is_built_in(void);

/* False if there is no library, no memory or too much text. */
bool qr_make(struct qr *q, const char *text);

/* The module at a row and column; outside of it all is light. */
bool qr_is_dark(const struct qr *q, int row, int col);

/* Cells that it takes with its quiet zone, two modules above each other in
 * one. */
int qr_cols(const struct qr *q);
int qr_rows(const struct qr *q);

#endif
