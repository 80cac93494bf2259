// SPDX-License-Identifier: GPL-2.0-only
/* Libraries that are loaded on demand: the first file that is there, all functions or an error. */
#include <errno.h>
#include <math.h>

#include "error.h"
#include "library.h"
#include "support.h"

#define FUNCTIONS(X) X(cos) X(sqrt)

struct pointers {
	FUNCTIONS(LIBRARY_POINTER)
};

static int load(const char *const *files, const char *const *functions, struct pointers *pointers)
{
	const struct library library = {
		.name = "libmath",
		.purpose = "counting",
		.files = files,
		.functions = functions,
	};

	return library_load(&library, pointers);
}

static void the_first_file_that_is_there_is_loaded(void **state)
{
	static const char *const files[] = { "libno-such.so.1", "libm.so.6", NULL };
	static const char *const functions[] = { FUNCTIONS(LIBRARY_NAME) NULL };
	struct pointers pointers;

	(void)state;
	assert_int_equal(load(files, functions, &pointers), 0);
	assert_true(pointers.sqrt(81) == 9);
	assert_true(pointers.cos(0) == 1);
}

static void a_missing_library_is_named(void **state)
{
	static const char *const files[] = { "libno-such.so.1", NULL };
	static const char *const functions[] = { FUNCTIONS(LIBRARY_NAME) NULL };
	struct pointers pointers;

	(void)state;
	assert_int_equal(load(files, functions, &pointers), -ENOENT);
	assert_contains(error_message(-ENOENT), "counting needs libmath: libno-such.so.1");
}

static void a_missing_function_is_named(void **state)
{
	static const char *const files[] = { "libm.so.6", NULL };
	static const char *const functions[] = { "cos", "no_such_function", NULL };
	struct pointers pointers;

	(void)state;
	assert_int_equal(load(files, functions, &pointers), -ENOSYS);
	assert_contains(error_message(-ENOSYS), "no_such_function");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_file_that_is_there_is_loaded),
		cmocka_unit_test(a_missing_library_is_named),
		cmocka_unit_test(a_missing_function_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
