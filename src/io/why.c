#include "config.h"

#include "why.h"

#include <stdarg.h>
#include <stdio.h>

int
why_say(char why[static WHY_SIZE], int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, WHY_SIZE, fmt, args);
	va_end(args);
	return err;
}
