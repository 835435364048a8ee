#include "config.h"

#include "tui/qr.h"

#include <string.h>

#ifdef HAVE_QRENCODE
#include <qrencode.h>

bool
qr_is_built_in(void)
{
	return true;
}

bool
qr_make(struct qr *q, const char *text)
{
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8,
	    1);
	bool fits = code != NULL && code->width <= QR_SIDE_MAX;

	if (fits) {
		q->side = code->width;
		for (int row = 0; row < q->side; row++)
			for (int col = 0; col < q->side; col++)
				q->dark[row][col] =
				    code->data[row * q->side + col] & 1;
	}
	QRcode_free(code);
	return fits;
}
#else
bool
qr_is_built_in(void)
{
	return false;
}

bool
qr_make(struct qr *q, const char *text)
{
	(void)q;
	(void)text;
	return false;
}
#endif

bool
qr_is_dark(const struct qr *q, int row, int col)
{
	return row >= 0 && row < q->side && col >= 0 && col < q->side &&
	    q->dark[row][col];
}

int
qr_cols(const struct qr *q)
{
	return q->side == 0 ? 0 : q->side + 2 * QR_QUIET;
}

int
qr_rows(const struct qr *q)
{
	return (qr_cols(q) + 1) / 2;
}
