// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "capabilities.h"
#include "checkup.h"
#include "checkup_jit.h"
#include "checkup_kernel.h"
#include "checkup_shape.h"
#include "clock.h"
#include "diagnostics.h"
#include "error.h"
#include "ids.h"
#include "policy_parse.h"
#include "trial.h"
#include "util.h"

/* include/uapi/linux/bpf.h; Debian 12's headers know all but this one, Linux 6.6. */
#define BPF_TCX_INGRESS_ 46

enum feature_kind {
	PROGRAM_TYPE,
	MAP_TYPE,
	XDP_HELPER,
	TC_HELPER,
};

/* What kern/ uses, beyond what every kernel with BPF has. */
static const struct {
	enum feature_kind kind;
	int number;
	const char *name;
} features[] = {
	{ PROGRAM_TYPE, BPF_PROG_TYPE_XDP, "XDP" },
	{ PROGRAM_TYPE, BPF_PROG_TYPE_SCHED_CLS, "sched_cls" },
	{ MAP_TYPE, BPF_MAP_TYPE_HASH, "hash" },
	{ MAP_TYPE, BPF_MAP_TYPE_LRU_HASH, "lru_hash" },
	{ MAP_TYPE, BPF_MAP_TYPE_ARRAY, "array" },
	{ MAP_TYPE, BPF_MAP_TYPE_PERCPU_ARRAY, "percpu_array" },
	{ MAP_TYPE, BPF_MAP_TYPE_ARRAY_OF_MAPS, "array_of_maps" },
	{ MAP_TYPE, BPF_MAP_TYPE_RINGBUF, "ringbuf" },
	{ XDP_HELPER, BPF_FUNC_loop, "bpf_loop" },
	{ XDP_HELPER, BPF_FUNC_for_each_map_elem, "bpf_for_each_map_elem" },
	{ XDP_HELPER, BPF_FUNC_ringbuf_reserve, "bpf_ringbuf_reserve" },
	{ XDP_HELPER, BPF_FUNC_xdp_get_buff_len, "bpf_xdp_get_buff_len" },
	{ XDP_HELPER, BPF_FUNC_xdp_load_bytes, "bpf_xdp_load_bytes" },
	{ XDP_HELPER, BPF_FUNC_xdp_adjust_meta, "bpf_xdp_adjust_meta" },
	{ XDP_HELPER, BPF_FUNC_ktime_get_boot_ns, "bpf_ktime_get_boot_ns" },
	{ XDP_HELPER, BPF_FUNC_jiffies64, "bpf_jiffies64" },
	{ TC_HELPER, BPF_FUNC_skb_load_bytes_relative, "bpf_skb_load_bytes_relative" },
	{ TC_HELPER, BPF_FUNC_skb_pull_data, "bpf_skb_pull_data" },
};

static int has_feature(size_t i)
{
	switch (features[i].kind) {
	case PROGRAM_TYPE:
		return libbpf_probe_bpf_prog_type(features[i].number, NULL);
	case MAP_TYPE:
		return libbpf_probe_bpf_map_type(features[i].number, NULL);
	case XDP_HELPER:
		return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, features[i].number, NULL);
	default:
		return libbpf_probe_bpf_helper(BPF_PROG_TYPE_SCHED_CLS, features[i].number, NULL);
	}
}

/* Where others can stand in front of tc filters. We do not need it. */
static bool has_tcx(void)
{
	uint32_t ids[1];
	LIBBPF_OPTS(bpf_prog_query_opts, query, .prog_ids = ids, .prog_cnt = ARRAY_SIZE(ids));
	int error = bpf_prog_query_opts(1 /* lo */, BPF_TCX_INGRESS_, &query);

	return !error || error == -ENOSPC;
}

static void check_features(struct checkup *checkup, const char *release)
{
	struct findings *findings = &checkup->findings;
	char missing[512] = "";

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		size_t used = strlen(missing);

		if (has_feature(i) == 0)
			snprintf(missing + used, sizeof(missing) - used, "%s%s", used ? ", " : "",
				 features[i].name);
	}
	if (!missing[0]) {
		findings_add(findings, FINDING_OK, "kernel",
			     "Linux %s has the %zu features that the programs use (%s)", release,
			     ARRAY_SIZE(features),
			     has_tcx() ? "and TCX, by which others can come before them"
				       : "no TCX");
		return;
	}
	findings_add(findings, FINDING_FAULT, "kernel", "Linux %s lacks %s", release, missing);
	findings_why(findings, "the programs use it, and will not load");
	findings_do(findings, "Linux 6.1 or later, with CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF, "
			      "CONFIG_NET_CLS_ACT and CONFIG_NET_SCH_INGRESS");
}

