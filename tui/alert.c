#include "tui/alert.h"

#include <string.h>

static const char *const names[ALERT_WAYS] = { "off", "bell", "osc9",
	"osc777" };

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

const char *
alert_name(enum alert_way way)
{
	return names[way];
}

bool
alert_find(const char *name, enum alert_way *out)
{
	for (int i = 0; i < ALERT_WAYS; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out = (enum alert_way)i;
		return true;
	}
	return false;
}
