// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h" /* in front of the skeleton */
#include "cleanup.h"
#include "left_out.h"
#include "policy.skel.h"

#define CALL_RELOCATION 10 /* R_BPF_64_32: the target of a call */
#define SUBSTITUTE "left_out" /* kern/verifier.h */

/* --- which functions belong to which feature --- */

typedef struct policy_bpf__rodata constants;

static bool uses_classes(const constants *c)
{
	const volatile struct pctl_classes *classes = &c->classes;

	return classes->uses_peers[PCTL_FROM] || classes->uses_peers[PCTL_TO] ||
	       classes->uses_sources[PCTL_FROM] || classes->uses_sources[PCTL_TO];
}

static bool uses_connections(const constants *c)
{
	return c->tracking.tracks;
}

static bool uses_spoofed(const constants *c)
{
	return c->config.spoofed;
}

static bool uses_answers(const constants *c)
{
	return c->answering.by;
}

static bool uses_source_routes(const constants *c)
{
	return c->classes.uses_peers[PCTL_FROM] || uses_connections(c) || uses_answers(c);
}

static bool uses_treatments(const constants *c)
{
	return c->treating.what;
}

static bool uses_rates(const constants *c)
{
	return c->treating.what & PCTL_TREATS_RATE;
}

static bool uses_mirrors(const constants *c)
{
	return c->treating.what & PCTL_TREATS_MIRROR;
}

static bool uses_live_sets(const constants *c)
{
	bool uses = false;

	for (int i = 0; i < PCTL_SETS_MAX; i++)
		uses = uses || (c->classes.live[i] && c->classes.live[i] != PCTL_LIVE_NAMES);
	return uses;
}

static bool uses_names(const constants *c)
{
	return c->naming.names;
}

static bool asks_names(const constants *c)
{
	return c->classes.asks_names[PCTL_FROM];
}

#define EACH_CONTEXT(name) name "_xdp", name "_tc"
#define FUNCTIONS_MAX 10

/* The functions through which the rest of the object enters a feature. A new feature has its row
 * here. */
static const struct feature {
	bool (*is_used)(const constants *c);
	const char *functions[FUNCTIONS_MAX + 1];
} features[] = {
	{ uses_classes, { "match_class" } },
	{ uses_live_sets, { "live_membership" } },
	{ uses_connections,
	  { "tracked_from_xdp", "tracked_from_tc", "tracked_to", EACH_CONTEXT("read_conversation"),
	    "note_packet", "established_decides" } },
	{ uses_spoofed,
	  { EACH_CONTEXT("has_own_mac"), EACH_CONTEXT("is_own_arp"), EACH_CONTEXT("has_own_ipv4"),
	    EACH_CONTEXT("find_ipv6_source"), EACH_CONTEXT("is_own_discovery") } },
	{ uses_answers, { EACH_CONTEXT("conclude_dropped"), "send_marked" } },
	{ uses_treatments, { "treat" } },
	{ uses_rates, { "exceeds_rate" } },
	{ uses_mirrors, { "mirror_packet" } },
	{ uses_names, { EACH_CONTEXT("note_dns") } },
	{ asks_names, { EACH_CONTEXT("read_any_asked") } },
	{ uses_source_routes, { EACH_CONTEXT("is_source_routed") } },
};

#define FEATURES (sizeof(features) / sizeof(features[0]))

/* Where XDP has a guard behind it, the guard alone changes connections. */
static bool is_for_guard(const constants *c, const char *function)
{
	return c->config.guarded && !strcmp(function, "note_packet");
}

static bool is_unused(const constants *c, bool xdp, const char *function)
{
	for (size_t i = 0; i < FEATURES; i++)
		for (const char *const *name = features[i].functions; *name; name++)
			if (!strcmp(*name, function))
				return !features[i].is_used(c) ||
				       (xdp && is_for_guard(c, function));
	return false;
}

/* --- the object --- */

struct object {
	char *bytes;
	size_t size;
	const Elf64_Shdr *sections;
	size_t section_count;
	const Elf64_Sym *symbols;
	size_t symbol_count;
	const char *names; /* of the symbols; ends with a 0 */
	size_t names_size;
};

