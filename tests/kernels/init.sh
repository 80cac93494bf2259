#!/bin/busybox sh
# shellcheck shell=dash
# The init of tests/kernels/run.sh's machine: a veth pair into a namespace, policyctl on its host end.
/bin/busybox mkdir -p /sbin /usr/sbin
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin
ip() { /usr/bin/ip "$@"; } # not busybox's
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t devtmpfs dev /dev
ln -s /proc/self/fd /dev/fd # for bash's <(…)
while read -r module; do
	[ ! -e "/modules/$module.ko" ] || insmod "/modules/$module.ko"
done </modules/order

failed=0
check() { # WHAT EXPECTED-STATUS COMMAND…
	what=$1 expected=$2
	shift 2
	"$@" >/tmp/out 2>&1
	got=$?
	[ $got -ne 0 ] && got=1
	if [ $got = "$expected" ]; then
		echo "ok: $what"
	else
		echo "NOT OK: $what"
		tail -n 40 /tmp/out
		failed=1
	fi
}
# The line of `policyctl monitor` for the first packet that is dropped while COMMAND runs.
told() { # COMMAND…
	policyctl monitor veth0 --count 1 >/tmp/told 2>&1 &
	until grep -q watching /tmp/told; do
		kill -0 $! || return
	done
	"$@"
	wait $! && grep DROP /tmp/told
}
container() { nsenter --net=/run/netns/c1 "$@"; }

echo "== $(uname -r)"
export POLICYCTL_DEBUG=1 # the verifier's log, if it refuses
mkdir -p /run/netns
ip netns add c1
ip link add veth0 type veth peer name eth0 netns c1
ip addr add 198.18.1.1/24 dev veth0
ip -n c1 addr add 198.18.1.2/24 dev eth0
ip link set lo up
ip link set veth0 up
ip -n c1 link set eth0 up
mkdir -p /tmp/www
nc -ll -p 80 -e true &

# Each kind of table, and an event.
cat >/tmp/full.policy <<EOF
set feed file "/tmp/feed.txt"
set near { 198.18.1.0/24, 2001:db8::/32 }
deny from tcp dport 80 peer @feed log
allow from tcp sport 1024-65535 peer @near
deny from any peer not @near
deny to udp dport not 53 log
EOF

for mode in generic native; do
	check "$mode: attach" 0 policyctl attach veth0 --deny tcp --mode $mode
	grep -v libbpf /tmp/out
	check "$mode: ping passes" 0 container ping -c 1 -W 2 198.18.1.1
	check "$mode: tcp is dropped" 1 container nc -w 2 198.18.1.1 80 -e true
	check "$mode: monitor tells it" 0 told container nc -w 2 198.18.1.1 80 -e true
	cat /tmp/told
	check "$mode: apply" 0 policyctl apply veth0 --deny udp --deny to:tcp/81
	check "$mode: tcp passes" 0 container nc -w 2 198.18.1.1 80 -e true
	echo 198.18.1.1 >/tmp/feed.txt
	check "$mode: apply a full policy" 0 policyctl apply veth0 --policy /tmp/full.policy
	check "$mode: tcp to who is in the set is dropped" 1 container nc -w 2 198.18.1.1 80 -e true
	echo 2001:db8::1 >/tmp/feed.txt
	check "$mode: apply another set" 0 policyctl apply veth0 --policy /tmp/full.policy
	check "$mode: tcp passes" 0 container nc -w 2 198.18.1.1 80 -e true
	check "$mode: default deny" 0 policyctl apply veth0 --default deny
	check "$mode: ping is dropped" 1 container ping -c 1 -W 2 198.18.1.1
	check "$mode: stats" 0 policyctl stats veth0
	cat /tmp/out
	check "$mode: detach" 0 policyctl detach veth0
	check "$mode: tcp passes again" 0 container nc -w 2 198.18.1.1 80 -e true
done
printf '198.18.1.1\n2001:db8::/32\n' >/tmp/feed.txt
printf 'set feed file "feed.txt"\ndeny from tcp peer @feed log\nallow to tcp sport 80 peer 198.18.0.0/15\n' >/tmp/x.policy
check "set: attach" 0 policyctl attach veth0 --policy /tmp/x.policy
check "set: ping passes" 0 container ping -c 1 -W 2 198.18.1.1
check "set: tcp is dropped" 1 container nc -w 2 198.18.1.1 80 -e true
rm /tmp/feed.txt
check "set: deny" 0 policyctl deny veth0 udp/7
check "set: show" 0 policyctl show veth0
grep -v libbpf /tmp/out
check "set: tcp is dropped" 1 container nc -w 2 198.18.1.1 80 -e true
check "set: detach" 0 policyctl detach veth0

# All programs against the evaluator, and the tests of the tables.
export PROG_SECONDS=20 PROG_FRAMES=200
for program in /usr/bin/prog_*_test; do
	check "$(basename "$program")" 0 "$program"
done
if [ -e /usr/bin/prog_compilers_test ]; then
	check "the objects of other compilers" 0 prog_compilers_test /objects/*.bpf.o
	grep ' ms: ' /tmp/out
fi
unset POLICYCTL_DEBUG
while read -r script; do
	arguments=$(echo "$script" | cut -s -d: -f2- | tr : ' ')
	script=${script%%:*}
	[ "$script" != "${script#*/}" ] || script=cli/$script
	# shellcheck disable=SC2086 # words
	check "$script" 0 env SLOW=8 POLICYCTL_BUILD=/build bash "/tests/$script.sh" $arguments
	[ "$script" != bench/rates ] || cat /tmp/out
done </tests/scripts
[ $failed = 0 ] && echo "kernels: all good"
poweroff -f
