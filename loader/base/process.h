/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another process, looked at through a descriptor of its directory below /proc. The descriptor
 * never comes to mean another process: when this one is gone, every look fails.
 */
#ifndef PCTL_PROCESS_H
#define PCTL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Opens the directory of a process, for the caller to close.
 * @pid: as /proc numbers processes, which may not be as this process does; 0: this process
 * -ENOENT: there is none, or /proc is not mounted.
 */
int process_open(pid_t pid);

/* The value of a line of its status, such as "State". */
bool process_status(int process, const char *name, char *value, size_t size);

/* Numbers in its status, such as "Pid" and "PPid"; 0: not known. */
pid_t process_number(int process, const char *name);

/* Does root run it, in the user namespace of this process? Then it can do what this process, if
 * that is root's too, can do anyway. */
bool process_is_roots(int process);

/* Is it a thread of the kernel? Nobody can make a process look like one. */
bool process_is_kernels(int process);

/* Does it see the mount with this id (statx(2), stx_mnt_id)? Then it is in the mount namespace of
 * that mount. Takes no privileges. */
bool process_sees_mount(int process, uint64_t id);

/* Does it see a file system of this type on @point? *device: as mounts_find(). Takes no privileges.
 */
bool process_sees_type(int process, const char *point, const char *type, dev_t *device);

/* Its program without directories, and its arguments, with blanks between them; with dots where it
 * is cut. Nothing but printable ASCII; "?" for a process that is gone. */
void process_command_line(int process, char *text, size_t size);

#define PROCESS_WORDS 64

/* "812 (bash)"; the number alone if there is no such process. Nothing but printable ASCII. */
void process_describe(pid_t pid, char words[PROCESS_WORDS]);

#endif
