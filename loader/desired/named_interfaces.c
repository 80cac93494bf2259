// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fnmatch.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "named_interfaces.h"
#include "util.h"

/* --- patterns --- */

/* Names that the kernel, udev and engines give to what is no container's. A pattern that fits one
 * of them was meant otherwise. */
static const struct {
	const char *name, *what;
} others[] = {
	{ "lo", "the loopback device" },
	{ "eth0", "an uplink" },
	{ "ens3", "an uplink" },
	{ "enp0s3", "an uplink" },
	{ "eno1", "an uplink" },
	{ "wlan0", "an uplink" },
	{ "wlp2s0", "an uplink" },
	{ "bond0", "a bond" },
	{ "team0", "a bond" },
	{ "br0", "a bridge" },
	{ "docker0", "docker's bridge" },
	{ "br-0123456789ab", "a bridge of docker's" },
	{ "podman0", "podman's bridge" },
	{ "virbr0", "libvirt's bridge" },
	{ "lxcbr0", "LXC's bridge" },
	{ "lxdbr0", "LXD's bridge" },
	{ "incusbr0", "the bridge of incus" },
};

static int check_names(struct source *source, const struct word *word, const char *pattern)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!fnmatch(pattern, others[i].name, 0))
			return source_error(source, word,
					    "'%s' fits %s too, %s: begin it with what the "
					    "interfaces of containers alone have, as ve-*",
					    pattern, others[i].name, others[i].what);
	return 0;
}

int named_interfaces_check(struct source *source, const struct word *word)
{
	char pattern[64];

	if (!word->length)
		return source_error(source, word, "the pattern of names is empty");
	if (!word_copy(word, pattern, sizeof(pattern)))
		return source_error(source, word, "a pattern of names has at most %zu bytes",
				    sizeof(pattern) - 1);
	for (size_t i = 0; i < word->length; i++)
		if ((unsigned char)pattern[i] <= ' ' || strchr("/:,;\"'\x7f", pattern[i]))
			return source_error(source, word,
					    "'%s' is no pattern of names of interfaces, as 've-*' "
					    "is one",
					    pattern);
	if (!strpbrk(pattern, "*?[\\") && strlen(pattern) >= IF_NAMESIZE)
		return source_error(source, word, "the name of an interface has at most %d bytes",
				    IF_NAMESIZE - 1);
	return check_names(source, word, pattern);
}

const struct named_interfaces *named_interfaces_find(const struct named_interfaces *items,
						     size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!fnmatch(items[i].pattern, name, 0))
			return &items[i];
	return NULL;
}

void named_interfaces_clear(struct named_interfaces *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(items[i].pattern);
		free(items[i].policy);
	}
	free(items);
}

/* --- what is never followed --- */

const char *named_interfaces_why_never(const struct link *link)
{
	static const struct {
		const char *kind, *why;
	} kinds[] = {
		{ "", "it is no virtual device: it may lead out of this host" },
		{ "bridge", "it is a bridge" },
		{ "bond", "it is a bond" },
		{ "team", "it is a bond" },
		{ "macvtap", "what passes a macvtap does not pass its hooks" },
		{ "macvlan", "what passes a macvlan does not pass its hooks" },
	};

	if (link->type != ARPHRD_ETHER && !strcmp(link->kind, "tun"))
		return "it is a tun: its packets have no Ethernet header";
	if (!strcmp(link->kind, "veth") || !strcmp(link->kind, "tun"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(link->kind, kinds[i].kind))
			return kinds[i].why;
	return "it is neither a veth nor a tap";
}

/* Does a line of /proc/net/route say that the default route goes there? Interface, destination, …,
 * and the mask as the eighth (net/ipv4/fib_trie.c, fib_route_seq_show()). */
static bool is_default4(const char *line, const char *name)
{
	unsigned int destination, mask;
	char interface[64];

	return sscanf(line, "%63s %x %*s %*s %*s %*s %*s %x", interface, &destination, &mask) ==
		       3 &&
	       !destination && !mask && !strcmp(interface, name);
}

#define LEARNT 0x00040000u /* RTF_ADDRCONF, linux/ipv6_route.h: by a router advertisement */

/* The same of /proc/net/ipv6_route: destination, its length, …, flags as the ninth, and the
 * interface as the tenth (net/ipv6/route.c, rt6_info_route()). A guest can advertise itself as a
 * router: that makes its interface no uplink. */
static bool is_default6(const char *line, const char *name)
{
	char destination[33], interface[64];
	unsigned int length, flags;

	return sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %x %63s", destination, &length, &flags,
		      interface) == 4 &&
	       !length && strspn(destination, "0") == 32 && !(flags & LEARNT) &&
	       !strcmp(interface, name);
}

static bool has_line(const char *path, bool (*is)(const char *line, const char *name),
		     const char *name)
{
	FILE *file = fopen(path, "re");
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = is(line, name);
	if (file)
		fclose(file);
	return found;
}

const char *named_interfaces_why_never_here(const struct link *link)
{
	const char *why = named_interfaces_why_never(link);

	if (why)
		return why;
	if (has_line("/proc/thread-self/net/route", is_default4, link->name) ||
	    has_line("/proc/thread-self/net/ipv6_route", is_default6, link->name))
		return "the default route goes there: it leads out of this host";
	return NULL;
}
