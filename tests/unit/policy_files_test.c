// SPDX-License-Identifier: GPL-2.0-only
/* The files of the policy directory: which are read, and the effect of changes. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desired_world.h"

#include "policy_file.h"

static void only_regular_files_are_read(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	assert_int_equal(mkfifo(path_of(world, "pipe.policy"), 0600), 0);
	assert_int_equal(symlink("/dev/zero", path_of(world, "zero.policy")), 0);
	assert_int_equal(mkdir(path_of(world, "dir.policy"), 0700), 0);
	write_file(world, "big.policy", "");
	assert_int_equal(truncate(path_of(world, "big.policy"), (64 << 20) + 1), 0);
	desired = ASK(world, { "policyctl.policy", "pipe" });
	assert_contains(desired->why, "pipe.policy: not a regular file");
	desired_policy_unref(desired);
	desired = ASK(world, { "policyctl.policy", "zero" });
	assert_contains(desired->why, "zero.policy: not a regular file");
	desired_policy_unref(desired);
	desired = ASK(world, { "policyctl.policy", "dir" });
	assert_contains(desired->why, "dir.policy: Is a directory");
	desired_policy_unref(desired);
	desired = ASK(world, { "policyctl.policy", "big" });
	assert_contains(desired->why, "big.policy: a policy file has at most 64 MiB");
	desired_policy_unref(desired);
}

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
	struct desired_policy *desired;

	write_file(world, "a.policy", "deny\n");
	reload(world);
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(desired->kind, DESIRED_FAULTY);
	assert_contains(desired->why, "/a.policy:1:");
	desired_policy_unref(desired);
	write_file(world, "a.policy", "deny icmp\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny icmp\n");
}

static void where_it_is_not_kept_a_bad_file_is_a_fault(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	world->configuration.faulty_change = FAULTY_HOLD;
	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	write_file(world, "a.policy", "deny tpc\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(desired->kind, DESIRED_FAULTY);
	desired_policy_unref(desired);
	world->configuration.faulty_change = FAULTY_KEEP;
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
}

static void a_file_that_is_gone_is_gone_for_who_asks(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	remove_file(world, "a.policy");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	assert_string_equal(world->complaints, "");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_contains(desired->why, "there is no policy file");
	desired_policy_unref(desired);
}

static void sets_are_part_of_a_file(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "feed.txt", "198.18.1.0/24\n");
	write_file(world, "a.policy", "set feed file \"feed.txt\"\ndeny tcp peer @feed\n");
	reload(world);
	assert_string_equal(world->complaints, "");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(desired->plan.policy->sets[0]->counts[0], 1);
	desired_policy_unref(desired);
	write_file(world, "feed.txt", "198.18.1.0/24\n198.18.3.0/24\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|feed 2");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(desired->plan.policy->sets[0]->counts[0], 2);
	desired_policy_unref(desired);
	write_file(world, "feed.txt", "198.18.1.0/24\nx\n");
	reload(world);
	assert_contains(world->complaints, "feed.txt:2:1: error");
	assert_string_equal(world->changes, "");
	remove_file(world, "feed.txt");
	reload(world);
	assert_contains(world->complaints, "No such file");
	desired = ASK(world, { "policyctl.policy", "a" });
	assert_int_equal(desired->plan.policy->sets[0]->counts[0], 2);
	desired_policy_unref(desired);
	write_file(world, "feed.txt", "198.18.9.0/24\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|feed 1");
}

/* : >many.policy, by an editor that is about to write it, must not open its containers. */
static void an_empty_policy_changes_nothing(void **state)
{
	struct world *world = *state;
	struct desired_policy *desired;

	write_file(world, "a.policy", "deny tcp\n");
	reload(world);
	write_file(world, "a.policy", "");
	reload(world);
	assert_string_equal(world->changes, "");
	assert_contains(world->complaints, "/a.policy: error: this policy is empty: write `default "
					   "allow` if everything is to pass\n");
	gets(ASK(world, { "policyctl.policy", "a" }), "deny tcp\n");
	write_file(world, "b.policy", "# soon\n"); /* nor is it a policy for a start */
	desired = ASK(world, { "policyctl.policy", "b" });
	assert_int_equal(desired->kind, DESIRED_FAULTY);
	assert_contains(desired->why, "/b.policy: this policy is empty");
	desired_policy_unref(desired);
	write_file(world, "a.policy", "default allow\n"); /* somebody means it */
	reload(world);
	assert_string_equal(world->changes, "a.policy|");
	gets(ASK(world, { "policyctl.policy", "a" }), "");
	world->configuration.empty_set = EMPTY_SET_APPLY;
	write_file(world, "a.policy", "");
	reload(world);
	assert_contains(world->complaints, "warning: this policy says nothing");
	gets(ASK(world, { "policyctl.policy", "a" }), "");
}

static bool is_settled(const char *path)
{
	struct file_stamp stamp;
	bool settled;

	assert_int_equal(file_stamp_take(path, &stamp), 0);
	settled = stamp.settled;
	file_stamp_clear(&stamp);
	return settled;
}

