/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef PCTL_COMMANDS_H
#define PCTL_COMMANDS_H

#include "command.h"

extern const struct command command_attach, command_detach, command_apply, command_diff,
	command_check, command_deny, command_reject, command_allow, command_delete,
	command_quarantine, command_release, command_confirm, command_undo, command_history,
	command_status, command_list, command_show, command_connections, command_stats,
	command_monitor, command_capture, command_explain, command_learn, command_map,
	command_report, command_unused, command_doctor, command_daemon, command_sidecar,
	command_completion, command_version;

#endif
