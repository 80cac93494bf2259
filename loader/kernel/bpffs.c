// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "bpffs.h"
#include "error.h"
#include "process.h"
#include "util.h"

#define KTHREADD                                                                        \
	2 /* kernel/main.c: the second process, of which all threads of the kernel come \
	   */
#define ANCESTORS 64 /* more are not followed */
#define MOUNT_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define MOUNT_OPTIONS "mode=0700"

/* BPFFS as a process sees it. */
struct view {
	pid_t pid; /* 0: this process */
	int process; /* its directory below /proc, -1 of this process */
	int place; /* what is on BPFFS there, -1: it cannot be reached */
};

struct views {
	struct view items[ANCESTORS + 3];
	size_t count;
	bool with_first; /* this process is in the mount namespace of process 1 */
	bool lasts; /* another process, 1 or an ancestor, is in that of this one */
};

static void views_close(struct views *views)
{
	for (size_t i = 0; i < views->count; i++) {
		closep(&views->items[i].process);
		closep(&views->items[i].place);
	}
}

static bool is_bpffs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

bool bpffs_is(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_PATH | O_CLOEXEC);

	return fd >= 0 && is_bpffs(fd);
}

/* --- looking through others --- */

/* BPFFS below the root of a process. A symbolic link could lead anywhere. */
static int open_place(int process)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	_cleanup_(closep) int root = openat(process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return root < 0 ? -1 : (int)syscall(SYS_openat2, root, &BPFFS[1], &how, sizeof(how));
}

/* If the process runs as root after the directory was opened, it ran as root before: a process that
 * gave up root does not become root again. */
static int open_trusted_place(int process)
{
	_cleanup_(closep) int place = -1;

	if (!process_is_roots(process))
		return -1;
	place = open_place(process);
	return place >= 0 && process_is_roots(process) ? TAKE_FD(place) : -1;
}

static uint64_t mount_id(int fd, const char *path)
{
	struct statx status;

	if (statx(fd, path, AT_EMPTY_PATH, STATX_MNT_ID, &status) ||
	    !(status.stx_mask & STATX_MNT_ID))
		return 0;
	return status.stx_mnt_id;
}

/* Adds how a process sees it, the descriptor of which is taken. */
static void add_view(struct views *views, pid_t pid, int process)
{
	uint64_t root = mount_id(AT_FDCWD, "/");
	struct view *view = &views->items[views->count++];

	*view = (struct view){ .pid = pid, .process = process };
	if (root && pid != KTHREADD && !views->lasts)
		views->lasts = process_sees_mount(process, root);
	if (pid == 1)
		views->with_first = views->lasts;
	view->place = open_trusted_place(process);
}

/*
 * The parent of a process, -1: none, or it was never seen together with its child. Its number is
 * read again when its directory is open: till then it may have died, and be somebody else's.
 */
static int open_parent(int child, pid_t *pid)
{
	_cleanup_(closep) int parent = -1;

	*pid = process_number(child, "PPid");
	parent = *pid > 0 ? process_open(*pid) : -1;
	if (parent < 0 || process_number(child, "PPid") != *pid)
		return -1;
	return TAKE_FD(parent);
}

/* Of this process, the farthest first, without process 1. */
static void add_ancestors(struct views *views, int self)
{
	struct view found[ANCESTORS];
	size_t count = 0;
	int child = self, parent;
	pid_t pid;

	while (count < ANCESTORS && (parent = open_parent(child, &pid)) >= 0) {
		if (pid == 1) {
			close(parent);
			break;
		}
		found[count++] = (struct view){ .pid = pid, .process = parent };
		child = parent;
	}
	while (count-- > 0)
		add_view(views, found[count].pid, found[count].process);
}

/* It looks through the root of process 1, or through one from which the machine was started and
 * which nobody sees any more. */
static void add_kthreadd(struct views *views, int first)
{
	_cleanup_(closep) int process = process_open(KTHREADD);

	if (process >= 0 && process_is_kernels(process) &&
	    process_sees_mount(first, mount_id(process, "root")))
		add_view(views, KTHREADD, TAKE_FD(process));
}

/* This process sees it the same way as one that is in the list: then no other one is needed. */
static void add_own(struct views *views)
{
	struct view own = { .process = -1 };
	uint64_t id;

	own.place = open(BPFFS, O_PATH | O_DIRECTORY | O_CLOEXEC);
	id = own.place < 0 ? 0 : mount_id(own.place, "");
	for (size_t i = 0; i < views->count; i++)
		if (id && views->items[i].place >= 0 && mount_id(views->items[i].place, "") == id)
			views->items[i].pid = 0;
	views->items[views->count++] = own;
}

static void views_open(struct views *views)
{
	_cleanup_(closep) int self = process_open(0);
	int first = self < 0 ? -1 : process_open(1);

	if (first >= 0 && process_number(self, "Pid") != 1) {
		add_view(views, 1, first);
		add_kthreadd(views, first);
		add_ancestors(views, self);
	} else {
		closep(&first);
	}
	add_own(views);
}

/* --- mounting --- */

/* In a process of its own, since it cannot come back. @place: where, in the mount namespace of the
 * process */
static int mount_there(int process, int place)
{
	_cleanup_(closep) int namespace = -1;
	int status;
	pid_t child;

	namespace = openat(process, "ns/mnt", O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		if (setns(namespace, CLONE_NEWNS) || fchdir(place) ||
		    mount("bpf", ".", "bpf", MOUNT_FLAGS, MOUNT_OPTIONS))
			_exit(errno);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

/* How the view looks now that something was mounted. */
static void look_again(struct view *view)
{
	int place = view->pid ? open_trusted_place(view->process)
			      : open(BPFFS, O_PATH | O_DIRECTORY | O_CLOEXEC);

	closep(&view->place);
	view->place = place;
}

#define TRIES 50

/* Who mounts at the same time takes turns, or one would hide what the other has pinned. But any
 * user can hold this lock, so it is not waited for without end. */
static int take_turns(int place)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	_cleanup_(closep) int lock = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < TRIES && lock >= 0 && flock(lock, LOCK_EX | LOCK_NB); i++)
		nanosleep(&pause, NULL);
	return TAKE_FD(lock);
}

