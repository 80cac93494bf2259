/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything policyctl says to the kernel over NETLINK_ROUTE: links, XDP programs, the clsact qdisc
 * and its filters. All functions work in the network namespace in which the socket was opened,
 * return 0 or a negative errno, and put the kernel's own explanation (extended ack) into
 * error_message().
 */
#ifndef PCTL_NETLINK_H
#define PCTL_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include <sys/types.h>

struct nl;

int nl_open(struct nl **nl);
void nl_close(struct nl *nl);
void nl_closep(struct nl **nl);

enum xdp_mode {
	XDP_MODE_NONE,
	XDP_MODE_NATIVE,
	XDP_MODE_GENERIC,
	XDP_MODE_OTHER, /* offloaded to hardware, or several at once */
};

const char *xdp_mode_name(enum xdp_mode mode);

struct link {
	uint32_t ifindex;
	char name[IF_NAMESIZE]; /* any bytes but '/', ':' and white space (dev_valid_name(),
				 * net/core/dev.c); for JSON: json_text() */
	char kind[16]; /* IFLA_INFO_KIND: "veth", "tun", …; "" for a plain device */
	uint16_t type; /* ARPHRD_… */
	uint8_t mac[6];
	uint32_t flags; /* IFF_UP, … */
	uint32_t mtu;
	uint32_t master; /* ifindex of the bridge it is a port of, 0: none */
	uint32_t peer; /* IFLA_LINK: a veth's other end, 0: none */
	int32_t peer_nsid; /* the namespace of the other end as seen from here, -1: this one */
	enum xdp_mode xdp_mode;
	uint32_t xdp_id; /* program attached, 0: none */
};

/* The link of that name, or of that index when name is NULL. -ENODEV: there is none. */
int nl_link_get(struct nl *nl, const char *name, uint32_t ifindex, struct link *link);

/* All links; the caller frees *links. */
int nl_links(struct nl *nl, struct link **links, size_t *count);

/* Those of the network namespace that has this id here, without entering it (Linux 4.20). If they
 * change meanwhile, one that stays may be missing or come twice. -EINVAL: no namespace has the id;
 * -EACCES: it takes CAP_NET_ADMIN there. Links that lead here (a veth's other end) give our own
 * namespace an id too: nl_netns_id() of a process of ours tells it. */
int nl_links_of(struct nl *nl, int32_t nsid, struct link **links, size_t *count);

/* The id (from 0 on) that this namespace has for that of a process, or for the one that `fd` is
 * open on if pid is 0. -1: it has none, or there is no such process. */
int32_t nl_netns_id(struct nl *nl, pid_t pid, int fd);

/*
 * Attaches the XDP program `fd`, or detaches with fd -1.
 * @mode: native or generic
 * @expected_fd: the program that must be there now, -1: none must be. The kernel checks it and
 *answers -EEXIST or -EBUSY when it is not so; nothing is ever replaced unseen.
 */
int nl_xdp_set(struct nl *nl, uint32_t ifindex, enum xdp_mode mode, int fd, int expected_fd);

/* Where filters hang: tcm_parent of a clsact qdisc. */
enum tc_hook {
	TC_HOOK_INGRESS,
	TC_HOOK_EGRESS,
};

/* The qdiscs of a device, without those below others. */
struct qdiscs {
	char clsact[16]; /* the kind of what is at the place of clsact: "clsact", "ingress", or "":
			  * there is none */
	char root[16]; /* likewise what packets that it sends pass */
	uint32_t root_handle; /* 0: it is the kernel's default for this device */
};

int nl_qdiscs(struct nl *nl, uint32_t ifindex, struct qdiscs *qdiscs);
int nl_clsact_add(struct nl *nl, uint32_t ifindex); /* -EEXIST: there is a qdisc */
int nl_clsact_delete(struct nl *nl, uint32_t ifindex);

struct filter {
	enum tc_hook hook;
	char kind[16];
	uint32_t chain;
	uint16_t priority;
	uint16_t protocol; /* ETH_P_…, host order */
	uint32_t handle;
	bool bpf;
	uint32_t program_id; /* bpf only */
	char name[64]; /* bpf only: what its loader called it */
	uint32_t redirect; /* likewise: the device that its action sends packets to, 0: none */
};

/* All filters of a hook, in the order in which they run; the caller frees *filters. */
int nl_filters(struct nl *nl, uint32_t ifindex, enum tc_hook hook, struct filter **filters,
	       size_t *count);

/* Where a filter stands, for all protocols, in chain 0. */
struct filter_position {
	uint32_t ifindex;
	enum tc_hook hook;
	uint16_t priority;
	uint32_t handle;
};

/* Where policyctl puts the filters of a policy: before everybody else. */
#define FILTER_PRIORITY 1
#define FILTER_HANDLE 1

/* And those of gates (gate.h): behind. The handle is the gate's number. */
#define GATE_PRIORITY 2
#define GATE_NAME "policyctl_gate"

/* And the one that sends away what waits (shaping.h): behind everybody else. */
#define SHAPE_PRIORITY 65535
#define SHAPE_NAME "policyctl_shape"

/* Adds (replace false, -EEXIST if the position is taken) or atomically replaces a bpf filter. */
int nl_filter_put(struct nl *nl, const struct filter_position *position, int fd, const char *name,
		  bool replace);
/* Deletes exactly the filter at that position. -ENOENT: there is none. */
int nl_filter_delete(struct nl *nl, const struct filter_position *position);

#endif
