// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "load_process.h"
#include "loads.h"
#include "print.h"
#include "util.h"

#define RUNNING_MAX 32 /* processes at a time */
#define DONE_MAX 16 /* generations that wait to be asked for; the oldest one makes room */

struct load {
	struct loads *loads;
	char *key; /* says what is made: make_key() */
	size_t key_size;
	char container[sizeof(((struct owner *)NULL)->container)];
	struct load_process process;
	sd_event_source *answer, *limit;
	bool running, lazy;
	uint64_t start_ns;
	uint64_t again_ns; /* it took too long: when it is tried again */
	int error; /* of one that ended, with words: */
	char why[512];
	struct generation generation;
};

struct loads {
	sd_event *loop;
	void (*finished)(void *data, const char *container);
	void *data;
	bool crowded; /* somebody was sent away since too many were running */
	struct load **items; /* the oldest first */
	size_t count;
};

/* --- the list --- */

/* Before the socket is closed: while a child that was forked just now has a copy of it, the close
 * does not take it out of the loop. */
static void stop_watching(struct load *load)
{
	load->answer = sd_event_source_disable_unref(load->answer);
	load->limit = sd_event_source_disable_unref(load->limit);
}

static void load_free(struct load *load)
{
	stop_watching(load);
	load_process_kill(&load->process);
	generation_close(&load->generation);
	free(load->key);
	free(load);
}

static void remove_at(struct loads *loads, size_t index)
{
	load_free(loads->items[index]);
	memmove(&loads->items[index], &loads->items[index + 1],
		(--loads->count - index) * sizeof(loads->items[0]));
}

static void remove_load(struct loads *loads, const struct load *load)
{
	for (size_t i = loads->count; i-- > 0;)
		if (loads->items[i] == load)
			remove_at(loads, i);
}

static bool is_made(const struct load *load)
{
	return !load->running && !load->error;
}

static size_t count_those(const struct loads *loads, bool (*is)(const struct load *load))
{
	size_t count = 0;

	for (size_t i = 0; i < loads->count; i++)
		count += is(loads->items[i]);
	return count;
}

static bool is_running(const struct load *load)
{
	return load->running;
}

static bool is_lazy(const struct load *load)
{
	return load->running && load->lazy;
}

void loads_drop(struct loads *loads, const char *container)
{
	for (size_t i = loads->count; i-- > 0;)
		if (is_made(loads->items[i]) &&
		    (!container || !strcmp(loads->items[i]->container, container)))
			remove_at(loads, i);
}

/* What is not asked for any more: its container went, or wants something else by now. */
static void make_room(struct loads *loads)
{
	for (size_t i = 0; i < loads->count && count_those(loads, is_made) > DONE_MAX;)
		if (is_made(loads->items[i]))
			remove_at(loads, i);
		else
			i++;
}

uint64_t loads_age(const struct loads *loads, const char *container)
{
	uint64_t now = clock_monotonic_ns(), age = 0;

	for (size_t i = loads->count; i-- > 0;) {
		const struct load *load = loads->items[i];

		if (!load->running || (container && strcmp(load->container, container) != 0))
			continue;
		age = now - load->start_ns;
		if (!container)
			break;
	}
	return age;
}

/* --- what is made --- */

static const struct owner *owner_of(const struct generation_input *input)
{
	if (input->owner)
		return input->owner;
	return input->previous ? &input->previous->owner : NULL;
}

static void write_policy(FILE *out, const struct policy *policy)
{
	_cleanup_(freep) char *text = policy_print(policy);

	fprintf(out, "%s\n", text ? text : "");
	for (size_t i = 0; i < policy->count; i++)
		fprintf(out, "%u ", policy->rules[i].id);
	fprintf(out, "%u\n", policy->next_id);
	for (size_t i = 0; i < policy->set_count; i++)
		if (policy->sets[i]->path)
			fwrite(policy->sets[i]->digest, 1, sizeof(policy->sets[i]->digest), out);
}

/* All that a generation hangs on, but what generation_meta_of() and its owner record bring in
 * later. Two inputs with the same key make the same. */
static int make_key(const struct generation_input *input, char **key, size_t *size)
{
	const struct owner *owner = owner_of(input);
	const struct meta *meta = &input->meta;
	FILE *out = open_memstream(key, size);
	bool failed;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s %u %s %u %u %u %d %llu\n", input->gateway ?: "", input->bridge,
		owner && owner_is(owner) ? owner->container : "-", meta->mode, meta->veth,
		meta->guarded, input->plan->quarantine,
		input->previous ? (unsigned long long)input->previous->meta.generation : 0);
	write_policy(out, input->plan->policy);
	if (input->own)
		fwrite(input->own, 1, sizeof(*input->own), out);
	failed = ferror(out);
	return fclose(out) || failed ? -ENOMEM : 0;
}

static struct load *find(const struct loads *loads, const char *key, size_t size)
{
	for (size_t i = 0; i < loads->count; i++)
		if (loads->items[i]->key_size == size && !memcmp(loads->items[i]->key, key, size))
			return loads->items[i];
	return NULL;
}

/* --- the end of a process --- */

