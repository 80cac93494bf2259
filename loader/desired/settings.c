// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "endpoint.h"
#include "listen_address.h"
#include "policy_name.h"
#include "settings.h"
#include "suggest.h"
#include "util.h"

static void *field(const struct setting *setting, void *fields)
{
	return (char *)fields + setting->offset;
}

static size_t *field_count(const struct setting *setting, void *fields)
{
	return (size_t *)((char *)fields + setting->count_offset);
}

/* --- texts: a setter checks, keep() stores --- */

/* An empty value is stored as NULL. */
static int keep(const struct setting *setting, void *fields, const struct word *value)
{
	char **text = field(setting, fields);
	char *new = value->length ? strndup(value->text, value->length) : NULL;

	if (value->length && !new)
		return -ENOMEM;
	free(*text);
	*text = new;
	return 0;
}

static int set_endpoint(const struct setting *setting, void *fields, struct source *source,
			const struct word *value)
{
	static const char scheme[] = "unix://";
	struct word path = *value;

	if (path.length >= strlen(scheme) && !memcmp(path.text, scheme, strlen(scheme))) {
		path.text += strlen(scheme);
		path.length -= strlen(scheme);
	}
	if (value->length && (!path.length || *path.text != '/'))
		return source_error(source, value,
				    "expected the absolute path of a socket of this host");
	if (path.length >= ENDPOINT_SIZE)
		return source_error(source, value, "the path of a socket has at most %d bytes",
				    ENDPOINT_SIZE - 1);
	return keep(setting, fields, value);
}

static int set_directory(const struct setting *setting, void *fields, struct source *source,
			 const struct word *value)
{
	if (!value->length || *value->text != '/')
		return source_error(source, value, "expected the absolute path of a directory");
	return keep(setting, fields, value);
}

static int set_history(const struct setting *setting, void *fields, struct source *source,
		       const struct word *value)
{
	static const char none[] = "none";
	bool is_none = value->length == strlen(none) && !strncmp(value->text, none, value->length);

	if (value->length && *value->text != '/' && !is_none)
		return source_error(source, value,
				    "expected the absolute path of a directory, or none");
	return keep(setting, fields, value);
}

static int set_address(const struct setting *setting, void *fields, struct source *source,
		       const struct word *value)
{
	struct listen_address address;
	char text[256];

	if (value->length &&
	    (!word_copy(value, text, sizeof(text)) || listen_address_parse(text, &address)))
		return source_error(source, value, "expected " LISTEN_ADDRESS_FORMS);
	return keep(setting, fields, value);
}

static int set_policy_name(const struct setting *setting, void *fields, struct source *source,
			   const struct word *value)
{
	if (value->length && !policy_name_is_good(value->text, value->length))
		return source_error(source, value, "the name of a policy has " POLICY_NAME_RULE);
	return keep(setting, fields, value);
}

static int set_needed_policy_name(const struct setting *setting, void *fields,
				  struct source *source, const struct word *value)
{
	if (!value->length)
		return source_error(source, value, "expected the name of a policy");
	return set_policy_name(setting, fields, source, value);
}

/* --- one word of several --- */

static int unknown_choice(const struct setting *setting, struct source *source,
			  const struct word *value)
{
	struct suggestion suggestion;
	char known[128] = "";

	suggestion_start(&suggestion, value);
	for (const char *const *choice = setting->choices; *choice; choice++) {
		size_t used = strlen(known);

		suggestion_consider(&suggestion, *choice);
		snprintf(known + used, sizeof(known) - used, "%s%s",
			 !used	     ? ""
			 : choice[1] ? ", "
				     : " or ",
			 *choice);
	}
	return source_error(source, value, "%s is %s, not '%.*s'%s%s%s", setting->name, known,
			    WORD_ARGS(value), SUGGESTION_ARGS(&suggestion));
}

static int read_choice(const struct setting *setting, struct source *source,
		       const struct word *value, unsigned int *number)
{
	for (*number = 0; setting->choices[*number]; ++*number)
		if (word_is(value, setting->choices[*number]))
			return 0;
	return unknown_choice(setting, source, value);
}

static int set_choice(const struct setting *setting, void *fields, struct source *source,
		      const struct word *value)
{
	unsigned int *number = field(setting, fields), new;
	int error = read_choice(setting, source, value, &new);

	if (!error)
		*number = new;
	return error;
}

/* --- patterns --- */

