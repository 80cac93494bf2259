// SPDX-License-Identifier: GPL-2.0-only
/* Ids of containers in the paths of cgroups, as docker, podman, CRI-O and containerd have them. */
#include "support.h"

#include "namespace_containers.h"

#define A "4f1c0e8a6b5d3f2e9c7b1a0d8e6f4c2b4f1c0e8a6b5d3f2e9c7b1a0d8e6f4c2b"
#define B "00000000000000000000000000000000000000000000000000000000deadbeef"

static void reads(const char *path, const char *first, const char *second)
{
	char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE];
	size_t count = cgroup_path_containers(path, ids),
	       expected = (first ? 1 : 0) + (second ? 1 : 0);

	if (count != expected)
		fail_msg("%s: %zu ids", path, count);
	if (first)
		assert_string_equal(ids[0], first);
	if (second)
		assert_string_equal(ids[1], second);
}

static void each_engine_has_its_form(void **state)
{
	(void)state;
	reads("4:memory:/docker/" A "\n", A, NULL);
	reads("0::/system.slice/docker-" A ".scope\n", A, NULL);
	reads("0::/machine.slice/libpod-" A ".scope/container\n", A, NULL);
	reads("3:pids:/libpod_parent/libpod-" A "\n", A, NULL);
	reads("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-" A ".scope", A, NULL);
	reads("1:cpu:/kubepods/burstable/pod1b2c3d4e-1111-2222-3333-444455556666/" A, A, NULL);
	reads("0::/system.slice/kubepods-pod1.slice:cri-containerd:" A, A, NULL);
	reads("0::/kubepods.slice/crio-" A ".scope", A, NULL);
	reads("0::/docker/" A "/init.scope/some.service", A, NULL);
	reads(A, A, NULL);
}

/* As seen from a cgroup namespace that does not contain the process. */
static void it_may_be_relative(void **state)
{
	(void)state;
	reads("0::/../" A, A, NULL);
	reads("0::/../../docker-" A ".scope", A, NULL);
}

static void the_outermost_comes_first(void **state)
{
	(void)state;
	reads("4:memory:/docker/" A "/docker/" B "\n", A, B);
	reads("0::/system.slice/docker-" B ".scope/libpod_parent/libpod-" A, B, A);
}

static void no_more_than_there_is_room_for(void **state)
{
	char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE],
		path[2 * NAMESPACE_CONTAINER_DEPTH * 66] = "";

	(void)state;
	for (size_t i = 0; i < NAMESPACE_CONTAINER_DEPTH + 3; i++)
		strcat(path, i % 2 ? "/" A : "/" B);
	assert_int_equal(cgroup_path_containers(path, ids), NAMESPACE_CONTAINER_DEPTH);
	assert_string_equal(ids[0], B);
	assert_string_equal(ids[NAMESPACE_CONTAINER_DEPTH - 1], A);
}

static void other_words_are_no_ids(void **state)
{
	(void)state;
	reads("", NULL, NULL);
	reads("0::/\n", NULL, NULL);
	reads("0::/user.slice/user-1000.slice/session-3.scope", NULL, NULL);
	reads("0::/docker/" A "0", NULL, NULL); /* 65 digits */
	reads("0::/docker/0" A, NULL, NULL);
	reads("0::/docker/" A "g", NULL, NULL);
	reads("0::/docker/4F1C0E8A6B5D3F2E9C7B1A0D8E6F4C2B4F1C0E8A6B5D3F2E9C7B1A0D8E6F4C2B", NULL,
	      NULL);
	reads("0::/process_api/447d804ca638d68e9bce080f651343d9", NULL, NULL); /* 32 */
	/* The monitor process is outside, in the namespace of its parent. */
	reads("0::/machine.slice/libpod-conmon-" A ".scope", NULL, NULL);
	reads("0::/docker/" A "/libpod_parent/conmon/libpod-conmon-" B ".scope", A, NULL);
}

static void there_is_no_such_process(void **state)
{
	char ids[NAMESPACE_CONTAINER_DEPTH][NAMESPACE_CONTAINER_ID_SIZE];

	(void)state;
	assert_int_equal(process_containers(0x7fffffff, ids), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_engine_has_its_form),
		cmocka_unit_test(it_may_be_relative),
		cmocka_unit_test(the_outermost_comes_first),
		cmocka_unit_test(no_more_than_there_is_room_for),
		cmocka_unit_test(other_words_are_no_ids),
		cmocka_unit_test(there_is_no_such_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
