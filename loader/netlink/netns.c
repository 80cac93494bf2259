// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "error.h"
#include "netlink.h"
#include "netns.h"
#include "util.h"

#define NETNS_NAMES "/run/netns/*"
#define NETNS_DOCKER "/run/docker/netns/*"
#define NETNS_PROCESSES "/proc/[0-9]*/ns/net"

/* Calls `visit` with a netlink socket in each namespace once, until it returns something but 0. */
struct tour {
	int (*visit)(struct nl *nl, const char *path, int fd, void *data);
	bool (*wanted)(int fd, void *data); /* NULL: all are; others are not entered */
	void *data;
	int home; /* the namespace to come back to */
	ino_t *seen;
	size_t count;
	bool refused; /* one of them may not be looked at */
};

static bool seen_before(struct tour *tour, const char *path)
{
	struct stat status;
	ino_t *grown;

	if (stat(path, &status)) {
		tour->refused = tour->refused || errno == EACCES || errno == EPERM;
		return true;
	}
	for (size_t i = 0; i < tour->count; i++)
		if (tour->seen[i] == status.st_ino)
			return true;
	grown = reallocarray(tour->seen, tour->count + 1, sizeof(*grown));
	if (!grown)
		return true;
	tour->seen = grown;
	tour->seen[tour->count++] = status.st_ino;
	return false;
}

static int visit_one(struct tour *tour, const char *path)
{
	_cleanup_(nl_closep) struct nl *nl = NULL;
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (fd < 0 || (tour->wanted && !tour->wanted(fd, tour->data)))
		return 0;
	if (setns(fd, CLONE_NEWNET))
		return errno == EPERM ? -EPERM : 0; /* else: not a namespace, or gone */
	if (!nl_open(&nl))
		result = tour->visit(nl, path, fd, tour->data);
	if (setns(tour->home, CLONE_NEWNET))
		abort(); /* in the wrong namespace nothing may go on */
	return result;
}

static int visit_pattern(struct tour *tour, const char *pattern)
{
	glob_t paths;
	int result = 0;

	if (glob(pattern, 0, NULL, &paths))
		return 0;
	for (size_t i = 0; i < paths.gl_pathc && !result; i++)
		if (!seen_before(tour, paths.gl_pathv[i]))
			result = visit_one(tour, paths.gl_pathv[i]);
	globfree(&paths);
	return result;
}

static const char *const everywhere[] = { NETNS_NAMES, NETNS_DOCKER, NETNS_PROCESSES, NULL };

static int make_tour(struct tour *tour, const char *const *patterns)
{
	_cleanup_(closep) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (home < 0)
		return -errno;
	tour->home = home;
	seen_before(tour, "/proc/self/ns/net");
	for (; *patterns && !result; patterns++)
		result = visit_pattern(tour, *patterns);
	free(tour->seen);
	return !result && tour->refused ? -EACCES : result;
}

static int visit_namespaces(int (*visit)(struct nl *, const char *, int, void *), void *data,
			    const char *const *patterns)
{
	struct tour tour = { .visit = visit, .data = data };

	return make_tour(&tour, patterns);
}

int netns_visit(int (*visit)(struct nl *nl, const char *path, int fd, void *data), void *data)
{
	return visit_namespaces(visit, data, everywhere);
}

struct run {
	struct nl *home;
	int32_t nsid;
	int (*work)(void *data);
	void *data;
	int result;
};

static bool is_the_one(int fd, void *data)
{
	const struct run *run = data;

	return nl_netns_id(run->home, 0, fd) == run->nsid;
}

static int run_there(struct nl *nl, const char *path, int fd, void *data)
{
	struct run *run = data;

	(void)nl;
	(void)path;
	(void)fd;
	run->result = run->work(run->data);
	return 1;
}

int netns_run(struct nl *nl, int32_t nsid, int (*work)(void *data), void *data)
{
	struct run run = { .home = nl, .nsid = nsid, .work = work, .data = data };
	struct tour tour = { .visit = run_there, .wanted = is_the_one, .data = &run };
	int found = make_tour(&tour, everywhere);

	if (found == 1)
		return run.result;
	return found ?: -ENOENT;
}

struct xdp_search {
	uint32_t program_id;
	int program;
	char *where;
	size_t size;
};

