#include "tui/alert.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

static bool
tell(struct alert *a, usec_t now)
{
	if (a->way == ALERT_OFF || now < a->next_at)
		return false;
	a->next_at = now + ALERT_EVERY_US;
	return true;
}

bool
alert_message(struct alert *a, usec_t now, bool is_seen)
{
	return !is_seen && tell(a, now);
}

bool
alert_request(struct alert *a, usec_t now, bool is_focused)
{
	usec_t *oldest = &a->requests[a->told % ALERT_REQUESTS];

	if (is_focused || (a->told >= ALERT_REQUESTS &&
	    now < *oldest + ALERT_MINUTE_US) || !tell(a, now))
		return false;
	*oldest = now;
	a->told++;
	return true;
}

size_t
alert_bytes(enum alert_way way, const char *name,
    char out[static ALERT_BYTES])
{
	char clean[ALERT_BYTES / 2];
	int len = 0;

	text_clean_line(name, strlen(name), clean, sizeof(clean));
	switch (way) {
	case ALERT_OFF:
	case ALERT_WAYS:
		break;
	case ALERT_BELL:
		len = snprintf(out, ALERT_BYTES, "\a");
		break;
	case ALERT_OSC9:
		len = snprintf(out, ALERT_BYTES, "\033]9;gop2p: %s\a", clean);
		break;
	case ALERT_OSC777:
		len = snprintf(out, ALERT_BYTES,
		    "\033]777;notify;gop2p;%s\a", clean);
		break;
	}
	return (size_t)len;
}
