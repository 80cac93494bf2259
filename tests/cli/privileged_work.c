// SPDX-License-Identifier: GPL-2.0-only
/*
 * privileged_work IFACE PID [CAPABILITY]: gives up what the daemon gives up, and CAPABILITY too,
 * then does on an interface what the daemon does, and tries what it should not be able to. A line
 * for each. PID: a process at the other end.
 *
 * privileged_work threaded: has a thread before.
 * privileged_work look: gives up what the lookout gives up, and tries.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "attachment.h"
#include "compile.h"
#include "diagnostics.h"
#include "error.h"
#include "gate.h"
#include "ids.h"
#include "namespace_containers.h"
#include "netns.h"
#include "privileges.h"
#include "reader.h"
#include "spec.h"
#include "util.h"

struct work {
	struct session session;
	struct link link;
	struct attachment attachment;
	struct gate *gate;
	const char *iface;
	pid_t pid;
};

static struct plan make_plan(const char *spec)
{
	struct plan plan = { .policy = policy_new() };
	struct diagnostics none = {};

	if (policy_add_spec(plan.policy, VERDICT_DENY, spec, &none) ||
	    policy_compile(plan.policy, "test", &plan.compiled, &none))
		exit(2);
	return plan;
}

/* --- what the daemon does --- */

static int open_gate(struct work *work)
{
	return gate_open(&work->session, true, &work->gate);
}

static int hold(struct work *work)
{
	bool made;
	int error = gate_hold(work->gate, work->session.nl, work->link.ifindex, &made);

	return error < 0 ? error
			 : gate_lift(work->gate, work->session.nl, work->link.ifindex, made);
}

static int attach(struct work *work)
{
	_cleanup_(plan_free) struct plan plan = make_plan("icmp");

	return attachment_attach(&work->session, &work->link, MODE_GENERIC, &plan, NULL,
				 &work->attachment);
}

static int change(struct work *work)
{
	_cleanup_(plan_free) struct plan plan = make_plan("udp");
	_cleanup_(policy_freep) struct policy *old = NULL;
	int error = generation_policy(&work->attachment.current, &old);

	error = error ?: policy_assign_ids(plan.policy, old);
	return error ?: attachment_change(&work->session, &work->attachment, &plan, old, NULL);
}

static int change_mode(struct work *work)
{
	_cleanup_(plan_free) struct plan plan = make_plan("udp");
	_cleanup_(policy_freep) struct policy *old = NULL;
	int error = generation_policy(&work->attachment.current, &old);

	error = error ?: policy_assign_ids(plan.policy, old);
	return error
		       ?: attachment_change_mode(&work->session, &work->attachment, &plan, old,
						 NULL, MODE_NATIVE);
}

static int repair(struct work *work)
{
	const struct filter_position position = {
		.ifindex = work->link.ifindex,
		.hook = TC_HOOK_EGRESS,
		.priority = FILTER_PRIORITY,
		.handle = FILTER_HANDLE,
	};
	int error = nl_filter_delete(work->session.nl, &position);

	attachment_close(&work->attachment);
	error = error ?: attachment_open(&work->session, work->link.ifindex, &work->attachment);
	error = error ?: attachment_repair(&work->session, &work->attachment);
	return error == 1 ? 0 : error ?: error_set(-ENOMSG, "there was nothing to repair");
}

static int read_events(struct work *work)
{
	const struct reader_settings settings = { .snaplen = 64 };
	_cleanup_(event_maps_close) struct event_maps maps = EVENT_MAPS_EMPTY;
	const char *shared = work->session.pins.path;
	struct reader *reader = NULL;
	int error = event_maps_get(shared, &maps);

	error = error ?: reader_open(&maps, shared, &settings, &reader);
	reader_close(reader);
	return error;
}

static int look_around(struct work *work)
{
	_cleanup_(freep) struct namespace_container *namespace_containers = NULL;
	size_t count = 0;
	int32_t nsid = nl_netns_id(work->session.nl, work->pid, -1);

	if (nsid < 0 || nsid != work->link.peer_nsid)
		return error_set(-ENOENT, "what is at the other end is not seen");
	if (netns_may_administer(work->session.nl, nsid) == NETNS_ADMIN_NONE)
		return error_set(-ENOENT, "what it may do is not seen");
	return namespace_containers_read(work->session.nl, nsid, &namespace_containers, &count);
}

static int detach(struct work *work)
{
	return attachment_detach(&work->session, &work->attachment);
}

static int open_work(struct work *work)
{
	int error = session_open(&work->session, PINS_CREATE);

	return error ?: nl_link_get(work->session.nl, work->iface, 0, &work->link);
}

static const struct {
	const char *name;
	int (*run)(struct work *work);
} steps[] = {
	{ "session", open_work }, { "gate", open_gate },     { "hold", hold },
	{ "attach", attach },	  { "change", change },	     { "mode", change_mode },
	{ "repair", repair },	  { "events", read_events }, { "look", look_around },
	{ "detach", detach },
};

