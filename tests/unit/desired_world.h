/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy directory, a configuration, containers with labels, and the messages about them. */
#ifndef TEST_DESIRED_WORLD_H
#define TEST_DESIRED_WORLD_H

#include "support.h"

#include "policies.h"

struct world {
	char directory[32];
	struct configuration configuration;
	struct policies *policies;
	const char *network; /* of the veth that is asked about */
	bool again; /* the next reload is asked for by the operator */
	char complaints[4096], changes[4096]; /* of the last reload: "FILE|details" each */
};

/* For cmocka: *state is the world. */
int make_world(void **state);
int end_world(void **state);

#define WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, end_world)

void reload(struct world *world);

/* The path of a file in the directory; valid until the next call. */
char *path_of(const struct world *world, const char *name);
void write_file(const struct world *world, const char *name, const char *text);
void remove_file(const struct world *world, const char *name);

/* What a container `web` with these labels gets; for desired_policy_unref(). */
struct desired_policy *ask_with(struct world *world, struct label *labels, size_t count);

#define ASK(world, ...)                                  \
	ask_with(world, (struct label[]){ __VA_ARGS__ }, \
		 sizeof((struct label[]){ __VA_ARGS__ }) / sizeof(struct label))

/* Its rules, or why it gets none, or "nothing". Takes the reference. */
void gets(struct desired_policy *desired, const char *expected);

#endif
