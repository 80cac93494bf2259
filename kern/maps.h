/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps of the object. Sizes given here serve who loads it by hand; policyctl sets each to what
 * a policy needs before it loads the object.
 */
#ifndef PCTL_MAPS_H
#define PCTL_MAPS_H

#include <bpf/bpf_helpers.h>

#include "abi.h"

const volatile struct pctl_config config;
const volatile struct pctl_tables tables[PCTL_DIRECTIONS];

/* What the policy says of a whole protocol. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PCTL_DIRECTIONS * 256);
	__type(key, struct pctl_proto_key);
	__type(value, __u32);
} proto_rules SEC(".maps");

/* What it says of single ports, ICMP types and codes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct pctl_port_key);
	__type(value, __u32);
} port_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64 * PCTL_DIRECTIONS);
	__type(key, __u32);
	__type(value, struct pctl_counter);
} rule_stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PCTL_UNKNOWN_MAX *PCTL_DIRECTIONS);
	__type(key, __u32);
	__type(value, struct pctl_counter);
} unknown_stats SEC(".maps");

/* The stamp of the packet that XDP let pass last on this CPU and the guard has not seen yet, 0:
 * none. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_stamp);
} stamps SEC(".maps");

/* The verdict of first fragments, for the later ones of the same datagram. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, struct pctl_fragment_key);
	__type(value, struct pctl_fragment);
} fragments SEC(".maps");

#endif
