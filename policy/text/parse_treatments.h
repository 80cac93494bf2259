/* SPDX-License-Identifier: GPL-2.0-only */
/* What a rule or a default does beside its verdict, read and written; `rate NAME …`. */
#ifndef PCTL_PARSE_TREATMENTS_H
#define PCTL_PARSE_TREATMENTS_H

#include <stdio.h>

#include "parser.h"

#define WORD_RATE "rate"
#define WORD_SHAPE "shape"

/* The functions below return 0; -EINVAL, reported; -ENOMEM. */

/* Reads what follows `rate` or `shape` in a rule or default. */
int treatment_parse_limit(struct parser *parser, enum limiting limiting,
			  struct treatment *treatment);
/* Writes it, with a blank before it. */
void treatment_print_limit(const struct treatment *treatment, FILE *out);

/* Reads what may follow the verdict of a default, but for `audit`. */
int treatment_parse_default(struct parser *parser, enum verdict verdict,
			    struct treatment *treatment);
/* Writes it, with a blank before each word. */
void treatment_print_default(const struct treatment *treatment, FILE *out);

/* `rate NAME …`, from its second word on. */
int parse_bucket(struct parser *parser);
/* Without the last newline. */
void bucket_print(const struct bucket *bucket, FILE *out);

/* Reports buckets that nothing names. */
int parser_warn_of_buckets(struct parser *parser);

#endif
