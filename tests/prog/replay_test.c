/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kept cases (case.h): programs and reference evaluator agree on each frame. Arguments are the
 * files; without any, all of tests/prog/cases.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>

#include "case.h"
#include "support.h"

static char **files;
static size_t file_count;

static bool replay(const char *path)
{
	struct test_case c;
	char *finding = NULL;
	FILE *in = fopen(path, "r");
	size_t at = 0;
	bool agrees;

	if (!in || case_read(in, &c)) {
		print_error("%s: %s\n", path, in ? "not a case" : strerror(errno));
		if (in)
			fclose(in);
		return false;
	}
	fclose(in);
	agrees = !case_disagrees(&c, true, &at, &finding);
	if (!agrees)
		print_error("%s: frame %zu of %zu: %s\n", path, at + 1, c.count,
			    finding ?: "the policy is not loaded");
	free(finding);
	case_clear(&c);
	return agrees;
}

static void test_all_agree(void **state)
{
	size_t failures = 0;

	(void)state;
	assert_true(file_count > 0);
	for (size_t i = 0; i < file_count; i++)
		failures += !replay(files[i]);
	printf("%zu cases replayed\n", file_count);
	assert_int_equal(failures, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all_agree) };
	glob_t found = {};
	int status;

	files = argv + 1;
	file_count = argc - 1;
	if (!file_count && !glob(CASES "/*", 0, NULL, &found)) {
		files = found.gl_pathv;
		file_count = found.gl_pathc;
	}
	status = run_group("replay", tests, COUNT(tests));
	globfree(&found);
	return status;
}
