// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <endian.h>
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "skb_constants.h"
#include "util.h"

#define CHECKSUM_PARTIAL 3 /* include/linux/skbuff.h */

struct constants {
	int error; /* -ENODATA: there are none */
	int32_t values[PCTL_SKB_CONSTANTS];
	int32_t cast; /* the BTF id of bpf_cast_to_kern_ctx() */
};

/* A field of a structure: its offset and its size in bits. */
struct field {
	uint32_t offset, size;
};

/* --- reading the BTF --- */

/* Finds a field of the structure or union @type, also inside of what has no name there. */
static bool find_field(const struct btf *btf, uint32_t type, const char *name, struct field *found)
{
	const struct btf_type *outer = btf__type_by_id(btf, type);
	const struct btf_member *member = btf_members(outer);

	for (uint32_t i = 0; i < btf_vlen(outer); i++, member++) {
		uint32_t offset = btf_member_bit_offset(outer, i);
		const char *its_name = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *inner = btf__type_by_id(btf, member->type);

		if (!strcmp(its_name, name)) {
			found->offset = offset;
			found->size = btf_member_bitfield_size(outer, i)
					      ?: 8 * btf__resolve_size(btf, member->type);
			return true;
		}
		if (!*its_name && btf_is_composite(inner) &&
		    find_field(btf, member->type, name, found)) {
			found->offset += offset;
			return true;
		}
	}
	return false;
}

/* Offsets in bytes. */
static const struct {
	const char *name;
	uint32_t bits;
} fields[PCTL_SKB_CONSTANTS] = {
	[PCTL_SKB_HEAD] = { "head", 64 },
	[PCTL_SKB_DATA] = { "data", 64 },
	[PCTL_SKB_MAC_HEADER] = { "mac_header", 16 },
	[PCTL_SKB_CSUM_START] = { "csum_start", 16 },
	[PCTL_SKB_CSUM_OFFSET] = { "csum_offset", 16 },
};

static int read_fields(const struct btf *btf, int32_t skb, int32_t values[PCTL_SKB_CONSTANTS])
{
	struct field field;

	for (int i = 0; i < PCTL_SKB_CONSTANTS; i++) {
		if (!fields[i].name)
			continue;
		if (!find_field(btf, skb, fields[i].name, &field) || field.size != fields[i].bits ||
		    field.offset % 8)
			return -ENODATA;
		values[i] = field.offset / 8;
	}
	return 0;
}

/* A bit field of two bits in one byte. */
static int read_ip_summed(const struct btf *btf, int32_t skb, int32_t values[PCTL_SKB_CONSTANTS])
{
	struct field field;
	uint32_t shift;

	if (!find_field(btf, skb, "ip_summed", &field) || field.size != 2 || field.offset % 8 > 6)
		return -ENODATA;
	shift = field.offset % 8;
	if (BYTE_ORDER == BIG_ENDIAN)
		shift = 6 - shift;
	values[PCTL_SKB_IP_SUMMED] = field.offset / 8;
	values[PCTL_SKB_IP_SUMMED_MASK] = 3 << shift;
	values[PCTL_SKB_IP_SUMMED_PARTIAL] = CHECKSUM_PARTIAL << shift;
	return 0;
}

static int read_skb(const struct btf *btf, int32_t values[PCTL_SKB_CONSTANTS])
{
	int32_t skb = btf__find_by_name_kind(btf, "sk_buff", BTF_KIND_STRUCT);

	if (skb < 0)
		return -ENODATA;
	return read_fields(btf, skb, values) ?: read_ip_summed(btf, skb, values);
}

static void read_constants(struct constants *constants)
{
	struct btf *btf = btf__load_vmlinux_btf();

	constants->error = btf ? read_skb(btf, constants->values) : -ENODATA;
	constants->cast =
		btf ? btf__find_by_name_kind(btf, "bpf_cast_to_kern_ctx", BTF_KIND_FUNC) : -1;
	constants->values[PCTL_SKB_ACCESS] = constants->cast > 0 ? PCTL_SKB_READ : PCTL_SKB_COPY;
	btf__free(btf);
}

static struct constants constants;

static void read_once(void)
{
	read_constants(&constants);
}

static const struct constants *get_constants(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_once);
	return &constants;
}

/* --- instructions --- */

static void place(struct bpf_insn *instruction, const struct constants *from)
{
	uint32_t number = (uint32_t)instruction->imm - PCTL_SKB_CONSTANT;
	uint8_t code = instruction->code;

	if ((code == (BPF_ALU64 | BPF_MOV | BPF_K) || code == (BPF_ALU | BPF_MOV | BPF_K)) &&
	    number < PCTL_SKB_CONSTANTS) {
		instruction->imm = from->values[number];
	} else if (code == (BPF_JMP | BPF_CALL) && instruction->imm == PCTL_CAST_TO_SKB &&
		   from->cast > 0) {
		instruction->src_reg = BPF_PSEUDO_KFUNC_CALL;
		instruction->imm = from->cast;
	}
}

int skb_constants_place(struct bpf_program *program)
{
	size_t count = bpf_program__insn_cnt(program);
	_cleanup_(freep) struct bpf_insn *instructions = calloc(count, sizeof(*instructions));
	const struct constants *from = get_constants();

	if (!instructions)
		return -ENOMEM;
	if (from->error)
		return from->error;
	memcpy(instructions, bpf_program__insns(program), count * sizeof(*instructions));
	for (size_t i = 0; i < count; i++)
		place(&instructions[i], from);
	return bpf_program__set_insns(program, instructions, count);
}
