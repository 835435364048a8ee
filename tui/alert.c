#include "tui/alert.h"

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
