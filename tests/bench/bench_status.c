/* How many bytes the status line takes to change from any usual state to any
 * other, on a terminal of 80x24. */
#include "../unit/meter.h"

#include <stdio.h>
#include <unistd.h>

static const char *const usual[] = { "registering", "idle", "name-taken",
	"asking", "denied", "failed", "punching", "key-changed", "udp", "tcp",
	"relay", "quiet", "lost", "server-lost", "scrolled", "unread" };

enum { USUAL = sizeof(usual) / sizeof(usual[0]), TALKS_FROM = 8,
	BUDGET = 80 };

/* Of those from this one on. */
static void
tell(FILE *out, const char *what, size_t from)
{
	size_t worst = 0, sum = 0, over = 0, count = 0, is = 0, was = 0;

	for (size_t i = from; i < USUAL; i++)
		for (size_t j = from; j < USUAL; j++) {
			size_t n = i == j ? 0 : meter_change(usual[i],
			    usual[j], THEME_DARK);

			count += i != j;
			sum += n;
			over += n > BUDGET;
			if (n <= worst)
				continue;
			worst = n;
			was = i;
			is = j;
		}
	fprintf(out, "%s: %zu bytes on average, %zu of %zu over %d; the "
	    "worst %zu (%s to %s)\n", what, sum / count, over, count, BUDGET,
	    worst, usual[was], usual[is]);
}

int
main(void)
{
	FILE *out = fdopen(dup(STDOUT_FILENO), "w");

	if (out == NULL || !meter_open())
		return 1;
	tell(out, "the status line in a conversation", TALKS_FROM);
	tell(out, "from any usual state to any other", 0);
	return fclose(out) == 0 ? 0 : 1;
}
