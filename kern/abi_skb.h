/* SPDX-License-Identifier: GPL-2.0-only */
/* Constants in instructions; part of abi.h, which includes it. */
#ifndef PCTL_ABI_SKB_H
#define PCTL_ABI_SKB_H

/*
 * What tc programs need to read the kernel's struct sk_buff (kern/skb.h), which differs between
 * kernels. In the object, `rX = PCTL_SKB_CONSTANT + number` stands for a constant, and a call of
 * helper PCTL_CAST_TO_SKB for one of bpf_cast_to_kern_ctx() (Linux 6.2). The loader replaces them.
 */
#define PCTL_SKB_CONSTANT 0x70637400
#define PCTL_CAST_TO_SKB 0x70637480

enum pctl_skb_constant {
	PCTL_SKB_ACCESS, /* enum pctl_skb_access */
	/* Offsets of fields in struct sk_buff, in bytes. */
	PCTL_SKB_HEAD,
	PCTL_SKB_DATA,
	PCTL_SKB_MAC_HEADER,
	PCTL_SKB_CSUM_START,
	PCTL_SKB_CSUM_OFFSET,
	PCTL_SKB_IP_SUMMED, /* of the byte with this bit field … */
	PCTL_SKB_IP_SUMMED_MASK, /* … its bits … */
	PCTL_SKB_IP_SUMMED_PARTIAL, /* … and their value for CHECKSUM_PARTIAL */
	PCTL_SKB_CONSTANTS,
};

enum pctl_skb_access {
	/* Any other value: not at all. The object was loaded by hand. */
	PCTL_SKB_READ = 1, /* through bpf_cast_to_kern_ctx() */
	PCTL_SKB_COPY = 2, /* with bpf_probe_read_kernel() */
};

#endif
