/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DNS answers, on their way to the container: the addresses in them become members of sets before
 * it has them.
 *
 * An answer counts if a resolver of the policy sent it, from where the route to that resolver
 * leads; if the container asked for this id, name and type, and nobody has answered yet. Of its
 * records those count that the chain of CNAMEs reaches from that name on, in their order, as far as
 * they can be read.
 */
#ifndef PCTL_DNS_ANSWERS_H
#define PCTL_DNS_ANSWERS_H

#include "ctx.h"
#include "dns_question.h"
#include "live.h"

#define AF_INET 2 /* linux/socket.h */
#define AF_INET6 10
#define PACKET_HOST 0 /* linux/if_packet.h */

/* --- did the resolver send it? --- */

/* Is there a route to the other end through this interface? */
static __always_inline bool is_routed(struct __sk_buff *skb, struct dns_room *r, __u32 ifindex)
{
	struct bpf_fib_lookup *route = &r->route;
	long result;

	__builtin_memset(route, 0, sizeof(*route));
	route->family = r->key.family == PCTL_IPV6 ? AF_INET6 : AF_INET;
	route->ifindex = ifindex;
	if (r->key.family == PCTL_IPV6)
		__builtin_memcpy(route->ipv6_dst, r->key.remote, sizeof(route->ipv6_dst));
	else
		route->ipv4_dst = r->key.remote[0];
	result = bpf_fib_lookup(skb, route, sizeof(*route), BPF_FIB_LOOKUP_OUTPUT);
	return result == BPF_FIB_LKUP_RET_SUCCESS || result == BPF_FIB_LKUP_RET_NO_NEIGH ||
	       result == BPF_FIB_LKUP_RET_FRAG_NEEDED;
}

/*
 * Did who it names send it? Another container can send in a resolver's name, and so can make up an
 * answer for this one. But its packets come from its own interface. 0: this host sent it. A
 * resolver on the container's own bridge cannot be told from its neighbours there; but what the
 * host has routed does not come from there: it was sent to the host's MAC, not to the container's.
 */
VERIFIED_ONCE int comes_from_sender(struct __sk_buff *skb)
{
	struct dns_room *r = dns_room();
	__u32 ifindex = skb->ingress_ifindex;

	if (!r)
		return false;
	return !ifindex || is_routed(skb, r, ifindex) ||
	       (naming.bridge && skb->pkt_type != PACKET_HOST && is_routed(skb, r, naming.bridge));
}

/* --- what it says --- */

/* An address of the name that was asked for. */
static __always_inline void learn(struct dns_room *r, __u32 until)
{
	__u32 sets = r->found.sets & naming.learns;

	for (__u32 i = 0; i < PCTL_SETS_MAX; i++) {
		if (!(naming.learns >> i & 1) || !(sets >> i & 1))
			continue;
		r->member.set = classes.live[i] - 1;
		count_names(live_learn(&r->member, until, r->found.words[i])
				    ? PCTL_NAMES_FULL
				    : PCTL_NAMES_ADDRESSES);
	}
}

static __always_inline __u32 learnt_until(__u32 ttl)
{
	__u64 seconds = ttl < PCTL_NAME_TTL_MIN ? PCTL_NAME_TTL_MIN : ttl;
	__u32 until;

	if (seconds > PCTL_NAME_TTL_MAX)
		seconds = PCTL_NAME_TTL_MAX;
	until = current_tick() + PCTL_TICKS(seconds);
	return until ? until : 1; /* 0 would be for ever */
}

/* A TTL with its highest bit is 0 (RFC 2181 section 8). */
static __always_inline __u32 smaller_ttl(__u32 ttl, __be32 other)
{
	__u32 seconds = bpf_ntohl(other);

	if (seconds >> 31)
		seconds = 0;
	return seconds < ttl ? seconds : ttl;
}

/* Copies the address at this place of the message to r->member. False: this is none. */
static __always_inline bool take_address(struct dns_room *r, const struct dns_record *record,
					 __u32 at)
{
	const __u8 *from = r->message + bounded(at, MESSAGE_MASK);

	__builtin_memset(&r->member, 0, sizeof(r->member));
	if (record->type == bpf_htons(DNS_A) && record->size == bpf_htons(4)) {
		__builtin_memcpy(r->member.address, from, 4);
		return true;
	}
	if (record->type != bpf_htons(DNS_AAAA) || record->size != bpf_htons(16))
		return false;
	r->member.family = PCTL_IPV6;
	__builtin_memcpy(r->member.address, from, 16);
	return true;
}

/* Does the record at this place belong to the name at which the chain is? r->after: what follows
 * the record's name. Returns 0: no, 1: yes, -1: it is no name. */
static __always_inline int is_of_chain(struct dns_room *r, __u32 at)
{
	__u32 first = r->message[at & MESSAGE_MASK];

	/* Nearly always it is a pointer to where that name stands. */
	if (first >= LABEL_POINTER && at + 2 <= r->length &&
	    ((first & ~LABEL_POINTER) << 8 | r->message[(at + 1) & MESSAGE_MASK]) == r->chain) {
		r->after = at + 2;
		return true;
	}
	return read_name(at) ? -1 : is_same_name(&r->name, &r->target);
}

/* Follows a CNAME, whose data must be one name. */
static __always_inline bool follow(struct dns_room *r, const struct dns_record *record, __u32 at)
{
	__u32 end = at + bpf_ntohs(record->size);

	if (read_name(at) || r->after != end)
		return false;
	r->chain = at;
	r->target = r->name;
	r->ttl = smaller_ttl(r->ttl, record->ttl);
	return true;
}

