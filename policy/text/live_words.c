/* SPDX-License-Identifier: GPL-2.0-only */
#include "live_words.h"

#include <arpa/inet.h>
#include <string.h>

#include "block.h"
#include "source.h"

/* RFC 1035 section 2.3.4: of a name without the dots' equivalent of the root label. */
#define NAME_MAX_LENGTH 253
#define LABEL_MAX_LENGTH 63
/* No engine has longer names or labels in practice; it bounds what the kernel side is told. */
#define WORD_MAX_LENGTH 255

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and hyphens, RFC 952, and what names of services begin with, RFC 2782. */
static const char *check_label(const char *label, size_t length)
{
	if (!length)
		return "has an empty label: two dots follow each other, or it begins with one";
	if (length > LABEL_MAX_LENGTH)
		return "has a label of more than 63 characters";
	for (size_t i = 0; i < length; i++) {
		if (label[i] == '*')
			return "has a star where none is: it stands for whole labels, in front, "
			       "*.example.com";
		if (!is_alphanumeric(label[i]) && label[i] != '-' && label[i] != '_')
			return "is not a DNS name: it has letters, digits, '-' and '_'";
	}
	return label[0] == '-' || label[length - 1] == '-'
		       ? "has a label that begins or ends with '-'"
		       : NULL;
}

static bool is_address(const char *word)
{
	unsigned char address[16];

	return inet_pton(AF_INET, word, address) == 1 || inet_pton(AF_INET6, word, address) == 1;
}

static const char *check_name(char *name)
{
	size_t length = strlen(name), label;
	const char *rest = name, *fault = NULL;

	if (is_address(name))
		return "is an address: a set of addresses is written without `dns`";
	if (strstr(name, "://"))
		return "is a URL: write the name of its host alone";
	if (length && name[length - 1] == '.')
		name[--length] = '\0';
	if (length > NAME_MAX_LENGTH)
		return "is longer than a DNS name can be, 253 characters";
	for (size_t i = 0; i < length; i++)
		name[i] = ascii_lower(name[i]);
	if (!strcmp(name, "*"))
		return "would be every name: then DNS names say nothing";
	if (!strncmp(name, "*.", 2))
		rest += 2;
	do {
		label = strcspn(rest, ".");
		fault = check_label(rest, label);
		rest += label;
	} while (!fault && *rest++);
	return fault;
}

/* As the engines have them: [a-zA-Z0-9][a-zA-Z0-9_.-]* */
static bool is_engine_name(const char *word, size_t length)
{
	if (!length || !is_alphanumeric(word[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_alphanumeric(word[i]) && !strchr("_.-", word[i]))
			return false;
	return true;
}

static const char *check_service(const char *word)
{
	size_t project = strcspn(word, "/");

	if (!word[project])
		return "is no service: write PROJECT/SERVICE, as compose has them in the labels "
		       "of containers";
	if (is_engine_name(word, project) &&
	    is_engine_name(word + project + 1, strlen(word + project + 1)))
		return NULL;
	return "is no service: a project and a service have letters, digits, '_', '.' and '-'";
}

/* A value may have any printable character; those that quotes cannot hold would not print. */
static const char *check_pair(const char *word)
{
	if (!strchr(word, '=') || *word == '=')
		return "is no label: write KEY=VALUE";
	for (const char *c = word; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '"' || *c == 0x7f)
			return "has a quote or a control character";
	return NULL;
}

const char *live_word_noun(enum pctl_live_kind kind)
{
	static const char *const nouns[PCTL_LIVE_KINDS] = {
		[PCTL_LIVE_DNS] = "a DNS name",
		[PCTL_LIVE_CONTAINER] = "the name of a container",
		[PCTL_LIVE_COMPOSE] = "a service, PROJECT/SERVICE",
		[PCTL_LIVE_LABEL] = "a label, KEY=VALUE",
		[PCTL_LIVE_NETWORK] = "the name of a network",
	};

	return nouns[kind];
}

const char *live_word_check(enum pctl_live_kind kind, char *word)
{
	if (kind == PCTL_LIVE_DNS)
		return check_name(word);
	if (strlen(word) > WORD_MAX_LENGTH)
		return "is longer than 255 characters";
	if (kind == PCTL_LIVE_COMPOSE)
		return check_service(word);
	if (kind == PCTL_LIVE_LABEL)
		return check_pair(word);
	if (is_engine_name(word, strlen(word)))
		return NULL;
	return kind == PCTL_LIVE_CONTAINER
		       ? "is not the name of a container: it has letters, digits, '_', '.' and '-'"
		       : "is not the name of a network: it has letters, digits, '_', '.' and '-'";
}

bool live_word_is_plain(const char *word)
{
	for (const char *c = word; *c; c++)
		if (!lexer_is_word_char(*c))
			return false;
	return *word && !word_begins_statement(word);
}
