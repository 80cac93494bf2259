// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "netlink_peer.h"
#include "own_addresses.h"
#include "util.h"

static int explain(int error)
{
	if (error == -ENODATA)
		return error_set(
			error,
			"the policy has `spoofed`, but the other end of the veth has no "
			"address yet: name the container's in the policy, own { ADDRESSES }");
	if (error == -E2BIG)
		return error_set(
			error,
			"the policy has `spoofed`, but the other end of the veth has more than "
			"%d addresses of one family: name their blocks in the policy, own { "
			"ADDRESSES }",
			PCTL_OWN_MAX);
	return error;
}

int own_addresses_find(struct nl *nl, const struct link *link, const struct policy *policy,
		       struct pctl_own *own)
{
	_cleanup_(prefixes_clear) struct prefixes seen = {};
	uint8_t mac[6];
	int error;

	*own = (struct pctl_own){};
	if (!policy_asks_for_own(policy, NULL))
		return 0;
	if (strcmp(link->kind, "veth") != 0)
		return error_set(-ENODATA,
				 "the policy has `spoofed`, which is known of veths alone: "
				 "a veth has one other end, with one MAC");
	error = nl_peer_addresses(nl, link, mac, &seen);
	if (error)
		return error_set(error,
				 "cannot ask the kernel for the addresses of the veth's other "
				 "end, which `spoofed` needs: %s",
				 strerror(-error));
	return explain(own_find(policy, mac, &seen, own));
}
