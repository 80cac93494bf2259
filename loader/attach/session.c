// SPDX-License-Identifier: GPL-2.0-only
#include "capabilities.h"
#include "recovery.h"
#include "session.h"

int session_open(struct session *session, enum store_use use)
{
	struct session new = SESSION_EMPTY;
	int error;

	error = capabilities_check();
	error = error ?: nl_open(&new.nl);
	error = error ?: store_open(&new.store, use);
	if (!error && new.store.held)
		error = session_recover(&new);
	if (error)
		session_close(&new);
	else
		*session = new;
	return error;
}

void session_close(struct session *session)
{
	store_close(&session->store);
	nl_closep(&session->nl);
}
