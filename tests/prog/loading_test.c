/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the object: a loader that takes one program of it, a loader with few capabilities, and
 * functions that are left out. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi.h"
#include "bpfmap.h"
#include "cleanup.h"
#include "diagnostics.h"
#include "error.h"
#include "left_out.h"
#include "policy.skel.h"
#include "spec.h"
#include "support.h"

/* As iproute2 does for `ip link set dev X xdp obj O sec xdp` and for `tc filter add ... sec tc`:
 * opens the file, loads the program whose section was named, and no other. */
static void check_section(const char *section)
{
	struct bpf_object *object = bpf_object__open_file(POLICY_BPF_O, NULL);
	struct bpf_program *program, *chosen = NULL;

	assert_non_null(object);
	bpf_object__for_each_program(program, object)
	{
		if (!strcmp(bpf_program__section_name(program), section))
			chosen = program;
		else
			bpf_program__set_autoload(program, false);
	}
	assert_non_null(chosen);
	assert_int_equal(bpf_object__load(object), 0);
	assert_true(bpf_program__fd(chosen) >= 0);
	bpf_object__close(object);
}

static void test_one_section(void **state)
{
	(void)state;
	check_section("xdp");
	check_section("tc");
	check_section("classifier");
}

/* The names that people type and that bpftool shows. */
static void test_names(void **state)
{
	static const char *const maps[] = { "proto_rules", "port_rules", "rule_stats",
					    "unknown_stats", "fragments" };
	struct bpf_object *object = bpf_object__open_file(POLICY_BPF_O, NULL);

	(void)state;
	assert_non_null(object);
	for (size_t i = 0; i < COUNT(maps); i++)
		assert_non_null(bpf_object__find_map_by_name(object, maps[i]));
	bpf_object__close(object);
}

static void keep_only(const cap_value_t *values, int count)
{
	cap_t capabilities = cap_init();

	if (!capabilities || cap_set_flag(capabilities, CAP_PERMITTED, count, values, CAP_SET) ||
	    cap_set_flag(capabilities, CAP_EFFECTIVE, count, values, CAP_SET) ||
	    cap_set_proc(capabilities)) {
		perror("cannot drop capabilities");
		_exit(99);
	}
	cap_free(capabilities);
}

