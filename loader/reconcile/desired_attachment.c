// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "attachment_text.h"
#include "desired_attachment.h"
#include "error.h"
#include "net_admin.h"
#include "quarantine.h"
#include "quarantine_record.h"
#include "util.h"
#include "veth_log.h"

void desired_attachment_clear(struct desired_attachment *desired)
{
	desired_policy_unref(desired->reference);
	plan_free(&desired->quarantine);
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
			       f->settings.configuration->mode == MODE_AUTO,
	};
	snprintf(owner->container, sizeof(owner->container), "%s", container->id);
	owner_set(owner->name, sizeof(owner->name), container->name);
	bridges_network(f->bridges, bridge, owner->network, sizeof(owner->network));
	owner_set(owner->source, sizeof(owner->source), policy->source);
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
	if (configuration->mode != MODE_AUTO)
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
	owner_set(desired->owner.source, sizeof(desired->owner.source), policy->source);
	return 0;
}

/* @container: NULL: it is followed by its name, and has no labels that could be missing */
static void fill_faulty(struct reconcile_pass *pass, struct veth *veth,
			const struct container *container, const struct desired_policy *policy,
			struct desired_attachment *desired)
{
	const struct configuration *configuration = pass->follower->settings.configuration;
	enum owner_hold held;
	bool has = veth_has_policy(pass, veth, &held), later = is_faulty_later(veth, has, held);
	enum faulty_choice choice = later ? configuration->faulty_change : configuration->faulty;

	owner_set(desired->owner.why, sizeof(desired->owner.why), policy->why);
	if (choice == FAULTY_DEFAULT && container && !fill_default(pass, container, desired))
		return;
	desired->keep = has && choice == FAULTY_KEEP;
	desired->plan = pass->follower->settings.hold;
	desired->owner.held = later ? OWNER_HELD_LATER : OWNER_HELD_FROM_START;
}

/* --- CAP_NET_ADMIN in the host's user namespace --- */

/* While the engine has not told, it may be so. */
static void hold_net_admin(struct reconcile_pass *pass, const struct container *container,
			   struct desired_attachment *desired)
{
	const struct follower_settings *settings = &pass->follower->settings;
	enum net_admin admin;

	if (settings->configuration->net_admin != NET_ADMIN_HOLD)
		return;
	admin = net_admin_of(pass->follower->engine, container);
	if (admin == NET_ADMIN_NONE)
		return;
	desired->plan = settings->hold;
	desired->owner.held = OWNER_HELD_FROM_START;
	snprintf(desired->owner.why, sizeof(desired->owner.why), "cap-net-admin = hold: %s",
		 admin == NET_ADMIN_OF_HOST ? ATTACHMENT_ADMIN_OF_HOST
					    : "the engine has not told yet which capabilities it "
					      "has, and where they count");
}

/* --- quarantine --- */

/* A quarantine that cannot be read is one without exceptions. */
static int read_quarantine(struct reconcile_pass *pass, struct veth *veth, const char *id,
			   struct plan *plan)
{
	struct quarantine_record record = {};
	int error = quarantine_record_read(pass->session->pins.path, id, &record);

	if (error == -ENOENT)
		return error;
	error = error ?: quarantine_plan(record.text, plan);
	quarantine_record_clear(&record);
	if (!error)
		return 0;
	veth_log_once(pass, veth, LOG_LEVEL_ERROR, "quarantine without exceptions", NULL,
		      error_message(error));
	error_clear();
	return quarantine_plan("default from deny\n", plan);
}

/* A sidecar of a container without labels puts its quarantine in force itself. */
static bool is_for_sidecar(const struct reconcile_pass *pass, const struct container *container,
			   const struct desired_policy *policy)
{
	struct owner sidecar = { .version = OWNER_VERSION, .manager = OWNER_SIDECAR };

	snprintf(sidecar.container, sizeof(sidecar.container), "%s", container->id);
	return policy->kind == DESIRED_NOTHING &&
	       gate_keeper_lives(&pass->session->pins, &sidecar, pass->follower->gate);
}

/* Goes before all that labels and files say. The owner is filled in. */
static int fill_quarantine(struct reconcile_pass *pass, struct veth *veth,
			   struct desired_attachment *desired)
{
	struct owner *owner = &desired->owner;
	int error = read_quarantine(pass, veth, owner->container, &desired->quarantine);

	if (error)
		return error == -ENOENT ? 0 : error;
	desired->plan = &desired->quarantine;
	desired->keep = false;
	owner->held = OWNER_NOT_HELD;
	owner->why[0] = '\0';
	owner_set(owner->source, sizeof(owner->source), QUARANTINE_SOURCE);
	return 0;
}

/* --- together --- */

int desired_attachment_fill(struct reconcile_pass *pass, struct veth *veth,
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
	if (desired->plan && !desired->owner.held)
		hold_net_admin(pass, container, desired);
	return is_for_sidecar(pass, container, policy) ? 0 : fill_quarantine(pass, veth, desired);
}

/* --- by its name --- */

/* Who is behind a veth is not known, and may have CAP_NET_ADMIN in its network namespace. Behind a
 * tap is no process of this kernel, or none that has the device. */
static enum mode_choice mode_by_name(const struct named_interfaces *interfaces,
				     const struct link *link)
{
	if (interfaces->hook == HOOK_CHOICE_TC)
		return MODE_NONE;
	if (interfaces->mode != MODE_AUTO)
		return interfaces->mode;
	if (!strcmp(link->kind, "veth"))
		return MODE_NATIVE;
	return interfaces->hook == HOOK_CHOICE_AUTO ? MODE_NONE : MODE_GENERIC;
}

int desired_attachment_fill_named(struct reconcile_pass *pass, struct veth *veth,
				  const struct named_interfaces *interfaces,
				  struct desired_policy *policy, struct desired_attachment *desired)
{
	struct owner *owner = &desired->owner;

	*desired = (struct desired_attachment){
		.reference = desired_policy_ref(policy),
		.mode = mode_by_name(interfaces, &veth->link),
		.owner = {
			.version = OWNER_VERSION,
			.manager = pass->follower->settings.manager,
			.mode_chosen = interfaces->hook != HOOK_CHOICE_TC &&
				       interfaces->mode == MODE_AUTO,
		},
	};
	owner_set_interface(owner, veth->link.name);
	owner_set(owner->source, sizeof(owner->source), policy->source);
	if (policy->kind == DESIRED_POLICY)
		desired->plan = &policy->plan;
	veth->faulty = veth->faulty && policy->kind == DESIRED_FAULTY;
	if (policy->kind == DESIRED_FAULTY)
		fill_faulty(pass, veth, NULL, policy, desired);
	return fill_quarantine(pass, veth, desired);
}
