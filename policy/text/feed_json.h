/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of addresses as JSON (RFC 8259), as providers publish their networks. */
#ifndef PCTL_FEED_JSON_H
#define PCTL_FEED_JSON_H

#include "feed.h"

/*
 * Reads every string that is an address, a block or a range, wherever it is and whatever its name;
 * other strings and numbers are not looked at. Several documents may follow each other, one a line
 * for example. Text that is cut off is an error, and so is one whose strings are no addresses: a
 * server's message about an error is not an empty list.
 * 0; -EINVAL, reported; -ENOMEM.
 */
int feed_read_json(struct feed *feed);

#endif