static void assert_prefixes(struct world *world, uint64_t expected)
{
	struct desired_policy *desired = ASK(world, { "policyctl.policy", "a" });

	assert_int_equal(desired->kind, DESIRED_POLICY);
	assert_int_equal(set_size(desired->plan.policy->sets[0]), expected);
	desired_policy_unref(desired);
}

static void a_set_that_shrinks_changes_nothing(void **state)
{
	static const char four[] = "198.18.1.1\n198.18.2.1\n198.18.3.1\n2001:db8::1\n";
	struct world *world = *state;

	write_file(world, "feed.txt", four);
	write_file(world, "a.policy", "set feed file \"feed.txt\"\ndeny tcp peer @feed\n");
	reload(world);
	assert_string_equal(world->changes, "a.policy|feed 4");
	write_file(world, "feed.txt", "198.18.1.1\n");
	reload(world);
	assert_string_equal(world->changes, "");
	assert_contains(world->complaints,
			"/a.policy:1:5: error: the set feed went from 4 "
			"prefixes to 1: it is not taken; SIGHUP takes it as it is\n");
	assert_prefixes(world, 4);
	write_file(world, "feed.txt", "");
	reload(world);
	assert_contains(world->complaints, "the set feed went from 4 prefixes to 0");
	assert_prefixes(world, 4);
	write_file(world, "feed.txt", "198.18.1.1\n198.18.2.1\n"); /* half of it is not less */
	reload(world);
	assert_string_equal(world->complaints, "");
	assert_string_equal(world->changes, "a.policy|feed 2");
	write_file(world, "feed.txt", four);
	reload(world);
	world->configuration.empty_set = EMPTY_SET_APPLY;
	write_file(world, "feed.txt", "");
	reload(world);
	assert_contains(world->complaints, "warning: the set feed went from 4 prefixes to 0\n");
	assert_string_equal(world->changes, "a.policy|feed 0");
	assert_prefixes(world, 0);
}

/* The operator looked at it: a reload by hand takes the set as it is, though no file changed. */
static void a_reload_by_hand_takes_it(void **state)
{
	struct world *world = *state;

	write_file(world, "feed.txt", "198.18.1.1\n198.18.2.1\n198.18.3.1\n");
	write_file(world, "a.policy", "set feed file \"feed.txt\"\ndeny tcp peer @feed\n");
	reload(world);
	write_file(world, "feed.txt", "198.18.9.9\n");
	reload(world);
	for (int i = 0; i < 1000 && !is_settled(path_of(world, "feed.txt")); i++)
		usleep(10000);
	reload(world);
	assert_prefixes(world, 3);
	world->again = true;
	reload(world);
	assert_string_equal(world->changes, "a.policy|feed 1");
	assert_contains(world->complaints, "warning: the set feed went from 3 prefixes to 1\n");
	assert_prefixes(world, 1);
	world->again = false;
	reload(world);
	assert_string_equal(world->changes, "");
	assert_prefixes(world, 1);
}

/* A policy that cannot come into force is an error like one that cannot be read. */
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
	write_file(world, "new", "x"); /* it could change again without a new time stamp */
	assert_int_equal(file_stamp_take(path_of(world, "new"), &stamp), 0);
	assert_false(file_stamp_holds(&stamp));
	file_stamp_clear(&stamp);
	assert_int_equal(file_stamp_take("/nonexistent", &stamp), 0);
	assert_true(file_stamp_holds(&stamp));
	file_stamp_clear(&stamp);
}

/* When files are old enough that each change shows. */
static void what_is_not_touched_is_not_read(void **state)
{
	struct world *world = *state;
	struct policy_file *file = policy_file_new(world->directory, "a");

	write_file(world, "a.policy", "set feed file \"feed.txt\"\ndeny tcp peer @feed\n");
	write_file(world, "feed.txt", "198.18.1.0/24\n");
	assert_int_equal(policy_file_refresh(file, (struct refusals){}), 1);
	for (int i = 0; i < 1000 && !is_settled(path_of(world, "feed.txt")); i++)
		usleep(10000);
	assert_int_equal(policy_file_refresh(file, (struct refusals){}), 1);
	assert_int_equal(policy_file_refresh(file, (struct refusals){}), 0);
	assert_int_equal(file->version, 1);
	write_file(world, "feed.txt", "198.18.2.0/24\n"); /* as long as before */
	assert_int_equal(policy_file_refresh(file, (struct refusals){}), 1);
	assert_int_equal(file->version, 2);
	policy_file_free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(only_regular_files_are_read),
		WORLD(changes_are_told_by_content),
		WORLD(a_bad_file_changes_nothing),
		WORLD(a_file_that_never_was_good_is_a_fault),
		WORLD(where_it_is_not_kept_a_bad_file_is_a_fault),
		WORLD(a_file_that_is_gone_is_gone_for_who_asks),
		WORLD(sets_are_part_of_a_file),
		WORLD(an_empty_policy_changes_nothing),
		WORLD(a_set_that_shrinks_changes_nothing),
		WORLD(a_reload_by_hand_takes_it),
		WORLD(a_file_beyond_the_budget_is_bad),
		WORLD(stamps_see_another_file),
		WORLD(what_is_not_touched_is_not_read),
	};

	return cmocka_run_group_tests_name("policy_files", tests, NULL, NULL);
}
