// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "veths.h"

struct veth *veths_find(const struct veths *veths, uint32_t ifindex)
{
	for (size_t i = 0; i < veths->count; i++)
		if (veths->items[i].ifindex == ifindex)
			return &veths->items[i];
	return NULL;
}

struct veth *veths_get(struct veths *veths, uint32_t ifindex)
{
	struct veth *veth = veths_find(veths, ifindex), *grown;

	if (veth)
		return veth;
	grown = reallocarray(veths->items, veths->count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	veths->items = grown;
	veth = &grown[veths->count++];
	*veth = (struct veth){ .ifindex = ifindex };
	return veth;
}

static bool is_of(const struct veth *veth, const char *container)
{
	struct owner owner = { .version = OWNER_VERSION };

	if (!veth->named)
		return !strcmp(veth->container, container);
	owner_set_interface(&owner, veth->link.name);
	return !strcmp(owner.container, container);
}

void veths_mark(struct veths *veths, const char *container)
{
	for (size_t i = 0; i < veths->count; i++) {
		struct veth *veth = &veths->items[i];

		if (is_of(veth, container) || (!veth->named && !veth->container[0]))
			veth->dirty = true;
	}
}

bool veths_have(const struct veths *veths, const char *container)
{
	for (size_t i = 0; i < veths->count; i++)
		if (is_of(&veths->items[i], container))
			return true;
	return false;
}

void veths_remove(struct veths *veths, uint32_t ifindex)
{
	struct veth *veth = veths_find(veths, ifindex);

	if (veth)
		*veth = veths->items[--veths->count];
}

void veths_clear(struct veths *veths)
{
	free(veths->items);
	*veths = (struct veths){};
}
