#!/bin/bash
# cmake --install with another prefix than the build was configured with: what is installed names what is installed, and
# the target uninstall takes it away again.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need cmake
PREFIX=/opt/elsewhere
export DESTDIR=$WORK/root
must cmake --install "$POLICYCTL_BUILD" --prefix $PREFIX
units=$DESTDIR$PREFIX/lib/systemd/system
for unit in policyctl policyctl-sidecar@ policyctl-hold@; do
	check "$unit.service: each command that is policyctl" "$PREFIX/sbin/policyctl" \
		"$(sed -n 's,^Exec[A-Za-z]*=\(/[^ ]*policyctl\) .*,\1,p' "$units/$unit.service" | sort -u)"
	check "nothing is left to replace" "" "$(grep -o '@[A-Z_]*@' "$units/$unit.service")"
done
check_true "the target is there" test -e "$units/policyctl.target"
check_true "policyctl is there" test -x "$DESTDIR$PREFIX/sbin/policyctl"
check_match "it runs" '^policyctl ' "$("$DESTDIR$PREFIX/sbin/policyctl" version)"

# From a copy of the manifest, so that a real installation can still be removed.
mkdir "$WORK/build"
cp "$POLICYCTL_BUILD/install_manifest.txt" "$WORK/build"
echo '# by hand' >>"$DESTDIR/etc/policyctl/policyctl.conf"
(cd "$WORK/build" && must cmake -P "$TESTS/../packaging/uninstall.cmake")
check "uninstalled: the configuration stays, and nothing else" "/etc/policyctl/policyctl.conf" \
	"$(find "$DESTDIR" ! -type d -printf '/%P\n')"
check "no directory of ours is left" "/etc/policyctl" "$(find "$DESTDIR" -type d -name '*policyctl*' -printf '/%P\n')"
check_false "a second time there is nothing to remove" cmake -P "$TESTS/../packaging/uninstall.cmake"
finish
