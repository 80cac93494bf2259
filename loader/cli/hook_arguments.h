/* SPDX-License-Identifier: GPL-2.0-only */
/* --hook and --mode on the command line: what judges packets from a container. */
#ifndef PCTL_HOOK_ARGUMENTS_H
#define PCTL_HOOK_ARGUMENTS_H

#include "arguments.h"
#include "mode.h"
#include "netlink.h"

struct hook_arguments {
	bool given; /* at least one of the two */
	enum hook_choice hook; /* xdp by default */
	enum mode_choice mode; /* auto by default */
};

#define HOOK_OPTION_ROW                                                                          \
	{                                                                                        \
		"hook", "HOOK",                                                                  \
			"what judges packets from the container: xdp (default), tc (clsact "     \
			"ingress alone), auto (tc where nobody behind a veth can get around it)" \
	}

/* Reads --hook and --mode. Returns an exit status; a failure is printed. */
int hook_from_arguments(const struct arguments *arguments, struct hook_arguments *hook);

/* The choice for one link. With --hook auto on a veth it looks at every process of the machine. */
enum mode_choice hook_mode(const struct hook_arguments *hook, struct nl *nl,
			   const struct link *link);

/* Has an attachment in this mode what was asked for? */
bool hook_is(enum mode_choice choice, enum xdp_mode mode);

#endif
