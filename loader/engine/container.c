// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "container.h"

bool container_is_id(const char *text)
{
	return strlen(text) == CONTAINER_ID_SIZE - 1 &&
	       strspn(text, "0123456789abcdef") == CONTAINER_ID_SIZE - 1;
}

void container_clear(struct container *container)
{
	for (size_t i = 0; i < container->label_count; i++) {
		free(container->labels[i].name);
		free(container->labels[i].value);
	}
	for (size_t i = 0; i < container->network_count; i++)
		free(container->networks[i]);
	free(container->labels);
	free(container->networks);
	free(container->addresses);
	free(container->name);
	free(container->network_mode);
	*container = (struct container){ 0 };
}

void containers_free(struct container *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		container_clear(&items[i]);
	free(items);
}

const char *container_label(const struct container *container, const char *name)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (!strcmp(container->labels[i].name, name))
			return container->labels[i].value;
	return NULL;
}

const char *container_network_owner(const struct container *container)
{
	static const char shared[] = "container:";
	size_t length = strlen(shared);

	return strncmp(container->network_mode, shared, length) ? NULL
								: container->network_mode + length;
}

static void network_clear(struct network *network)
{
	free(network->name);
	free(network->driver);
	*network = (struct network){ 0 };
}

void networks_free(struct network *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		network_clear(&items[i]);
	free(items);
}
