/* SPDX-License-Identifier: GPL-2.0-only */
/* What judges the packets from a container, as a user asks for it on the command line and in the
 * configuration: XDP in one of its modes, or clsact ingress alone. */
#ifndef PCTL_MODE_H
#define PCTL_MODE_H

enum mode_choice {
	MODE_AUTO, /* generic on a veth, native elsewhere if the driver can */
	MODE_NATIVE,
	MODE_GENERIC,
	MODE_NONE, /* no XDP: --hook tc */
};

/* "auto", "native", "generic", "none", by enum mode_choice. */
const char *mode_choice_name(enum mode_choice choice);

/* The first three, which --mode takes; ends with NULL. */
extern const char *const mode_choices[];

/* The choice of this name that --mode takes. -EINVAL: there is none. */
int mode_choice_parse(const char *name, enum mode_choice *choice);

/* Which hook judges packets from a container. */
enum hook_choice {
	HOOK_CHOICE_AUTO, /* tc where nobody behind the veth can get around it, else XDP */
	HOOK_CHOICE_XDP, /* and the guard behind it */
	HOOK_CHOICE_TC, /* clsact ingress alone */
};

/* "auto", "xdp", "tc", by enum hook_choice; ends with NULL. */
extern const char *const hook_choices[];

/* The choice of this name. -EINVAL: there is none. */
int hook_choice_parse(const char *name, enum hook_choice *choice);

#endif
