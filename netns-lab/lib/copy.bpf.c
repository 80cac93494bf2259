// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the notes did to copy a container's traffic, by hand. TARGET is the index of the device that
 * gets it, MAC the address that the copy is sent to, as six numbers.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* At clsact: a copy goes to TARGET, and the packet goes on. */
SEC("clone")
int copy_clone(struct __sk_buff *skb)
{
#ifdef MAC
	static const __u8 mac[ETH_ALEN] = { MAC };
	__u8 own[ETH_ALEN];

	if (bpf_skb_load_bytes(skb, 0, own, ETH_ALEN) ||
	    bpf_skb_store_bytes(skb, 0, mac, ETH_ALEN, 0))
		return TC_ACT_UNSPEC;
#endif
	bpf_clone_redirect(skb, TARGET, 0);
#ifdef MAC
	bpf_skb_store_bytes(skb, 0, own, ETH_ALEN, 0);
#endif
	return TC_ACT_UNSPEC;
}

/* At XDP: the packet itself goes to TARGET. */
SEC("redirect")
int copy_redirect(struct xdp_md *ctx)
{
	return bpf_redirect(TARGET, 0);
}

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 4);
} ports SEC(".maps");

/* At XDP: the packet goes to all devices of the map, instead of its way through the host. */
SEC("broadcast")
int copy_broadcast(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, 0, BPF_F_BROADCAST);
}

char _license[] SEC("license") = "GPL";
