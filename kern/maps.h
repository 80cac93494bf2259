/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The constants and maps of the object. The sizes here are for loading by hand; policyctl sets each
 * one to what the policy needs.
 */
#ifndef PCTL_MAPS_H
#define PCTL_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"

const volatile struct pctl_config config;
const volatile struct pctl_tables tables[PCTL_DIRECTIONS];
const volatile struct pctl_classes classes;
const volatile struct pctl_own own;
const volatile struct pctl_answering answering;
const volatile struct pctl_tracking tracking;
const volatile struct pctl_treating treating;
const volatile struct pctl_naming naming;

/* The rules for whole protocols. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PCTL_DIRECTIONS * 256);
	__type(key, struct pctl_proto_key);
	__type(value, __u32);
} proto_rules SEC(".maps");

/* The rules for single ports, ICMP types and codes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct pctl_port_key);
	__type(value, __u32);
} port_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 64 * PCTL_DIRECTIONS / PCTL_BLOCK_COUNTERS);
	__type(key, __u32);
	__type(value, struct pctl_counter_block);
} rule_stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PCTL_UNKNOWN_COUNTERS);
	__type(key, __u32);
	__type(value, struct pctl_counter);
} unknown_stats SEC(".maps");

/* The outcomes of first fragments, for the later ones of the same datagram. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 512);
	__type(key, struct pctl_fragment_key);
	__type(value, struct pctl_fragment);
} fragments SEC(".maps");

/* --- classes: abi.h describes each map at the type of its value --- */

/* The trie of the addresses in the policy. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, union pctl_cell);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_source_page);
} source_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pctl_source_key);
	__type(value, __u32);
} service_by_source SEC(".maps");

/* The table over peer classes and rows (protocols). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} peer_rules SEC(".maps");

/* The table over peer classes and services, for rules with a selector. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pctl_pair_key);
	__type(value, __u32);
} pair_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} peer_lists SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_list_rule);
} list_rules SEC(".maps");

/* --- VLANs and established packets --- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_planes);
} vlan_planes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_tables);
} plane_tables SEC(".maps");

/* --- connections: abi_connections.h; the loader replaces them by maps of the attachment --- */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PCTL_CONNECTIONS_DEFAULT);
	__type(key, struct pctl_connection_key);
	__type(value, struct pctl_connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PCTL_HALF_OPEN_MIN);
	__type(key, struct pctl_connection_key);
	__type(value, struct pctl_connection);
} half_open SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PCTL_CONNECTION_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} connection_stats SEC(".maps");

/* The tick of the last sweep of `connections`. */
__u32 swept_at;

/* --- what rules do beside their verdict: abi_treatments.h --- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_treatment);
} treatments SEC(".maps");

/* Where copies go. User space writes it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_mirror);
} mirrors SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PCTL_COPY_COUNTERS);
	__type(key, __u32);
	__type(value, struct pctl_counter);
} mirror_stats SEC(".maps");
/* The loader replaces these by maps of the attachment, as it does with connections. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PCTL_BUCKETS);
	__type(key, __u32);
	__type(value, struct pctl_bucket);
} buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PCTL_PEER_BUCKETS);
	__type(key, struct pctl_peer_key);
	__type(value, __u64);
} peer_buckets SEC(".maps");

/* When peer_buckets was swept last: bpf_ktime_get_coarse_ns(). */
__u64 peers_swept_at;

/* --- DNS: abi_names.h --- */

/* The names in the sets of DNS names. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct pctl_name_key);
	__type(value, struct pctl_name_sets);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PCTL_QUESTIONS_MAX);
	__type(key, struct pctl_question_key);
	__type(value, struct pctl_question);
} questions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PCTL_NAME_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} name_stats SEC(".maps");

/* Sets from files, one map each. The loader replaces them by maps that attachments share. */
#define SET_MAP(number)                            \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1);            \
		__type(key, __u32);                \
		__type(value, union pctl_cell);    \
	} set_##number SEC(".maps")

SET_MAP(0);
SET_MAP(1);
SET_MAP(2);
SET_MAP(3);
SET_MAP(4);
SET_MAP(5);
SET_MAP(6);
SET_MAP(7);
SET_MAP(8);
SET_MAP(9);
SET_MAP(10);
SET_MAP(11);
SET_MAP(12);
SET_MAP(13);
SET_MAP(14);
SET_MAP(15);

/* --- live sets: abi_live.h; the loader replaces them by maps that attachments share --- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, PCTL_LIVE_SETS);
	__type(key, __u32);
	__type(value, struct pctl_live_set);
} live_sets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, PCTL_LIVE_MEMBERS);
	__type(key, struct pctl_member_key);
	__type(value, struct pctl_member);
} live_members SEC(".maps");

/* --- events: the loader replaces these by maps that all attachments of a network namespace share
 * --- */

/* A global variable, which programs read without a lookup. */
volatile struct pctl_subscriptions subscriptions SEC(".data.subscriptions");

struct event_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, PCTL_READERS);
	__type(key, __u32);
	__array(values, struct event_ring);
} event_rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pctl_lost);
} lost_events SEC(".maps");

/* Of this attachment, by enum pctl_event_kind. */
struct pctl_token_bucket token_buckets[PCTL_EVENT_KINDS];

#endif
