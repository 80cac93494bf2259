#!/usr/bin/python3
"""Runs a command as root whose parent sees another file system on /sys/fs/bpf.

Usage: mounting_parent.py NAME COMMAND...
       mounting_parent.py --root DIRECTORY COMMAND...

The parent becomes another user, in user and mount namespaces of its own where a directory of that user,
/sys/fs/bpf/theirs, is mounted on /sys/fs/bpf; in it a directory policyctl/NAME says that something is attached. Or it
stays root, with DIRECTORY for its root.
"""
import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_BIND = 4096
PR_SET_DUMPABLE = 4
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if function(*arguments):
        raise OSError(ctypes.get_errno(), function.__name__)


def become_somebody_else(name):
    os.chmod("/sys/fs/bpf", 0o1777)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.makedirs(f"/sys/fs/bpf/theirs/policyctl/{name}", exist_ok=True)
    call(libc.prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)  # /proc/self is its own again
    call(libc.unshare, CLONE_NEWUSER | CLONE_NEWNS)
    for file, line in (("setgroups", "deny"), ("uid_map", f"0 {NOBODY} 1"), ("gid_map", f"0 {NOBODY} 1")):
        with open(f"/proc/self/{file}", "w", encoding="ascii") as stream:
            stream.write(line)
    call(libc.mount, b"/sys/fs/bpf/theirs", b"/sys/fs/bpf", None, MS_BIND, None)


def main():
    arguments = sys.argv[1:]
    go, ready = os.pipe()
    child = os.fork()
    if not child:
        os.close(ready)
        if os.read(go, 1) != b"1":
            sys.exit("the parent could not change what it sees")
        command = arguments[2:] if arguments[0] == "--root" else arguments[1:]
        os.execvp(command[0], command)
    if arguments[0] == "--root":
        os.chroot(arguments[1])
    else:
        become_somebody_else(arguments[0])
    os.write(ready, b"1")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


sys.exit(main())
