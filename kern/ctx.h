/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What programs ask of their context, in one vocabulary for both hooks: ctx_xdp.h defines it for
 * XDP, ctx_tc.h for tc. The type of the first argument selects the function.
 *
 *   ctx_data, ctx_data_end     the linear part of the frame
 *   ctx_length                 bytes of the frame from ctx_data on, linear or not
 *   ctx_packets                how many packets it counts as
 *   ctx_ifindex                of the interface
 *   ctx_load_bytes             copies bytes of the frame, linear or not; not 0: they are not there
 *   ctx_may_pull, ctx_pull     can headers be outside the linear part? brings them there; not 0: it
 *                              failed
 *   ctx_may_be_bare            can the frame begin behind its Ethernet header? Then it is "bare":
 *   ctx_is_bare                is it? In an entry point alone, as ctx_checksum_place
 *   ctx_ethertype              its ethertype
 *   ctx_load_ethernet          copies its Ethernet header; not 0: it is not there
 *   ctx_vlan                   the VLAN of a tag in the packet's metadata (enum pctl_vlan)
 *   ctx_is_guarded             is the guard behind this hook, to count what passes?
 *   ctx_is_probe               is it a probe (abi.h)?
 *   ctx_probe_established      what a probe says of itself: enum pctl_probe_established
 *   ctx_pass, ctx_drop         what the program returns for a verdict
 *   ctx_checksum_place         where the kernel is to write a checksum: skb_checksum_place(). In an
 *                              entry point alone: the loader places no constants elsewhere
 *   ctx_resize                 makes it a frame of this length with its Ethernet header, in which
 *                              the kernel writes no checksum; its contents are lost. Not 0: failed
 *   ctx_store_bytes            writes bytes of the frame; not 0: they are not there
 *   ctx_answer                 what the program returns for a frame that shall go back to where it
 *                              came from
 *   ctx_meets_answers          can the answers of this hook come by another hook of ours?
 *
 * What ctx_may_… returns is constant, so that a hook has no code for what cannot be.
 */
#ifndef PCTL_CTX_H
#define PCTL_CTX_H

#define CTX_FUNCTION static __always_inline __attribute__((overloadable))

#include "ctx_tc.h"
#include "ctx_xdp.h"

#endif
