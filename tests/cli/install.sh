#!/bin/bash
# cmake --install with another prefix than the build was configured with: what is installed names what is installed.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need cmake
PREFIX=/opt/elsewhere
DESTDIR=$WORK/root must cmake --install "$POLICYCTL_BUILD" --prefix $PREFIX
unit=$WORK/root$PREFIX/lib/systemd/system/policyctl.service
check "each command of the unit that is policyctl" "$PREFIX/sbin/policyctl $PREFIX/sbin/policyctl" \
	"$(sed -n 's,^Exec[A-Za-z]*=\(/[^ ]*policyctl\) .*,\1,p' "$unit" | one_line)"
check_true "it is there" test -x "$WORK/root$PREFIX/sbin/policyctl"
check "nothing is left to replace" "" "$(grep -o '@[A-Z_]*@' "$unit")"
check_match "it runs" '^policyctl ' "$("$WORK/root$PREFIX/sbin/policyctl" version)"
finish
