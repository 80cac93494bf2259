// SPDX-License-Identifier: GPL-2.0-only
/* Stars on public suffixes bring a warning; where libpsl is missing, nothing does. */
#include <dlfcn.h>
#include <stdio.h>

#include "public_suffix.h"
#include "support.h"

#define SETS                                                                          \
	"set a dns { *.com, *.github.io, *.co.uk, com, *.example.com, *.internal }\n" \
	"set b dns { *.net }\nset c label { *.com=1 }\n"

static void open_stars_are_warned_of(void **state)
{
	struct policy *policy = parse_good(SETS);
	struct diagnostics diagnostics = {};
	char *said;

	(void)state;
	assert_int_equal(public_suffixes_warn(policy, "test", &diagnostics), 0);
	assert_int_equal(diagnostics.count, 4);
	said = print_diagnostics(&diagnostics);
	assert_contains(said, "test:1:5: warning: '*.com' of the set 'a' is open to everybody");
	assert_contains(said, "'*.github.io' of the set 'a'");
	assert_contains(said, "'*.co.uk' of the set 'a'");
	assert_contains(said, "test:2:5: warning: '*.net' of the set 'b'");
	free(said);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(open_stars_are_warned_of) };

	if (!dlopen("libpsl.so.5", RTLD_LAZY)) {
		printf("1..0 # SKIP libpsl is missing\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
