#include "config.h"

#include "bench.h"

#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int missed;

void
bench_die(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

uint32_t
bench_option(const char *name, uint32_t otherwise)
{
	const char *text = getenv(name);
	unsigned long n = text != NULL ? strtoul(text, NULL, 10) : otherwise;

	if (n == 0 || n > UINT32_MAX)
		bench_die("an option is not a number above 0");
	return (uint32_t)n;
}

/* ---- measuring ---- */

static uint64_t
read_clock(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t
bench_cpu_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t
bench_cpu_of(int pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? read_clock(clock) : 0;
}

uint64_t
bench_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static void
path_of(int pid, const char *name, char out[static 64])
{
	if (pid == 0)
		snprintf(out, 64, "/proc/self/%s", name);
	else
		snprintf(out, 64, "/proc/%d/%s", pid, name);
}

uint64_t
bench_rss(int pid)
{
	char name[64];
	unsigned long size, rss = 0;
	FILE *f;

	path_of(pid, "statm", name);
	f = fopen(name, "r");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &rss) != 2)
		rss = 0;
	fclose(f);
	return (uint64_t)rss * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint32_t
bench_descriptors(int pid)
{
	uint32_t count = 0;
	struct dirent *e;
	char name[64];
	DIR *dir;

	path_of(pid, "fd", name);
	dir = opendir(name);
	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

void
bench_pin(int core)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core < cores ? core : (int)cores - 1, &set);
	sched_setaffinity(0, sizeof set, &set);
}

/* ---- lines ---- */

static void
judge(double goal, int is_met)
{
	if (goal <= 0) {
		putchar('\n');
	} else {
		printf("   goal %.*f  %s\n", goal < 100 ? 2 : 0, goal,
		    is_met ? "ok" : "MISSED");
		missed |= !is_met;
	}
	fflush(stdout);
}

static void
say_ratio(const char *name, double value, double limit, double ratio,
    const char *unit, const char *limit_name, double goal)
{
	printf("%-32s %9.3f %-5s %6.2f x %s (%.3f)", name, value, unit,
	    ratio, limit_name, limit);
	judge(goal, ratio <= goal);
}

void
bench_ratio(const char *name, double value, double limit, const char *unit,
    const char *limit_name, double goal)
{
	say_ratio(name, value, limit, value / limit, unit, limit_name, goal);
}

void
bench_value(const char *name, double value, const char *unit, double goal)
{
	printf("%-32s %9.1f %-5s", name, value, unit);
	judge(goal, value <= goal);
}

void
bench_rate(const char *name, double value, const char *unit, double goal)
{
	printf("%-32s %9.0f %-5s", name, value, unit);
	judge(goal, value >= goal);
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

/* ---- rounds ---- */

void
bench_add(struct bench_rounds *r, double value, double limit)
{
	if (r->count == BENCH_ROUNDS_MAX)
		return;
	r->value[r->count] = value;
	r->limit[r->count++] = limit;
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
bench_median(const double *values, size_t count)
{
	double sorted[BENCH_ROUNDS_MAX];

	if (count == 0 || count > BENCH_ROUNDS_MAX)
		return 0;
	memcpy(sorted, values, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare);
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

void
bench_medians(const struct bench_rounds *r, const char *name,
    const char *unit, const char *limit_name, double goal)
{
	double ratio[BENCH_ROUNDS_MAX];

	for (size_t i = 0; i < r->count; i++)
		ratio[i] = r->value[i] / r->limit[i];
	say_ratio(name, bench_median(r->value, r->count),
	    bench_median(r->limit, r->count), bench_median(ratio, r->count),
	    unit, limit_name, goal);
}