enum record_step { RECORD_MORE, RECORD_BROKEN };

/* One record of the answer. */
VERIFIED_ONCE int read_record(struct dns_room *r)
{
	struct dns_record record;
	__u32 at, data;
	int of_chain;

	if (!r || r->next >= r->length)
		return RECORD_BROKEN;
	of_chain = is_of_chain(r, r->next);
	at = r->after;
	data = at + DNS_RECORD;
	if (of_chain < 0 || data > r->length)
		return RECORD_BROKEN;
	__builtin_memcpy(&record, r->message + bounded(at, MESSAGE_MASK), sizeof(record));
	r->next = data + bpf_ntohs(record.size);
	if (r->next > r->length)
		return RECORD_BROKEN;
	if (!of_chain || record.class != bpf_htons(DNS_IN))
		return RECORD_MORE;
	if (record.type == bpf_htons(DNS_CNAME))
		return follow(r, &record, data) ? RECORD_MORE : RECORD_BROKEN;
	if ((record.type == r->type || r->type == bpf_htons(DNS_ANY)) &&
	    take_address(r, &record, data))
		learn(r, learnt_until(smaller_ttl(r->ttl, record.ttl)));
	return RECORD_MORE;
}

static __always_inline void read_records(struct dns_room *r)
{
	__u32 count = bpf_ntohs(r->header.answers);

	for (__u32 i = 0; i < PCTL_DNS_RECORDS_MAX && i < count; i++)
		if (read_record(r) != RECORD_MORE) {
			count_names(r->cut ? PCTL_NAMES_CUT : PCTL_NAMES_BROKEN);
			return;
		}
	if (count > PCTL_DNS_RECORDS_MAX)
		count_names(PCTL_NAMES_CUT);
}

/* --- does it answer? --- */

/* Is this an answer to what was asked? r->found: the sets of its name. */
static __always_inline bool is_answered_by(struct dns_room *r, const struct pctl_question *question)
{
	if (!read_the_question(r) || r->class != bpf_htons(DNS_IN) || r->type != question->type ||
	    !is_same_name(&r->name, &question->name))
		return false;
	find_name(r);
	return r->found.sets & naming.learns;
}

/* One message of @size bytes at this place, of which the packet has @there. */
VERIFIED_ONCE int read_answer(struct __sk_buff *skb, __u32 at, __u32 size, __u32 there)
{
	struct dns_room *r = dns_room();
	struct pctl_question *question;

	if (!r || !naming.learns || !load_header(skb, r, at, there))
		return 0;
	r->key.kind = PCTL_QUESTION;
	r->key.id = r->header.id;
	question = bpf_map_lookup_elem(&questions, &r->key);
	if (!question || !(r->header.flags & bpf_htons(DNS_RESPONSE)) ||
	    r->header.flags & bpf_htons(DNS_OPCODE))
		return 0;
	if (!comes_from_sender(skb)) {
		count_names(PCTL_NAMES_ELSEWHERE);
		return 0;
	}
	r->cut = size > there || there > PCTL_DNS_MESSAGE_MAX;
	if (there > PCTL_DNS_MESSAGE_MAX)
		there = PCTL_DNS_MESSAGE_MAX;
	if (!load_message(skb, r, at, there) || !is_answered_by(r, question)) {
		count_names(PCTL_NAMES_OTHER);
		return 0;
	}
	bpf_map_delete_elem(&questions, &r->key);
	count_names(PCTL_NAMES_ANSWERS);
	if (r->header.flags & bpf_htons(DNS_RCODE))
		return 0;
	r->chain = DNS_HEADER;
	r->target = r->name;
	r->ttl = -1;
	read_records(r);
	return 0;
}

/* A segment of a resolver: its messages, if it begins with one. */
static __always_inline void read_answers(struct __sk_buff *skb, struct dns_room *r)
{
	struct pctl_question *stream = find_stream(r);
	__u32 at = r->at, left = r->size, size;

	if (!stream || stream->next[PCTL_TO] != r->sequence) {
		count_names(PCTL_NAMES_CUT);
		return;
	}
	for (int i = 0; i < PCTL_DNS_MESSAGES_MAX && left; i++) {
		size = message_size(skb, at, left);
		if (size > 0xffff)
			break;
		stream->next[PCTL_TO] += 2 + size;
		if (size > left - 2) { /* it goes on in the next segment */
			count_names(PCTL_NAMES_CUT);
			return;
		}
		read_answer(skb, at + 2, size, size);
		at += 2 + size;
		left -= 2 + size;
	}
	if (left && find_stream(r)) /* where messages begin is not known any more */
		bpf_map_delete_elem(&questions, &r->key);
}

/* A packet from port 53, which passes. */
VERIFIED_ONCE int read_answer_packet(struct __sk_buff *skb, const struct packet *p)
{
	struct dns_room *r = dns_room();

	if (!p || !r || !locate_dns_tc(skb, p, PCTL_TO))
		return 0;
	if (p->protocol == IPPROTO_TCP &&
	    (r->tcp.flags & (TCP_SYN | TCP_ACK | TCP_RST)) == (TCP_SYN | TCP_ACK)) {
		if (comes_from_sender(skb))
			begin_stream(r);
		return 0;
	}
	if (!naming.learns || !is_resolver(r))
		return 0;
	if (p->protocol != IPPROTO_TCP)
		return read_answer(skb, r->at, r->whole ? r->size : r->size + 1, r->size);
	if (r->whole && r->size)
		read_answers(skb, r);
	return 0;
}

#endif
