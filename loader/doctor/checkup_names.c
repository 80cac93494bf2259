// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a network of its own, docker gives a container 127.0.0.11 as resolver: dockerd's. dockerd asks
 * the next one, and often from the host's namespace, so past the veth (docs/docker.md, "Name
 * lookups"). A policy that denies port 53 does not stop that, and one with sets of DNS names learns
 * nothing from it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attachment.h"
#include "checkup.h"
#include "checkup_names.h"
#include "diagnostics.h"
#include "endpoint.h"
#include "engine_ask.h"
#include "error.h"
#include "evaluate.h"
#include "name_counts.h"
#include "needs.h"
#include "namespace_containers.h"
#include "packet_frame.h"
#include "resolv_conf.h"
#include "util.h"

/* From this version on, dockerd asks from the host's namespace wherever its resolver is. */
#define DOCKER_FROM_HOST 26
#define ENGINE_TIMEOUT_MS 500 /* for each answer; an engine that gives none is asked no more */

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

/* A container that asks dockerd, about which the engine is to be asked. */
struct name_question {
	char interface[IF_NAMESIZE];
	char container[NAMESPACE_CONTAINER_ID_SIZE];
	struct prefixes resolvers; /* of its policy */
	bool answered; /* answers of these were read on this veth */
};

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
			  const struct prefixes *servers, const struct prefixes *resolvers)
{
	char asked[INET6_ADDRSTRLEN], named[INET6_ADDRSTRLEN];

	write_address(&servers->items[0], asked);
	write_address(&resolvers->items[0], named);
	findings_add(findings, FINDING_WARNING, "name-answers",
		     "%s asks %s, which the policy's `resolver` does not name", who, asked);
	findings_why(findings,
		     "only answers of %s%s are believed: no address is learnt from others, and "
		     "the sets of DNS names stay empty",
		     named, resolvers->count > 1 ? " and the others named" : "");
	findings_do(findings,
		    "name it in the policy, or give the container the other one: docker "
		    "run --dns %s",
		    named);
}

/* @who: dockerd, in words that say how sure that is */
static void say_past_veth(struct findings *findings, const struct prefixes *resolvers,
			  const char *who)
{
	char named[INET6_ADDRSTRLEN];

	write_address(&resolvers->items[0], named);
	findings_add(findings, FINDING_WARNING, "name-answers",
		     "the container asks docker's resolver, 127.0.0.11, and %s asks the next one "
		     "from the host's namespace",
		     who);
	findings_why(findings,
		     "then neither questions nor answers pass this veth: no address is learnt, and "
		     "`dns` in a rule holds no question back");
	findings_do(findings,
		    "docker run --dns %s, or \"dns\" in docker's daemon.json: dockerd asks "
		    "that one from inside the container (docs/docker.md, \"Name lookups\")",
		    named);
}

/* What dockerd writes into the container's resolv.conf from version 26 on. */
static void check_told(struct findings *findings, const struct resolv_conf *conf,
		       const struct prefixes *resolvers)
{
	if (conf->forwards_from_host)
		say_past_veth(findings, resolvers, "dockerd");
	else if (conf->forwards.count && !has_any(resolvers, &conf->forwards))
		say_not_named(findings, "dockerd, for the container,", &conf->forwards, resolvers);
}

/* Notes what the engine is to be asked: an older dockerd writes nothing down. */
static void add_question(struct checkup *checkup, const struct attachment *attachment,
			 const char *container, const struct prefixes *resolvers)
{
	size_t count = checkup->name_question_count;
	struct name_question *grown =
		reallocarray(checkup->name_questions, count + 1, sizeof(*grown));
	struct name_question new = {};
	struct name_counts names;

	checkup->name_questions = grown ?: checkup->name_questions;
	if (!grown || prefixes_copy(&new.resolvers, resolvers)) {
		checkup->findings.lost = true;
		return;
	}
	snprintf(new.interface, sizeof(new.interface), "%s", attachment->hooks.link.name);
	snprintf(new.container, sizeof(new.container), "%s", container);
	if (!name_counts_read(&attachment->current, &names))
		new.answered = names.counts[PCTL_NAMES_ANSWERS];
	error_clear();
	grown[checkup->name_question_count++] = new;
}

