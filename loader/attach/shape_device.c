// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "netlink_shape.h"
#include "shape_device.h"

static const uint8_t device_mac[6] = { 0x02, 'p', 'c', 't', 'l', 0 };

void shape_device_name(uint32_t ifindex, char name[IF_NAMESIZE])
{
	snprintf(name, IF_NAMESIZE, "pctl-%u", ifindex);
}

static bool is_our_device(const struct link *link)
{
	return !strcmp(link->kind, "ifb") && !memcmp(link->mac, device_mac, sizeof(device_mac));
}

/* The device of an interface, whoever made it. -ENODEV: there is none. */
static int get_device(struct nl *nl, uint32_t ifindex, struct link *device)
{
	char name[IF_NAMESIZE];

	shape_device_name(ifindex, name);
	return nl_link_get(nl, name, 0, device);
}

int shape_device_get(struct nl *nl, uint32_t ifindex, struct link *device)
{
	int error = get_device(nl, ifindex, device);

	if (!error && !is_our_device(device))
		error = -ENODEV;
	if (error == -ENODEV)
		error_clear();
	return error;
}

int shape_lacking(int error, const char *what, const char *option, const char *failed)
{
	if (error == -ENOENT || error == -EOPNOTSUPP)
		return error_set(error, "`shape` needs %s, which this kernel does not have (%s)",
				 what, option);
	return error ? error_prefix(error, "%s", failed) : 0;
}

int shape_device_check(struct nl *nl, uint32_t ifindex)
{
	struct link device;
	int error = get_device(nl, ifindex, &device);

	if (error == -ENODEV) {
		error_clear();
		return 0;
	}
	if (!error && !is_our_device(&device))
		error = error_set(-EBUSY,
				  "`shape` for what the container sends needs a device called %s, "
				  "and another one has that name: not replaced",
				  device.name);
	return error;
}

int shape_device_need(struct nl *nl, uint32_t ifindex, struct link *device)
{
	char name[IF_NAMESIZE];
	int error = shape_device_get(nl, ifindex, device);

	shape_device_name(ifindex, name);
	if (error == -ENODEV) {
		error = nl_ifb_add(nl, name, device_mac) ?: nl_link_get(nl, name, 0, device);
		error = shape_lacking(error, "ifb", "CONFIG_IFB", "cannot make an ifb");
	}
	if (!error && !(device->flags & IFF_UP))
		error = nl_link_set_up(nl, device->ifindex);
	return error ? error_prefix(error, "%s", name) : 0;
}

int shape_device_remove(struct nl *nl, uint32_t ifindex)
{
	struct link device;
	int error = shape_device_get(nl, ifindex, &device);

	if (error)
		return error == -ENODEV ? 0 : error;
	error = nl_link_delete(nl, device.ifindex);
	return error ? error_prefix(error, "cannot remove %s", device.name) : 0;
}
