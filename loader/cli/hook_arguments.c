// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "command.h"
#include "hook_arguments.h"
#include "netns.h"
#include "packet_sockets.h"

int hook_from_arguments(const struct arguments *arguments, struct hook_arguments *hook)
{
	const char *mode = "auto", *name = "xdp";

	hook->given = arguments_have(arguments, "mode", &mode);
	if (arguments_have(arguments, "hook", &name))
		hook->given = true;
	if (mode_choice_parse(mode, &hook->mode))
		return usage_failed(arguments->command, "--mode is auto, native or generic, not %s",
				    mode);
	if (hook_choice_parse(name, &hook->hook))
		return usage_failed(arguments->command, "--hook is auto, xdp or tc, not %s", name);
	if (hook->hook == HOOK_CHOICE_TC && hook->mode != MODE_AUTO)
		return usage_failed(arguments->command,
				    "--mode %s is a mode of XDP, and --hook tc does without XDP",
				    mode);
	return EXIT_DONE;
}

enum mode_choice hook_mode(const struct hook_arguments *hook, struct nl *nl,
			   const struct link *link)
{
	if (hook->hook == HOOK_CHOICE_TC)
		return MODE_NONE;
	if (hook->hook == HOOK_CHOICE_AUTO && hook->mode == MODE_AUTO &&
	    !strcmp(link->kind, "veth") && link->peer_nsid >= 0 &&
	    netns_may_administer(nl, link->peer_nsid) == NETNS_ADMIN_NONE &&
	    packet_sockets_on(link->ifindex) <= 0) /* a switch would forward what tc denies */
		return MODE_NONE;
	return hook->mode;
}

bool hook_is(enum mode_choice choice, enum xdp_mode mode)
{
	switch (choice) {
	case MODE_NONE:
		return mode == XDP_MODE_NONE;
	case MODE_NATIVE:
		return mode == XDP_MODE_NATIVE;
	case MODE_GENERIC:
		return mode == XDP_MODE_GENERIC;
	case MODE_AUTO:
		break;
	}
	return mode != XDP_MODE_NONE;
}
