// SPDX-License-Identifier: GPL-2.0-only
/* What containers get, from labels, files and configuration. */
#include <stdio.h>
#include <sys/stat.h>

#include "desired_world.h"

static void without_labels_nothing_is_wanted(void **state)
{
	struct world *world = *state;

	gets(ask_with(world, NULL, 0), "nothing");
	gets(ASK(world, { "policyctl", "x" }, { "com.docker.compose.project", "y" }), "nothing");
}

static void labels_come_before_the_file(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "web.policy", "default to deny\nallow to tcp dport 443\ndeny icmp\n");
	desired = ASK(world, { "policyctl.policy", "web" }, { "policyctl.allow", "udp" },
		      { "policyctl.deny", "tcp/22" }, { "policyctl.default.from", "deny" });
	assert_int_equal(desired->kind, DESIRED_POLICY);
	assert_int_equal(desired->plan.policy->defaults[PCTL_FROM], VERDICT_DENY);
	assert_int_equal(desired->plan.policy->defaults[PCTL_TO], VERDICT_DENY);
	assert_string_equal(desired->source, "labels policyctl.deny, policyctl.allow, "
					     "policyctl.default.from, web.policy");
	gets(desired, "deny tcp dport 22\nallow udp\nallow to tcp dport 443\ndeny icmp\n");
}

static void labels_name_the_sets_of_the_file(void **state)
{
	struct world *world = *state;

	write_file(world, "web.policy",
		   "set office { 198.51.100.0/24 }\ndefault to deny\n"
		   "allow to tcp dport 443 peer @office\n");
	gets(ASK(world, { "policyctl.policy", "web" },
		 { "policyctl.deny", "from udp peer @office" },
		 { "policyctl.rules",
		   "set home { 203.0.113.1 }; allow to tcp peer { @home, @office }" }),
	     "deny from udp peer @office\nallow to tcp peer { @office, @home }\n"
	     "allow to tcp dport 443 peer @office\n");
	gets(ASK(world, { "policyctl.policy", "web" },
		 { "policyctl.rules", "set office { 203.0.113.1 }" }),
	     "label policyctl.rules:1:5: set 'office' is defined already, in another text");
}

/* `anti-spoof = on` is the operator's. */
static void no_label_gets_around_anti_spoof(void **state)
{
	struct world *world = *state;

	world->configuration.anti_spoof = ANTI_SPOOF_ON;
	reload(world);
	gets(ASK(world, { "policyctl.deny", "from:spoofed" }), "deny from any spoofed\n");
	gets(ASK(world, { "policyctl.deny", "tcp from:spoofed" }),
	     "deny tcp\ndeny from any spoofed\n");
	gets(ASK(world, { "policyctl.rules", "allow from udp; deny from spoofed" }),
	     "deny from any spoofed\nallow from udp\ndeny from any spoofed\n");
	gets(ASK(world, { "policyctl.rules", "deny from spoofed audit" }),
	     "deny from any spoofed\ndeny from any spoofed audit\n");
}

static void mistakes_name_container_label_and_place(void **state)
{
	struct desired_policy *desired =
		ASK(*state, { "policyctl.deny", "udp tpc" }, { "policyctl.x", "1" });
	char *details;

	assert_int_equal(desired->kind, DESIRED_FAULTY);
	assert_string_equal(desired->why, "labels: unknown label 'policyctl.x' (and 1 more)");
	details = diagnostics_text(&desired->diagnostics, "web");
	assert_string_equal(details,
			    "web: labels: error: unknown label 'policyctl.x'\n"
			    "web: label policyctl.deny:1:5: error: unknown protocol 'tpc', did you "
			    "mean 'tcp'?\n"
			    "    udp tpc\n"
			    "        ^~~\n");
	free(details);
	gets(desired, "labels: unknown label 'policyctl.x' (and 1 more)");
}

static void warnings_are_no_mistakes(void **state)
{
	struct desired_policy *desired = ASK(*state, { "policyctl.deny", "tcp tcp/80" });
	char *details;

	assert_int_equal(desired->kind, DESIRED_POLICY);
	assert_string_equal(desired->why, "");
	details = diagnostics_text(&desired->diagnostics, "web");
	assert_contains(details, "web: labels: warning: ");
	assert_contains(details, "is never reached");
	free(details);
	desired_policy_unref(desired);
}

