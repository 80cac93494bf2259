// SPDX-License-Identifier: GPL-2.0-only
#include "examples.h"

#include <stddef.h>
#include <string.h>

/* Those of a command stand one after the other. tests/cli/examples.sh runs them in this order. */
static const struct example examples[] = {
	{ "policyctl", "drop all TCP of a container, in both directions",
	  "policyctl attach veth6c30d72 --deny tcp" },
	{ "policyctl", "look at it", "policyctl show veth6c30d72" },
	{ "policyctl", "take it off again", "policyctl detach veth6c30d72" },
	{ "attach", "nobody may connect but to ports 80 and 443",
	  "policyctl attach veth6c30d72 --allow to:tcp/80 --allow to:tcp/443 --default to:deny" },
	{ "apply", "try another policy: it goes back by itself unless it is confirmed",
	  "policyctl apply veth6c30d72 --deny udp --confirm 30s" },
	{ "confirm", "keep what was put in force with --confirm", "policyctl confirm veth6c30d72" },
	{ "apply", "enforce nothing, and count what would be dropped",
	  "policyctl apply veth6c30d72 --deny from:udp --audit" },
	{ "diff", "what would change", "policyctl diff veth6c30d72 --deny tcp" },
	{ "deny", "no mail from this container", "policyctl deny veth6c30d72 from:tcp/25" },
	{ "reject", "the same, and the sender is told at once",
	  "policyctl reject veth6c30d72 from:tcp/465 from:tcp/587" },
	{ "allow", "one port in front of all other rules", "policyctl allow veth6c30d72 tcp/22" },
	{ "delete", "take the rule with id 4 out again", "policyctl delete veth6c30d72 4" },
	{ "undo", "back to the policy before", "policyctl undo veth6c30d72" },
	{ "history", "what changed, and when", "policyctl history veth6c30d72" },
	{ "quarantine", "drop all but SSH to the container",
	  "policyctl quarantine veth6c30d72 --allow to:tcp/22" },
	{ "release", "end it", "policyctl release veth6c30d72" },
	{ "check", "read and check a policy file", "policyctl check web.policy" },
	{ "status", "all at a glance", "policyctl status" },
	{ "list", "what is attached where", "policyctl list" },
	{ "show", "the policy, as it can be applied again", "policyctl show veth6c30d72" },
	{ "connections", "connections of one peer",
	  "policyctl connections veth6c30d72 tcp peer 198.18.0.0/15" },
	{ "stats", "packets and bytes by rule", "policyctl stats veth6c30d72" },
	{ "stats", "live, what drops most on top", "policyctl stats --watch" },
	{ "monitor", "each dropped packet of TCP port 443, ten of them",
	  "policyctl monitor veth6c30d72 tcp dport 443 --count 10" },
	{ "capture", "a hundred dropped packets for Wireshark",
	  "policyctl capture veth6c30d72 -w dropped.pcapng --count 100" },
	{ "explain", "may it send to this port, and which rule says so",
	  "policyctl explain veth6c30d72 from tcp 198.51.100.7:443" },
	{ "explain", "what a policy would say that is not in force",
	  "policyctl explain --policy web.policy to tcp 22" },
	{ "learn", "a policy that allows just what passes in ten seconds",
	  "policyctl learn veth6c30d72 --for 10s" },
	{ "map", "who may reach whom, and who did, as a picture",
	  "policyctl map --connections -o map.svg" },
	{ "report", "all of it on one page, for whoever has to sign it",
	  "policyctl report -o report.html" },
	{ "unused", "rules that decided nothing in a week",
	  "policyctl unused veth6c30d72 --since 7d" },
	{ "doctor", "is this host fit, and all enforcement live", "policyctl doctor" },
	{ "daemon", "check the configuration and the policies", "policyctl daemon --check" },
	{ "sidecar", "follow the container web and print what is dropped",
	  "policyctl sidecar web --deny from:tcp/25" },
	{ "detach", "take off what attach put on", "policyctl detach veth6c30d72" },
	{ "version", "which policyctl this is", "policyctl version" },
	{},
};

const struct example *examples_next(const struct example *example, const char *command)
{
	for (example = example ? example + 1 : examples; example->command; example++)
		if (!strcmp(example->command, command))
			return example;
	return NULL;
}