static int release_xdp(struct nl *nl, const char *path, int fd, void *data)
{
	struct xdp_search *search = data;
	_cleanup_(freep) struct link *links = NULL;
	size_t count = 0;
	int error = nl_links(nl, &links, &count);

	(void)fd;
	for (size_t i = 0; i < count && !error; i++) {
		if (links[i].xdp_id != search->program_id)
			continue;
		error = nl_xdp_set(nl, links[i].ifindex, links[i].xdp_mode, -1, search->program);
		if (error)
			return error;
		snprintf(search->where, search->size, "%s in %s", links[i].name, path);
		return 1;
	}
	return 0;
}

int netns_release_xdp(uint32_t program_id, int fd, char *where, size_t size)
{
	static const char *const patterns[] = { NETNS_NAMES, NETNS_PROCESSES, NULL };
	struct xdp_search search = { program_id, fd, where, size };

	if (!program_id)
		return 0;
	return visit_namespaces(release_xdp, &search, patterns);
}

struct name_search {
	const char *name;
	char *netns;
	size_t size;
};

static int find_name(struct nl *nl, const char *path, int fd, void *data)
{
	struct name_search *search = data;
	struct link link;

	(void)fd;
	if (nl_link_get(nl, search->name, 0, &link))
		return 0;
	snprintf(search->netns, search->size, "%s", strrchr(path, '/') + 1);
	return 1;
}

void netns_find_interface(const char *name, char *netns, size_t size)
{
	static const char *const patterns[] = { NETNS_NAMES, NULL };
	struct name_search search = { name, netns, size };

	netns[0] = '\0';
	visit_namespaces(find_name, &search, patterns);
}

/* The bounding set of a process, 0 when it cannot be read: it is gone. */
static uint64_t bounding_set(const char *pid)
{
	char path[64], line[256];
	uint64_t capabilities = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "CapBnd: %" SCNx64, &capabilities) == 1)
			break;
	if (file)
		fclose(file);
	return capabilities;
}

ino_t netns_of(pid_t pid)
{
	char path[64] = "/proc/self/ns/net";
	struct stat status;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return stat(path, &status) ? 0 : status.st_ino;
}

/* Most processes share a few namespaces: nl is asked once for each run of them. */
struct membership {
	ino_t ours, asked;
	bool inside; /* is `asked` the one that is looked for? */
};

static bool is_inside(struct membership *membership, struct nl *nl, pid_t pid, int32_t id)
{
	ino_t namespace = netns_of(pid);

	if (namespace && namespace == membership->ours)
		return false;
	if (!namespace || namespace != membership->asked) {
		membership->inside = nl_netns_id(nl, pid, -1) == id;
		membership->asked = namespace;
	}
	return membership->inside;
}

/* The number of the user namespace of a process. 0: it cannot be read. */
static ino_t userns_of(const char *pid)
{
	char path[64];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/user", pid);
	return stat(path, &status) ? 0 : status.st_ino;
}

/* The number of the user namespace to which our network namespace belongs: a capability that counts
 * there counts for our devices (ioctl_ns(2)). */
static ino_t our_owner(void)
{
	_cleanup_(closep) int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int owner = net < 0 ? -1 : ioctl(net, NS_GET_USERNS);
	struct stat status;

	return owner < 0 || fstat(owner, &status) ? userns_of("self") : status.st_ino;
}

static enum netns_admin admin_of(const char *pid, ino_t owner)
{
	ino_t user;

	if (!(bounding_set(pid) & (1ull << CAP_NET_ADMIN)))
		return NETNS_ADMIN_NONE;
	user = userns_of(pid);
	return !user || user == owner ? NETNS_ADMIN_OF_HOST : NETNS_ADMIN_INSIDE;
}

enum netns_admin netns_may_administer(struct nl *nl, int32_t id)
{
	struct membership membership = { .ours = netns_of(0) };
	enum netns_admin found = NETNS_ADMIN_NONE;
	DIR *processes = opendir("/proc");
	ino_t owner = our_owner();
	struct dirent *entry;

	while (processes && found != NETNS_ADMIN_OF_HOST && (entry = readdir(processes))) {
		enum netns_admin admin;

		if (*entry->d_name < '1' || *entry->d_name > '9' ||
		    !is_inside(&membership, nl, strtol(entry->d_name, NULL, 10), id))
			continue;
		admin = admin_of(entry->d_name, owner);
		found = admin > found ? admin : found;
	}
	if (processes)
		closedir(processes);
	return found;
}
