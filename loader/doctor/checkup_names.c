// SPDX-License-Identifier: GPL-2.0-only
/*
 * On a network of its own, docker gives a container 127.0.0.11 as resolver: dockerd's. dockerd asks
 * the next one, and often from the host's namespace, so past the veth (docs/docker.md, "Name
 * lookups"). A policy that denies port 53 does not stop that.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attachment.h"
#include "checkup.h"
#include "checkup_names.h"
#include "diagnostics.h"
#include "error.h"
#include "evaluate.h"
#include "namespace_containers.h"
#include "packet_frame.h"
#include "util.h"

#define RESOLVER "nameserver 127.0.0.11"
#define RESOLV_CONF_MAX 4096 /* bytes that are looked at */

/* Opens a file of another process's root. Its links lead nowhere but below that root. */
static int open_below_root(pid_t pid, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char root[64];
	_cleanup_(closep) int directory = -1;

	snprintf(root, sizeof(root), "/proc/%d/root", pid);
	directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return directory < 0 ? -1 : syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

/* The text is the container's: only a line that is exactly this counts. */
static bool asks_dockerd(pid_t pid)
{
	_cleanup_(closep) int fd = open_below_root(pid, "etc/resolv.conf");
	char text[RESOLV_CONF_MAX] = "", *rest = text, *line;
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (!strcmp(line, RESOLVER))
			return true;
	return false;
}

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

void checkup_names(struct checkup *checkup, const struct attachment *attachment,
		   const struct policy *policy)
{
	_cleanup_(freep) struct namespace_container *there = NULL;
	const struct link *link = &attachment->hooks.link;
	struct findings *findings = &checkup->findings;
	size_t count = 0;

	if (strcmp(link->kind, "veth") != 0 || link->peer_nsid < 0 || !drops_questions(policy))
		return;
	namespace_containers_read(checkup->session.nl, link->peer_nsid, &there, &count);
	error_clear();
	if (!count || !asks_dockerd(there[0].pid))
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