/* NULL: the object ends before. */
static void *bytes_at(const struct object *object, uint64_t offset, uint64_t size)
{
	if (offset % 8 || offset > object->size || size > object->size - offset)
		return NULL;
	return object->bytes + offset;
}

static bool find_symbols(struct object *object)
{
	const Elf64_Shdr *symbols = NULL, *names;

	for (size_t i = 0; i < object->section_count; i++)
		if (object->sections[i].sh_type == SHT_SYMTAB)
			symbols = &object->sections[i];
	if (!symbols || symbols->sh_link >= object->section_count)
		return false;
	names = &object->sections[symbols->sh_link];
	object->symbols = bytes_at(object, symbols->sh_offset, symbols->sh_size);
	object->symbol_count = symbols->sh_size / sizeof(*object->symbols);
	/* The table of names is not aligned. */
	if (!object->symbols || names->sh_offset > object->size || !names->sh_size ||
	    names->sh_size > object->size - names->sh_offset)
		return false;
	object->names = object->bytes + names->sh_offset;
	object->names_size = names->sh_size;
	return !object->names[names->sh_size - 1];
}

static bool open_object(struct object *object, void *elf, size_t size)
{
	const Elf64_Ehdr *header = elf;

	*object = (struct object){ .bytes = elf, .size = size };
	if (size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr))
		return false;
	object->section_count = header->e_shnum;
	object->sections =
		bytes_at(object, header->e_shoff, header->e_shnum * sizeof(*object->sections));
	return object->sections && find_symbols(object);
}

static const char *symbol_name(const struct object *object, size_t symbol)
{
	uint32_t at = object->symbols[symbol].st_name;

	return at < object->names_size ? object->names + at : "";
}

/* Marks the symbols of unused functions. Returns the symbol that stands in; 0: it is not there. */
static size_t find_unused(const struct object *object, const constants *c, bool xdp, bool *unused)
{
	size_t substitute = 0;

	for (size_t i = 0; i < object->symbol_count; i++) {
		if (ELF64_ST_TYPE(object->symbols[i].st_info) != STT_FUNC)
			continue;
		unused[i] = is_unused(c, xdp, symbol_name(object, i));
		if (!strcmp(symbol_name(object, i), SUBSTITUTE))
			substitute = i;
	}
	return substitute;
}

static bool redirect_section(const struct object *object, const Elf64_Shdr *section,
			     const bool *unused, size_t substitute)
{
	Elf64_Rel *relocations = bytes_at(object, section->sh_offset, section->sh_size);

	if (!relocations)
		return false;
	for (size_t i = 0; i < section->sh_size / sizeof(*relocations); i++) {
		uint64_t symbol = ELF64_R_SYM(relocations[i].r_info);

		if (ELF64_R_TYPE(relocations[i].r_info) == CALL_RELOCATION &&
		    symbol < object->symbol_count && unused[symbol])
			relocations[i].r_info = ELF64_R_INFO(substitute, CALL_RELOCATION);
	}
	return true;
}

static bool is_of_code(const struct object *object, const Elf64_Shdr *section)
{
	return section->sh_type == SHT_REL && section->sh_info < object->section_count &&
	       object->sections[section->sh_info].sh_flags & SHF_EXECINSTR;
}

int left_out_redirect(void *elf, size_t size, const constants *c, bool xdp)
{
	_cleanup_(freep) bool *unused = NULL;
	struct object object;
	size_t substitute;

	if (!open_object(&object, elf, size))
		return -ENOEXEC;
	unused = calloc(object.symbol_count + 1, sizeof(*unused));
	if (!unused)
		return -ENOMEM;
	substitute = find_unused(&object, c, xdp, unused);
	if (!substitute)
		return -ENOEXEC;
	for (size_t i = 0; i < object.section_count; i++)
		if (is_of_code(&object, &object.sections[i]) &&
		    !redirect_section(&object, &object.sections[i], unused, substitute))
			return -ENOEXEC;
	return 0;
}
