/* SPDX-License-Identifier: GPL-2.0-only */
/* Explaining a frame leaves no trace. It finds each disagreement between program and evaluator,
 * and none where both have the same policy. */
#include <string.h>

#include "counters.h"
#include "explanation.h"
#include "prefixes.h"
#include "random_input.h"
#include "reader.h"
#include "support.h"

#define POLICIES 25
#define FRAMES 300

static const struct meta generic = { .mode = XDP_MODE_GENERIC, .guarded = 1 };

/* An attachment of this policy, on no interface; its sets from files are in the kernel alone. */
struct subject {
	struct enforcer *enforcer;
	struct attachment attachment;
	struct explainer explainer;
};

static void subject_open(struct subject *subject, const char *text)
{
	struct policy *policy;

	*subject = (struct subject){ .attachment = ATTACHMENT_EMPTY };
	subject->enforcer = enforcer_for(text, &generic);
	subject->attachment.current = subject->enforcer->generation;
	policy = policy_copy(subject->enforcer->policy);
	assert_non_null(policy);
	for (size_t i = 0; i < policy->set_count; i++) {
		if (!policy->sets[i]->path)
			continue;
		prefixes_clear(&policy->sets[i]->prefixes);
		policy->sets[i]->loaded = false;
	}
	subject->explainer = (struct explainer){
		.policy = policy,
		.attachment = &subject->attachment,
		.name = "nowhere",
	};
}

static void subject_close(struct subject *subject)
{
	explainer_close(&subject->explainer);
	enforcer_free(subject->enforcer);
}

static void explain_text(struct subject *subject, enum pctl_direction direction, const char *words,
			 struct explanation *explanation)
{
	struct frame frame;

	frame_from_text(&frame, words);
	assert_int_equal(explain_frame(&subject->explainer, direction, frame.data, frame.length,
				       explanation),
			 0);
}

/* --- no trace --- */

static unsigned int count_events(struct reader *reader)
{
	unsigned int count = 0;

	while (reader_next(reader))
		count++;
	return count;
}

static void expect_no_counts(const struct generation *generation)
{
	struct counters counters;

	assert_int_equal(generation_counters(generation, &counters), 0);
	for (size_t i = 0; i < counters.slots * PCTL_DIRECTIONS + PCTL_UNKNOWN_COUNTERS; i++)
		assert_int_equal(counters.items[i].packets, 0);
	counters_free(&counters);
}

static void test_no_trace(void **state)
{
	const struct reader_settings settings = { .snaplen = 64, .rate_passed = 1000 };
	struct reader_lost lost;
	struct explanation explanation;
	struct judgement judgement;
	struct reader *reader;
	struct subject subject;
	struct frame frame;

	(void)state;
	subject_open(&subject, "deny from udp dport 53 log\nallow to tcp dport 22 log\n");
	assert_int_equal(reader_open(&subject.attachment.current.events, NULL, &settings, &reader),
			 0);
	for (int i = 0; i < 20; i++) {
		explain_text(&subject, i % 2, "ip4 udp:53", &explanation);
		explain_text(&subject, i % 2, "ip6 tcp:22", &explanation);
		explain_text(&subject, i % 2, "ip4:id=7,more udp:54", &explanation);
	}
	assert_int_equal(count_events(reader), 0);
	assert_int_equal(reader_lost(reader, &lost), 0);
	assert_int_equal(lost.dropped + lost.passed, 0);
	expect_no_counts(&subject.attachment.current);
	/* Nor was the first fragment remembered. */
	frame_from_text(&frame, "ip4:id=7,off=3,next=17 data:40");
	assert_true(judge(subject.enforcer, PCTL_FROM, &frame, &judgement));
	assert_false(judgement.passed);
	assert_int_equal(count_events(reader), 1); /* the reader works */
	reader_close(reader);
	subject_close(&subject);
}

/* --- disagreement --- */

/* The programs have one policy, the evaluator another. */
static bool is_faulty(const char *loaded, const char *read, enum pctl_direction direction,
		      const char *frame)
{
	struct enforcer *other = enforcer_for(read, &generic);
	struct explanation explanation;
	struct subject subject;

	subject_open(&subject, loaded);
	policy_free(subject.explainer.policy);
	subject.explainer.policy = policy_copy(other->policy);
	explain_text(&subject, direction, frame, &explanation);
	assert_true(explanation.answered);
	assert_int_equal(explanation.asked_count, direction == PCTL_FROM ? 2 : 1);
	for (size_t i = 0; i < explanation.asked_count; i++)
		assert_int_equal(explanation.asked[i].agrees, !explanation.faulty);
	subject_close(&subject);
	enforcer_free(other);
	return explanation.faulty;
}

static void test_disagreement(void **state)
{
	(void)state;
	for (enum pctl_direction d = PCTL_FROM; d < PCTL_DIRECTIONS; d++) {
		assert_false(is_faulty("deny udp dport 53", "deny udp dport 53", d, "ip4 udp:53"));
		/* verdict, slot, log, reason */
		assert_true(is_faulty("deny udp dport 53", "deny udp dport 54", d, "ip4 udp:53"));
		assert_true(is_faulty("deny udp", "deny tcp\ndeny udp", d, "ip4 udp:53"));
		assert_true(is_faulty("deny udp", "deny udp log", d, "ip4 udp:53"));
	}
	assert_true(is_faulty("deny tcp", "deny tcp\ndeny udp peer 192.0.2.1", PCTL_FROM,
			      "ip6 routing:2,left=1 tcp:53"));
}

/* --- agreement --- */

/* The members of live sets are found by pins, which these programs do not have: cli.live-sets asks
 * about them. */
static char *policy_without_live_sets(struct random *random)
{
	char *text = random_policy(random, 1 + random_below(random, 12));

	while (text && (strstr(text, " dns {") || strstr(text, " container {"))) {
		free(text);
		text = random_policy(random, 1 + random_below(random, 12));
	}
	return text;
}

/* Frames that the programs do not take count too: the evaluator answers for them. */
static void check_random(struct random *random, unsigned int *answered)
{
	char *text = policy_without_live_sets(random);
	struct explanation explanation;
	struct subject subject;
	struct frame frame;

	assert_non_null(text);
	subject_open(&subject, text);
	for (int i = 0; i < FRAMES; i++) {
		random_frame(random, &frame);
		assert_int_equal(explain_frame(&subject.explainer, i % 2, frame.data, frame.length,
					       &explanation),
				 0);
		if (explanation.faulty)
			fail_msg("they disagree on frame %d of this policy:\n%s", i, text);
		*answered += explanation.answered;
	}
	subject_close(&subject);
	free(text);
}

static void test_agreement(void **state)
{
	struct random random;
	unsigned int answered = 0;

	(void)state;
	random_start(&random, 20);
	for (int i = 0; i < POLICIES; i++)
		check_random(&random, &answered);
	assert_true(answered > POLICIES * FRAMES * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_trace),
		cmocka_unit_test(test_disagreement),
		cmocka_unit_test(test_agreement),
	};

	return run_group("explain", tests, COUNT(tests));
}
