// SPDX-License-Identifier: GPL-2.0-only
/* What containers get, from labels, files and configuration, and what changes of files do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#include "file_stamp.h"
#include "wanted.h"

/* --- the world: a directory, a configuration, what was told --- */

struct world {
	char directory[32];
	struct configuration configuration;
	struct policies *policies;
	char complaints[4096], changes[4096];
};

static void hear(char *all, const char *path, const char *details)
{
	size_t used = strlen(all);

	snprintf(all + used, sizeof(((struct world *)0)->changes) - used, "%s|%s",
		 strrchr(path, '/') + 1, details);
}

static void hear_complaint(void *data, const char *path, const char *details)
{
	hear(((struct world *)data)->complaints, path, details);
}

static void hear_change(void *data, const char *path)
{
	hear(((struct world *)data)->changes, path, "");
}

static void reload(struct world *world)
{
	const struct policies_observer observer = { hear_complaint, hear_change, world };

	*world->complaints = *world->changes = '\0';
	assert_int_equal(policies_reload(world->policies, &world->configuration, &observer), 0);
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	strcpy(world->directory, "/tmp/policyctl-test-XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	world->configuration.policy_directory = world->directory;
	world->configuration.faulty_change = FAULTY_KEEP;
	assert_int_equal(policies_open(&world->configuration, &world->policies), 0);
	*state = world;
	return 0;
}

static char *path_of(const struct world *world, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", world->directory, name);
	return path;
}

static void remove_file(const struct world *world, const char *name)
{
	assert_int_equal(unlink(path_of(world, name)), 0);
}

static int end_world(void **state)
{
	struct world *world = *state;
	char command[64];

	policies_close(world->policies);
	snprintf(command, sizeof(command), "rm -rf '%s'", world->directory);
	free(world);
	return system(command);
}

static void write_file(const struct world *world, const char *name, const char *text)
{
	FILE *file = fopen(path_of(world, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* --- asking --- */

static struct wanted ask_with(struct world *world, struct label *labels, size_t count)
{
	const struct container container = { .name = "web",
					     .labels = labels,
					     .label_count = count };
	struct wanted wanted = {};

	assert_int_equal(policies_wanted(world->policies, &container, &wanted), 0);
	return wanted;
}

#define ASK(world, ...)                                  \
	ask_with(world, (struct label[]){ __VA_ARGS__ }, \
		 sizeof((struct label[]){ __VA_ARGS__ }) / sizeof(struct label))

/* The rules it gets, or why it gets none. */
static void gets(struct wanted wanted, const char *expected)
{
	char *text = NULL, *rules;

	if (wanted.kind == WANTED_POLICY) {
		assert_non_null(wanted.plan->compiled);
		text = policy_print(wanted.plan->policy);
		rules = strstr(text, "default to ");
		rules = strchr(rules, '\n') + 1;
		assert_string_equal(rules, expected);
	} else {
		assert_null(wanted.plan);
		assert_string_equal(wanted.kind == WANTED_FAULTY ? wanted.why : "nothing",
				    expected);
	}
	free(text);
	wanted_clear(&wanted);
}

static void without_labels_nothing_is_wanted(void **state)
{
	struct world *world = *state;

	gets(ask_with(world, NULL, 0), "nothing");
	gets(ASK(world, { "policyctl", "x" }, { "com.docker.compose.project", "y" }), "nothing");
}

static void labels_come_before_the_file(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	write_file(world, "web.policy", "default to deny\nallow to tcp dport 443\ndeny icmp\n");
	wanted = ASK(world, { "policyctl.policy", "web" }, { "policyctl.allow", "udp" },
		     { "policyctl.deny", "tcp/22" }, { "policyctl.default.from", "deny" });
	assert_int_equal(wanted.kind, WANTED_POLICY);
	assert_int_equal(wanted.plan->policy->defaults[PCTL_FROM], VERDICT_DENY);
	assert_int_equal(wanted.plan->policy->defaults[PCTL_TO], VERDICT_DENY);
	assert_string_equal(wanted.source, "labels policyctl.deny, policyctl.allow, "
					   "policyctl.default.from, web.policy");
	gets(wanted, "deny tcp dport 22\nallow udp\nallow to tcp dport 443\ndeny icmp\n");
}

static void mistakes_name_container_label_and_place(void **state)
{
	struct wanted wanted = ASK(*state, { "policyctl.deny", "udp tpc" }, { "policyctl.x", "1" });

	assert_int_equal(wanted.kind, WANTED_FAULTY);
	assert_string_equal(wanted.why, "labels: unknown label 'policyctl.x' (and 1 more)");
	assert_string_equal(wanted.details,
			    "web: labels: error: unknown label 'policyctl.x'\n"
			    "web: label policyctl.deny:1:5: error: unknown protocol 'tpc', did you "
			    "mean 'tcp'?\n"
			    "    udp tpc\n"
			    "        ^~~\n");
	gets(wanted, "labels: unknown label 'policyctl.x' (and 1 more)");
}

static void warnings_are_no_mistakes(void **state)
{
	struct wanted wanted = ASK(*state, { "policyctl.deny", "tcp tcp/80" });

	assert_int_equal(wanted.kind, WANTED_POLICY);
	assert_string_equal(wanted.why, "");
	assert_contains(wanted.details, "web: labels: warning: ");
	assert_contains(wanted.details, "is never reached");
	wanted_clear(&wanted);
}

static void what_many_share_is_compiled_once(void **state)
{
	struct world *world = *state;
	struct wanted a, b, c;

	write_file(world, "web.policy", "deny tcp\n");
	a = ASK(world, { "policyctl.policy", "web" }, { "app", "1" });
	b = ASK(world, { "app", "2" }, { "policyctl.policy", "web" });
	c = ASK(world, { "policyctl.policy", "web" }, { "policyctl.deny", "udp" });
	assert_ptr_equal(a.plan, b.plan);
	assert_ptr_not_equal(a.plan, c.plan);
	reload(world);
	for (int i = 0; i < 2000; i++) {
		char port[32];
		struct wanted other;

		snprintf(port, sizeof(port), "tcp/%d", i + 1);
		other = ASK(world, { "policyctl.deny", port });
		assert_int_equal(other.kind, WANTED_POLICY);
		assert_int_equal(other.plan->policy->rules[0].dports.items[0].low, i + 1);
	}
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
		struct wanted wanted = ASK(world, { "policyctl.policy", (char *)names[i] });

		assert_int_equal(wanted.kind, WANTED_FAULTY);
		assert_contains(wanted.why, "the name of a policy has");
		wanted_clear(&wanted);
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
	write_file(world, "web2.policy", "deny udp\n"); /* no reload is needed for a new one */
	gets(ASK(world, { "policyctl.policy", "web2" }), "deny udp\n");
}

static void only_regular_files_are_read(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	assert_int_equal(mkfifo(path_of(world, "pipe.policy"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", path_of(world, "zero.policy")), 0);
	assert_int_equal(mkdir(path_of(world, "dir.policy"), 0700), 0);
	write_file(world, "big.policy", "");
	assert_int_equal(truncate(path_of(world, "big.policy"), (64 << 20) + 1), 0);
	wanted = ASK(world, { "policyctl.policy", "pipe" });
	assert_contains(wanted.why, "pipe.policy: not a regular file");
	wanted_clear(&wanted);
	wanted = ASK(world, { "policyctl.policy", "zero" });
	assert_contains(wanted.why, "zero.policy: not a regular file");
	wanted_clear(&wanted);
	wanted = ASK(world, { "policyctl.policy", "dir" });
	assert_contains(wanted.why, "dir.policy: Is a directory");
	wanted_clear(&wanted);
	wanted = ASK(world, { "policyctl.policy", "big" });
	assert_contains(wanted.why, "big.policy: a policy file has at most 64 MiB");
	wanted_clear(&wanted);
}

/* --- changes --- */

static void changes_are_told_by_content(void **state)
{
	struct world *world = *state;

	write_file(world, "a.policy", "deny tcp\n");
	write_file(world, "b.policy", "deny udp\n");
	write_file(world, "not one.policy", "?");
	write_file(world, ".hidden.policy", "?");
	write_file(world, "other.txt", "?");
	reload(world);
	assert_true(!strcmp(world->changes, "a.policy|b.policy|") ||
		    !strcmp(world->changes, "b.policy|a.policy|"));
	assert_string_equal(world->complaints, "");
	reload(world);
	assert_string_equal(world->changes, "");
	write_file(world, "a.policy", "# only a comment\ndeny  tcp\n");
	reload(world);
	assert_string_equal(world->changes, "");
	write_file(world, "a.policy", "deny tcp\ndeny icmp\n");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n"); /* not before the reload */
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\ndeny icmp\n");
}

static void a_bad_file_changes_nothing(void **state)
{
	struct world *world = *state;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	write_file(world, "a.policy", "deny tcp\ndeny tpc\n");
	reload(world);
	assert_string_equal(world->changes, "");
	assert_contains(world->complaints, "a.policy:2:6: error: unknown protocol 'tpc', did you "
					   "mean 'tcp'?\n    deny tpc\n         ^~~\n");
	assert_int_equal(policies_bad_files(world->policies), 1);
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
	reload(world); /* once is enough */
	assert_string_equal(world->complaints, "");
	write_file(world, "a.policy", "deny tcp dport x\n");
	reload(world);
	assert_contains(world->complaints, "unknown port 'x'");
	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	assert_string_equal(world->changes, "");
	assert_string_equal(world->complaints, "");
	assert_int_equal(policies_bad_files(world->policies), 0);
}

static void a_file_that_never_was_good_is_a_fault(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	write_file(world, "a.policy", "deny\n");
	reload(world);
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(wanted.kind, WANTED_FAULTY);
	assert_contains(wanted.why, "/a.policy:1:");
	wanted_clear(&wanted);
	write_file(world, "a.policy", "deny icmp\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny icmp\n");
}

static void where_it_is_not_kept_a_bad_file_is_a_fault(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	world->configuration.faulty_change = FAULTY_HOLD;
	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	write_file(world, "a.policy", "deny tpc\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(wanted.kind, WANTED_FAULTY);
	wanted_clear(&wanted);
	world->configuration.faulty_change = FAULTY_KEEP;
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
}

static void a_file_that_is_gone_is_gone_for_who_asks(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	remove_file(world, "a.policy");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	assert_string_equal(world->complaints, "");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_contains(wanted.why, "there is no policy file");
	wanted_clear(&wanted);
}

static void sets_are_part_of_a_file(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	write_file(world, "feed.txt", "198.18.1.0/24\n");
	write_file(world, "a.policy", "set feed file \"feed.txt\"\ndeny tcp peer @feed\n");
	reload(world);
	assert_string_equal(world->complaints, "");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(wanted.plan->policy->sets[0]->counts[0], 1);
	wanted_clear(&wanted);
	write_file(world, "feed.txt", "198.18.1.0/24\n198.18.3.0/24\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(wanted.plan->policy->sets[0]->counts[0], 2);
	wanted_clear(&wanted);
	write_file(world, "feed.txt", "198.18.1.0/24\nx\n");
	reload(world);
	assert_contains(world->complaints, "feed.txt:2:1: error");
	assert_string_equal(world->changes, "");
	remove_file(world, "feed.txt");
	reload(world);
	assert_contains(world->complaints, "No such file");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(wanted.plan->policy->sets[0]->counts[0], 2);
	wanted_clear(&wanted);
	write_file(world, "feed.txt", "198.18.9.0/24\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
}

/* What cannot come into force is as wrong as what cannot be read. */
static void a_file_beyond_the_budget_is_bad(void **state)
{
	struct world *world = *state;
	FILE *file;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	file = fopen(path_of(world, "a.policy"), "w");
	for (int i = 0; i < 300; i++)
		for (int j = 0; j < 30; j++)
			fprintf(file, "%s tcp sport %d-%d dport %d-%d\n", j % 2 ? "deny" : "allow",
				i * 7 + 1, 60000 - i * 11 - j, j * 13 + i + 1,
				60000 - j * 17 - i * 3);
	fclose(file);
	reload(world);
	assert_contains(world->complaints, "a.policy|");
	assert_string_equal(world->changes, "");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
}

/* --- configuration --- */

static void the_unlabelled_get_what_is_configured(void **state)
{
	struct world *world = *state;
	struct wanted wanted;

	world->configuration.unlabelled = "base";
	reload(world);
	assert_contains(world->complaints, "/base.policy: error: there is no such file, and the "
					   "configuration gives it to containers without labels");
	wanted = ask_with(world, NULL, 0);
	assert_int_equal(wanted.kind, WANTED_FAULTY);
	assert_contains(wanted.why, "unlabelled: there is no policy file");
	wanted_clear(&wanted);
	write_file(world, "base.policy", "deny icmp\n");
	reload(world);
	wanted = ask_with(world, NULL, 0);
	assert_string_equal(wanted.source, "unlabelled: base.policy");
	gets(wanted, "deny icmp\n");
	gets(ASK(world, { "policyctl.deny", "tcp" }), "deny tcp\n");
	world->configuration.unlabelled = NULL;
	reload(world);
	gets(ask_with(world, NULL, 0), "nothing");
}

static void another_directory_has_other_files(void **state)
{
	struct world *world = *state;
	char other[64];
	struct wanted wanted;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	snprintf(other, sizeof(other), "%s/other", world->directory);
	world->configuration.policy_directory = other;
	reload(world); /* one that is not there is empty */
	assert_string_equal(world->complaints, "");
	wanted = ASK(world, { "policyctl.policy", "a" });
	assert_contains(wanted.why, "/other/a.policy");
	wanted_clear(&wanted);
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

/* --- without reading --- */

static void stamps_see_another_file(void **state)
{
	struct world *world = *state;
	struct file_stamp stamp;
	char link[64];

	snprintf(link, sizeof(link), "%s/link", world->directory);
	assert_int_equal(symlink("/usr/bin/env", link), 0);
	assert_int_equal(file_stamp_take(link, &stamp), 0);
	assert_true(file_stamp_holds(&stamp));
	unlink(link);
	assert_false(file_stamp_holds(&stamp));
	assert_int_equal(symlink("/usr/bin/tail", link), 0);
	assert_false(file_stamp_holds(&stamp));
	file_stamp_clear(&stamp);
	write_file(world, "new", "x"); /* it could change again without a sign */
	assert_int_equal(file_stamp_take(path_of(world, "new"), &stamp), 0);
	assert_false(file_stamp_holds(&stamp));
	file_stamp_clear(&stamp);
	assert_int_equal(file_stamp_take("/nonexistent", &stamp), 0);
	assert_true(file_stamp_holds(&stamp));
	file_stamp_clear(&stamp);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(without_labels_nothing_is_wanted),
		WORLD(labels_come_before_the_file),
		WORLD(mistakes_name_container_label_and_place),
		WORLD(warnings_are_no_mistakes),
		WORLD(what_many_share_is_compiled_once),
		WORLD(bad_names_are_refused),
		WORLD(a_missing_file_is_named),
		WORLD(only_regular_files_are_read),
		WORLD(changes_are_told_by_content),
		WORLD(a_bad_file_changes_nothing),
		WORLD(a_file_that_never_was_good_is_a_fault),
		WORLD(where_it_is_not_kept_a_bad_file_is_a_fault),
		WORLD(a_file_that_is_gone_is_gone_for_who_asks),
		WORLD(sets_are_part_of_a_file),
		WORLD(a_file_beyond_the_budget_is_bad),
		WORLD(the_unlabelled_get_what_is_configured),
		WORLD(another_directory_has_other_files),
		WORLD(the_hold_denies_all),
		WORLD(stamps_see_another_file),
	};

	return cmocka_run_group_tests_name("wanted", tests, NULL, NULL);
}
