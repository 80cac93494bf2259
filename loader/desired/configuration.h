/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file of the daemon: INI, with the sections [daemon], [policy], [follow] and
 * [follow "PATTERN"]. docs/docker.md lists the settings, packaging/policyctl.conf shows them. */
#ifndef PCTL_CONFIGURATION_H
#define PCTL_CONFIGURATION_H

#include <stdbool.h>
#include <stddef.h>

#include "attachment.h"
#include "diagnostics.h"
#include "log.h"

#define CONFIGURATION_PATH "/etc/policyctl/policyctl.conf"

/* What to do with a container whose labels or policy file are wrong. */
enum faulty_choice {
	FAULTY_HOLD, /* `hold`: deny all, and log it */
	FAULTY_KEEP, /* `keep`: the policy that it had stays; hold it if it had none */
	FAULTY_DEFAULT, /* `unlabelled`: treat it as one without labels */
};

/* What to do with a policy file that becomes empty, or a set from a file that becomes empty or
 * loses more than half of its addresses. */
enum empty_set_choice {
	EMPTY_SET_KEEP, /* keep: it is an error, see on-reload-error */
	EMPTY_SET_APPLY, /* apply: a warning */
};

/* What to do with a container that should have a policy, and has CAP_NET_ADMIN in the host's user
 * namespace. */
enum net_admin_choice {
	NET_ADMIN_WARN, /* `warn`: its policy, and a warning in the log */
	NET_ADMIN_HOLD, /* `hold`: deny all */
};

/* Do policies deny what a container sends in the name of others, without saying so? */
enum anti_spoof_choice {
	ANTI_SPOOF_OFF, /* `off` */
	ANTI_SPOOF_ON, /* `on` */
};

/* Are policies audited as a whole, where no label says otherwise? */
enum audit_choice {
	AUDIT_OFF, /* `off` */
	AUDIT_ON, /* `on` */
};

/* A section [follow "PATTERN"]: interfaces that belong to no container of an engine. */
struct named_interfaces {
	char *pattern; /* fnmatch() of their names */
	char *policy; /* name of their policy */
	enum hook_choice hook; /* as in struct configuration, and those where not given */
	enum mode_choice mode;
	bool hook_given, mode_given;
};

struct configuration {
	char *docker_socket; /* a path, or unix://PATH; NULL: as endpoint_find() says */
	char *policy_directory; /* /etc/policyctl/policies */
	char *metrics; /* "ADDRESS:PORT" or "unix:PATH"; NULL: not served */
	char *history; /* its directory, or "none"; NULL: the default (history.h) */
	enum log_format log_format;
	enum log_level log_level;
	enum hook_choice hook; /* what judges packets from a container */
	enum mode_choice mode; /* MODE_AUTO: native if the container may have CAP_NET_ADMIN or that
				* is not known, generic elsewhere */
	char *baseline; /* name of the policy whose rules come before those of every container;
			 * NULL: none */
	char *unlabelled; /* name of the policy of containers without labels; NULL: left alone */
	enum faulty_choice faulty; /* on-error: at a container's start */
	enum faulty_choice faulty_change; /* on-reload-error: when a file changed, or the
					   * configuration; KEEP by default */
	enum empty_set_choice empty_set; /* on-empty-set */
	enum net_admin_choice net_admin; /* cap-net-admin */
	enum anti_spoof_choice anti_spoof; /* anti-spoof */
	enum audit_choice audit; /* audit */
	char **networks; /* patterns (fnmatch) of names to follow; by default "*" */
	size_t network_count;
	char **bridges; /* patterns of bridges whose new ports are held though no engine answers; by
			 * default the names that docker and podman give by themselves */
	size_t bridge_count;
	struct named_interfaces *interfaces; /* the first one that fits a name counts */
	size_t interface_count;
};

/*
 * Reads the file. If `optional`, a missing file counts as an empty one.
 * Returns 0; -EINVAL if *diagnostics says what is wrong, with line; another negative errno with a
 * message. Fills *configuration, which the caller clears, only if it returns 0.
 */
int configuration_read(const char *path, bool optional, struct configuration *configuration,
		       struct diagnostics *diagnostics);
void configuration_clear(struct configuration *configuration);

#endif
