// SPDX-License-Identifier: GPL-2.0-only
#include "capabilities.h"
#include "recovery.h"
#include "session.h"

int session_open(struct session *session, enum pins_use use)
{
	struct session new = SESSION_EMPTY;
	int error;

	error = capabilities_check();
	error = error ?: nl_open(&new.nl);
	error = error ?: pins_open(&new.pins, use);
	if (!error && new.pins.held)
		error = session_recover(&new);
	if (error)
		session_close(&new);
	else
		*session = new;
	return error;
}

void session_close(struct session *session)
{
	pins_close(&session->pins);
	nl_closep(&session->nl);
}
