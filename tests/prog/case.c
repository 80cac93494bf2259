/* SPDX-License-Identifier: GPL-2.0-only */
#include "case.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame_text.h"
#include "trial.h"

#define FRAMES_BEGIN "frames\n"

void case_clear(struct test_case *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->passages[i].bytes);
	free(c->passages);
	free(c->policy);
	*c = (struct test_case){};
}

void case_add(struct test_case *c, enum hook hook, const uint8_t *bytes, size_t length)
{
	struct passage *grown = reallocarray(c->passages, c->count + 1, sizeof(*grown));
	uint8_t *copy = malloc(length + 1);

	if (!grown || !copy)
		abort();
	memcpy(copy, bytes, length);
	c->passages = grown;
	c->passages[c->count++] = (struct passage){ hook, copy, length };
}

void case_write(FILE *out, const struct test_case *c)
{
	fprintf(out, "%s" FRAMES_BEGIN, c->policy);
	for (size_t i = 0; i < c->count; i++) {
		fprintf(out, "%s ", hook_name(c->passages[i].hook));
		for (size_t j = 0; j < c->passages[i].length; j++)
			fprintf(out, "%02x", c->passages[i].bytes[j]);
		fputc('\n', out);
	}
}

/* --- reading --- */

static void add_hex(struct test_case *c, enum hook hook, const char *hex)
{
	size_t length = strlen(hex) / 2;
	uint8_t *bytes = malloc(length + 1);

	if (!bytes)
		abort();
	for (size_t i = 0; i < length; i++)
		sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
	case_add(c, hook, bytes, length);
	free(bytes);
}

static void add_words(struct test_case *c, enum hook hook, const char *words)
{
	struct frame *frame = malloc(sizeof(*frame));

	if (!frame)
		abort();
	frame_from_text(frame, words);
	case_add(c, hook, frame->data, frame->length);
	free(frame);
}

static int read_frame(struct test_case *c, char *line)
{
	char *frame = strchr(line, ' ');

	if (!frame)
		return -EINVAL;
	*frame++ = '\0';
	for (enum hook hook = 0; hook < HOOK_COUNT; hook++) {
		if (strcmp(line, hook_name(hook)))
			continue;
		if (frame[strspn(frame, "0123456789abcdef")])
			add_words(c, hook, frame);
		else
			add_hex(c, hook, frame);
		return 0;
	}
	return -EINVAL;
}

int case_read(FILE *in, struct test_case *c)
{
	char *line = NULL;
	size_t capacity = 0, size;
	bool in_frames = false;
	FILE *policy;
	ssize_t length;
	int error = 0;

	*c = (struct test_case){};
	policy = open_memstream(&c->policy, &size);
	if (!policy)
		abort();
	while (!error && (length = getline(&line, &capacity, in)) > 0) {
		if (!in_frames && strcmp(line, FRAMES_BEGIN)) {
			fputs(line, policy);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		if (in_frames && *line)
			error = read_frame(c, line);
		in_frames = true;
	}
	free(line);
	fclose(policy);
	error = error ?: c->count ? 0 : -EINVAL;
	if (error)
		case_clear(c);
	return error;
}

/* --- running --- */

bool case_disagrees(const struct test_case *c, bool strict, size_t *at, char **finding)
{
	struct trial *trial;
	enum agreement agreement = AGREED;
	int error;

	trial = trial_new(c->policy, &error, finding);
	if (!trial && strict)
		return true;
	if (!trial) {
		free(*finding);
		*finding = NULL;
		return false;
	}
	for (*at = 0; *at < c->count; ++*at) {
		const struct passage *p = &c->passages[*at];

		agreement = trial_run(trial, p->hook, p->bytes, p->length, finding);
		if (agreement == DISAGREED)
			break;
	}
	if (agreement != DISAGREED)
		agreement = trial_check_totals(trial, finding);
	trial_free(trial);
	return agreement == DISAGREED;
}
