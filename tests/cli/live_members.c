// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of live sets, as a keeper or a DNS answer would write them.
 *
 *   live_members SHARED list                    lines: NUMBER KIND FLAGS MEMBERS LEFT-OUT WORDS…
 *   live_members SHARED members NUMBER          lines: ADDRESS UNTIL USED
 *   live_members SHARED fill NUMBER ADDRESS…    these and no others, all known
 *   live_members SHARED some NUMBER ADDRESS…    the same, but there may be others
 *   live_members SHARED many NUMBER COUNT       so many addresses of 2001:db8:ffff::/48
 *   live_members SHARED add NUMBER ADDRESS
 *   live_members SHARED remove NUMBER ADDRESS
 *   live_members SHARED learn NUMBER ADDRESS SECONDS   as an answer would; SECONDS may be negative
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "live_members.h"
#include "live_sets.h"
#include "util.h"

static int failed(int error)
{
	fprintf(stderr, "%s\n", error_message(error));
	return 1;
}

static struct live_member member_of(const char *text)
{
	struct live_member member = { .family = strchr(text, ':') ? PCTL_IPV6 : PCTL_IPV4 };

	if (inet_pton(member.family == PCTL_IPV6 ? AF_INET6 : AF_INET, text, member.address) != 1)
		exit(2);
	return member;
}

static int list(const char *shared)
{
	struct live_set *sets;
	size_t count;
	int error = live_sets_list(shared, &sets, &count);

	if (error)
		return failed(error);
	for (size_t i = 0; i < count; i++) {
		printf("%u %d %u %u %u", sets[i].number, sets[i].kind, sets[i].flags,
		       sets[i].members, sets[i].left_out);
		for (size_t j = 0; j < sets[i].word_count; j++)
			printf(" %s", sets[i].words[j]);
		putchar('\n');
	}
	live_sets_free(sets, count);
	return 0;
}

static int show(const char *shared, uint32_t number)
{
	struct live_member *members;
	char address[INET6_ADDRSTRLEN];
	size_t count;
	int error = live_set_members(shared, number, &members, &count);

	if (error)
		return failed(error);
	for (size_t i = 0; i < count; i++)
		printf("%s %u %u\n",
		       inet_ntop(members[i].family == PCTL_IPV4 ? AF_INET : AF_INET6,
				 members[i].address, address, sizeof(address)),
		       members[i].value.until, members[i].value.used);
	free(members);
	return 0;
}

static int fill(const char *shared, uint32_t number, char **addresses, bool known)
{
	_cleanup_(freep) struct live_member *members = NULL;
	size_t count = 0;

	while (addresses[count])
		count++;
	members = calloc(count + 1, sizeof(*members));
	for (size_t i = 0; members && i < count; i++)
		members[i] = member_of(addresses[i]);
	return members ? live_set_fill(shared, number, members, count, known) : -1;
}

static int fill_many(const char *shared, uint32_t number, uint32_t count)
{
	_cleanup_(freep) struct live_member *members = calloc(count + 1, sizeof(*members));

	for (uint32_t i = 0; members && i < count; i++) {
		members[i] = member_of("2001:db8:ffff::");
		members[i].address[3] = htonl(i);
	}
	return members ? live_set_fill(shared, number, members, count, true) : -1;
}

static int learn(const char *shared, uint32_t number, const char *address, int seconds)
{
	_cleanup_(live_maps_close) struct live_maps maps = LIVE_MAPS_EMPTY;
	struct live_member member = member_of(address);
	struct pctl_member_key key = { .set = number, .family = member.family };
	int64_t later = (int64_t)seconds * 1000000000 >> PCTL_TICK_SHIFT;
	int error = live_maps_open(shared, &maps);

	memcpy(key.address, member.address, sizeof(key.address));
	member.value.until = members_now() + (uint32_t)later;
	error = error ?: members_put(&maps, &key, &member.value);
	return error < 0 ? error : 0;
}

int main(int argc, char **argv)
{
	const char *shared = argc > 2 ? argv[1] : "", *what = argc > 2 ? argv[2] : "";
	uint32_t number = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	struct live_member member = {};
	int error = -1;

	if (!strcmp(what, "list"))
		return list(shared);
	if (!strcmp(what, "members"))
		return show(shared, number);
	if (argc > 4 && (!strcmp(what, "add") || !strcmp(what, "remove")))
		member = member_of(argv[4]);
	if (!strcmp(what, "fill") || !strcmp(what, "some"))
		error = fill(shared, number, argv + 4, !strcmp(what, "fill"));
	else if (argc > 4 && !strcmp(what, "many"))
		error = fill_many(shared, number, strtoul(argv[4], NULL, 10));
	else if (argc > 5 && !strcmp(what, "learn"))
		error = learn(shared, number, argv[4], atoi(argv[5]));
	else if (argc > 4 && !strcmp(what, "add"))
		error = live_set_add(shared, number, &member);
	else if (argc > 4 && !strcmp(what, "remove"))
		error = live_set_remove(shared, number, &member);
	return error ? failed(error) : 0;
}
