// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a network of its own, docker gives a container 127.0.0.11 as resolver: dockerd's. dockerd asks
 * the next one, and often from the host's namespace, so past the veth (docs/docker.md, "Name
 * lookups"). A policy that denies port 53 does not stop that, and one with sets of DNS names learns
 * nothing from it.
 */
#include <arpa/inet.h>
#include <string.h>

#include "attachment.h"
#include "checkup.h"
#include "checkup_names.h"
#include "diagnostics.h"
#include "error.h"
#include "evaluate.h"
#include "needs.h"
#include "namespace_containers.h"
#include "packet_frame.h"
#include "resolv_conf.h"
#include "util.h"

/* Does the policy drop questions to a name server? Sets from files count as empty. */
static bool drops_questions(const struct policy *policy)
{
	_cleanup_(freep) struct frame *frame = calloc(1, sizeof(*frame));
	struct packet_words words;
	struct diagnostics diagnostics = {};
	struct packet_fields fields;
	struct evaluation evaluation;
	int error = frame ? packet_words_parse("from udp dport 53", &words, &diagnostics) : -1;

	diagnostics_clear(&diagnostics);
	if (error)
		return false;
	packet_frame(&words, &policy->own_found, frame);
	packet_fields_read(frame->data, frame->length, &fields);
	return !policy_evaluate(policy, PCTL_FROM, &fields, NULL, NULL, &evaluation) &&
	       !evaluation_passes(&evaluation);
}

static void check_denied(struct findings *findings, const struct resolv_conf *conf)
{
	if (!conf->asks_dockerd)
		return;
	findings_add(findings, FINDING_NOTE, "name-lookups",
		     "the policy drops DNS, but the container asks docker's resolver, 127.0.0.11");
	findings_why(findings,
		     "dockerd passes the question on, from the host's namespace where the "
		     "host's resolver is on its loopback, and with newer docker always: "
		     "then names are resolved all the same, past this veth");
	findings_do(findings, "nothing if that is meant; docker run --dns ADDRESS keeps lookups on "
			      "the veth (docs/docker.md, \"Name lookups\")");
}

/* --- sets of DNS names: do answers of the policy's resolvers pass the veth? --- */

static bool has_any(const struct prefixes *resolvers, const struct prefixes *servers)
{
	for (size_t i = 0; i < servers->count; i++)
		for (size_t j = 0; j < resolvers->count; j++)
			if (servers->items[i].family == resolvers->items[j].family &&
			    servers->items[i].high == resolvers->items[j].high &&
			    servers->items[i].low == resolvers->items[j].low)
				return true;
	return false;
}

static void write_address(const struct prefix *address, char text[INET6_ADDRSTRLEN])
{
	uint32_t words[4] = { htonl(address->high >> 32), htonl(address->high),
			      htonl(address->low >> 32), htonl(address->low) };

	inet_ntop(address->family == PCTL_IPV4 ? AF_INET : AF_INET6, words, text, INET6_ADDRSTRLEN);
}

static void say_not_named(struct findings *findings, const char *who,
			  const struct prefixes *servers, const struct policy *policy)
{
	char asked[INET6_ADDRSTRLEN], named[INET6_ADDRSTRLEN];

	write_address(&servers->items[0], asked);
	write_address(&policy->resolvers.items[0], named);
	findings_add(findings, FINDING_WARNING, "name-answers",
		     "%s asks %s, which the policy's `resolver` does not name", who, asked);
	findings_why(findings,
		     "only answers of %s%s are believed: no address is learnt from others, and "
		     "the sets of DNS names stay empty",
		     named, policy->resolvers.count > 1 ? " and the others named" : "");
	findings_do(findings,
		    "name it in the policy, or give the container the other one: docker "
		    "run --dns %s",
		    named);
}

static void say_past_veth(struct findings *findings, const struct policy *policy, bool sure)
{
	char named[INET6_ADDRSTRLEN];

	write_address(&policy->resolvers.items[0], named);
	findings_add(findings, FINDING_WARNING, "name-answers",
		     "the container asks docker's resolver, 127.0.0.11, which %s the next one from "
		     "the host's namespace",
		     sure ? "asks" : "without --dns asks");
	findings_why(findings,
		     "then neither questions nor answers pass this veth: no address is learnt, and "
		     "`dns` in a rule holds no question back");
	findings_do(findings,
		    "docker run --dns %s, or \"dns\" in docker's daemon.json: dockerd asks "
		    "that one from inside the container (docs/docker.md, \"Name lookups\")",
		    named);
}

/* Through dockerd. Before docker 26 nothing tells of --dns: then the host's own servers count. */
static void check_dockerd(struct findings *findings, const struct resolv_conf *conf,
			  const struct policy *policy)
{
	_cleanup_(resolv_conf_clear) struct resolv_conf host = {};

	if (conf->forwards_told) {
		if (conf->forwards_from_host)
			say_past_veth(findings, policy, true);
		else if (conf->forwards.count && !has_any(&policy->resolvers, &conf->forwards))
			say_not_named(findings, "dockerd, for the container,", &conf->forwards,
				      policy);
		return;
	}
	resolv_conf_read(0, &host);
	if (resolv_conf_is_local(&host))
		say_past_veth(findings, policy, false);
	else if (host.servers.count && !has_any(&policy->resolvers, &host.servers))
		say_not_named(findings, "without --dns, dockerd, for the container,", &host.servers,
			      policy);
}

static void check_learnt(struct findings *findings, const struct resolv_conf *conf,
			 const struct policy *policy)
{
	if (conf->asks_dockerd)
		check_dockerd(findings, conf, policy);
	else if (conf->servers.count && !has_any(&policy->resolvers, &conf->servers))
		say_not_named(findings, "the container", &conf->servers, policy);
}

void checkup_names(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy)
{
	_cleanup_(freep) struct namespace_container *there = NULL;
	_cleanup_(resolv_conf_clear) struct resolv_conf conf = {};
	const struct link *link = &attachment->hooks.link;
	bool learns = policy_learns(policy) && policy->resolvers.count;
	size_t count = 0;

	if (strcmp(link->kind, "veth") != 0 || link->peer_nsid < 0 ||
	    (!learns && !drops_questions(policy)))
		return;
	namespace_containers_read(checkup->session.nl, link->peer_nsid, &there, &count);
	error_clear();
	if (!count)
		return;
	resolv_conf_read(there[0].pid, &conf);
	if (learns)
		check_learnt(&checkup->findings, &conf, policy);
	else
		check_denied(&checkup->findings, &conf);
}
