/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks of doctor. They look and change nothing: no session is opened, which would finish
 * interrupted changes; what is interrupted is a finding. What may not be looked at is one as well.
 */
#ifndef PCTL_CHECKUP_H
#define PCTL_CHECKUP_H

#include "attachment.h"
#include "explanation.h"
#include "findings.h"
#include "report.h"

/* Another network namespace. */
struct room {
	char name[80]; /* "netns NAME" or "process PID (COMMAND)" */
	char path[128]; /* leads to it: /run/netns/NAME, /proc/PID/ns/net */
	uint64_t cookie;
	int32_t id; /* as seen from here, -1: it has none */
	struct link *links;
	bool *tso; /* of each link: TCP segmentation offload is on; known for a veth only */
	size_t count;
};

struct checkup {
	struct findings findings;
	/* Netlink and, where it could be looked at, the store: never opened as a session. */
	struct session session;
	bool looked; /* at the store; if not: */
	char unseen[300]; /* why, "" where no BPF file system is mounted */
	struct link *links; /* of this namespace */
	size_t link_count;
	struct room *rooms;
	size_t room_count;
	bool toured; /* `rooms` are all that can be found; else CAP_SYS_ADMIN is missing */
	int jited; /* are programs compiled to machine code, as checkup_is_jited() */
	uint32_t *attached; /* ifindexes that have an attachment */
	size_t attached_count;
};

#define CHECKUP_EMPTY                                  \
	{                                              \
		.session = SESSION_EMPTY, .jited = -1, \
	}

/* Gathers what the checks look at. What cannot be had becomes a finding; fails without memory or
 * netlink only. */
int checkup_open(struct checkup *checkup);
/* From here on others may change what is attached; the findings stay. */
void checkup_unlock(struct checkup *checkup);
void checkup_close(struct checkup *checkup);

/* Is this host fit? */
void checkup_host(struct checkup *checkup);
void checkup_kernel(struct checkup *checkup); /* features, and a trial of the programs */
void checkup_places(struct checkup *checkup); /* other namespaces, pins that nobody owns */
void checkup_other_veths(struct checkup *checkup); /* those without a policy */

/* Is enforcement on this interface live? */
void checkup_attachment(struct checkup *checkup, uint32_t ifindex);

/* Parts of it. */
void checkup_hooks(struct checkup *checkup, const struct attachment *attachment);
void checkup_link(struct checkup *checkup, const struct attachment *attachment);

/* What the programs of one direction said of packets that follow from the rules. */
struct trial {
	size_t asked, dropped, passed;
	char dropped_example[96], passed_example[96]; /* "from tcp dport 80: rule 2", "": none */
	char wrong[320]; /* what a program says and the rules do not; "": they agree */
};

/* Gives such packets to the loaded programs, and holds what they say against the reference
 * evaluator; nothing of it is counted. 0 or -ENOMEM. */
int checkup_try(struct explainer *explainer, enum pctl_direction direction, struct trial *trial);

/* checkup_try() as findings: live-from and live-to. */
void checkup_live(struct checkup *checkup, const struct attachment *attachment);

/* Is this program compiled to machine code? 1 or 0, -1: the kernel does not say. */
int checkup_is_jited(int program);

/* Where the file system with the store has to be, in *where; is it one for BPF? */
bool checkup_bpffs(char where[PATH_MAX]);

/* The one number in a file below /proc/sys, -1: it is not there or may not be read. */
long checkup_sysctl(const char *path);

/* The link of this namespace with this ifindex, NULL: there is none. */
const struct link *checkup_link_at(const struct checkup *checkup, uint32_t ifindex);

/* Is a policy of ours on this interface? */
bool checkup_has_policy(const struct checkup *checkup, uint32_t ifindex);

#endif
