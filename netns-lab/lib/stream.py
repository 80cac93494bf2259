"""How fast one TCP connection is, in Mbit/s of what its user gets.

stream.py serve PORT                      for others
stream.py get|put ADDRESS PORT AHEAD SECONDS
                                          from there, or to there; prints "steady" after AHEAD seconds, which do not
                                          count, and the figure after SECONDS more
"""
import select
import socket
import sys
import threading
import time

CHUNK = bytes(1 << 16)


def received(connection, ahead, seconds, steady=lambda: None):
    """Mbit/s"""
    begin = time.monotonic() + ahead
    while time.monotonic() < begin and connection.recv(1 << 20):
        pass
    steady()
    count, begin = 0, time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        connection.settimeout(max(0.001, begin + seconds - now))
        try:
            count += len(connection.recv(1 << 20))
        except TimeoutError:
            break
    return count * 8 / (time.monotonic() - begin) / 1e6


def serve_one(connection):
    try:
        order = b""
        while not order.endswith(b"\n"):
            order += connection.recv(1)
        word, ahead, seconds = order.split()
        if word == b"get":
            while True:
                connection.sendall(CHUNK)
        connection.sendall(f"{received(connection, float(ahead), float(seconds)):.2f}\n".encode())
        while connection.recv(1 << 20):
            pass
    except OSError:
        pass


def serve(port):
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    while True:
        threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True).start()


def put(connection, ahead):
    """Sends until the other side says the figure."""
    connection.setblocking(False)
    begin, said, told = time.monotonic(), b"", False
    while b"\n" not in said:
        readable, writable, _ = select.select([connection], [connection], [], 0.1)
        if readable:
            said += connection.recv(64)
        if writable:
            connection.send(CHUNK)
        if not told and time.monotonic() > begin + ahead:
            told = True
            print("steady", flush=True)
    return said.decode().strip()


def run(word, address, port, ahead, seconds):
    connection = socket.create_connection((address, int(port)))
    connection.sendall(f"{word} {ahead} {seconds}\n".encode())
    if word == "put":
        print(put(connection, float(ahead)))
    else:
        print(f"{received(connection, float(ahead), float(seconds), lambda: print('steady', flush=True)):.2f}")


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    run(*sys.argv[1:])
