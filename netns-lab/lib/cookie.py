"""cookie.py: the kernel's own name of our network namespace, never used twice."""
import socket

SO_NETNS_COOKIE = 71
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    cookie = any_socket.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)
print(int.from_bytes(cookie, "little"))
