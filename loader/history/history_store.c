// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "error.h"
#include "history_store.h"
#include "util.h"

#define DIRECTORY "/var/lib/policyctl/history"
#define VARIABLE "POLICYCTL_HISTORY"
#define NONE "none"

#define NEW "new" /* the file that becomes an entry; the lock of the namespace keeps it apart */
#define NUMBER_DIGITS 8
#define FILE_MAX (HISTORY_TEXT_MAX + (4u << 20)) /* policy and header */

static const char *wanted_directory;

/*
 * Is this network namespace that of process 1? Its cookie differs from kernel to kernel. Each
 * network namespace has files of its own below /proc/PID/net, with inodes of their own. Unlike
 * /proc/PID/ns/net they can be looked at without CAP_SYS_PTRACE.
 */
static bool in_hosts_namespace(void)
{
	static int answer = -1;
	struct stat own, host;

	if (answer < 0)
		answer = !stat("/proc/self/net/dev", &own) && !stat("/proc/1/net/dev", &host) &&
			 own.st_dev == host.st_dev && own.st_ino == host.st_ino;
	return answer;
}

void history_use(const char *directory)
{
	wanted_directory = directory;
}

static const char *directory(void)
{
	const char *path = wanted_directory ?: getenv(VARIABLE);

	if (!path || !*path)
		path = DIRECTORY;
	return strcmp(path, NONE) != 0 ? path : NULL;
}

/* --- directories --- */

static int check_owner(int fd, bool is_directory, const char *name)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	if (is_directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode))
		return error_set(-EINVAL, "%s is no %s", name, is_directory ? "directory" : "file");
	if (status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return error_set(-EPERM, "%s can be written by others", name);
}

static int open_directory(int at, const char *name, int *fd)
{
	_cleanup_(closep) int new =
		openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int error;

	if (new < 0 && errno == ENOENT)
		return -ENOENT;
	if (new < 0)
		return error_set(-errno, "cannot open %s: %m", name);
	error = check_owner(new, true, name);
	if (!error)
		*fd = TAKE_FD(new);
	return error;
}

/* Makes the directory and those above it that are missing. */
static int make_directories(const char *path)
{
	char part[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i])
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) && errno != EEXIST)
			return error_set(-errno, "cannot create %s: %m", part);
	}
	return 0;
}

int history_store_open(bool create, int *fd)
{
	const char *path = directory();
	int error;

	if (!path)
		return -ENOENT;
	error = open_directory(AT_FDCWD, path, fd);
	if (error != -ENOENT || !create)
		return error;
	error = make_directories(path);
	return error ?: open_directory(AT_FDCWD, path, fd);
}

int history_store_open_place(int store, const char *place, bool create, int *fd)
{
	int error = open_directory(store, place, fd);

	if (error != -ENOENT || !create)
		return error;
	if (mkdirat(store, place, 0700) && errno != EEXIST)
		return error_set(-errno, "cannot create %s: %m", place);
	return open_directory(store, place, fd);
}

/* --- names --- */

static void boot_id(char id[9])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file || fscanf(file, "%8[0-9a-f]", id) != 1)
		strcpy(id, "00000000");
	if (file)
		fclose(file);
}

/* What the names of the places of a network namespace begin with: nothing for the host's. */
static void place_prefix(const char *pins, char prefix[64])
{
	const char *name = strrchr(pins, '/');
	char boot[9];

	name = name ? name + 1 : pins;
	prefix[0] = '\0';
	if (in_hosts_namespace())
		return;
	boot_id(boot);
	snprintf(prefix, 64, "%s-%.40s-", boot, name);
}

/* Others than the host's begin with 8 digits of a boot. */
static bool is_hosts(const char *place)
{
	return strspn(place, "0123456789abcdef") != 8;
}

