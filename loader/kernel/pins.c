// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "error.h"
#include "event_maps.h"
#include "live_registry.h"
#include "pins.h"
#include "util.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* include/uapi/asm-generic/socket.h, Linux 5.14 */
#endif

static int netns_cookie(uint64_t *cookie)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &length))
		return error_set(-errno, "cannot tell which network namespace this is "
					 "(SO_NETNS_COOKIE, Linux 5.14): %m");
	return 0;
}

const char *pins_wanted_root(void)
{
	const char *root = getenv("POLICYCTL_BPFFS");

	return root && *root ? root : NULL;
}

/* It may be the mount itself or a directory in it, which need not be there yet. */
static int use_wanted(const char *root)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", root);
	if (bpffs_is(root) || bpffs_is(dirname(copy)))
		return 0;
	return error_set(-ENODEV, "POLICYCTL_BPFFS=%s is not inside a BPF file system", root);
}

static int make_directory(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return error_set(-errno, "cannot create %s: %m", path);
	return 0;
}

/* Whoever could write there could put programs of their own in the place of ours. */
static int check_owner(const char *path)
{
	struct stat status;

	if (stat(path, &status))
		return error_set(-errno, "cannot look at %s: %m", path);
	if ((status.st_uid == 0 || status.st_uid == geteuid()) && !(status.st_mode & 022))
		return 0;
	return error_set(-EPERM,
			 "%s belongs to user %u with mode %o: others could change what is in it",
			 path, status.st_uid, status.st_mode & 07777);
}

/* 1: locked. 0: the directory is not there. -EAGAIN: it was removed meanwhile, and may be made
 * anew. */