/* Prints nothing: a refusal by the verifier is expected here. */
static int no_message(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static int load_policy(void)
{
	struct generation generation = GENERATION_EMPTY;
	struct policy *policy = policy_new();
	struct diagnostics diagnostics = {};
	struct meta meta = {};
	int error;

	error = policy_add_spec(policy, VERDICT_DENY, "tcp/80", &diagnostics);
	error = error ?: generation_load(policy, &meta, NULL, "/nowhere", 1, &generation);
	generation_close(&generation);
	policy_free(policy);
	return error;
}

enum { LOADED, REFUSED, REFUSED_WITHOUT_REASON };

/* Loads a policy in a child that has only these capabilities; a refusal has to name @missing. */
static int load_with(const cap_value_t *values, int count, const char *missing)
{
	int status, error;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		keep_only(values, count);
		libbpf_set_print(no_message);
		error = load_policy();
		if (!error)
			_exit(LOADED);
		_exit(strstr(error_message(error), missing) ? REFUSED : REFUSED_WITHOUT_REASON);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* CAP_PERFMON too: without it the verifier refuses a program that uses a stack slot for a pointer
 * and later for a number ("attempt to corrupt spilled pointer on stack"), as the compiler pleases.
 */
static void test_capabilities(void **state)
{
	static const cap_value_t all[] = { CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON };
	static const cap_value_t no_bpf[] = { CAP_NET_ADMIN, CAP_PERFMON };
	static const cap_value_t no_net_admin[] = { CAP_BPF, CAP_PERFMON };
	static const cap_value_t no_perfmon[] = { CAP_BPF, CAP_NET_ADMIN };

	(void)state;
	assert_int_equal(load_with(all, COUNT(all), ""), LOADED);
	assert_int_equal(load_with(no_bpf, COUNT(no_bpf), "CAP_BPF"), REFUSED);
	assert_int_equal(load_with(no_net_admin, COUNT(no_net_admin), "CAP_NET_ADMIN"), REFUSED);
	assert_int_equal(load_with(no_perfmon, COUNT(no_perfmon), "CAP_PERFMON"), REFUSED);
}

/* --- functions of features that a policy does not use are left out --- */

static uint64_t program_bytes(const char *policy)
{
	struct enforcer *enforcer = enforcer_new(policy);
	uint64_t bytes = 0;

	for (int i = 0; i < HOOK_COUNT; i++)
		bytes += map_memory(enforcer->generation.programs[i].fd);
	enforcer_free(enforcer);
	return bytes;
}

/* Each feature is at least so many pages more in the three programs together, classes are ten in
 * each of them. */
static void test_unused_functions(void **state)
{
	static const struct {
		const char *policy;
		unsigned int pages;
	} features[] = {
		{ "deny tcp dport 80 peer 198.18.1.2\n", 30 },
		{ "deny tcp dport 80\nallow established\n", 6 },
		{ "reject tcp dport 80\n", 6 },
		{ "own { 198.18.1.2 }\ndeny tcp dport 80\ndeny from spoofed\n", 2 },
		{ "deny tcp dport 80 mirror ids0\n", 0 },
		{ "deny tcp dport 80\nallow udp rate 1mbit\n", 2 },
	};
	uint64_t page = sysconf(_SC_PAGESIZE), without = program_bytes("deny tcp dport 80\n");

	(void)state;
	print_message("programs without any of these: %llu bytes\n", (unsigned long long)without);
	for (size_t i = 0; i < COUNT(features); i++) {
		uint64_t bytes = program_bytes(features[i].policy);

		print_message("%llu bytes more: %s", (unsigned long long)(bytes - without),
			      features[i].policy);
		assert_true(bytes >= without + features[i].pages * page);
	}
}

typedef struct policy_bpf__rodata constants;

static void reject_some(constants *c)
{
	c->answering.by = PCTL_ANSWERS_BY_XDP;
}

static void track(constants *c)
{
	c->tracking.tracks = 1;
}

static void ask_for_spoofed(constants *c)
{
	c->config.spoofed = PCTL_OUTCOME(PCTL_DROP, PCTL_SLOT_RULES);
}

static void ask_for_peers(constants *c)
{
	c->classes.uses_peers[PCTL_FROM] = 1;
}

/* What the XDP program is loaded with after all unused functions were left out. 0, or what the
 * kernel says. */
static int load_without(void (*use)(constants *c))
{
	static constants none;
	size_t size;
	const void *bytes = policy_bpf__elf_bytes(&size);
	_cleanup_(freep) void *copy = malloc(size);
	struct bpf_object *object;
	struct bpf_program *program;
	constants *c;
	int error;

	assert_non_null(copy);
	assert_int_equal(left_out_redirect(memcpy(copy, bytes, size), size, &none, true), 0);
	object = bpf_object__open_mem(copy, size, NULL);
	assert_non_null(object);
	bpf_object__for_each_program(program, object) bpf_program__set_autoload(
		program, !strcmp(bpf_program__section_name(program), "xdp"));
	c = (constants *)bpf_map__initial_value(bpf_object__find_map_by_name(object, ".rodata"),
						&size);
	assert_true(size >= sizeof(*c)); /* the skeleton knows no static constants */
	*(uint32_t *)&c->config.compiled = 1;
	if (use)
		use(c);
	error = bpf_object__load(object);
	bpf_object__close(object);
	return error;
}

/* What is left out by mistake makes the kernel refuse the program. */
static void test_left_out_by_mistake(void **state)
{
	libbpf_print_fn_t print;

	(void)state;
	assert_int_equal(load_without(NULL), 0);
	print = libbpf_set_print(no_message);
	assert_int_not_equal(load_without(reject_some), 0);
	assert_int_not_equal(load_without(track), 0);
	assert_int_not_equal(load_without(ask_for_spoofed), 0);
	assert_int_not_equal(load_without(ask_for_peers), 0);
	libbpf_set_print(print);
}

/* Bytes that are no object, or only its beginning. */
static void test_no_object(void **state)
{
	static constants none;
	size_t size;
	const void *bytes = policy_bpf__elf_bytes(&size);
	_cleanup_(freep) char *copy = malloc(size);

	(void)state;
	assert_non_null(copy);
	memcpy(copy, bytes, size);
	for (size_t cut = 0; cut < size; cut += 4096)
		assert_int_equal(left_out_redirect(copy, cut, &none, true), -ENOEXEC);
	copy[0] = 0;
	assert_int_equal(left_out_redirect(copy, size, &none, true), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_section),	    cmocka_unit_test(test_names),
		cmocka_unit_test(test_capabilities),	    cmocka_unit_test(test_unused_functions),
		cmocka_unit_test(test_left_out_by_mistake), cmocka_unit_test(test_no_object),
	};

	return run_group("loading", tests, COUNT(tests));
}
