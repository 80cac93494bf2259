// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

#include "capabilities.h"
#include "error.h"
#include "util.h"

static const struct {
	cap_value_t value;
	const char *name;
	const char *purpose;
} needed[] = {
	{ CAP_BPF, "CAP_BPF", "to load programs and maps" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", "to attach them to interfaces" },
	{ CAP_PERFMON, "CAP_PERFMON", "or the verifier refuses the programs" },
};

bool capabilities_have(int capability)
{
	cap_flag_value_t value = CAP_CLEAR;
	cap_t capabilities = cap_get_proc();

	if (capabilities)
		cap_get_flag(capabilities, capability, CAP_EFFECTIVE, &value);
	cap_free(capabilities);
	return value == CAP_SET;
}

int capabilities_check(void)
{
	char missing[256] = "";

	/* CAP_SYS_ADMIN still contains CAP_BPF and CAP_PERFMON (include/linux/capability.h). */
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		size_t used = strlen(missing);

		if (capabilities_have(needed[i].value) ||
		    (needed[i].value != CAP_NET_ADMIN && capabilities_have(CAP_SYS_ADMIN)))
			continue;
		snprintf(missing + used, sizeof(missing) - used, "%s%s (%s)", used ? ", " : "",
			 needed[i].name, needed[i].purpose);
	}
	return missing[0] ? error_set(-EPERM, "missing capabilities: %s; run as root, or with them",
				      missing)
			  : 0;
}

int capabilities_explain(int error, const char *what)
{
	int missing;

	if (error != -EPERM && error != -EACCES)
		return error_set(error, "%s: %s", what, strerror(-error));
	missing = capabilities_check();
	if (missing)
		return error_prefix(error, "%s", what);
	if (error == -EPERM)
		return error_set(error,
				 "%s: %s (on kernels before 5.11 also what RLIMIT_MEMLOCK says)",
				 what, strerror(-error));
	return error_set(error, "%s: %s", what, strerror(-error));
}
