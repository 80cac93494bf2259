# shellcheck shell=bash
# Open vSwitch in user space (its netdev datapath), on the host: with a database, sockets and logs of its own below
# $LAB_STATE, beside an Open vSwitch of the machine.

ovs_vsctl() { # ARGUMENTS...
	must_in host ovs-vsctl --timeout=10 "--db=unix:$OVS_RUNDIR/db.sock" "$@"
}

ovs_answers() {
	run_in host ovs-vsctl --timeout=1 --no-wait "--db=unix:$OVS_RUNDIR/db.sock" show >/dev/null 2>&1
}

ovs_switches() {
	run_in host ovs-appctl --timeout=1 --target="$OVS_RUNDIR/vswitchd.ctl" version >/dev/null 2>&1
}

ovs_up() {
	export OVS_RUNDIR=$LAB_STATE/ovs OVS_LOGDIR=$LAB_STATE/ovs OVS_DBDIR=$LAB_STATE/ovs
	mkdir "$OVS_RUNDIR" || exit 1
	must_in host ovsdb-tool create "$OVS_RUNDIR/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	spawn host ovsdb ovsdb-server "$OVS_RUNDIR/conf.db" "--remote=punix:$OVS_RUNDIR/db.sock" \
		"--unixctl=$OVS_RUNDIR/ovsdb.ctl" --log-file -vconsole:off
	OVSDB=$SPAWNED
	wait_until 10 ovs_answers && ovs_vsctl --no-wait init
	spawn host vswitchd ovs-vswitchd "unix:$OVS_RUNDIR/db.sock" "--unixctl=$OVS_RUNDIR/vswitchd.ctl" --log-file \
		-vconsole:off
	VSWITCHD=$SPAWNED
	wait_until 10 ovs_switches && return
	fail "Open vSwitch comes up"
	quote <"$OVS_RUNDIR/ovs-vswitchd.log"
	exit 1
}

ovs_down() {
	ovs_vsctl del-br sw0
	end "$VSWITCHD"
	end "$OVSDB"
	rm -r "$OVS_RUNDIR"
}
