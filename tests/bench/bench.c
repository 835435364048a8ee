#include "bench.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int missed;

uint64_t
bench_cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t
bench_rss(int pid)
{
	char name[64];
	unsigned long size, rss = 0;
	FILE *f;

	if (pid == 0)
		snprintf(name, sizeof name, "/proc/self/statm");
	else
		snprintf(name, sizeof name, "/proc/%d/statm", pid);
	f = fopen(name, "r");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &rss) != 2)
		rss = 0;
	fclose(f);
	return (uint64_t)rss * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
judge(double value, double goal)
{
	if (goal <= 0) {
		putchar('\n');
		return;
	}
	printf("   goal %.2f  %s\n", goal, value <= goal ? "ok" : "MISSED");
	missed |= value > goal;
}

void
bench_ratio(const char *name, double value, double limit, const char *unit,
    const char *limit_name, double goal)
{
	printf("%-28s %9.3f %-5s %6.2f x %s (%.3f)", name, value, unit,
	    value / limit, limit_name, limit);
	judge(value / limit, goal);
	fflush(stdout);
}

void
bench_value(const char *name, double value, const char *unit, double goal)
{
	printf("%-28s %9.1f %-5s", name, value, unit);
	judge(value, goal);
	fflush(stdout);
}

void
bench_title(const char *title)
{
	printf("\n%s\n", title);
	fflush(stdout);
}

int
bench_missed(void)
{
	return missed;
}
