// SPDX-License-Identifier: GPL-2.0-only
#include "mode.h"
#include "mode_words.h"

const char *mode_choice_words(uint32_t choice)
{
	switch (choice) {
	case MODE_AUTO:
		return "auto";
	case MODE_NATIVE:
		return "native";
	case MODE_GENERIC:
		return "generic";
	case MODE_NONE:
		return "tc";
	}
	return "?";
}
