// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>

#include "live_text.h"
#include "printable.h"

#define MEMBERS_SHOWN 32
#define EXPIRED ", expired"

/* Who has the address. Returns the length; 0: it is not known. */
static int origin_words(const struct set *set, const struct pctl_member *member,
			char words[LIVE_MEMBER_WORDS])
{
	const char *name = live_member_name(set, member);

	words[0] = '\0';
	if (name)
		return snprintf(words, LIVE_MEMBER_WORDS, "%s", name);
	if (member->origin)
		return snprintf(words, LIVE_MEMBER_WORDS, "container %08x", member->origin);
	return 0;
}

void live_member_words(const struct live_view *view, const struct pctl_member *member, uint32_t now,
		       char words[LIVE_MEMBER_WORDS])
{
	int used = origin_words(view->set, member, words);

	if (!member->until)
		return;
	if (pctl_member_expired(member, now))
		snprintf(words + used, LIVE_MEMBER_WORDS - used, "%sexpired, stays for connections",
			 used ? ", " : "");
	else
		snprintf(words + used, LIVE_MEMBER_WORDS - used, "%s%u s left", used ? ", " : "",
			 live_seconds_left(member, now));
}

static bool has_expired(const struct live_finding *finding)
{
	return pctl_member_expired(&finding->answer.member, finding->answer.at);
}

/* A member before one that has expired. */
static const struct live_finding *choose(const struct live_finding *findings, uint32_t count)
{
	const struct live_finding *chosen = NULL;

	for (uint32_t i = 0; i < count; i++)
		if (findings[i].answer.is_there && (!chosen || has_expired(chosen)) &&
		    (!chosen || !has_expired(&findings[i])))
			chosen = &findings[i];
	return chosen;
}

bool live_findings_words(const struct live_finding *findings, uint32_t count,
			 char words[LIVE_MEMBER_WORDS])
{
	const struct live_finding *finding = choose(findings, count);
	char origin[LIVE_MEMBER_WORDS], text[LIVE_MEMBER_WORDS + sizeof(EXPIRED)];

	if (!finding)
		return false;
	if (!origin_words(finding->set, &finding->answer.member, origin))
		snprintf(origin, sizeof(origin), "@%s", finding->set->name);
	snprintf(text, sizeof(text), "%s%s", origin, has_expired(finding) ? EXPIRED : "");
	printable_copy(words, LIVE_MEMBER_WORDS, text);
	return true;
}

const char *live_unknown_words(const struct live_view *view)
{
	if (!(view->flags & PCTL_LIVE_KNOWN))
		return "its members are not known: neither daemon nor sidecar has filled it";
	if (view->flags & PCTL_LIVE_INCOMPLETE)
		return "members did not fit in";
	return NULL;
}

static void print_member(const struct live_view *view, const struct live_member *member,
			 uint32_t now)
{
	char address[INET6_ADDRSTRLEN], words[LIVE_MEMBER_WORDS];

	inet_ntop(member->family == PCTL_IPV4 ? AF_INET : AF_INET6, member->address, address,
		  sizeof(address));
	live_member_words(view, &member->value, now, words);
	printf("#   %s%s%s\n", address, *words ? "  " : "", words);
}

void live_view_print(const struct live_view *view, uint32_t now)
{
	const char *unknown = live_unknown_words(view);
	size_t shown = view->member_count < MEMBERS_SHOWN ? view->member_count : MEMBERS_SHOWN;

	if (!view->asked) {
		printf("# @%s: no rule looks for peers in it\n", view->set->name);
		return;
	}
	printf("# @%s: %zu member%s%s", view->set->name, view->member_count,
	       view->member_count == 1 ? "" : "s", unknown ? "; UNKNOWN for all others: " : "");
	if (unknown)
		fputs(unknown, stdout);
	if (view->left_out)
		printf(", %u left out", view->left_out);
	putchar('\n');
	for (size_t i = 0; i < shown; i++)
		print_member(view, &view->members[i], now);
	if (view->member_count > shown)
		printf("#   and %zu more: show --json has them\n", view->member_count - shown);
}