/* PROC_PID_INIT_INO, include/linux/proc_ns.h: containers have other ones. */
static bool in_first_pid_namespace(void)
{
	struct stat status;

	return !stat("/proc/self/ns/pid", &status) && status.st_ino == 0xeffffffc;
}

static bool is_on_the_host(const struct views *views)
{
	return views->with_first && in_first_pid_namespace();
}

static void say_mounted(const struct views *views, const struct view *view)
{
	if (view->pid)
		notice("mounted the BPF file system on /proc/%d/root" BPFFS, view->pid);
	else if (is_on_the_host(views))
		notice("mounted the BPF file system on " BPFFS);
	else
		notice("mounted a BPF file system on " BPFFS
		       ": what is pinned there lasts as long as this mount namespace");
}

/* 0 if there is one in the end, whoever mounted it. */
static int mount_at(const struct views *views, struct view *view)
{
	_cleanup_(closep) int lock = -1;
	int error = 0;

	if (view->place < 0)
		return -ENOENT;
	if (!view->pid && !views->lasts)
		return -ENODEV;
	lock = take_turns(view->place);
	look_again(view);
	if (view->place >= 0 && is_bpffs(view->place))
		return 0;
	if (view->pid)
		error = mount_there(view->process, view->place);
	else if (mount("bpf", BPFFS, "bpf", MOUNT_FLAGS, MOUNT_OPTIONS))
		error = -errno;
	look_again(view);
	if (!error && (view->place < 0 || !is_bpffs(view->place)))
		error = -ENODEV;
	if (!error)
		say_mounted(views, view);
	return error;
}

/* --- choosing --- */

static bool has(const struct view *view, const char *path)
{
	return view->place >= 0 && is_bpffs(view->place) &&
	       !faccessat(view->place, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* Does process 1 see one, that nobody lets us reach? */
static bool is_hidden(const struct views *views)
{
	_cleanup_(closep) int first = process_open(1);
	dev_t device;

	return first >= 0 && !views->with_first && process_sees_type(first, BPFFS, "bpf", &device);
}

#define CONTAINER_CURE "a container --volume " BPFFS ":/bpf --env POLICYCTL_BPFFS=/bpf/policyctl"

static int say_hidden(void)
{
	return error_set(-ENODEV,
			 "the BPF file system of process 1 cannot be reached from this mount "
			 "namespace: in place of ip netns exec NAME use nsenter "
			 "--net=/run/netns/NAME, and give " CONTAINER_CURE);
}

static int say_unmounted(int error)
{
	return error_set(error,
			 "no BPF file system is mounted on " BPFFS
			 ", and none can be mounted: %s; on a host mount -t bpf bpf " BPFFS
			 " as root, and give " CONTAINER_CURE,
			 error == -ENODEV ? "it would end with this command" : strerror(-error));
}

static int choose(struct views *views, const char *pins, bool make, const struct view **chosen)
{
	int error = 0;

	for (size_t i = 0; i < views->count && !*chosen; i++)
		if (has(&views->items[i], pins))
			*chosen = &views->items[i];
	for (size_t i = 0; i < views->count && !*chosen; i++) {
		if (make && !has(&views->items[i], "."))
			error = mount_at(views, &views->items[i]);
		if (has(&views->items[i], "."))
			*chosen = &views->items[i];
	}
	if (*chosen)
		return 0;
	if (is_hidden(views))
		return say_hidden(); /* and not that nothing is attached */
	return make ? say_unmounted(error) : 0;
}

static bool are_same(int a, int b)
{
	struct stat x, y;

	return a >= 0 && b >= 0 && !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static struct bpffs kept; /* what was found through another process; its descriptor stays open */

static int take(const struct views *views, const struct view *view, struct bpffs *found)
{
	int own = views->items[views->count - 1].place, place;

	*found = (struct bpffs){ .path = BPFFS, .shown = BPFFS };
	if (!view->pid || are_same(view->place, own))
		return 0;
	place = fcntl(view->place, F_DUPFD_CLOEXEC, 3);
	if (place < 0)
		return error_set(-errno, "cannot open the BPF file system: %m");
	found->through = view->pid;
	found->another_here = own >= 0 && is_bpffs(own);
	snprintf(found->path, sizeof(found->path), "/proc/self/fd/%d", place);
	snprintf(found->shown, sizeof(found->shown), "/proc/%d/root" BPFFS, view->pid);
	error_alias(found->path, found->shown);
	kept = *found;
	return 0;
}

int bpffs_find(const char *pins, bool make, struct bpffs *found)
{
	_cleanup_(views_close) struct views views = {};
	const struct view *view = NULL;
	int error;

	if (kept.path[0]) {
		*found = kept;
		return 0;
	}
	views_open(&views);
	error = choose(&views, pins, make, &view);
	if (error)
		return error;
	*found = (struct bpffs){};
	return view ? take(&views, view, found) : 0;
}

int bpffs_is_of_first(const struct bpffs *bpffs)
{
	_cleanup_(closep) int first = process_open(1);
	struct stat status;
	dev_t device;

	if (first < 0 || stat(bpffs->path, &status) ||
	    !process_sees_type(first, BPFFS, "bpf", &device))
		return -1;
	return status.st_dev == device;
}