static void check_learnt(struct checkup *checkup, const struct attachment *attachment,
			 const char *container, const struct resolv_conf *conf,
			 const struct prefixes *resolvers)
{
	struct findings *findings = &checkup->findings;

	if (conf->asks_dockerd && conf->forwards_told)
		check_told(findings, conf, resolvers);
	else if (conf->asks_dockerd)
		add_question(checkup, attachment, container, resolvers);
	else if (conf->servers.count && !has_any(resolvers, &conf->servers))
		say_not_named(findings, "the container", &conf->servers, resolvers);
}

/* --- what the engine knows --- */

/* The servers as if they stood in a resolv.conf. */
static void read_given(const struct engine_servers *servers, struct resolv_conf *conf)
{
	char text[ENGINE_SERVERS_MAX * (INET6_ADDRSTRLEN + 16)] = "";
	size_t used = 0;

	for (size_t i = 0; i < servers->count; i++)
		used += snprintf(text + used, sizeof(text) - used, "nameserver %s\n",
				 servers->items[i]);
	resolv_conf_parse(text, conf);
}

/* What is known of the engine. */
struct engine_words {
	char socket[ENDPOINT_SIZE];
	char version[96]; /* "docker 20.10.24"; "": it was not asked yet */
	bool from_host; /* a version that asks from the host's namespace, without --dns */
	bool silent; /* it gave no answer, and is not asked again */
};

/*
 * Without servers of its own, by the host's own (docs/docker.md). Where answers were read on this
 * veth, they do pass it: "dns" in docker's daemon.json does that, of which no engine tells.
 * @told: the engine said that the container was given none
 */
static void check_host(struct findings *findings, const struct name_question *question,
		       const struct engine_words *engine, bool told)
{
	_cleanup_(resolv_conf_clear) struct resolv_conf host = {};
	char who[200];

	if (question->answered)
		return;
	resolv_conf_read(0, &host);
	if (told)
		snprintf(who, sizeof(who), "%s, unless its daemon.json has \"dns\",",
			 engine->version);
	else
		snprintf(who, sizeof(who),
			 "dockerd, unless --dns was given or its daemon.json has \"dns\",");
	if (resolv_conf_is_local(&host) || (told && engine->from_host))
		say_past_veth(findings, &question->resolvers, who);
	else if (host.servers.count && !has_any(&question->resolvers, &host.servers))
		say_not_named(findings, who, &host.servers, &question->resolvers);
}

static void check_given(struct findings *findings, const struct name_question *question,
			const struct engine_servers *servers)
{
	_cleanup_(resolv_conf_clear) struct resolv_conf given = {};

	read_given(servers, &given);
	if (given.servers.count && !has_any(&question->resolvers, &given.servers))
		say_not_named(findings, "dockerd, for the container,", &given.servers,
			      &question->resolvers);
}

static void ask_version(struct engine_words *engine)
{
	struct engine_version version;

	if (engine->silent || engine->version[0])
		return;
	engine->silent = engine_ask_version(engine->socket, ENGINE_TIMEOUT_MS, &version);
	if (engine->silent)
		return;
	snprintf(engine->version, sizeof(engine->version), "%s %s", version.name, version.version);
	engine->from_host = atoi(version.version) >= DOCKER_FROM_HOST;
}

/* False: the engine does not tell. */
static bool ask_servers(struct engine_words *engine, const struct name_question *question,
			struct engine_servers *servers)
{
	int error = -ENOTCONN;

	ask_version(engine);
	if (!engine->silent)
		error = engine_ask_servers(engine->socket, question->container, ENGINE_TIMEOUT_MS,
					   servers);
	if (error && error != -ENOENT)
		engine->silent = true;
	error_clear();
	return !error;
}

void checkup_names_ask(struct checkup *checkup, const char *socket)
{
	struct engine_words engine = {};

	engine.silent = endpoint_find(socket, engine.socket);
	error_clear();
	for (size_t i = 0; i < checkup->name_question_count; i++) {
		const struct name_question *question = &checkup->name_questions[i];
		struct engine_servers servers = {};
		bool told = ask_servers(&engine, question, &servers);

		findings_about(&checkup->findings, question->interface);
		if (servers.count)
			check_given(&checkup->findings, question, &servers);
		else
			check_host(&checkup->findings, question, &engine, told);
	}
}

void checkup_names_forget(struct checkup *checkup)
{
	for (size_t i = 0; i < checkup->name_question_count; i++)
		prefixes_clear(&checkup->name_questions[i].resolvers);
	free(checkup->name_questions);
	checkup->name_questions = NULL;
	checkup->name_question_count = 0;
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
		check_learnt(checkup, attachment, there[0].container, &conf, &policy->resolvers);
	else
		check_denied(&checkup->findings, &conf);
}