static void what_many_share_is_compiled_once(void **state)
{
	struct world *world = *state;
	struct desired_policy *a, *b, *c;

	write_file(world, "web.policy", "deny tcp\n");
	a = ASK(world, { "policyctl.policy", "web" }, { "app", "1" });
	b = ASK(world, { "app", "2" }, { "policyctl.policy", "web" });
	c = ASK(world, { "policyctl.policy", "web" }, { "policyctl.deny", "udp" });
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	reload(world);
	for (int i = 0; i < 700; i++) {
		char port[32];
		struct desired_policy *other;

		snprintf(port, sizeof(port), "tcp/%d", i + 1);
		other = ASK(world, { "policyctl.deny", port });
		assert_int_equal(other->kind, DESIRED_POLICY);
		assert_int_equal(other->plan.policy->rules[0].dports.items[0].low, i + 1);
		desired_policy_unref(other);
	}
	gets(a, "deny tcp\n"); /* what somebody has stays, though it is no longer in the cache */
	gets(b, "deny tcp\n");
	gets(c, "deny udp\ndeny tcp\n");
}

/* --- names --- */

static void bad_names_are_refused(void **state)
{
	static const char *const names[] = { "../web", "/etc/passwd", ".web", "a b", "" };
	struct world *world = *state;
	char outside[64];

	snprintf(outside, sizeof(outside), "%s/sub", world->directory);
	assert_int_equal(mkdir(outside, 0700), 0);
	write_file(world, "sub/web.policy", "deny tcp\n");
	gets(ASK(world, { "policyctl.policy", "sub/web" }),
	     "label policyctl.policy:1:1: the name of a policy has letters, digits, '.', '_' and "
	     "'-', not '.' first, 64 at most");
	for (size_t i = 0; i < COUNT(names); i++) {
		struct desired_policy *desired =
			ASK(world, { "policyctl.policy", (char *)names[i] });

		assert_int_equal(desired->kind, DESIRED_FAULTY);
		assert_contains(desired->why, "the name of a policy has");
		desired_policy_unref(desired);
	}
}

static void a_missing_file_is_named(void **state)
{
	struct world *world = *state;
	char expected[256];

	write_file(world, "web-2.policy", "deny tcp\n");
	reload(world);
	snprintf(expected, sizeof(expected),
		 "label policyctl.policy:1:1: there is no policy file %s/web2.policy, did you mean "
		 "'web-2'?",
		 world->directory);
	gets(ASK(world, { "policyctl.policy", "web2" }), expected);
	write_file(world, "web2.policy", "deny udp\n"); /* a new file needs no reload */
	gets(ASK(world, { "policyctl.policy", "web2" }), "deny udp\n");
	snprintf(expected, sizeof(expected),
		 "label policyctl.policy:1:1: there is no policy file %s/web2.policy.policy: a "
		 "policy is named without .policy, 'web2'",
		 world->directory);
	gets(ASK(world, { "policyctl.policy", "web2.policy" }), expected);
}

/* --- configuration --- */

static void the_unlabelled_get_what_is_configured(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	world->configuration.unlabelled = "base";
	reload(world);
	assert_contains(world->complaints, "/base.policy: error: there is no such file, and the "
					   "configuration gives it to containers without labels");
	desired = ask_with(world, NULL, 0);
	assert_int_equal(desired->kind, DESIRED_FAULTY);
	assert_contains(desired->why, "unlabelled: there is no policy file");
	desired_policy_unref(desired);
	write_file(world, "base.policy", "deny icmp\n");
	reload(world);
	desired = ask_with(world, NULL, 0);
	assert_string_equal(desired->source, "unlabelled: base.policy");
	gets(desired, "deny icmp\n");
	gets(ASK(world, { "policyctl.deny", "tcp" }), "deny tcp\n");
	world->configuration.unlabelled = NULL;
	reload(world);
	gets(ask_with(world, NULL, 0), "nothing");
}

static void another_directory_has_other_files(void **state)
{
	struct world *world = *state;
	char other[64];
	struct desired_policy *desired;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	snprintf(other, sizeof(other), "%s/other", world->directory);
	world->configuration.policy_directory = other;
	reload(world); /* a missing directory is an empty one */
	assert_string_equal(world->complaints, "");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_contains(desired->why, "/other/a.policy");
	desired_policy_unref(desired);
	write_file(world, "other", "a file");
	reload(world);
	assert_contains(world->complaints, "Not a directory");
}

static void the_hold_denies_all(void **state)
{
	struct world *world = *state;
	struct plan *hold = policies_hold(world->policies);

	assert_non_null(hold->compiled);
	assert_int_equal(hold->policy->count, 0);
	assert_int_equal(hold->policy->defaults[PCTL_FROM], VERDICT_DENY);
	assert_int_equal(hold->policy->defaults[PCTL_TO], VERDICT_DENY);
}

