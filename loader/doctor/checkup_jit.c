// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "checkup.h"
#include "checkup_jit.h"
#include "sysctl.h"

int program_is_jited(int program)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	/* Without CAP_BPF the kernel shows it as 0: then the other length is 0 too. */
	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &length) || !info.xlated_prog_len)
		return -1;
	return info.jited_prog_len > 0;
}

static void say_jit_off(struct findings *findings, bool by_setting)
{
	findings_add(findings, FINDING_WARNING, "jit", "%s: programs are interpreted, not compiled",
		     by_setting ? "off (net.core.bpf_jit_enable is 0)"
				: "of no use (though net.core.bpf_jit_enable is not 0)");
	findings_why(findings, "each packet costs several times as much, and Linux 6.2 and later "
			       "refuse to load the programs");
	findings_do(findings, "sysctl -w net.core.bpf_jit_enable=1; programs that are loaded "
			      "already stay as they are until policyctl apply");
}

void checkup_jit(struct checkup *checkup)
{
	long enabled = sysctl_read_global(SYSCTL "net/core/bpf_jit_enable");
	long harden = sysctl_read_global(SYSCTL "net/core/bpf_jit_harden");
	struct findings *findings = &checkup->findings;

	if (enabled == 0 || checkup->jited == 0) {
		say_jit_off(findings, enabled == 0);
	} else if (enabled == 2) {
		findings_add(findings, FINDING_NOTE, "jit",
			     "net.core.bpf_jit_enable is 2: the code of each program is written "
			     "to the kernel's log");
		findings_why(findings, "for debugging only; addresses of the kernel stand there");
		findings_do(findings, "sysctl -w net.core.bpf_jit_enable=1");
	} else if (harden == 2) {
		findings_add(findings, FINDING_NOTE, "jit",
			     "on, with constants hidden for root too (net.core.bpf_jit_harden is "
			     "2)");
		findings_why(findings, "policies are constants of the programs: each packet costs "
				       "somewhat more");
		findings_do(findings, "sysctl -w net.core.bpf_jit_harden=1 keeps it for other "
				      "users only");
	} else if (enabled < 0 && checkup->jited < 0) {
		findings_add(findings, FINDING_NOTE, "jit", "whether it is on cannot be seen");
		findings_why(findings, "net.core.bpf_jit_enable is for root, in the first network "
				       "namespace");
		findings_do(findings, "run policyctl doctor as root");
	} else {
		findings_add(findings, FINDING_OK, "jit", "on%s",
			     checkup->jited > 0 ? ": the programs are compiled" : "");
	}
}