void history_store_place(const char *pins, const char *interface, const struct owner *owner,
			 char place[HISTORY_PLACE_SIZE])
{
	bool container =
		owner && owner_is_container(owner) && (owner->name[0] || owner->container[0]);
	const char *name = !container ? interface : owner->name[0] ? owner->name : owner->container;
	const char *network = container ? owner->network : "";
	char prefix[64], readable[64], hash[SHA256_DIGEST_STRING_LENGTH];
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)name, strlen(name) + 1);
	SHA256Update(&context, (const uint8_t *)network, strlen(network) + 1);
	SHA256End(&context, hash);
	snprintf(readable, sizeof(readable), "%.60s", name);
	for (char *byte = readable; *byte; byte++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
			    *byte))
			*byte = '_';
	place_prefix(pins, prefix);
	snprintf(place, HISTORY_PLACE_SIZE, "%s%s-%s-%.16s", prefix,
		 container ? "container" : "interface", readable, hash);
}

static void file_name(uint32_t number, char name[16])
{
	snprintf(name, 16, "%0*u", NUMBER_DIGITS, number);
}

/* The number of a file of this name; 0: it is none of ours. */
static uint32_t file_number(const char *name)
{
	if (strlen(name) != NUMBER_DIGITS || strspn(name, "0123456789") != NUMBER_DIGITS)
		return 0;
	return strtoul(name, NULL, 10);
}

/* --- entries --- */

static DIR *list(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !stream)
		close(fd);
	return stream;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int history_store_numbers(int place, uint32_t **numbers, size_t *count)
{
	DIR *stream = list(place);
	struct dirent *item;
	int error = stream ? 0 : -errno;

	*numbers = NULL;
	*count = 0;
	while (!error && (item = readdir(stream))) {
		uint32_t number = file_number(item->d_name), *grown;

		if (!number)
			continue;
		grown = reallocarray(*numbers, *count + 1, sizeof(*grown));
		if (!grown) {
			error = -ENOMEM;
			break;
		}
		*numbers = grown;
		grown[(*count)++] = number;
	}
	if (stream)
		closedir(stream);
	if (*count)
		qsort(*numbers, *count, sizeof(**numbers), by_number);
	return error;
}

int history_store_read(int place, uint32_t number, char **text, size_t *length)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) char *buffer = NULL;
	struct stat status;
	char name[16];
	ssize_t got;
	int error;

	file_name(number, name);
	fd = openat(place, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return error_set(-errno, "cannot open %s: %m", name);
	error = check_owner(fd, false, name);
	if (error)
		return error;
	if (fstat(fd, &status) || status.st_size > FILE_MAX)
		return error_set(-EFBIG, "%s is too large", name);
	buffer = malloc(status.st_size + 1);
	if (!buffer)
		return -ENOMEM;
	got = read(fd, buffer, status.st_size);
	if (got < 0)
		return error_set(-errno, "cannot read %s: %m", name);
	buffer[got] = '\0';
	*length = got;
	*text = TAKE_PTR(buffer);
	return 0;
}

int history_store_write(int place, uint32_t number, const char *text, size_t length)
{
	_cleanup_(closep) int fd = -1;
	char name[16];
	ssize_t written;
	int error = 0;

	file_name(number, name);
	unlinkat(place, NEW, 0); /* of a killed process */
	fd = openat(place, NEW, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(-errno, "cannot create a file: %m");
	written = write(fd, text, length);
	if (written != (ssize_t)length)
		error = error_set(written < 0 ? -errno : -ENOSPC, "cannot write a file: %s",
				  strerror(written < 0 ? errno : ENOSPC));
	if (!error && renameat(place, NEW, place, name))
		error = error_set(-errno, "cannot rename a file: %m");
	if (error)
		unlinkat(place, NEW, 0);
	return error;
}

void history_store_prune_place(int place)
{
	_cleanup_(freep) uint32_t *numbers = NULL;
	size_t count = 0;
	char name[16];

	if (history_store_numbers(place, &numbers, &count))
		return;
	for (size_t i = 0; i + HISTORY_EACH < count; i++) {
		file_name(numbers[i], name);
		unlinkat(place, name, 0);
	}
}

/* --- all places --- */

int history_store_places(int store, const char *pins,
			 int (*each)(int store, const char *place, void *data), void *data)
{
	DIR *stream = list(store);
	struct dirent *item;
	char prefix[64];
	int error = stream ? 0 : -errno;

	place_prefix(pins, prefix);
	while (!error && (item = readdir(stream)))
		if (item->d_name[0] != '.' && is_hosts(item->d_name) == !prefix[0] &&
		    !strncmp(item->d_name, prefix, strlen(prefix)))
			error = each(store, item->d_name, data);
	if (stream)
		closedir(stream);
	return error;
}

struct measured {
	char name[HISTORY_PLACE_SIZE];
	time_t newest;
	uint64_t bytes;
};

static void measure(int store, const char *name, struct measured *place)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) uint32_t *numbers = NULL;
	struct stat status;
	size_t count = 0;
	char file[16];

	*place = (struct measured){};
	snprintf(place->name, sizeof(place->name), "%s", name);
	if (open_directory(store, name, &fd) || history_store_numbers(fd, &numbers, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		file_name(numbers[i], file);
		if (fstatat(fd, file, &status, AT_SYMLINK_NOFOLLOW))
			continue;
		place->bytes += status.st_blocks * 512;
		if (status.st_mtime > place->newest)
			place->newest = status.st_mtime;
	}
}

