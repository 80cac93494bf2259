// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "constants.h" /* in front of the skeleton, which needs abi.h */
#include "netlink.h"
#include "policy.skel.h"

/* In native mode on a veth, a frame that is in pieces has more than this in the first one: the veth
 * copies 3,520 bytes there. */
#define VETH_LINEAR_BELOW 2048

enum pctl_answers_by answers_by(const struct compiled *compiled, const struct meta *meta)
{
	if (!compiled->rejects)
		return PCTL_ANSWERS_BY_NOBODY;
	return meta->mode == XDP_MODE_NATIVE && meta->guarded ? PCTL_ANSWERS_BY_GUARD
							      : PCTL_ANSWERS_BY_XDP;
}

uint64_t unique_number(void)
{
	uint64_t number = 0;

	while (!number)
		if (getrandom(&number, sizeof(number), 0) < 0 && errno != EINTR)
			abort(); /* never: Linux has it since 3.17 */
	return number;
}

static void set_tracking(struct policy_bpf *skeleton, const struct compiled *compiled)
{
	struct pctl_tracking *tracking = (void *)&skeleton->rodata->tracking;

	tracking->tracks = compiled_tracks(compiled);
	tracking->vlans = tracking->tracks && compiled_asks_for_vlans(compiled);
	tracking->first_plane = compiled->first_plane;
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		tracking->established[i] = compiled->established[i];
		tracking->decides[i] = compiled->decides[i];
		tracking->decides_first[i] = compiled->decides_first[i];
		memcpy(tracking->planes[i], compiled->plane_of[i], sizeof(compiled->plane_of[i]));
	}
}

void constants_set(struct policy_bpf *skeleton, const struct compiled *compiled,
		   const struct generation *generation)
{
	struct pctl_config *config = (void *)&skeleton->rodata->config;
	const struct meta *meta = &generation->meta;

	config->compiled = 1;
	config->generation = meta->generation;
	if (meta->mode == XDP_MODE_GENERIC)
		config->linear_below = UINT32_MAX; /* there frames are whole */
	else if (meta->veth)
		config->linear_below = VETH_LINEAR_BELOW;
	config->guarded = meta->guarded;
	config->spoofed = compiled->spoofed;
	config->audits = compiled->audits;
	skeleton->rodata->answering = (struct pctl_answering){
		.by = answers_by(compiled, meta),
		.mark = unique_number(),
	};
	skeleton->rodata->treating = (struct pctl_treating){ .what = compiled->treats };
	memcpy((void *)&skeleton->rodata->own, &generation->own, sizeof(generation->own));
	for (int i = 0; i < PCTL_DIRECTIONS; i++) {
		config->track_fragments[i] = compiled->track_fragments[i];
		config->vlans[i] = compiled->vlans[i];
	}
	set_tracking(skeleton, compiled);
	memcpy((void *)skeleton->rodata->tables, compiled->tables, sizeof(compiled->tables));
	memcpy((void *)&skeleton->rodata->classes, &compiled->classes, sizeof(compiled->classes));
}