/* --- a trial --- */

/* Uses nearly everything: ports, peers, source ports, ICMP types, events, a default to deny. */
static const char trial_policy[] = "default to deny\n"
				   "deny from tcp dport 25 log\n"
				   "deny from udp dport 53 peer not { 198.51.100.53 }\n"
				   "deny from any peer { 203.0.113.0/24, 2001:db8:f::/48 }\n"
				   "allow to tcp dport { 80, 443 } sport 1024-65535\n"
				   "allow to icmp type echo-request\n";

static int load_trial(struct policy **policy, struct generation *generation)
{
	const struct meta meta = { .phase = PHASE_ENFORCING,
				   .mode = XDP_MODE_GENERIC,
				   .guarded = 1 };
	int error =
		policy_parse("trial", trial_policy, sizeof(trial_policy) - 1, NULL, policy, NULL);

	error = error ?: policy_assign_ids(*policy, NULL);
	return error ?: generation_load(*policy, &meta, NULL, "trial", 1, generation);
}

static void say_trial(struct checkup *checkup, const struct generation *generation,
		      struct policy *policy, unsigned int took)
{
	const struct attachment attachment = { .current = *generation };
	struct explainer explainer = { .policy = policy,
				       .attachment = &attachment,
				       .name = "trial" };
	struct findings *findings = &checkup->findings;
	struct trial trials[PCTL_DIRECTIONS];
	const char *wrong = NULL;

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		if (trial_run(&explainer, d, &trials[d])) {
			findings->lost = true;
			return;
		}
		if (trials[d].wrong[0])
			wrong = trials[d].wrong;
		else if (!trials[d].passed || !trials[d].dropped)
			wrong = "no packet of the trial is dropped, or none passes";
	}
	if (wrong) {
		findings_add(findings, FINDING_FAULT, "programs", "%s", wrong);
		findings_why(findings, "on this kernel the programs do not decide by the policy");
		findings_do(findings, "do not rely on policyctl here; report it with the output of "
				      "uname -r");
		return;
	}
	findings_add(findings, FINDING_OK, "programs",
		     "load in %u ms, and of %zu packets tried they drop %zu and pass %zu, as the "
		     "rules say",
		     took, trials[PCTL_FROM].asked + trials[PCTL_TO].asked,
		     trials[PCTL_FROM].dropped + trials[PCTL_TO].dropped,
		     trials[PCTL_FROM].passed + trials[PCTL_TO].passed);
}

static void check_trial(struct checkup *checkup)
{
	_cleanup_(generation_close) struct generation generation = GENERATION_EMPTY;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	struct findings *findings = &checkup->findings;
	uint64_t start = clock_monotonic_ns(), took_ns;
	int error = load_trial(&policy, &generation);

	took_ns = clock_monotonic_ns() - start;
	if (!error) {
		say_trial(checkup, &generation, policy, took_ns / NS_PER_MS);
		checkup->jited = program_is_jited(generation.programs[HOOK_XDP].fd);
		return;
	}
	findings_add(findings, FINDING_FAULT, "programs", "do not load: %s", error_message(error));
	findings_why(findings, "attach and apply will fail the same way");
	findings_do(findings, "POLICYCTL_DEBUG=1 policyctl doctor prints what libbpf and the "
			      "verifier say");
	error_clear();
}

void checkup_kernel(struct checkup *checkup)
{
	struct utsname names;

	if (uname(&names))
		strcpy(names.release, "?");
	if (capabilities_check()) {
		error_clear();
		findings_add(&checkup->findings, FINDING_NOTE, "kernel",
			     "Linux %s: what it can do was not tried", names.release);
		findings_why(&checkup->findings,
			     "to load a program for a trial takes the missing capabilities");
		findings_do(&checkup->findings, "run policyctl doctor as root");
		return;
	}
	check_features(checkup, names.release);
	check_trial(checkup);
	checkup_shape_kernel(checkup, names.release);
}
