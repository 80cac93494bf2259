/* SPDX-License-Identifier: GPL-2.0-only */
/* Hook and mode as --hook and --mode name them. */
#ifndef PCTL_MODE_WORDS_H
#define PCTL_MODE_WORDS_H

#include <stdint.h>

/* "auto", "native", "generic", "tc". @choice: enum mode_choice, from a file: "?" where it is none
 */
const char *mode_choice_words(uint32_t choice);

#endif
