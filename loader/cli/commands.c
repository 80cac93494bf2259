// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, in the order of the help text. Each command has a file cmd_*.c. */
#include "command.h"
#include "commands.h"

const struct command *const commands[] = {
	/* policies */
	&command_attach,
	&command_detach,
	&command_apply,
	&command_diff,
	&command_check,
	&command_deny,
	&command_reject,
	&command_allow,
	&command_delete,
	&command_confirm,
	&command_undo,
	&command_history,
	&command_quarantine,
	&command_release,
	/* what is there */
	&command_status,
	&command_list,
	&command_show,
	&command_connections,
	&command_stats,
	&command_monitor,
	&command_capture,
	&command_explain,
	&command_learn,
	&command_map,
	&command_report,
	&command_unused,
	&command_doctor,
	/* followers */
	&command_daemon,
	&command_sidecar,
	&command_completion,
	&command_version,
	NULL,
};
