/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's verifier needs to be told, or asks of the code. */
#ifndef PCTL_VERIFIER_H
#define PCTL_VERIFIER_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

/*
 * The verifier checks a function that is neither static nor inlined once, by itself ("global
 * function", Linux 5.6), where it checks other code anew for each path that leads there. Of its
 * arguments it knows the types alone. So a pointer to anything but the context may be NULL, and
 * each such function checks its pointers before it reads them, though no caller passes NULL.
 * Callers learn nothing about the result or about memory that the function wrote.
 *
 * Weak, so that the compiler too takes it for a function that it does not know: it would not pass
 * an argument that the function does not read (clang 22), but the verifier wants all of them.
 */
#define VERIFIED_ONCE __noinline __weak

/*
 * In place of functions that only an unused feature calls: the loader redirects the calls to this
 * one, so that these functions are not loaded (loader/kernel/left_out.h). Constants remove the
 * calls. One that they do not remove is refused: no caller has so much memory to pass.
 */
struct too_large {
	__u8 bytes[4096];
};

VERIFIED_ONCE int left_out(const struct too_large *nothing)
{
	return 0;
}

/* @offset, of which @mask is a bound that holds anyway. Linux 6.1 forgets the bounds of a register
 * when it is spilled to the stack; the mask states them again. */
static __always_inline __u32 bounded(__u32 offset, __u32 mask)
{
	barrier_var(offset); /* the compiler knows the bound and would drop the mask */
	return offset & mask;
}

#endif
