// SPDX-License-Identifier: GPL-2.0-only
/* policyctl show: prints the policy in force in the policy language, with the counts of each rule.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "addresses.h"
#include "attachment_json.h"
#include "attachment_state.h"
#include "attachment_text.h"
#include "attachment_view.h"
#include "commands.h"
#include "container_lookup.h"
#include "live_text.h"
#include "output.h"
#include "own.h"
#include "print.h"
#include "reserved_sets.h"
#include "target_arguments.h"
#include "target_container.h"
#include "terminal.h"
#include "unconfirmed_words.h"
#include "util.h"

static void print_counts(const struct attachment_view *view, const struct counter_row *row)
{
	bool id = row->kind == COUNTER_RULE, audit = row->audit && row->kind != COUNTER_RATE;
	const char *separator = id || audit ? ", " : " ";

	for (int d = 0; d < PCTL_DIRECTIONS; d++) {
		const struct pctl_counter *counter = counters_slot(&view->counters, row->slot, d);

		if (!(row->directions & (1u << d)))
			continue;
		printf("%s%s: %llu packet%s %llu bytes", separator, policy_direction_name(d),
		       (unsigned long long)counter->packets, counter->packets == 1 ? "" : "s",
		       (unsigned long long)counter->bytes);
		separator = ", ";
	}
	printf("%s\n", terminal_end(stdout));
}

/* The text of a row, in front of the comment with its counts; malloc'd. NULL: it has no text. */
static char *row_words(const struct policy *policy, const struct counter_row *row)
{
	enum pctl_direction direction;
	char *text = NULL;
	int failed = 0;

	switch (row->kind) {
	case COUNTER_RULE:
		return policy_rule_print(row->rule);
	case COUNTER_DEFAULT:
		direction = row->directions == 1u << PCTL_FROM ? PCTL_FROM : PCTL_TO;
		return policy_default_print(policy, direction);
	case COUNTER_IMPLICIT:
		failed = asprintf(&text, "# implicit: allow %s", row->name);
		break;
	case COUNTER_RATE:
		failed = asprintf(&text, "# above this rate: %s",
				  policy_verdict_word(row->verdict, row->audit));
		break;
	case COUNTER_RETIRED:
		break;
	}
	return failed < 0 ? NULL : text;
}

struct page {
	const struct attachment_view *view;
	int width; /* of the texts, so that the comments stand in one column */
};

#define WIDTH_MAX 60 /* behind a longer text, the comment is out of its column */
#define TEXT_MAX 100 /* behind a longer one, it is on the next line */

static int widen(const struct counter_row *row, void *data)
{
	struct page *page = data;
	_cleanup_(freep) char *text = row_words(page->view->policy, row);
	int width = text ? strlen(text) : 0;

	if (width > page->width && width <= WIDTH_MAX)
		page->width = width;
	return 0;
}

static int print_row(const struct counter_row *row, void *data)
{
	const struct page *page = data;
	_cleanup_(freep) char *text = row_words(page->view->policy, row);
	const char *faint = terminal_start(stdout, COLOUR_FAINT);

	if (!text)
		return 0;
	printf("%s%-*s%s%s#", *text == '#' ? faint : "", page->width, text,
	       strlen(text) > TEXT_MAX ? "\n    " : " ", faint);
	if (row->kind == COUNTER_RULE)
		printf(" id %u%s", row->rule->id, row->rule->baseline ? ", baseline" : "");
	if (row->audit && row->kind != COUNTER_RATE)
		printf("%s %s", row->rule ? "," : "", policy_verdict_word(row->verdict, true));
	print_counts(page->view, row);
	return 0;
}

static void print_owner(const struct owner *owner)
{
	const char *manager = owner_manager_name(owner);

	if (!owner_is(owner))
		return;
	if (owner_is_container(owner))
		printf("#   container       %s (%.12s)%s%s\n", owner_name(owner), owner->container,
		       *owner->network ? " on network " : "", owner->network);
	if (*owner->source)
		printf("#   policy from     %s%s", owner->source, *manager ? "," : "\n");
	if (*manager)
		printf("%s kept by the %s\n", *owner->source ? "" : "#   policy         ", manager);
	if (owner->held) {
		terminal_print(stdout, COLOUR_RED, "#   HELD            %s\n", owner->why);
		fputs(terminal_start(stdout, COLOUR_FAINT),
		      stdout); /* like the rest of the header */
	}
}

