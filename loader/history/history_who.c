// SPDX-License-Identifier: GPL-2.0-only
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history_entry.h"
#include "printable.h"
#include "process.h"
#include "util.h"

/* From the file alone: a directory service could keep a daemon waiting. */
static void name_user(uid_t uid, char *name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *user;

	name[0] = '\0';
	while (file && (user = fgetpwent(file)))
		if (user->pw_uid == uid) {
			printable_copy(name, size, user->pw_name);
			break;
		}
	if (file)
		fclose(file);
}

static void name_login(char *name, size_t size)
{
	FILE *file = fopen("/proc/self/loginuid", "re");
	unsigned int uid;

	name[0] = '\0';
	if (file && fscanf(file, "%u", &uid) == 1 && uid != (uid_t)-1)
		name_user(uid, name, size);
	if (file)
		fclose(file);
}

void history_who_here(struct history_who *who)
{
	_cleanup_(closep) int process = process_open(0);
	const char *sudo_user = getenv("SUDO_USER");

	*who = (struct history_who){ .uid = getuid(), .pid = getpid() };
	name_user(who->uid, who->user, sizeof(who->user));
	name_login(who->login, sizeof(who->login));
	printable_copy(who->sudo_user, sizeof(who->sudo_user), sudo_user ?: "");
	process_command_line(process, who->command, sizeof(who->command));
	process_describe(getppid(), who->parent);
}
