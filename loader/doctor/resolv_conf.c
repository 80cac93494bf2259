// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "resolv_conf.h"
#include "util.h"

#define SERVER "nameserver"
#define DOCKERD "127.0.0.11"
#define FORWARDS "# ExtServers: ["
#define FROM_HOST "host("
#define TEXT_MAX 4096 /* bytes that are looked at */

/* --- addresses --- */

static bool read_address(const char *text, struct prefix *address)
{
	uint8_t bytes[16];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	if (inet_pton(family, text, bytes) != 1)
		return false;
	*address = (struct prefix){ .family = family == AF_INET ? PCTL_IPV4 : PCTL_IPV6 };
	address->length = family_bits(address->family);
	for (unsigned int i = 0; i < address->length / 8u; i++) {
		uint64_t *half = i < 8 ? &address->high : &address->low;

		*half |= (uint64_t)bytes[i] << (56 - 8 * (i % 8));
	}
	return true;
}

/* Without memory it is left out. */
static void add(struct prefixes *list, const char *text)
{
	struct prefix address;
	size_t capacity = list->count;

	if (read_address(text, &address))
		prefixes_add(list, &capacity, address);
}

static bool is_loopback(const struct prefix *address)
{
	return address->family == PCTL_IPV4 ? address->high >> 56 == 127
					    : !address->high && address->low == 1;
}

bool resolv_conf_is_local(const struct resolv_conf *conf)
{
	for (size_t i = 0; i < conf->servers.count; i++)
		if (is_loopback(&conf->servers.items[i]))
			return true;
	return false;
}

/* --- text --- */

/* 198.18.0.53 host(127.0.0.53)] */
static void read_forwards(char *rest, struct resolv_conf *conf)
{
	char *word;

	conf->forwards_told = true;
	while ((word = strsep(&rest, " ]"))) {
		bool from_host = !strncmp(word, FROM_HOST, strlen(FROM_HOST));

		conf->forwards_from_host = conf->forwards_from_host || from_host;
		if (!from_host)
			add(&conf->forwards, word);
	}
}

static void read_line(char *line, struct resolv_conf *conf)
{
	char *rest = line, *word;

	if (!strncmp(line, FORWARDS, strlen(FORWARDS))) {
		read_forwards(line + strlen(FORWARDS), conf);
		return;
	}
	word = strsep(&rest, " \t");
	if (strcmp(word, SERVER) != 0 || !rest)
		return;
	rest += strspn(rest, " \t");
	word = strsep(&rest, " \t");
	if (!strcmp(word, DOCKERD))
		conf->asks_dockerd = true;
	else
		add(&conf->servers, word);
}

void resolv_conf_parse(char *text, struct resolv_conf *conf)
{
	char *rest = text, *line;

	*conf = (struct resolv_conf){};
	while ((line = strsep(&rest, "\n")))
		read_line(line, conf);
}

void resolv_conf_clear(struct resolv_conf *conf)
{
	prefixes_clear(&conf->servers);
	prefixes_clear(&conf->forwards);
}

/* --- files --- */

/* Opens a file of another process's root. Its links lead nowhere but below that root. */
static int open_below_root(pid_t pid, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char root[64];
	_cleanup_(closep) int directory = -1;

	snprintf(root, sizeof(root), "/proc/%d/root", pid);
	directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return directory < 0 ? -1 : syscall(SYS_openat2, directory, path, &how, sizeof(how));
}

void resolv_conf_read(pid_t pid, struct resolv_conf *conf)
{
	_cleanup_(closep) int fd = pid ? open_below_root(pid, "etc/resolv.conf")
				       : open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
	char text[TEXT_MAX] = "";
	ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[got > 0 ? got : 0] = '\0';
	resolv_conf_parse(text, conf);
}
