#!/usr/bin/env bash
# The privileges that the daemon gives up: its work succeeds without them, and the process can do little else.
. "$(dirname "$0")/lib.sh"
sandbox "$@"
need /usr/bin/python3
PRIVILEGED_WORK=$POLICYCTL_BUILD/privileged_work
[ -x "$PRIVILEGED_WORK" ] || skip "$PRIVILEGED_WORK is not built"
new_rooms
spawn container sleep 1000
INHABITANT=$!

work() { # [CAPABILITY]
	OUT=$(in_host timeout 60 "$PRIVILEGED_WORK" veth0 "$INHABITANT" "$@" 2>&1)
	STATUS=$?
}

before=$(snapshot)
work
check "the work is done" 0 "$STATUS"
for step in session gate hold attach change mode repair events look detach; do
	check_match "$step" "^$step done$" "$OUT"
done
check_match "what is left of root" '^capabilities cap_net_admin,cap_perfmon,cap_bpf=ep$' "$OUT"
check_match "nor can exec give it back" '^bounding set$' "$OUT"
check_match "nor a setuid program" '^no new privileges 1$' "$OUT"
for call in execve execveat mount umount setns unshare clone init_module setuid chroot io_uring \
	"execve in a thread"; do
	check_match "$call: refused" "^$call: EPERM$" "$OUT"
done
check_match "clone3: as if it did not exist" '^clone3: ENOSYS$' "$OUT"
# LeakSanitizer needs it, where that is built in.
grep -q __asan_init "$PRIVILEGED_WORK" || check_match "ptrace: refused" '^ptrace: EPERM$' "$OUT"
check_same "nothing is left of the work" "$(grep -v /policyctl <<<"$before")" "$(snapshot | grep -v /policyctl)"

OUT=$(in_host timeout 60 "$PRIVILEGED_WORK" threaded)
check_match "too late, when there are threads already" '^privileges are given up before there are threads$' "$OUT"
check_match "then nothing is given up" '^no new privileges 0$' "$OUT"

# --- the lookout's ---

# What it prints is sent into a socket: it may not write.
OUT=$(/usr/bin/python3 -c '
import socket, subprocess, sys
ours, its = socket.socketpair()
work = subprocess.Popen([sys.argv[1], "look"], stdout=its)
its.close()
while data := ours.recv(4096):
    sys.stdout.write(data.decode())
sys.exit(work.wait())' "$PRIVILEGED_WORK")
for call in "setns net" "open for reading" netlink; do
	check_match "the lookout: $call" "^$call: possible$" "$OUT"
done
for call in execve execveat mount umount "setns mnt" unshare clone init_module setuid chroot io_uring ptrace \
	"open for writing" "open for both" create socket packets bpf kill unlink; do
	check_match "the lookout: $call is refused" "^$call: EPERM$" "$OUT"
done
check_false "and it has created nothing" test -e /run/created

# --- each is needed -------------------------------------------------------------------------------------

for capability in cap_bpf cap_net_admin cap_perfmon; do
	work "$capability"
	check "without $capability the work is not done" 1 "$STATUS"
	check_match "and that is said" "^[a-z]+: .*${capability^^}" "$OUT"
done

# --- where processes are hidden -------------------------------------------------------------------------

must mount -o remount,hidepid=2 /proc
work
check "/proc hides processes: the work is done" 0 "$STATUS"
check_match "by what lets one see them" 'capabilities cap_net_admin,cap_sys_ptrace,cap_perfmon,cap_bpf=ep$' "$OUT"
check_match "the other end is seen" '^look done$' "$OUT"
must mount -o remount,hidepid=0 /proc

finish
