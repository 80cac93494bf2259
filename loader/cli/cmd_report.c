// SPDX-License-Identifier: GPL-2.0-only
/* policyctl report: everything in force on this host, on one page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "checkup.h"
#include "checkup_attachment.h"
#include "checkup_host.h"
#include "commands.h"
#include "container_lookup.h"
#include "error.h"
#include "map_take.h"
#include "report.h"
#include "target_arguments.h"
#include "util.h"

static int examine(struct checkup *checkup)
{
	int error = checkup_open(checkup);

	if (error)
		return command_failed(NULL, error, NULL);
	checkup_host(checkup);
	for (size_t i = 0; i < checkup->attached_count; i++)
		checkup_attachment(checkup, checkup->attached[i]);
	checkup_unlock(checkup);
	return EXIT_DONE;
}

static int gather(struct report *report, struct container_lookup *lookup)
{
	struct target all = {};
	int status =
		target_status(sample_take(&all, lookup, false, &report->sample), EXIT_NOT_ATTACHED);
	int error;

	if (status != EXIT_DONE)
		return status;
	error = map_take(&report->map, lookup, true);
	error = error ?: report_draw(report);
	return error ? command_failed(NULL, error, NULL) : EXIT_DONE;
}

/* Writes to @file, which is not there yet, or to what is no regular file. */
static int write_page(const char *file, const char *mode, const struct report *report)
{
	FILE *out = fopen(file, mode);
	int error = 0;

	if (!out)
		return -errno;
	errno = 0;
	report_write(out, report);
	if (ferror(out) || fflush(out))
		error = errno ? -errno : -EIO;
	if (fclose(out) && !error)
		error = -errno;
	return error;
}

/* A page that was begun and not finished must not stand in place of a whole one. */
static int replace_page(const char *file, const struct report *report)
{
	_cleanup_(freep) char *part = NULL;
	int error;

	if (asprintf(&part, "%s.%d.part", file, getpid()) < 0)
		return -ENOMEM;
	error = write_page(part, "wxe", report);
	if (error == -EEXIST)
		return error;
	if (!error && rename(part, file))
		error = -errno;
	if (error)
		unlink(part);
	return error;
}

static int write_file(const char *path, const struct report *report)
{
	_cleanup_(freep) char *target = realpath(path, NULL); /* of a link, what it leads to */
	const char *file = target ?: path;
	struct stat status;
	int error;

	if (!stat(file, &status) && !S_ISREG(status.st_mode))
		error = write_page(file, "we", report); /* a device or a pipe stays what it is */
	else
		error = replace_page(file, report);
	return error ? command_failed(path, error, NULL) : EXIT_DONE;
}

static int tell(const char *path, const struct report *report)
{
	if (path && strcmp(path, "-"))
		return write_file(path, report);
	report_write(stdout, report);
	return fflush(stdout) ? command_failed(NULL, -errno, NULL) : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
	_cleanup_(checkup_close) struct checkup checkup = CHECKUP_EMPTY;
	_cleanup_(container_lookup_clear) struct container_lookup lookup = {};
	_cleanup_(report_clear) struct report report = { .version = PCTL_VERSION };
	const char *path = NULL, *socket = NULL;
	int status;

	arguments_have(arguments, "output", &path);
	arguments_have(arguments, "docker-socket", &socket);
	if (!path && isatty(STDOUT_FILENO))
		return usage_failed(arguments->command, "-o FILE says where the page goes");
	container_lookup_init(&lookup, socket);
	uname(&report.host);
	status = examine(&checkup);
	report.findings = &checkup.findings;
	status = status ?: gather(&report, &lookup);
	return status ?: tell(path, &report);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "-o FILE.html",
	.summary = "everything in force on this host, on one page",
	.details =
		"Writes one HTML page for the person who has to sign that this host is as it\n"
		"should be: attachments with their containers and state, who may reach whom and\n"
		"who did, what drops most, what policyctl doctor finds, and each policy with its\n"
		"hits. It stands alone: it loads nothing, runs no script, and can be printed. The\n"
		"picture is drawn by Graphviz, where it is installed; a table says the same.\n"
		"Changes nothing.",
	.options =
		(const struct option_row[]){
			{ "output", "FILE",
			  "where to, replacing what it held; - is standard output" },
			{ "o", "FILE", NULL },
			{ "docker-socket", "PATH",
			  "whose containers: else DOCKER_HOST, else /var/run/docker.sock" },
			{},
		},
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
