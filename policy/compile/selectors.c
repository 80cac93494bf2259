/* SPDX-License-Identifier: GPL-2.0-only */
#include "selectors.h"

/* Calls @fn for one ICMP type with the codes of the rule. */
static int each_code(const struct ranges *codes, uint32_t type, selectors_fn fn, void *data)
{
	int result = 0;

	for (size_t i = 0; !result && i < codes->count; i++)
		result =
			fn(data, type << 8 | codes->items[i].low, type << 8 | codes->items[i].high);
	return result;
}

static int each_type(const struct rule *rule, const struct range *types, selectors_fn fn,
		     void *data)
{
	int result = 0;

	if (!rule->codes.count)
		return fn(data, (uint32_t)types->low << 8, (uint32_t)types->high << 8 | 0xff);
	for (uint32_t type = types->low; !result && type <= types->high; type++)
		result = each_code(&rule->codes, type, fn, data);
	return result;
}

int selectors_each(const struct rule *rule, selectors_fn fn, void *data)
{
	int result = 0;

	if (!rule->types.count && !rule->dports.count)
		return fn(data, 0, UINT16_MAX);
	for (size_t i = 0; !result && i < rule->types.count; i++)
		result = each_type(rule, &rule->types.items[i], fn, data);
	for (size_t i = 0; !result && i < rule->dports.count; i++)
		result = fn(data, rule->dports.items[i].low, rule->dports.items[i].high);
	return result;
}
