/* SPDX-License-Identifier: GPL-2.0-only */
/* The XDP mode of an attachment, as a user asks for it: on the command line and in the
 * configuration. */
#ifndef PCTL_MODE_H
#define PCTL_MODE_H

enum mode_choice {
	MODE_AUTO, /* generic on a veth, native elsewhere if the driver can */
	MODE_NATIVE,
	MODE_GENERIC,
};

/* "auto", "native", "generic", by enum mode_choice; ends with NULL. */
extern const char *const mode_choices[];

/* The choice of this name. -EINVAL: there is none. */
int mode_choice_parse(const char *name, enum mode_choice *choice);

#endif
