// SPDX-License-Identifier: GPL-2.0-only
/* Which process holds a lock, from a list as /proc/locks. */
#include <sys/sysmacros.h>

#include "pins_lock.h"
#include "support.h"

static const char list[] = "1: POSIX  ADVISORY  WRITE 700 00:2d:3958597 0 EOF\n"
			   "2: FLOCK  ADVISORY  READ  701 00:2d:3958597 0 EOF\n"
			   "3: FLOCK  ADVISORY  WRITE 702 00:2d:395859 0 EOF\n"
			   "4: FLOCK  ADVISORY  WRITE 703 00:2e:3958597 0 EOF\n"
			   "5: FLOCK  ADVISORY  WRITE 812 00:2d:3958597 0 EOF\n"
			   "5: -> FLOCK  ADVISORY  WRITE 813 00:2d:3958597 0 EOF\n"
			   "6: FLOCK  ADVISORY  WRITE 814 fd:100:12 0 EOF\n"
			   "7: -> FLOCK  ADVISORY  WRITE 815 00:2d:77 0 EOF\n"
			   "what is this\n";

static pid_t holder(const char *text, dev_t device, ino_t inode)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	pid_t pid = lock_read_holder(file, device, inode);

	fclose(file);
	return pid;
}

static void test_holder(void **state)
{
	(void)state;
	assert_int_equal(holder(list, makedev(0, 0x2d), 3958597), 812);
	assert_int_equal(holder(list, makedev(0xfd, 0x100), 12), 814);
	assert_int_equal(holder(list, makedev(0, 0x2d), 77), 0); /* it only waits */
	assert_int_equal(holder(list, makedev(0, 0x2d), 1), 0);
	assert_int_equal(holder("\n", 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_holder) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
