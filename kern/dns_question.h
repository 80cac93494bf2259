/* SPDX-License-Identifier: GPL-2.0-only */
/* What both directions of DNS ask of a question; dns_questions.h reads them from packets. */
#ifndef PCTL_DNS_QUESTION_H
#define PCTL_DNS_QUESTION_H

#include "ctx.h"
#include "dns_name.h"
#include "parse.h"

#define DNS_OPT 41 /* RFC 6891 section 6.1.2 */

struct dns_record { /* RFC 1035 section 4.1.3: what stands behind its name */
	__be16 type;
	__be16 class;
	__be32 ttl;
	__be16 size; /* of its data */
} __attribute__((packed));

#define DNS_RECORD sizeof(struct dns_record)

/* Is there anything to do about a packet with these ports, once its verdict stands? */
static __always_inline bool is_dns(__u8 direction, __u8 protocol, const __be16 words[2])
{
	if (!(direction == PCTL_FROM ? reads_dns() : naming.learns || asks_names()))
		return false;
	return words[direction == PCTL_FROM ? 1 : 0] == bpf_htons(PCTL_DNS_PORT) &&
	       (protocol == IPPROTO_UDP || protocol == IPPROTO_TCP);
}

/* Of a verdict (match.h): the packet goes to port 53, or comes from there. */
#define VERDICT_DNS (1ull << 48)

/* VERDICT_DNS, or 0. */
static __always_inline __u64 dns_flag(__u8 direction, __u8 protocol, const __be16 words[2])
{
	return is_dns(direction, protocol, words) ? VERDICT_DNS : 0;
}

static __always_inline bool may_be_dns(const struct packet *p, __u8 direction)
{
	return p->known == KNOWN_SELECTOR && is_dns(direction, p->protocol, p->words);
}

static __always_inline bool is_address_type(__be16 type)
{
	return type == bpf_htons(DNS_A) || type == bpf_htons(DNS_AAAA) ||
	       type == bpf_htons(DNS_ANY);
}

/* dns_answers.h. XDP sees nothing that goes to a container. */
VERIFIED_ONCE int read_answer_packet(struct __sk_buff *skb, const struct packet *p);

CTX_FUNCTION int note_answer(struct __sk_buff *ctx, const struct packet *p)
{
	return read_answer_packet(ctx, p);
}

CTX_FUNCTION int note_answer(struct xdp_md *ctx, const struct packet *p)
{
	return 0;
}

/* Does the message end behind its question, or behind one record of EDNS? */
static __always_inline bool ends_question(struct dns_room *r)
{
	__u32 at = r->next;
	struct dns_record record;

	if (!r->header.additionals)
		return at == r->length;
	if (r->header.additionals != bpf_htons(1) || at + 1 + DNS_RECORD > r->length ||
	    r->message[at & MESSAGE_MASK])
		return false;
	__builtin_memcpy(&record, r->message + bounded(at + 1, MESSAGE_MASK), sizeof(record));
	return record.type == bpf_htons(DNS_OPT) &&
	       at + 1 + DNS_RECORD + bpf_ntohs(record.size) == r->length;
}

/* Is the other end a resolver that is believed? */
static __always_inline bool is_resolver(const struct dns_room *r)
{
	bool is = false;

	for (__u32 i = 0; i < PCTL_RESOLVERS_MAX && i < naming.resolver_count; i++) {
		const volatile struct pctl_resolver *resolver = &naming.resolvers[i];
		__u32 differ = resolver->family ^ r->key.family;

		for (int word = 0; word < 4; word++)
			differ |= resolver->address[word] ^ r->key.remote[word];
		is |= !differ;
	}
	return is;
}

/* Notes the question that was read, if its answer is to be learnt from. */
static __always_inline void note_question(struct dns_room *r)
{
	if (!(r->found.sets & naming.learns) || !is_address_type(r->type))
		return;
	r->key.kind = PCTL_QUESTION;
	r->key.id = r->header.id;
	r->question.type = r->type;
	r->question.name = r->name;
	if (!bpf_map_update_elem(&questions, &r->key, &r->question, BPF_ANY))
		count_names(PCTL_NAMES_QUESTIONS);
}

/* The streams of this connection. NULL: their beginning was not seen. */
static __always_inline struct pctl_question *find_stream(struct dns_room *r)
{
	r->key.kind = PCTL_STREAM;
	r->key.id = 0;
	return bpf_map_lookup_elem(&questions, &r->key);
}

/*
 * The resolver has opened a connection: a SYN-ACK that is its own. The container's SYN does not
 * count, since it could send another one later, with any number. Nor does a SYN-ACK that comes
 * again.
 */
static __always_inline void begin_stream(struct dns_room *r)
{
	struct pctl_question *stream = find_stream(r);

	if (stream && stream->first == r->sequence)
		return;
	r->question.first = r->sequence;
	r->question.next[PCTL_TO] = r->sequence;
	r->question.next[PCTL_FROM] = bpf_ntohl(r->tcp.acknowledgement);
	r->question.last_size = 0;
	bpf_map_update_elem(&questions, &r->key, &r->question, BPF_ANY);
}

/* Does this segment of the container begin with a message? */
static __always_inline bool begins_message(struct dns_room *r)
{
	struct pctl_question *stream = find_stream(r);

	return stream && (r->sequence == stream->next[PCTL_FROM] ||
			  (r->sequence == stream->last && r->size == stream->last_size));
}

/* It passes: what follows begins behind it. */
static __always_inline void note_sent(struct dns_room *r)
{
	struct pctl_question *stream = find_stream(r);

	if (!stream || !r->size || r->sequence != stream->next[PCTL_FROM])
		return;
	stream->last = r->sequence;
	stream->last_size = r->size;
	stream->next[PCTL_FROM] = r->sequence + r->size;
}

#endif
