// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "attachment.h"
#include "error.h"
#include "not_enforced.h"
#include "terminal.h"

void notice_if_not_enforced(const struct attachment *attachment)
{
	const char *name = attachment->hooks.link.name;

	if (!attachment_live(attachment))
		notice("%s: %sNOT ENFORCED NOW%s: its programs are not all on their hooks; "
		       "policyctl doctor %s tells what to do",
		       name, terminal_start(stderr, COLOUR_RED), terminal_end(stderr), name);
}
