// SPDX-License-Identifier: GPL-2.0-only
/* Reading /proc/PID/mountinfo, and paths that messages show in place of others. */
#include <sys/sysmacros.h>

#include "error.h"
#include "mounts.h"
#include "support.h"

static const char list[] =
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"
	"27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
	"61 60 0:39 / /sys/fs/bpf rw,relatime shared:7 master:2 - bpf bpf rw,mode=700\n"
	"62 60 0:40 / /srv/a\\040b rw - tmpfs tmpfs rw\n"
	"63 60 0:41 / /sys/fs/bpf2 rw - tmpfs none rw\n"
	"64 60 0:42 / /mnt rw - bpffs bpf rw\n"
	"65 60 0:43 / /last rw - bpf bpf rw\n"
	"71 65 0:44 / /last rw - tmpfs tmpfs rw\n"
	"72 27 259:1048575 / /twice rw - tmpfs tmpfs rw\n"
	"73 72 259:1048575 / /twice rw - bpf bpf rw";

static bool has(const char *text, uint64_t id)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	bool found = mounts_have(file, id);

	fclose(file);
	return found;
}

static bool find(const char *text, const char *point, dev_t *device)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	bool found = mounts_find(file, point, "bpf", device);

	fclose(file);
	return found;
}

static void test_ids(void **state)
{
	(void)state;
	assert_true(has(list, 22));
	assert_true(has(list, 73));
	assert_false(has(list, 2));
	assert_false(has(list, 1)); /* a parent, which is not in the list */
	assert_false(has(list, 0));
	assert_false(has("\n", 0));
	assert_false(has("what is this\n", 0));
}

static void test_type(void **state)
{
	dev_t device = 5;

	(void)state;
	assert_false(find(list, "/proc", &device));
	assert_false(find(list, "/sys/fs/bpf2", &device));
	assert_false(find(list, "/sys/fs", &device));
	assert_false(find(list, "/mnt", &device)); /* the type only begins like it */
	assert_false(find(list, "/last", &device)); /* covered */
	assert_false(find("what is this\n", "this", &device));
	assert_int_equal(device, 5);
	assert_true(find(list, "/sys/fs/bpf", &device));
	assert_int_equal(device, makedev(0, 39));
	assert_true(find(list, "/twice", &device));
	assert_int_equal(device, makedev(259, 1048575));
}

static void test_alias(void **state)
{
	char longest[1100];

	(void)state;
	error_alias("/proc/self/fd/4", "/proc/1/root/sys/fs/bpf");
	error_set(-1, "no %s/a, /proc/self/fd/4", "/proc/self/fd/4");
	assert_string_equal(error_message(0),
			    "no /proc/1/root/sys/fs/bpf/a, /proc/1/root/sys/fs/bpf");
	error_prefix(-1, "%s", "/proc/self/fd/4");
	assert_string_equal(error_message(0),
			    "/proc/1/root/sys/fs/bpf: no /proc/1/root/sys/fs/bpf/a, "
			    "/proc/1/root/sys/fs/bpf");
	error_set(-1, "/proc/self/fd/41 is another one, /proc/self/fd/4: is not");
	assert_string_equal(error_message(0),
			    "/proc/self/fd/41 is another one, /proc/1/root/sys/fs/bpf: is not");
	for (size_t at = 0; at < sizeof(longest); at += 16)
		memcpy(longest + at, "/proc/self/fd/4 ",
		       sizeof(longest) - at < 16 ? sizeof(longest) - at : 16);
	longest[sizeof(longest) - 1] = '\0';
	error_set(-1, "%s", longest);
	assert_int_equal(strlen(error_message(0)), 1023);
	error_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_alias),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