static int do_work(struct work *work)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int error = steps[i].run(work);

		if (error)
			printf("%s: %s\n", steps[i].name, error_message(error));
		else
			printf("%s done\n", steps[i].name);
		if (error)
			return 1;
	}
	gate_close(work->gate, true);
	session_close(&work->session);
	return 0;
}

/* --- what it must not --- */

static void try(const char *name, long result)
{
	int error = errno;

	printf("%s: %s\n", name, result < 0 ? strerrorname_np(error) : "possible");
}

static ssize_t send_line(void *nothing, const char *bytes, size_t size)
{
	(void)nothing;
	return send(STDOUT_FILENO, bytes, size, 0);
}

static void try_everything(void)
{
	char *const arguments[] = { "true", NULL };
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	try("execve", execve("/bin/true", arguments, NULL));
	try("execveat", syscall(SYS_execveat, AT_FDCWD, "/bin/true", arguments, NULL, 0));
	try("ptrace", ptrace(PTRACE_PEEKUSER, 1, NULL, NULL)); /* ESRCH: it is not traced */
	try("mount", mount("tmpfs", "/mnt", "tmpfs", 0, NULL));
	try("umount", umount2("/proc", MNT_DETACH));
	try("setns", setns(home, CLONE_NEWNET));
	try("unshare", unshare(CLONE_NEWUSER));
	try("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
	try("clone3", syscall(SYS_clone3, NULL, 0));
	try("init_module", syscall(SYS_init_module, NULL, 0, ""));
	try("setuid", setuid(0));
	try("chroot", chroot("/"));
	try("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
	close(home);
}

/* What the lookout must not, beyond that. */
static int try_as_lookout(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	union bpf_attr attributes = {};

	setvbuf(stdout, NULL, _IONBF, 0);
	if (privileges_drop_to_look())
		return 2;
	/* It may not write: the lines are sent. */
	stdout = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = send_line });
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_everything();
	try("setns net", setns(home, CLONE_NEWNET));
	try("setns mnt", setns(mounts, CLONE_NEWNS));
	try("open for reading", open("/proc/self/status", O_RDONLY));
	try("open for writing", open("/dev/null", O_WRONLY));
	try("open for both", open("/dev/null", O_RDWR));
	try("create", open("/run/created", O_RDONLY | O_CREAT, 0600));
	try("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	try("socket", socket(AF_INET, SOCK_DGRAM, 0));
	try("packets", socket(AF_PACKET, SOCK_RAW, 0));
	try("bpf", syscall(SYS_bpf, 0, &attributes, sizeof(attributes)));
	try("kill", kill(getppid(), 0));
	try("unlink", unlink("/run/nothing"));
	_exit(0);
}

static void show_state(void)
{
	cap_t capabilities = cap_get_proc();
	char *words = cap_to_text(capabilities, NULL);

	printf("capabilities %s\n", words);
	cap_free(words);
	cap_free(capabilities);
	printf("bounding set%s\n", cap_get_bound(CAP_SYS_ADMIN) ? " with CAP_SYS_ADMIN" : "");
	printf("no new privileges %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

/* --- --- */

static void give_up(const char *name)
{
	cap_t capabilities = cap_get_proc();
	cap_value_t value;

	if (cap_from_name(name, &value) ||
	    cap_set_flag(capabilities, CAP_EFFECTIVE, 1, &value, CAP_CLEAR) ||
	    cap_set_flag(capabilities, CAP_PERMITTED, 1, &value, CAP_CLEAR) ||
	    cap_set_proc(capabilities))
		exit(2);
	cap_free(capabilities);
}

static void *work_in_thread(void *data)
{
	try("execve in a thread", execve("/bin/true", (char *[]){ "true", NULL }, NULL));
	return (void *)(intptr_t)do_work(data);
}

static void *wait_for(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

static int drop_too_late(void)
{
	static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;
	int error;

	pthread_mutex_lock(&gate);
	if (pthread_create(&thread, NULL, wait_for, &gate))
		return 2;
	error = privileges_drop();
	pthread_mutex_unlock(&gate);
	pthread_join(thread, NULL);
	printf("%s\n", error ? error_message(error) : "as if it were in time");
	show_state();
	return 0;
}

int main(int argc, char **argv)
{
	struct work work = { .session = SESSION_EMPTY, .attachment = ATTACHMENT_EMPTY };
	pthread_t thread;
	void *failed;
	int error;

	if (argc == 2 && !strcmp(argv[1], "threaded"))
		return drop_too_late();
	if (argc == 2 && !strcmp(argv[1], "look"))
		return try_as_lookout();
	if (argc < 3)
		return 2;
	work.iface = argv[1];
	work.pid = atoi(argv[2]);
	error = privileges_drop();
	if (error)
		return 2;
	if (argc > 3)
		give_up(argv[3]);
	show_state();
	fflush(stdout);
	try_everything();
	if (pthread_create(&thread, NULL, work_in_thread, &work) || pthread_join(thread, &failed))
		return 2;
	return failed != NULL;
}
