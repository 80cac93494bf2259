// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "desired_attachment.h"
#include "error.h"
#include "util.h"

void desired_attachment_clear(struct desired_attachment *desired)
{
	desired_policy_unref(desired->reference);
	*desired = (struct desired_attachment){};
}

/* --- owner --- */

void desired_owner(const struct follower *f, const struct container *container, uint32_t bridge,
		   const struct desired_policy *policy, struct owner *owner)
{
	*owner = (struct owner){
		.version = OWNER_VERSION,
		.manager = f->settings.manager,
		.mode_chosen = f->settings.configuration->hook != HOOK_CHOICE_TC &&
			       f->settings.configuration->mode_auto,
	};
	snprintf(owner->container, sizeof(owner->container), "%s", container->id);
	snprintf(owner->name, sizeof(owner->name), "%s", container->name);
	bridges_network(f->bridges, bridge, owner->network, sizeof(owner->network));
	snprintf(owner->source, sizeof(owner->source), "%s", policy->source);
}

/* --- hook and mode: CAP_NET_ADMIN can get around all but native XDP (docs/architecture.md) --- */

/* What the containers of one network namespace may do, together. */
struct powers {
	const char *owner; /* id of the container that the namespace belongs to */
	bool net_admin, unknown, unknown_starts;
};

static void add_power(struct powers *powers, const struct container *container)
{
	powers->net_admin = powers->net_admin || container->power == POWER_NET_ADMIN;
	powers->unknown = powers->unknown || container->power == POWER_UNKNOWN;
}

static int add_if_it_shares(void *data, const struct container *container)
{
	struct powers *powers = data;
	const char *owner = container_network_owner(container);

	if (!owner || strcmp(owner, powers->owner) != 0)
		return 0;
	add_power(powers, container);
	/* It may run before its power is known. */
	if (container->power == POWER_UNKNOWN && !container->running)
		powers->unknown_starts = true;
	return 0;
}

enum mode_choice desired_mode(const struct follower *f, const struct container *container,
			      bool *any)
{
	const struct configuration *configuration = f->settings.configuration;
	struct powers powers = { .owner = container->id };

	*any = false;
	if (configuration->hook == HOOK_CHOICE_TC)
		return MODE_NONE;
	if (!configuration->mode_auto)
		return configuration->mode;
	add_power(&powers, container);
	engine_each(f->engine, add_if_it_shares, &powers);
	/* Until the engine tells the power of running containers, nothing changes. */
	*any = powers.unknown && !powers.net_admin && !powers.unknown_starts;
	if (powers.net_admin || powers.unknown)
		return MODE_NATIVE;
	return configuration->hook == HOOK_CHOICE_AUTO ? MODE_NONE : MODE_GENERIC;
}

/* --- a faulty policy --- */

bool veth_has_policy(struct reconcile_pass *pass, const struct veth *veth, enum owner_hold *held)
{
	_cleanup_(attachment_close) struct attachment attachment = ATTACHMENT_EMPTY;
	bool attached = !attachment_open(pass->session, veth->ifindex, &attachment);

	error_clear();
	*held = attachment.current.owner.held;
	return attached && !*held;
}

/* Did the container have a policy before it asked for something wrong? The first answer stays:
 * what is attached meanwhile does not change it. */
static bool is_faulty_later(struct veth *veth, bool has, enum owner_hold held)
{
	if (!veth->faulty)
		veth->faulty_later = has || held == OWNER_HELD_LATER;
	veth->faulty = true;
	return veth->faulty_later;
}

/* What a container without labels gets. -ENOENT: that is faulty too. */
static int fill_default(struct reconcile_pass *pass, const struct container *container,
			struct desired_attachment *desired)
{
	const struct follower_settings *settings = &pass->follower->settings;
	struct container bare = *container;
	struct desired_policy *policy = NULL;
	int error;

	bare.label_count = 0;
	error = settings->desired(settings->data, &bare, &policy);
	if (!error && policy->kind == DESIRED_FAULTY)
		error = -ENOENT;
	if (error) {
		desired_policy_unref(policy);
		return error;
	}
	desired_policy_unref(desired->reference);
	desired->reference = policy;
	desired->plan = policy->kind == DESIRED_POLICY ? &policy->plan : NULL;
	snprintf(desired->owner.source, sizeof(desired->owner.source), "%s", policy->source);
	return 0;
}

static void fill_faulty(struct reconcile_pass *pass, struct veth *veth,
			const struct container *container, const struct desired_policy *policy,
			struct desired_attachment *desired)
{
	const struct configuration *configuration = pass->follower->settings.configuration;
	enum owner_hold held;
	bool has = veth_has_policy(pass, veth, &held), later = is_faulty_later(veth, has, held);
	enum faulty_choice choice = later ? configuration->faulty_change : configuration->faulty;

	snprintf(desired->owner.why, sizeof(desired->owner.why), "%s", policy->why);
	if (choice == FAULTY_DEFAULT && !fill_default(pass, container, desired))
		return;
	desired->keep = has && choice == FAULTY_KEEP;
	desired->plan = pass->follower->settings.hold;
	desired->owner.held = later ? OWNER_HELD_LATER : OWNER_HELD_FROM_START;
}

/* --- together --- */

void desired_attachment_fill(struct reconcile_pass *pass, struct veth *veth,
			     const struct container *container, struct desired_policy *policy,
			     struct desired_attachment *desired)
{
	*desired = (struct desired_attachment){ .reference = desired_policy_ref(policy) };
	desired->mode = desired_mode(pass->follower, container, &desired->any_mode);
	desired_owner(pass->follower, container, veth->link.master, policy, &desired->owner);
	if (policy->kind == DESIRED_POLICY)
		desired->plan = &policy->plan;
	veth->faulty = veth->faulty && policy->kind == DESIRED_FAULTY;
	if (policy->kind == DESIRED_FAULTY)
		fill_faulty(pass, veth, container, policy, desired);
}
