"""nsid.py PID: the id by which our network namespace knows that of a process (RTM_GETNSID)."""
import socket
import struct
import sys

RTM_GETNSID, NLM_F_REQUEST, NLMSG_ERROR = 90, 1, 2
NETNSA_NSID, NETNSA_PID = 1, 2

rtgenmsg = struct.pack("Bxxx", socket.AF_UNSPEC)
attribute = struct.pack("HHI", 8, NETNSA_PID, int(sys.argv[1]))
payload = rtgenmsg + attribute
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as talk:
    talk.bind((0, 0))
    talk.send(struct.pack("IHHII", 16 + len(payload), RTM_GETNSID, NLM_F_REQUEST, 1, 0) + payload)
    reply = talk.recv(4096)

if struct.unpack_from("H", reply, 4)[0] == NLMSG_ERROR:
    sys.exit(f"nsid.py: error {-struct.unpack_from('i', reply, 16)[0]}")
length, kind, nsid = struct.unpack_from("HHi", reply, 20)
if kind != NETNSA_NSID or nsid < 0:
    sys.exit("nsid.py: that namespace has no id here")
print(nsid)