static void print_unconfirmed(const struct pending *pending, const char *name)
{
	char words[UNCONFIRMED_WORDS];

	if (!pending_is(pending))
		return;
	unconfirmed_words(pending, words);
	terminal_print(stdout, COLOUR_YELLOW, "#   UNCONFIRMED     %s; policyctl %s %s", words,
		       pending->learning ? "undo" : "confirm", name);
	fputs(pending->learning ? " ends that now" : " keeps it", stdout);
	printf("\n%s", terminal_start(stdout, COLOUR_FAINT));
}

static void print_header(const struct attachment_view *view, const struct owner *owner)
{
	const struct attachment *attachment = view->attachment;
	const struct meta *meta = &attachment->current.meta;
	const struct link *link = &attachment->hooks.link;
	char attached[32], changed[32];

	readable_time(meta->attached_at, attached);
	readable_time(meta->changed_at, changed);
	fputs(terminal_start(stdout, COLOUR_FAINT), stdout);
	printf("# %s (ifindex %u", link->name, meta->ifindex);
	if (strcmp(link->name, meta->name) != 0)
		printf(", %s when it was attached", meta->name);
	printf("): %s\n", attachment_state_word(attachment));
	print_owner(owner);
	if (attachment_in_quarantine(attachment)) {
		terminal_print(stdout, COLOUR_RED,
			       "#   QUARANTINE      since %s, until policyctl release %s", changed,
			       link->name);
		printf("\n%s", terminal_start(stdout, COLOUR_FAINT));
	}
	print_unconfirmed(&attachment->current.pending, link->name);
	if (attachment_audits(attachment)) {
		terminal_print(stdout, COLOUR_YELLOW, "#   AUDIT           " ATTACHMENT_AUDITS);
		printf("\n%s", terminal_start(stdout, COLOUR_FAINT));
	}
	printf("#   attached        %s\n", attached);
	if (attachment->current.number > 1)
		printf("#   policy since    %s (number %u)\n", changed, attachment->current.number);
	attachment_print_hooks(view, "# ");
	attachment_print_queues(view, "# ");
	attachment_print_connections(view, "# ");
	attachment_print_mirrors(view, "# ");
	attachment_print_rates(view, "# ");
	fputs(terminal_end(stdout), stdout);
}

/* Prints a set from a file by its path, as in the policy: its members are in the file. */
static void print_sets(const struct policy *policy)
{
	for (size_t i = 0; i < policy->set_count; i++) {
		const struct set *set = policy->sets[i];
		_cleanup_(freep) char *text = NULL;

		if (set_is_reserved(set))
			continue;
		text = policy_set_print(set);
		if (text)
			fputs(text, stdout);
		if (set->path)
			printf(" %s# %llu IPv4 and %llu IPv6 prefixes%s",
			       terminal_start(stdout, COLOUR_FAINT),
			       (unsigned long long)set->counts[PCTL_IPV4],
			       (unsigned long long)set->counts[PCTL_IPV6], terminal_end(stdout));
		putchar('\n');
	}
}

/* The members of live sets, in comments. */
static void print_live(const struct live_views *views)
{
	fputs(terminal_start(stdout, COLOUR_FAINT), stdout);
	for (uint32_t i = 0; i < views->count; i++)
		live_view_print(&views->items[i], views->now);
	fputs(terminal_end(stdout), stdout);
}

/* The container's own addresses: in a comment, where the policy does not name them. */
static void print_own(const struct policy *policy)
{
	const struct pctl_own *own = &policy->own_found;
	_cleanup_(freep) char *text = policy_own_print(policy);
	char address[ADDRESS_TEXT];

	if (text)
		fputs(text, stdout);
	if (!own->known)
		return;
	printf("%s# own: %02x:%02x:%02x:%02x:%02x:%02x", terminal_start(stdout, COLOUR_FAINT),
	       own->mac[0], own->mac[1], own->mac[2], own->mac[3], own->mac[4], own->mac[5]);
	for (enum pctl_family family = 0; family < PCTL_FAMILIES; family++) {
		for (unsigned int i = 0; i < own->counts[family]; i++) {
			struct prefix block = own_block(own, family, i);

			address_print(&block, address);
			printf(", %s", address);
		}
	}
	printf("%s\n", terminal_end(stdout));
}

