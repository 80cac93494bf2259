/* SPDX-License-Identifier: GPL-2.0-only */
/* Creating, filling and reading maps. `name` is what messages call a map. */
#ifndef PCTL_BPFMAP_H
#define PCTL_BPFMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An array that user space can map: `size` bytes behind each other, in elements of `value_size`, a
 * multiple of 8 (the kernel pads others to that). Its descriptor goes to *fd, for the caller to
 * close. Returns 0 or what the kernel says.
 */
int map_create_array(const char *name, size_t value_size, size_t size, int *fd);

/* Copies `size` bytes to the beginning of such an array, and from there. */
int map_write(int fd, const char *name, const void *data, size_t size);
int map_read(int fd, const char *name, void *data, size_t size);

/* Puts `count` pairs into a hash map. */
int map_fill(int fd, const char *name, const void *keys, const void *values, size_t count);

/* Makes values[] the first elements of an array of any size of element, mapped or not. */
int map_fill_array(int fd, const char *name, const void *values, size_t value_size, size_t count);

/* From now on user space cannot change it. */
int map_freeze(int fd, const char *name);

/* Opens what is pinned as directory/name. -ENOENT: nothing is, as error_message() says too. */
int map_open_pin(const char *directory, const char *name, int *fd);

/* Is this a map that was created with this name (15 bytes count), and not what somebody else has
 * pinned in its place? */
bool map_is_named(int fd, const char *name);

/* Pins a program or a map as directory/name. */
int map_pin(int fd, const char *directory, const char *name);

/* Removes that pin; one that is not there is fine. */
int map_unpin(const char *directory, const char *name);

/* Bytes of kernel memory of a map or a program, as `memlock` in /proc/PID/fdinfo (proc(5)); 0: the
 * kernel does not tell. */
uint64_t map_memory(int fd);

#endif
