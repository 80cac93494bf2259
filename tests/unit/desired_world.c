// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <unistd.h>

#include "desired_world.h"
#include "print.h"

static void hear(char *all, const char *path, const char *details)
{
	size_t used = strlen(all);

	snprintf(all + used, sizeof(((struct world *)0)->changes) - used, "%s|%s",
		 strrchr(path, '/') + 1, details);
}

static void hear_complaint(void *data, const char *path, const char *details, bool refused)
{
	assert_int_equal(refused, strstr(details, ": error: ") || !strstr(details, ": warning: "));
	hear(((struct world *)data)->complaints, path, details);
}

static void hear_change(void *data, const char *path, const char *sets)
{
	hear(((struct world *)data)->changes, path, sets);
}

void reload(struct world *world)
{
	const struct policies_observer observer = { hear_complaint, hear_change, world,
						    world->again };

	*world->complaints = *world->changes = '\0';
	assert_int_equal(policies_reload(world->policies, &world->configuration, &observer), 0);
}

int make_world(void **state)
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

char *path_of(const struct world *world, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", world->directory, name);
	return path;
}

void remove_file(const struct world *world, const char *name)
{
	assert_int_equal(unlink(path_of(world, name)), 0);
}

int end_world(void **state)
{
	struct world *world = *state;
	char command[64];

	policies_close(world->policies);
	snprintf(command, sizeof(command), "rm -rf '%s'", world->directory);
	free(world);
	return system(command);
}

void write_file(const struct world *world, const char *name, const char *text)
{
	FILE *file = fopen(path_of(world, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

struct desired_policy *ask_with(struct world *world, struct label *labels, size_t count)
{
	char *networks[] = { "front", "back" };
	const struct container container = { .name = "web",
					     .networks = networks,
					     .network_count = 2,
					     .on_network = world->network,
					     .labels = labels,
					     .label_count = count };
	struct desired_policy *desired;

	assert_int_equal(policies_desired(world->policies, &container, &desired), 0);
	return desired;
}

void gets(struct desired_policy *desired, const char *expected)
{
	char *text = NULL, *rules;

	if (desired->kind == DESIRED_POLICY) {
		assert_non_null(desired->plan.compiled);
		text = policy_print(desired->plan.policy);
		rules = strstr(text, "default to ");
		rules = strchr(rules, '\n') + 1;
		assert_string_equal(rules, expected);
	} else {
		assert_null(desired->plan.policy);
		assert_string_equal(desired->kind == DESIRED_FAULTY ? desired->why : "nothing",
				    expected);
	}
	free(text);
	desired_policy_unref(desired);
}
