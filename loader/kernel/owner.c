// SPDX-License-Identifier: GPL-2.0-only
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "owner.h"

#define CUT "..."

/* The bytes behind the text are zero: records are compared as they are. */
void owner_set(char *field, size_t size, const char *text)
{
	size_t length = strlen(text);

	memset(field, 0, size);
	if (length < size)
		memcpy(field, text, length);
	else
		memcpy(memcpy(field, text, size - sizeof(CUT)) + size - sizeof(CUT), CUT,
		       sizeof(CUT));
}

#define INTERFACE_ZEROS 34 /* of 64 digits, as ids of containers have; two for each byte follow */

void owner_set_interface(struct owner *owner, const char *interface)
{
	char *digits = owner->container;

	memset(owner->container, 0, sizeof(owner->container));
	memset(digits, '0', INTERFACE_ZEROS + 2 * (IF_NAMESIZE - 1));
	digits += INTERFACE_ZEROS;
	for (size_t i = 0; i < IF_NAMESIZE - 1 && interface[i]; i++) {
		char byte[3];

		snprintf(byte, sizeof(byte), "%02x", (unsigned char)interface[i]);
		memcpy(digits + 2 * i, byte, 2);
	}
	owner_set(owner->name, sizeof(owner->name), interface);
}

bool owner_is_interface(const struct owner *owner)
{
	return owner_is(owner) && strspn(owner->container, "0") >= INTERFACE_ZEROS;
}

const char *owner_manager_name(const struct owner *owner)
{
	switch (owner->manager) {
	case OWNER_DAEMON:
		return "daemon";
	case OWNER_SIDECAR:
		return "sidecar";
	}
	return "";
}