static void a_policy_is_audited(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "web.policy", "deny icmp\n");
	desired = ASK(world, { "policyctl.audit", "true" });
	assert_int_equal(desired->kind, DESIRED_NOTHING);
	desired_policy_unref(desired);
	desired = ASK(world, { "policyctl.policy", "web" }, { "policyctl.audit", "true" });
	assert_true(desired->plan.policy->audit);
	gets(desired, "deny icmp\n");
	desired = ASK(world, { "policyctl.policy", "web" }, { "policyctl.audit", "yes" });
	assert_int_equal(desired->kind, DESIRED_FAULTY);
	gets(desired, "label policyctl.audit:1:1: expected `true` or `false`");
	world->configuration.unlabelled = "web";
	world->configuration.audit = AUDIT_ON;
	reload(world);
	desired = ASK(world, { "policyctl.policy", "web" });
	assert_true(desired->plan.policy->audit);
	desired_policy_unref(desired);
	desired = ASK(world, { "policyctl.audit", "false" });
	assert_string_equal(desired->source, "unlabelled: web.policy");
	assert_false(desired->plan.policy->audit);
	gets(desired, "deny icmp\n");
	world->configuration.audit = AUDIT_OFF;
	reload(world);
	desired = ASK(world, { "policyctl.policy", "web" });
	assert_false(desired->plan.policy->audit);
	desired_policy_unref(desired);
	assert_false(policies_hold(world->policies)->policy->audit);
	world->configuration.unlabelled = NULL;
}

/* --- the baseline --- */

static void the_baseline_comes_first(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "block.policy",
		   "set feed { 203.0.113.0/24 }\ndefault to deny\ndeny any peer @feed\n"
		   "deny from tcp dport 25\n");
	write_file(world, "web.policy", "deny icmp\n");
	world->configuration.baseline = "block";
	reload(world);
	assert_string_equal(world->complaints, "");
	desired = ASK(world, { "policyctl.policy", "web" }, { "policyctl.allow", "from:tcp/25" });
	assert_string_equal(desired->source,
			    "baseline block.policy, labels policyctl.allow, web.policy");
	assert_true(desired->plan.policy->rules[1].baseline);
	assert_false(desired->plan.policy->rules[2].baseline);
	assert_int_equal(desired->plan.policy->defaults[PCTL_TO], VERDICT_ALLOW);
	gets(desired, "deny any peer @feed\ndeny from tcp dport 25\nallow from tcp dport 25\n"
		      "deny icmp\n");
	desired = ask_with(world, NULL, 0);
	assert_string_equal(desired->source, "baseline block.policy");
	assert_int_equal(desired->plan.policy->defaults[PCTL_TO], VERDICT_DENY);
	gets(desired, "deny any peer @feed\ndeny from tcp dport 25\n");
	world->configuration.unlabelled = "web";
	world->configuration.anti_spoof = ANTI_SPOOF_ON;
	reload(world);
	desired = ask_with(world, NULL, 0);
	assert_string_equal(desired->source, "baseline block.policy, unlabelled: web.policy");
	assert_int_equal(desired->plan.policy->defaults[PCTL_TO], VERDICT_ALLOW);
	gets(desired, "deny from any spoofed\ndeny any peer @feed\ndeny from tcp dport 25\n"
		      "deny icmp\n");
	world->configuration.anti_spoof = ANTI_SPOOF_OFF;
	world->configuration.unlabelled = world->configuration.baseline = NULL;
	reload(world);
	gets(ask_with(world, NULL, 0), "nothing");
}

static void a_bad_baseline_changes_nothing(void **state)
{
	struct world *world = *state;

	world->configuration.baseline = "block";
	world->configuration.faulty_change = FAULTY_HOLD; /* of other files */
	reload(world);
	assert_contains(world->complaints, "block.policy: error: there is no such file, and the "
					   "configuration has it as the baseline");
	gets(ASK(world, { "policyctl.deny", "tcp" }),
	     "baseline block.policy: there is no such file");
	gets(ask_with(world, NULL, 0), "baseline block.policy: there is no such file");
	write_file(world, "block.policy", "deny from tcp dport 25\n");
	reload(world);
	gets(ASK(world, { "policyctl.deny", "tcp" }), "deny from tcp dport 25\ndeny tcp\n");
	write_file(world, "block.policy", "deny from tcp dport 25\ndeny tpc\n");
	reload(world);
	assert_contains(world->complaints, "unknown protocol 'tpc'");
	assert_int_equal(policies_bad_files(world->policies), 1);
	gets(ASK(world, { "policyctl.deny", "tcp" }), "deny from tcp dport 25\ndeny tcp\n");
	write_file(world, "block.policy", "deny from udp dport 53\n");
	reload(world);
	gets(ASK(world, { "policyctl.deny", "tcp" }), "deny from udp dport 53\ndeny tcp\n");
	write_file(world, "block.policy", "own { 198.18.0.0/24 }\ndeny from spoofed\n");
	reload(world);
	assert_contains(world->complaints, "error: `own` is of one container");
	gets(ASK(world, { "policyctl.deny", "tcp" }),
	     "baseline block.policy: `own` is of one container: a baseline is of all");
	write_file(world, "block.policy", "set x { 198.18.0.1 }\ndeny any peer @x\n");
	reload(world);
	gets(ASK(world, { "policyctl.rules", "set x { 198.18.0.2 }; allow any peer @x" }),
	     "label policyctl.rules:1:5: set 'x' is defined already, in another text");
	world->configuration.baseline = NULL;
	world->configuration.faulty_change = FAULTY_KEEP;
	reload(world);
}

