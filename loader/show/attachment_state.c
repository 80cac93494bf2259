// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "attachment_state.h"

const char *attachment_state(const struct attachment *attachment)
{
	static const char *const missing[1 << HOOK_COUNT] = {
		[0] = "enforcing",
		[1 << HOOK_XDP] = "xdp program missing",
		[1 << HOOK_EGRESS] = "tc filter missing",
		[1 << HOOK_GUARD] = "guard missing",
	};
	unsigned int state = 0;

	for (int i = 0; i < HOOK_COUNT; i++)
		if (generation_wants(&attachment->current, i) &&
		    !hooks_runs(&attachment->hooks, &attachment->current, i))
			state |= 1u << i;
	if (state == 0 && !attachment_live(attachment))
		return "shaping missing";
	if (state == 0 && hooks_preceded(&attachment->hooks, &attachment->current))
		return "foreign filter in front";
	if (state == 0 && attachment_audits(attachment))
		return "audit";
	if (missing[state])
		return missing[state];
	return hooks_runs_any(&attachment->hooks, &attachment->current) ? "programs missing"
									: "all programs missing";
}

bool attachment_in_place(const struct attachment *attachment)
{
	return attachment_live(attachment) &&
	       !hooks_preceded(&attachment->hooks, &attachment->current);
}

const char *attachment_state_word(const struct attachment *attachment)
{
	const struct owner *owner = &attachment->current.owner;

	if (attachment_in_quarantine(attachment) && attachment_enforcing(attachment))
		return "quarantine";
	if (owner_is(owner) && owner->held && attachment_enforcing(attachment))
		return "held";
	if (pending_is(&attachment->current.pending) && attachment_in_place(attachment))
		return attachment_audits(attachment) ? "audit, unconfirmed" : "unconfirmed";
	return attachment_state(attachment);
}

bool attachment_in_quarantine(const struct attachment *attachment)
{
	return attachment->current.meta.quarantine != QUARANTINE_NONE;
}

bool attachment_enforcing(const struct attachment *attachment)
{
	return attachment_in_place(attachment) && !attachment_audits(attachment);
}

bool attachment_audits(const struct attachment *attachment)
{
	return attachment->current.meta.audit != AUDIT_NONE;
}

const char *attachment_hook(const struct attachment *attachment)
{
	return generation_wants(&attachment->current, HOOK_XDP) ? "xdp" : "tc";
}

const char *attachment_mode_reason(const struct attachment *attachment)
{
	const struct meta *meta = &attachment->current.meta;
	bool veth = !strcmp(attachment->hooks.link.kind, "veth");

	if (owner_is_interface(&attachment->current.owner) &&
	    attachment->current.owner.mode_chosen && !veth)
		return "no guest behind a tap can get around it";
	if (attachment->current.owner.mode_chosen && meta->mode == XDP_MODE_NONE)
		return "XDP would slow down bulk TCP of the container, which has no CAP_NET_ADMIN";
	if (attachment->current.owner.mode_chosen)
		return meta->mode == XDP_MODE_NATIVE
			       ? "the container may have CAP_NET_ADMIN"
			       : "native would switch off TSO in the container, which has no "
				 "CAP_NET_ADMIN";
	if (meta->quarantine && veth && meta->mode == XDP_MODE_NATIVE)
		return "the container may have CAP_NET_ADMIN";
	if (meta->mode_choice != MODE_AUTO)
		return "asked for";
	if (meta->mode == XDP_MODE_NATIVE)
		return "the driver has it";
	return veth ? "native would switch off TSO in the container"
		    : "the driver has no native mode";
}