static void remove_place(int store, const char *name)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) uint32_t *numbers = NULL;
	size_t count = 0;
	char file[16];

	if (!open_directory(store, name, &fd) && !history_store_numbers(fd, &numbers, &count)) {
		for (size_t i = 0; i < count; i++) {
			file_name(numbers[i], file);
			unlinkat(fd, file, 0);
		}
		unlinkat(fd, NEW, 0);
	}
	unlinkat(store, name, AT_REMOVEDIR);
}

/* The interface of the last entry; "": it cannot be read. */
static void last_interface(int store, const char *name, char interface[IF_NAMESIZE])
{
	static const char key[] = "\"interface\":\"";
	_cleanup_(closep) int fd = -1;
	_cleanup_(freep) uint32_t *numbers = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t count = 0, length;
	const char *at;

	interface[0] = '\0';
	if (open_directory(store, name, &fd) || history_store_numbers(fd, &numbers, &count) ||
	    !count || history_store_read(fd, numbers[count - 1], &text, &length))
		return;
	at = strstr(text, key);
	if (at)
		snprintf(interface, IF_NAMESIZE, "%.*s", (int)strcspn(at + strlen(key), "\"\n"),
			 at + strlen(key));
}

/* Its interface is looked for only in the network namespace of this process. */
static bool is_long_gone(int store, const struct measured *place, const char *prefix)
{
	bool here = is_hosts(place->name) == !prefix[0] &&
		    !strncmp(place->name, prefix, strlen(prefix));
	char interface[IF_NAMESIZE], boot[9];

	boot_id(boot);
	if (!is_hosts(place->name) && strncmp(place->name, boot, 8) != 0)
		return true;
	if (time(NULL) - place->newest < HISTORY_DAYS * 24 * 60 * 60)
		return false;
	if (!here)
		return !is_hosts(place->name);
	last_interface(store, place->name, interface);
	return !interface[0] || !if_nametoindex(interface);
}

static int by_age(const void *a, const void *b)
{
	const struct measured *x = a, *y = b;

	return x->newest < y->newest ? -1 : x->newest > y->newest;
}

static size_t measure_all(int store, struct measured **places)
{
	DIR *stream = list(store);
	struct dirent *item;
	size_t count = 0;

	*places = NULL;
	while (stream && (item = readdir(stream))) {
		struct measured *grown;

		if (item->d_name[0] == '.')
			continue;
		grown = reallocarray(*places, count + 1, sizeof(*grown));
		if (!grown)
			break;
		*places = grown;
		measure(store, item->d_name, &grown[count++]);
	}
	if (stream)
		closedir(stream);
	if (count)
		qsort(*places, count, sizeof(**places), by_age);
	return count;
}

void history_store_prune(int store, const char *pins, const char *place)
{
	_cleanup_(freep) struct measured *places = NULL;
	size_t count = measure_all(store, &places), left = count;
	uint64_t bytes = 0;
	char prefix[64];

	place_prefix(pins, prefix);
	for (size_t i = 0; i < count; i++)
		bytes += places[i].bytes;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(places[i].name, place))
			continue;
		if (left <= HISTORY_PLACES && bytes <= HISTORY_BYTES &&
		    !is_long_gone(store, &places[i], prefix))
			continue;
		remove_place(store, places[i].name);
		bytes -= places[i].bytes;
		left--;
	}
	error_clear();
}