/* --- networks --- */

static void labels_are_for_networks(void **state)
{
	struct label labels[] = { { "policyctl.deny", "tcp" },
				  { "policyctl.rules", "deny udp" },
				  { "policyctl.rules.back", "allow udp dport 53; deny udp" },
				  { "policyctl.default.to.back", "deny" } };
	struct world *world = *state;
	struct desired_policy *desired;

	gets(ask_with(world, labels, 4), "deny tcp\ndeny udp\n");
	world->network = "front";
	gets(ask_with(world, labels, 4), "deny tcp\ndeny udp\n");
	world->network = "back";
	desired = ask_with(world, labels, 4);
	assert_string_equal(desired->source, "labels policyctl.deny, policyctl.rules.back, "
					     "policyctl.default.to.back");
	assert_int_equal(desired->plan.policy->defaults[PCTL_TO], VERDICT_DENY);
	assert_int_equal(desired->plan.policy->defaults[PCTL_FROM], VERDICT_ALLOW);
	gets(desired, "deny tcp\nallow udp dport 53\ndeny udp\n");
	labels[2].value = "allow udp; deny tpc";
	gets(ask_with(world, labels, 4),
	     "label policyctl.rules.back:1:17: unknown protocol 'tpc', did you mean 'tcp'?");
	world->network = "front";
	gets(ask_with(world, labels, 4), "deny tcp\ndeny udp\n");
}

static void a_network_has_its_file(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;
	char *details;

	write_file(world, "db.policy", "deny icmp\n");
	world->network = "front";
	gets(ASK(world, { "policyctl.policy.back", "db" }), "nothing");
	world->network = "back";
	gets(ASK(world, { "policyctl.policy.back", "db" }), "deny icmp\n");
	gets(ASK(world, { "policyctl.policy.back", "../db" }),
	     "label policyctl.policy.back:1:1: the name of a policy has letters, digits, '.', '_' "
	     "and '-', not '.' first, 64 at most");
	gets(ASK(world, { "policyctl.audit.back", "true" }),
	     "labels: unknown label 'policyctl.audit.back', did you mean 'policyctl.audit'?");
	gets(ASK(world, { "policyctl.deny.", "tcp" }),
	     "labels: unknown label 'policyctl.deny.', did you mean 'policyctl.deny'?");
	desired = ASK(world, { "policyctl.deny.bakc", "tcp" }, { "policyctl.deny", "udp" });
	details = diagnostics_text(&desired->diagnostics, "web");
	assert_contains(details, "web: labels: warning: label 'policyctl.deny.bakc': the container "
				 "is not on the network 'bakc', did you mean 'back'?");
	free(details);
	gets(desired, "deny udp\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(without_labels_nothing_is_wanted),
		WORLD(labels_come_before_the_file),
		WORLD(labels_name_the_sets_of_the_file),
		WORLD(no_label_gets_around_anti_spoof),
		WORLD(mistakes_name_container_label_and_place),
		WORLD(warnings_are_no_mistakes),
		WORLD(what_many_share_is_compiled_once),
		WORLD(bad_names_are_refused),
		WORLD(a_missing_file_is_named),
		WORLD(the_unlabelled_get_what_is_configured),
		WORLD(another_directory_has_other_files),
		WORLD(the_hold_denies_all),
		WORLD(a_policy_is_audited),
		WORLD(the_baseline_comes_first),
		WORLD(a_bad_baseline_changes_nothing),
		WORLD(labels_are_for_networks),
		WORLD(a_network_has_its_file),
	};

	return cmocka_run_group_tests_name("desired", tests, NULL, NULL);
}
