#include "config.h"

#include "why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
why_say(char why[static WHY_SIZE], int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, WHY_SIZE, fmt, args);
	va_end(args);
	return err;
}

int
why_add(char why[static WHY_SIZE], int err, const char *fmt, ...)
{
	size_t len = strlen(why);
	va_list args;

	len += (size_t)snprintf(why + len, WHY_SIZE - len, "; ");
	va_start(args, fmt);
	if (len < WHY_SIZE)
		vsnprintf(why + len, WHY_SIZE - len, fmt, args);
	va_end(args);
	return err;
}