static void print_resolvers(const struct policy *policy)
{
	_cleanup_(freep) char *text = policy_resolvers_print(policy);

	fputs(text ?: "", stdout);
}

static void print_buckets(const struct policy *policy)
{
	_cleanup_(freep) char *text = policy_buckets_print(policy);

	fputs(text ?: "", stdout);
}

/* --- one after the other --- */

struct showing {
	struct attachments attachments;
	struct attachment_view *views; /* one for each attachment */
	struct container_lookup lookup;
	json_t *array; /* collects the JSON of several interfaces; NULL: it is printed at once */
	bool json;
};

static void showing_close(struct showing *showing)
{
	for (size_t i = 0; i < showing->attachments.count && showing->views; i++)
		attachment_view_close(&showing->views[i]);
	free(showing->views);
	attachments_close(&showing->attachments);
	container_lookup_clear(&showing->lookup);
}

static int read_views(struct showing *showing, struct nl *nl)
{
	size_t count = showing->attachments.count;

	showing->views = calloc(count, sizeof(*showing->views));
	if (!showing->views)
		return command_failed(NULL, -ENOMEM, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct attachment *attachment = &showing->attachments.items[i];
		int error = attachment_view_open(attachment, &showing->views[i]);

		error = error ?: attachment_view_look_at_queues(&showing->views[i], nl);
		error = error ?: attachment_view_look_at_members(&showing->views[i]);
		if (error)
			return command_failed(attachment->hooks.link.name, error, NULL);
		attachment_view_look_at_container(&showing->views[i], nl);
		attachment_view_look_at_mirrors(&showing->views[i], nl);
	}
	return EXIT_DONE;
}

static int show(struct showing *showing, const struct attachment_view *view)
{
	const struct attachment *attachment = view->attachment;
	struct owner owner = attachment->current.owner;
	struct page page = { .view = view };
	json_t *object;

	container_lookup_complete(&showing->lookup, &attachment->hooks.link, &owner);
	if (showing->json) {
		object = attachment_json_policy(view);
		owner_add_json(object, &owner);
		return output_json_in(showing->array, object);
	}
	if (view != showing->views)
		putchar('\n');
	print_header(view, &owner);
	print_sets(view->policy);
	print_live(&view->live);
	print_own(view->policy);
	print_resolvers(view->policy);
	if (view->policy->connections)
		printf("connections %u\n", view->policy->connections);
	print_buckets(view->policy);
	counters_rows(view->policy, widen, &page);
	counters_rows(view->policy, print_row, &page);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(session_close) struct session session = SESSION_EMPTY;
	_cleanup_(target_clear) struct target target = {};
	_cleanup_(showing_close) struct showing showing = {};
	const char *socket = NULL;
	int status = target_from_arguments(arguments, arguments->operands[0], EXIT_NOT_ATTACHED,
					   &target);

	arguments_have(arguments, "docker-socket", &socket);
	container_lookup_init(&showing.lookup, socket);
	if (status == EXIT_DONE)
		status = target_attachments(&target, false, PINS_READ, &session,
					    &showing.attachments);
	if (status == EXIT_DONE)
		status = read_views(&showing, session.nl);
	if (status != EXIT_DONE)
		return status;
	session_close(&session);
	target_notice_uncovered(&target);
	showing.json = arguments_have(arguments, "json", NULL);
	if (showing.json && target.several)
		showing.array = json_array();
	for (size_t i = 0; i < showing.attachments.count && status == EXIT_DONE; i++)
		status = show(&showing, &showing.views[i]);
	return showing.array ? output_json(showing.array) ?: status : status;
}

const struct command command_show = {
	.name = "show",
	.synopsis = "IFACE [--json]",
	.summary = "the policy in force, with hit counters",
	.details = "Prints the policy in the policy language; what is not part of it stands in "
		   "comments,\n"
		   "so the output can be applied again with policyctl apply IFACE --policy FILE. "
		   "The id\n"
		   "behind a rule is what policyctl delete takes.",
	.options =
		(const struct option_row[]){
			TARGET_OPTION_ROW,
			{ "json", NULL, "print JSON" },
			{},
		},
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
