/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a name of a DNS message, which may be compressed (RFC 1035 section 4.1.4), in the form of
 * struct pctl_name_key. Pointers lead backward alone, so that each name ends.
 */
#ifndef PCTL_DNS_NAME_H
#define PCTL_DNS_NAME_H

#include "dns_room.h"

#define LABEL_POINTER 0xc0
#define LABEL_MAX 63
/* A name has at most 127 labels, and a pointer in front of each. */
#define NAME_STEPS (2 * 127 + 1)

/* Without branches: the verifier would walk both ways for each byte. */
static __always_inline __u8 lower(__u32 byte)
{
	__u32 from_a = byte - 'A', is_upper;

	barrier_var(from_a);
	is_upper = ((from_a - 26) & ~from_a) >> 31;
	return byte | is_upper << 5;
}

enum name_step { NAME_MORE, NAME_DONE, NAME_BROKEN };

static __always_inline enum name_step follow_pointer(struct dns_room *r, __u32 at, __u32 first)
{
	__u32 target;

	if (at + 1 >= r->length)
		return NAME_BROKEN;
	target = (first & ~LABEL_POINTER) << 8 | r->message[(at + 1) & MESSAGE_MASK];
	if (target >= r->limit || target < DNS_HEADER)
		return NAME_BROKEN;
	if (!r->after)
		r->after = at + 2;
	r->limit = target;
	r->cursor = target;
	return NAME_MORE;
}

/* One label. */
VERIFIED_ONCE int read_label(struct dns_room *r)
{
	__u32 at, size, to;

	if (!r)
		return NAME_BROKEN;
	at = r->cursor;
	if (at >= r->length)
		return NAME_BROKEN;
	size = r->message[at & MESSAGE_MASK];
	if (!size) {
		if (!r->after)
			r->after = at + 1;
		return NAME_DONE;
	}
	if ((size & LABEL_POINTER) == LABEL_POINTER)
		return follow_pointer(r, at, size);
	/* 255 bytes, of which the first label needs one that stays free here. */
	if (size > LABEL_MAX || at + 1 + size > r->length || r->begin < size + 2)
		return NAME_BROKEN;
	r->begin -= size + 1;
	to = r->begin;
	r->labels.bytes[to & LABELS_END] = size;
	for (__u32 i = 1; i <= LABEL_MAX && i <= size; i++)
		r->labels.bytes[(to + i) & LABELS_END] = lower(r->message[(at + i) & MESSAGE_MASK]);
	r->cursor = at + 1 + size;
	return NAME_MORE;
}

/* Copies what was read, in words of 8 bytes from wherever it begins: the compiler would copy bytes.
 */
static __always_inline void take_name(struct dns_room *r, struct pctl_name_key *name)
{
	const __u8 *from = r->labels.bytes + bounded(r->begin, LABELS_END);

	name->bits = (PCTL_NAME_BYTES - r->begin) * 8;
	for (int i = 0; i < PCTL_NAME_BYTES / 8; i++) {
		__u64 word = *(const __u64 *)(from + i * 8);

		*(__u32 *)(name->labels + i * 8) = word;
		*(__u32 *)(name->labels + i * 8 + 4) = word >> 32;
	}
}

/* Reads the name at this place of the message into r->name; what stands behind it is r->after.
 * Returns 0; else it is none. Inlined where the stack is short. */
static __always_inline int read_name_here(struct dns_room *r, __u32 at)
{
	int step = NAME_MORE;

	r->cursor = at;
	r->limit = at;
	r->after = 0;
	r->begin = LABELS_END;
	for (int i = 0; i < NAME_STEPS && step == NAME_MORE; i++)
		step = read_label(r);
	if (step != NAME_DONE)
		return -1;
	take_name(r, &r->name);
	return 0;
}

VERIFIED_ONCE int read_name(__u32 at)
{
	struct dns_room *r = dns_room();

	return r ? read_name_here(r, at) : -1;
}

static __always_inline bool is_same_name(const struct pctl_name_key *a,
					 const struct pctl_name_key *b)
{
	__u32 differ = a->bits ^ b->bits;

	for (int i = 0; i < PCTL_NAME_BYTES / 4; i++)
		differ |= *(const __u32 *)(a->labels + i * 4) ^ *(const __u32 *)(b->labels + i * 4);
	return !differ;
}

/* Reads the question behind the header: its name, type and class, and where it ends. False: there
 * is not exactly one, or it is not whole. No pointer can lead in front of its name: it is not
 * compressed. */
static __always_inline bool read_the_question(struct dns_room *r)
{
	__u32 after;

	if (r->header.questions != bpf_htons(1) || read_name_here(r, DNS_HEADER))
		return false;
	after = r->after;
	if (after + 4 > r->length)
		return false;
	__builtin_memcpy(&r->type, r->message + bounded(after, MESSAGE_MASK), 2);
	__builtin_memcpy(&r->class, r->message + bounded(after + 2, MESSAGE_MASK), 2);
	r->next = after + 4;
	return true;
}

/* In which sets the name is: r->found. */
static __always_inline void find_name(struct dns_room *r)
{
	struct pctl_name_sets *found = bpf_map_lookup_elem(&names, &r->name);

	r->found.sets = 0;
	if (found)
		r->found = *found;
}

#endif
