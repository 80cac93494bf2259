/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The differential test: random policies and random frames through the programs of all hooks, and
 * through the reference evaluator (policy/evaluate/evaluate.h). Verdict, counter slot, reason, the
 * events for readers and the answer to a probe must be the same. A disagreement is shrunk, printed,
 * and kept as a file that prog_replay_test takes.
 *
 * Environment (differential.sh sets it for long runs):
 *   PROG_SEED      where to begin; the policy number i of seed s is the first one of seed s + i
 *   PROG_POLICIES  how many, those over the budget not counted; 0: no end
 *   PROG_FRAMES    for each policy
 *   PROG_SECONDS   ends before all policies are done, 0: does not
 *   PROG_KEEP      where failing cases go, ./failures without it
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "cleanup.h"
#include "random_input.h"
#include "shrink.h"
#include "support.h"
#include "trial.h"

/* Without PROG_SEED. Each run of the suite has the same policies and frames, so that a failure is
 * due to the change. differential.sh takes other ones. */
#define SEED 20261130
#define FORGET_AFTER 1000 /* frames; fewer datagrams than both sides remember */
#define FAILURES_MAX 10
#define PROGRESS_SECONDS 5
#define REFUSED_MAX \
	10 /* policies, and one of each ten: with more refusals the test would miss its purpose */

struct run {
	uint64_t seed, policies, frames, seconds; /* as given by the environment */
	time_t start, told;
	uint64_t loaded, refused, given, verdicts, failures;
	struct coverage coverage;
};

static uint64_t setting(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : fallback;
}

static void tell(const struct run *run, const char *end)
{
	time_t seconds = time(NULL) - run->start;

	printf("%llu policies (%llu over budget), %llu frames, %llu verdicts, %llu/s, "
	       "%llu disagreements%s\n",
	       (unsigned long long)run->loaded, (unsigned long long)run->refused,
	       (unsigned long long)run->given, (unsigned long long)run->verdicts,
	       (unsigned long long)(run->verdicts / (seconds ? seconds : 1)),
	       (unsigned long long)run->failures, end);
	fflush(stdout);
}

static double percent(const struct run *run, uint64_t part)
{
	return run->coverage.verdicts ? 100.0 * part / run->coverage.verdicts : 0;
}

static void tell_coverage(const struct run *run)
{
	const struct coverage *c = &run->coverage;

	printf("denied %.1f %%, rejected %.1f %%, passed by audit %.1f %%; by a rule %.1f %%, with "
	       "a peer %.1f %% (live %.2f %%), with names %.2f %%, with a source port %.1f "
	       "%%, with a VLAN %.1f %%; left to the guard %.1f %%; "
	       "implicit %.2f %%; unknown %.1f %%, route %.1f %%; logged %.1f %%; as ah %.2f %%; "
	       "followed %.2f %%; spoofed %.2f %%, not spoofed %.2f %%\n",
	       percent(run, c->denied), percent(run, c->rejected), percent(run, c->audited),
	       percent(run, c->by_rule), percent(run, c->by_peer), percent(run, c->by_live),
	       percent(run, c->by_names), percent(run, c->by_source_port), percent(run, c->by_vlan),
	       percent(run, c->left), percent(run, c->by_implicit), percent(run, c->unknown),
	       percent(run, c->routed), percent(run, c->logged), percent(run, c->as_ah),
	       percent(run, c->followed), percent(run, c->spoofed), percent(run, c->own));
	printf("established %.2f %%; connections opened %llu, confirmed %llu\n",
	       percent(run, c->established), (unsigned long long)c->opened,
	       (unsigned long long)c->confirmed);
}

static void keep(const struct test_case *c, uint64_t seed, const char *finding)
{
	const char *directory = getenv("PROG_KEEP") ?: "failures";
	char path[4096];
	FILE *out;

	snprintf(path, sizeof(path), "%s/seed-%llu", directory, (unsigned long long)seed);
	mkdir(directory, 0777);
	out = fopen(path, "w");
	if (!out)
		return print_error("cannot write %s: %m\n", path);
	fprintf(out, "# Kept by PROG_SEED=%llu PROG_POLICIES=1; then:\n", (unsigned long long)seed);
	for (const char *at = finding; *at; at += strcspn(at, "\n"), at += *at == '\n')
		fprintf(out, "# %.*s\n", (int)strcspn(at, "\n"), at);
	case_write(out, c);
	fclose(out);
	print_error("kept in %s\n", path);
}