static int add_pattern(const struct setting *setting, void *fields, const struct word *pattern)
{
	char ***list = field(setting, fields), **items;
	size_t *count = field_count(setting, fields);

	items = reallocarray(*list, *count + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	*list = items;
	items[*count] = strndup(pattern->text, pattern->length);
	return items[(*count)++] ? 0 : -ENOMEM;
}

static bool is_separator(char byte)
{
	return byte == ' ' || byte == '\t' || byte == ',';
}

/* Bytes that cannot be in the name of a network or an interface cannot be in a pattern of them. */
static bool is_pattern(const struct word *word)
{
	for (size_t i = 0; i < word->length; i++)
		if ((unsigned char)word->text[i] <= ' ' ||
		    strchr("=;:\"'#(){}/\x7f", word->text[i]))
			return false;
	return true;
}

static int set_patterns(const struct setting *setting, void *fields, struct source *source,
			const struct word *value)
{
	int error = 0;

	for (size_t at = 0, begin; at < value->length && error != -ENOMEM;) {
		struct word item = *value;

		while (at < value->length && is_separator(value->text[at]))
			at++;
		begin = at;
		while (at < value->length && !is_separator(value->text[at]))
			at++;
		item.text += begin;
		item.length = at - begin;
		item.place.column += begin;
		if (!is_pattern(&item))
			error = source_error(source, &item,
					     "'%.*s' is no pattern of names, as 'app-*' is one",
					     WORD_ARGS(&item));
		else if (item.length)
			error = add_pattern(setting, fields, &item) ?: error;
	}
	return error;
}

void setting_empty(const struct setting *setting, void *fields)
{
	char ***list = field(setting, fields);
	size_t *count = field_count(setting, fields);

	for (size_t i = 0; i < *count; i++)
		free((*list)[i]);
	free(*list);
	*list = NULL;
	*count = 0;
}

/* --- the table --- */

static const char *const formats[] = {
	[LOG_FORMAT_TEXT] = "text", [LOG_FORMAT_JSON] = "json", NULL
};
static const char *const levels[] = { [LOG_LEVEL_DEBUG] = "debug",
				      [LOG_LEVEL_INFO] = "info",
				      [LOG_LEVEL_WARNING] = "warning",
				      [LOG_LEVEL_ERROR] = "error",
				      [LOG_LEVEL_ERROR + 1] = NULL };
static const char *const faulty[] = { [FAULTY_HOLD] = "hold",
				      [FAULTY_KEEP] = "keep",
				      [FAULTY_DEFAULT] = "unlabelled",
				      [FAULTY_DEFAULT + 1] = NULL };

static const char *const empty_sets[] = {
	[EMPTY_SET_KEEP] = "keep", [EMPTY_SET_APPLY] = "apply", [EMPTY_SET_APPLY + 1] = NULL
};

/* docker: libnetwork's bridge driver, "br-" and 12 digits of the network's id. podman: netavark
 * numbers podman0, podman1, …; CNI cni-podman0. */
#define ENGINE_BRIDGES "docker0 br-???????????? podman[0-9]* cni-podman[0-9]*"

static const char *const net_admin[] = {
	[NET_ADMIN_WARN] = "warn", [NET_ADMIN_HOLD] = "hold", [NET_ADMIN_HOLD + 1] = NULL
};

static const char *const anti_spoof[] = {
	[ANTI_SPOOF_OFF] = "off", [ANTI_SPOOF_ON] = "on", [ANTI_SPOOF_ON + 1] = NULL
};

static const char *const audit[] = {
	[AUDIT_OFF] = "off", [AUDIT_ON] = "on", [AUDIT_ON + 1] = NULL
};

#define AT(member) .offset = offsetof(struct configuration, member)
#define COUNTED_BY(member) .count_offset = offsetof(struct configuration, member)

const struct setting settings[] = {
	{ "daemon", "docker-socket", "", .set = set_endpoint, AT(docker_socket) },
	{ "daemon", "metrics", "", .set = set_address, AT(metrics) },
	{ "daemon", "history", "", .set = set_history, AT(history) },
	{ "daemon", "log-format", "text", .set = set_choice, AT(log_format), .choices = formats },
	{ "daemon", "log-level", "info", .set = set_choice, AT(log_level), .choices = levels },
	{ "policy", "directory", "/etc/policyctl/policies", .set = set_directory,
	  AT(policy_directory) },
	{ "policy", "unlabelled", "", .set = set_policy_name, AT(unlabelled) },
	{ "policy", "baseline", "", .set = set_policy_name, AT(baseline) },
	{ "policy", "hook", "auto", .set = set_choice, AT(hook), .choices = hook_choices },
	{ "policy", "mode", "auto", .set = set_choice, AT(mode), .choices = mode_choices },
	{ "policy", "on-error", "hold", .set = set_choice, AT(faulty), .choices = faulty },
	{ "policy", "on-reload-error", "keep", .set = set_choice, AT(faulty_change),
	  .choices = faulty },
	{ "policy", "on-empty-set", "keep", .set = set_choice, AT(empty_set),
	  .choices = empty_sets },
	{ "policy", "cap-net-admin", "warn", .set = set_choice, AT(net_admin),
	  .choices = net_admin },
	{ "policy", "anti-spoof", "off", .set = set_choice, AT(anti_spoof), .choices = anti_spoof },
	{ "policy", "audit", "off", .set = set_choice, AT(audit), .choices = audit },
	{ "follow", "networks", "*", true, set_patterns, AT(networks), COUNTED_BY(network_count) },
	{ "follow", "bridges", ENGINE_BRIDGES, true, set_patterns, AT(bridges),
	  COUNTED_BY(bridge_count) },
	{},
};

#undef AT
#define AT(member) .offset = offsetof(struct named_interfaces, member)

const struct setting interface_settings[] = {
	{ INTERFACES_SECTION, "policy", "", .set = set_needed_policy_name, AT(policy) },
	{ INTERFACES_SECTION, "hook", "", .set = set_choice, AT(hook), .choices = hook_choices },
	{ INTERFACES_SECTION, "mode", "", .set = set_choice, AT(mode), .choices = mode_choices },
	{},
};

_Static_assert(sizeof(enum mode_choice) == sizeof(unsigned int), "choices are set as numbers");
_Static_assert(sizeof(enum hook_choice) == sizeof(unsigned int), "choices are set as numbers");
_Static_assert(sizeof(enum log_level) == sizeof(unsigned int), "choices are set as numbers");

int settings_default(struct configuration *configuration)
{
	struct source none = {};
	int error = 0;

	for (const struct setting *setting = settings; setting->section && !error; setting++) {
		const struct word value = { .text = setting->initial,
					    .length = strlen(setting->initial) };

		error = setting->set(setting, configuration, &none, &value);
	}
	return error;
}

size_t setting_count(const struct setting *setting, const struct configuration *configuration)
{
	return *(const size_t *)((const char *)configuration + setting->count_offset);
}
