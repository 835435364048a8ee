/* How many bytes the status line takes to change, on a terminal of 80x24:
 * where one state usually follows another, and from any to any. */
#include "../unit/meter.h"

#include <stdio.h>
#include <unistd.h>

static const char *const usual[] = { "registering", "idle", "name-taken",
	"asking", "denied", "failed", "punching", "key-changed", "udp", "tcp",
	"relay", "quiet", "lost", "server-lost", "scrolled", "unread" };

enum { USUAL = sizeof(usual) / sizeof(usual[0]), BUDGET = 80 };

struct sum {
	struct meter_step worst;
	size_t most, total, over, count;
};

static void
add(struct sum *sum, const char *from, const char *to)
{
	size_t n = meter_change(from, to, THEME_DARK);

	sum->count++;
	sum->total += n;
	sum->over += n > BUDGET;
	if (n <= sum->most)
		return;
	sum->most = n;
	sum->worst = (struct meter_step){ from, to };
}

static void
tell(FILE *out, const char *what, const struct sum *sum)
{
	fprintf(out, "%s: %zu bytes on average, %zu of %zu over %d; at most "
	    "%zu (%s to %s)\n", what, sum->total / sum->count, sum->over,
	    sum->count, BUDGET, sum->most, sum->worst.from, sum->worst.to);
}

int
main(void)
{
	FILE *out = fdopen(dup(STDOUT_FILENO), "w");
	struct sum steps = { 0 }, pairs = { 0 };

	if (out == NULL || !meter_open())
		return 1;
	for (size_t i = 0; i < METER_STEPS; i++)
		add(&steps, meter_steps[i].from, meter_steps[i].to);
	for (size_t i = 0; i < USUAL; i++)
		for (size_t j = 0; j < USUAL; j++)
			if (i != j)
				add(&pairs, usual[i], usual[j]);
	tell(out, "a change of the status line, as they follow", &steps);
	tell(out, "from any usual state to any other", &pairs);
	return fclose(out) == 0 ? 0 : 1;
}
