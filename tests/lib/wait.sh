# shellcheck shell=bash
# Waiting for a condition, never for a time.

# True as soon as the command is, false when the time is over. SECONDS are those of an idle machine: a busy one gets
# twice as long, an emulated one as many times as $SLOW says.
wait_until() { # SECONDS COMMAND...
	local end=$((${EPOCHREALTIME/[.,]/} + ${SLOW:-2} * $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
		sleep 0.01
	done
}