static void finish(struct load *load, int error)
{
	struct loads *loads = load->loads;

	load->running = false;
	load->error = error;
	snprintf(load->why, sizeof(load->why), "%s", error ? error_message(error) : "");
	error_clear();
	stop_watching(load);
	load_process_kill(&load->process);
	loads->finished(loads->data, load->container);
	if (loads->crowded)
		loads->finished(loads->data, NULL);
	loads->crowded = false;
	make_room(loads);
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct load *load = data;

	(void)source, (void)fd, (void)events;
	stop_watching(load);
	finish(load, load_process_take(&load->process, &load->generation));
	return 0;
}

static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
	struct load *load = data;

	(void)source, (void)usec;
	load->again_ns = clock_monotonic_ns() + LOAD_PAUSE_S * NS_PER_SECOND;
	finish(load, error_set(-ETIME,
			       "the kernel did not take its programs within %d s: tried again in "
			       "%d s, behind all others",
			       LOAD_LIMIT_S, LOAD_PAUSE_S));
	return 0;
}

/* --- the beginning --- */

static int watch(struct load *load)
{
	sd_event *loop = load->loads->loop;
	int error = sd_event_add_io(loop, &load->answer, load->process.socket, EPOLLIN, on_answer,
				    load);

	if (error >= 0)
		error = sd_event_add_time_relative(loop, &load->limit, CLOCK_MONOTONIC,
						   LOAD_LIMIT_S * 1000000ULL, 100000, on_limit,
						   load);
	return error < 0 ? error_set(error, "cannot wait for a load: %s", strerror(-error)) : 0;
}

static int add(struct loads *loads, struct load *load)
{
	struct load **grown = reallocarray(loads->items, loads->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	loads->items = grown;
	grown[loads->count++] = load;
	return 0;
}

/* Takes *key. */
static int start(struct loads *loads, const struct generation_input *input, char *key,
		 size_t key_size, bool lazy)
{
	const struct owner *owner = owner_of(input);
	struct load *load = calloc(1, sizeof(*load));
	int error = load ? 0 : -ENOMEM;

	if (error) {
		free(key);
		return error;
	}
	*load = (struct load){
		.loads = loads,
		.key = key,
		.key_size = key_size,
		.process = LOAD_PROCESS_EMPTY,
		.running = true,
		.lazy = lazy,
		.start_ns = clock_monotonic_ns(),
		.generation = GENERATION_EMPTY,
	};
	if (owner && owner_is(owner))
		memcpy(load->container, owner->container, sizeof(load->container));
	error = load_process_start(input, lazy, &load->process);
	error = error ?: watch(load);
	error = error ?: add(loads, load);
	if (error)
		load_free(load);
	return error ?: -EINPROGRESS;
}

/* --- taking it --- */

/* What was made, as if it had been made just now for this path. */
static int take(struct load *load, const struct generation_input *input, const char *path,
		uint32_t number, struct generation *generation)
{
	struct generation new = load->generation;
	const struct owner *owner = owner_of(input);
	int error;

	load->generation = (struct generation)GENERATION_EMPTY;
	new.number = number;
	snprintf(new.path, sizeof(new.path), "%s", path);
	generation_adopt_meta(&new, &input->meta);
	if (owner && owner_is(owner))
		new.owner = *owner;
	error = generation_save_owner(&new);
	error = error == -ENOENT ? 0 : error;
	error = error ?: generation_save_meta(&new);
	if (error)
		generation_close(&new);
	else
		*generation = new;
	return error;
}

static int fail(struct loads *loads, struct load *load)
{
	int error = error_set(load->error, "%s", load->why);

	if (!load->again_ns)
		remove_load(loads, load);
	return error;
}

/* It took too long once: then only one of them at a time, and not at once. */
static bool may_be_tried_again(const struct loads *loads, const struct load *load)
{
	return load->again_ns && clock_monotonic_ns() >= load->again_ns &&
	       !count_those(loads, is_lazy);
}

int loads_make(void *data, const struct generation_input *input, const char *path, uint32_t number,
	       struct generation *generation)
{
	struct loads *loads = data;
	_cleanup_(freep) char *key = NULL;
	struct load *load;
	size_t size = 0;
	bool lazy = false;
	int error = make_key(input, &key, &size);

	if (error)
		return error;
	load = find(loads, key, size);
	if (load && load->running)
		return -EINPROGRESS;
	if (load && is_made(load)) {
		error = take(load, input, path, number, generation);
		remove_load(loads, load);
		return error;
	}
	if (load && !may_be_tried_again(loads, load))
		return fail(loads, load);
	if (load) {
		lazy = true;
		remove_load(loads, load);
	}
	if (count_those(loads, is_running) < RUNNING_MAX)
		return start(loads, input, TAKE_PTR(key), size, lazy);
	loads->crowded = true;
	return -EINPROGRESS;
}

/* --- life --- */

int loads_new(sd_event *loop, void (*finished)(void *data, const char *container), void *data,
	      struct loads **loads)
{
	struct loads *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = (struct loads){ .loop = sd_event_ref(loop), .finished = finished, .data = data };
	*loads = new;
	return 0;
}

void loads_free(struct loads *loads)
{
	if (!loads)
		return;
	while (loads->count)
		remove_at(loads, loads->count - 1);
	free(loads->items);
	sd_event_unref(loads->loop);
	free(loads);
}