static int lock_directory(struct pins *pins, bool reads, struct lock_holder *holder)
{
	_cleanup_(closep) int fd = open(pins->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat ours, current;
	int error;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_set(-errno, "cannot open %s: %m", pins->path);
	error = reads ? lock_take_to_read(fd) : lock_take(fd);
	if (error && (!reads || error != -EBUSY))
		return error;
	/* Whoever had it before may have removed the directory as empty. */
	if (fstat(fd, &ours) || stat(pins->path, &current) || ours.st_ino != current.st_ino)
		return -EAGAIN;
	if (error)
		lock_find_holder(fd, holder);
	error_clear();
	pins->held = !error;
	pins->lock = TAKE_FD(fd);
	return 1;
}

/* An attachment, or a gate: its process has policies prepared, which know the maps. */
static bool shares(const char *name)
{
	return strtoul(name, NULL, 10) || !strncmp(name, PINS_GATE, strlen(PINS_GATE));
}

/* What is shared goes when nobody is there to share it. */
static void remove_shared(const struct pins *pins)
{
	DIR *directory = opendir(pins->path);
	const struct dirent *entry;
	bool used = !directory;

	while (!used && (entry = readdir(directory)))
		used = shares(entry->d_name);
	if (directory)
		closedir(directory);
	event_maps_tidy(pins->path, !used);
}

/* Directories stay if anything is in them; the root of POLICYCTL_BPFFS belongs to who set it. */
static void remove_empty(const struct pins *pins)
{
	if (pins->lock >= 0 && !pins->held)
		return;
	if (pins->lock >= 0) {
		live_registry_tidy(pins->path);
		remove_shared(pins);
		rmdir(pins->path);
	}
	if (!pins_wanted_root())
		rmdir(pins->root);
}

/* Without anything to create, no BPF file system at all is fine: then nothing is attached. */
static int choose_root(struct pins *pins, uint64_t cookie, bool create)
{
	const char *wanted = pins_wanted_root();
	char below[64];
	int error;

	if (wanted && strlen(wanted) >= sizeof(pins->root))
		return error_set(-ENAMETOOLONG, "POLICYCTL_BPFFS is longer than %zu bytes",
				 sizeof(pins->root) - 1);
	if (wanted) {
		strcpy(pins->root, wanted);
		return use_wanted(wanted);
	}
	snprintf(below, sizeof(below), PINS_NAME "/net-%" PRIu64, cookie);
	error = bpffs_find(below, create, &pins->bpffs);
	snprintf(pins->root, sizeof(pins->root), "%s/" PINS_NAME,
		 pins->bpffs.path[0] ? pins->bpffs.path : BPFFS);
	return error;
}

int pins_locate(struct pins *pins, bool create)
{
	uint64_t cookie;
	int error = netns_cookie(&cookie);

	error = error ?: choose_root(pins, cookie, create);
	if (!error)
		snprintf(pins->path, sizeof(pins->path), "%s/net-%" PRIu64, pins->root, cookie);
	return error;
}

/* A reader goes on without the lock. Those that read again and again say so once. */
static void say_under_way(const struct lock_holder *holder)
{
	static pid_t told;

	if (told == holder->pid && told)
		return;
	told = holder->pid;
	notice("a change is under way: %s holds the lock%s; what is shown may be of before or "
	       "after "
	       "it",
	       holder->words, holder->stopped ? " and is stopped" : "");
}

#define OPEN_TRIES 1000

/* 1: open. 0: there is no directory. */
static int open_directory(struct pins *pins, enum pins_use use, struct lock_holder *holder)
{
	bool make = use == PINS_WATCH || use == PINS_CREATE;
	bool reads = use == PINS_READ || use == PINS_WATCH;
	int opened, error = 0, tries = 0;

	do {
		/* Others remove empty directories, but not for ever. Where nothing can be made, the
		 * directory that is mounted there was removed itself. */
		if (++tries > OPEN_TRIES)
			return error_set(-ENOENT, "cannot create %s: its directory was removed",
					 pins->path);
		if (make)
			error = make_directory(pins->root) ?: make_directory(pins->path);
		if (!error && !access(pins->root, F_OK))
			error = check_owner(pins->root);
		if (error == -ENOENT) /* another namespace's policyctl removed the root as empty */
			opened = error = 0;
		else
			opened = error ?: lock_directory(pins, reads, holder);
	} while (opened == -EAGAIN || (make && opened == 0));
	return opened;
}

int pins_open(struct pins *pins, enum pins_use use)
{
	struct lock_holder holder = {};
	struct pins new = PINS_EMPTY;
	int opened, error;

	error = pins_locate(&new, use == PINS_WATCH || use == PINS_CREATE);
	if (error)
		return error;
	opened = open_directory(&new, use, &holder);
	if (opened < 0) {
		remove_empty(&new);
		return opened;
	}
	if (opened && !new.held)
		say_under_way(&holder);
	*pins = new;
	return 0;
}

int pins_look(struct pins *pins, struct lock_holder *holder)
{
	struct pins new = PINS_EMPTY;
	int opened = pins_locate(&new, false) ?: open_directory(&new, PINS_READ, holder);

	*pins = new;
	return opened < 0 ? opened : 0;
}

void pins_close(struct pins *pins)
{
	remove_empty(pins);
	closep(&pins->lock);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int pins_numbers(const char *path, uint32_t **numbers, size_t *count)
{
	DIR *directory = opendir(path);
	uint32_t *found = NULL, *grown;
	struct dirent *entry;
	size_t used = 0;

	if (!directory && errno != ENOENT)
		return error_set(-errno, "cannot read %s: %m", path);
	while (directory && (entry = readdir(directory))) {
		unsigned long number = strtoul(entry->d_name, NULL, 10);

		if (!number || number > UINT32_MAX)
			continue;
		grown = reallocarray(found, used + 1, sizeof(*found));
		if (!grown) {
			free(found);
			closedir(directory);
			return -ENOMEM;
		}
		found = grown;
		found[used++] = number;
	}
	if (directory)
		closedir(directory);
	if (used)
		qsort(found, used, sizeof(*found), by_number);
	*numbers = found;
	*count = used;
	return 0;
}