static void report(struct run *run, uint64_t seed, struct test_case *c, char *finding)
{
	size_t at;
	char *text;

	run->failures++;
	print_error("PROG_SEED=%llu: %s", (unsigned long long)seed, finding);
	if (shrink(c)) {
		free(finding);
		case_disagrees(c, true, &at, &finding);
	} else {
		print_error("it does not happen again when it is run alone\n");
	}
	text = finding ?: "no finding\n";
	print_error("%s", text);
	case_write(stderr, c);
	keep(c, seed, text);
	free(finding);
}

/* One frame through all hooks. Only some go to the guard, which is the tc program with the
 * direction of XDP. */
static bool agree_on(struct run *run, struct trial *trial, struct random *random,
		     struct test_case *c, char **finding)
{
	static struct frame frame;
	enum hook last = one_in(random, 4) ? HOOK_GUARD : HOOK_XDP;
	static const enum hook order[] = { HOOK_XDP, HOOK_EGRESS, HOOK_GUARD };
	enum agreement agreement;

	random_frame(random, &frame);
	run->given++;
	for (size_t i = 0; i < COUNT(order); i++) {
		if (order[i] == HOOK_GUARD && last != HOOK_GUARD)
			break;
		case_add(c, order[i], frame.data, frame.length);
		agreement = trial_run(trial, order[i], frame.data, frame.length, finding);
		if (agreement == DISAGREED)
			return false;
		run->verdicts += agreement == AGREED;
	}
	return true;
}

static bool agree_on_all(struct run *run, struct trial *trial, struct random *random,
			 struct test_case *c, char **finding)
{
	for (uint64_t i = 0; i < run->frames; i++) {
		if (i % FORGET_AFTER == 0 || trial_is_full(trial)) {
			char *policy = TAKE_PTR(c->policy);

			if (trial_check_totals(trial, finding) != AGREED)
				return false;
			trial_forget(trial);
			case_clear(c);
			c->policy = policy;
		}
		if (!agree_on(run, trial, random, c, finding))
			return false;
	}
	return trial_check_totals(trial, finding) == AGREED;
}

/* Mostly small: they show faults as well, and load faster. */
static unsigned int random_size(struct random *random)
{
	if (one_in(random, 100))
		return 100 + random_below(random, 300);
	return 1 + random_below(random, one_in(random, 4) ? 60 : 12);
}

static void run_policy(struct run *run, uint64_t seed)
{
	struct test_case c = {};
	struct random random;
	struct trial *trial;
	char *finding = NULL;
	int error;

	random_start(&random, seed);
	c.policy = random_policy(&random, random_size(&random));
	trial = trial_new(c.policy, &error, &finding);
	if (trial) {
		run->loaded++;
		if (!agree_on_all(run, trial, &random, &c, &finding))
			report(run, seed, &c, TAKE_PTR(finding));
		trial_add_coverage(trial, &run->coverage);
	} else if (error == -E2BIG) {
		run->refused++;
	} else {
		run->failures++;
		print_error("PROG_SEED=%llu: not loaded: %s\n%s", (unsigned long long)seed, finding,
			    c.policy);
	}
	free(finding);
	trial_free(trial);
	case_clear(&c);
}

static bool goes_on(struct run *run)
{
	time_t now = time(NULL);

	if (now - run->told >= PROGRESS_SECONDS) {
		run->told = now;
		tell(run, "");
	}
	return (!run->policies || run->loaded < run->policies) &&
	       run->refused <= REFUSED_MAX + run->loaded / 10 &&
	       (!run->seconds || now - run->start < (time_t)run->seconds) &&
	       run->failures < FAILURES_MAX;
}

static void test_agreement(void **state)
{
	struct run run = {
		.seed = setting("PROG_SEED", SEED),
		.policies = setting("PROG_POLICIES", 0),
		.frames = setting("PROG_FRAMES", 1000),
		.seconds = setting("PROG_SECONDS", getenv("PROG_POLICIES") ? 0 : 10),
		.start = time(NULL),
		.told = time(NULL),
	};
	uint64_t i;

	(void)state;
	printf("PROG_SEED=%llu PROG_POLICIES=%llu PROG_FRAMES=%llu PROG_SECONDS=%llu\n",
	       (unsigned long long)run.seed, (unsigned long long)run.policies,
	       (unsigned long long)run.frames, (unsigned long long)run.seconds);
	fflush(stdout);
	for (i = 0; goes_on(&run); i++)
		run_policy(&run, run.seed + i);
	tell(&run, ".");
	tell_coverage(&run);
	assert_int_equal(run.failures, 0);
	assert_true(run.refused <= REFUSED_MAX + run.loaded / 10);
	assert_true(run.verdicts > run.given);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_agreement) };

	return run_group("random", tests, COUNT(tests));
}
