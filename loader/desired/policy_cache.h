/* SPDX-License-Identifier: GPL-2.0-only */
/* Desired policies that were built before, found by what they depend on. */
#ifndef PCTL_POLICY_CACHE_H
#define PCTL_POLICY_CACHE_H

#include <stdint.h>

#include "desired_policy.h"

struct policy_cache_entry;

/* Zero-initialised is empty. */
struct policy_cache {
	struct policy_cache_entry *items;
	size_t count;
	uint64_t questions;
};

/* A reference for the caller; NULL: it was not built, or is forgotten. */
struct desired_policy *policy_cache_find(struct policy_cache *cache, const char *key, size_t size);

/*
 * Adds one of which policy_cache_find() just said that it is not there. The one used least recently
 * makes room.
 * @file: name of the policy file that it contains; NULL: none
 * 0 or -ENOMEM.
 */
int policy_cache_add(struct policy_cache *cache, const char *key, size_t size, const char *file,
		     struct desired_policy *desired);

/* Forgets those that contain a file; all if `file` is NULL. */
void policy_cache_forget(struct policy_cache *cache, const char *file);

#endif
