/* SPDX-License-Identifier: GPL-2.0-only */
#include "field_treatments.h"

#include <string.h>

#include "mirror_words.h"
#include "parse_treatments.h"

static enum limiting limiting_of(const struct field *field)
{
	return !strcmp(field->name, WORD_RATE) ? LIMITING_RATE : LIMITING_SHAPE;
}

bool field_limit_given(const struct field *field, const struct rule *rule)
{
	return rule->treatment.limiting == limiting_of(field);
}

int field_parse_limit(const struct field *field, struct parser *parser, struct rule *rule)
{
	return treatment_parse_limit(parser, limiting_of(field), &rule->treatment);
}

int field_print_limit(const struct field *field, const struct rule *rule, FILE *out)
{
	(void)field;
	treatment_print_limit(&rule->treatment, out);
	return 0;
}

bool field_fits_limit(const struct rule *rule)
{
	return rule->verdict == VERDICT_ALLOW && rule->treatment.limiting == LIMITING_NOTHING;
}

bool field_fits_mirror(const struct rule *rule)
{
	return !mirror_given(&rule->treatment.mirror);
}

bool field_mirror_given(const struct field *field, const struct rule *rule)
{
	(void)field;
	return mirror_given(&rule->treatment.mirror);
}

int field_parse_mirror(const struct field *field, struct parser *parser, struct rule *rule)
{
	(void)field;
	return mirror_parse(parser, &rule->treatment.mirror);
}

int field_print_mirror(const struct field *field, const struct rule *rule, FILE *out)
{
	(void)field;
	mirror_print(&rule->treatment.mirror, out);
	return 0;
}
