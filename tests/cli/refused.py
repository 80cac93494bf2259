#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What clients see. Each argument is one: PROTOCOL/HOST/PORT.

tcp, udp, udplite   a question to this port: `refused`, if the client is told within 50 ms, else `refused after N ms`;
                    `answered`, `silence` after 400 ms, or the error
stream              says `sends` once it has a connection to send on, and how that ends: `reset`, or the error
flood               20,000 datagrams, without waiting for answers: `sent`
Prints a line for all of them, a word for each.
"""
import errno
import socket
import sys
import time

KINDS = {
    "tcp": (socket.SOCK_STREAM, 0),
    "udp": (socket.SOCK_DGRAM, 0),
    "udplite": (socket.SOCK_DGRAM, 136),
    "stream": (socket.SOCK_STREAM, 0),
    "flood": (socket.SOCK_DGRAM, 0),
}


def ask(client, protocol):
    if protocol != "tcp":
        client.send(b"a question that nobody answers")
        client.recv(1)
    return "answered"


def stream(client):
    print("sends", flush=True)
    client.settimeout(5)
    while True:
        client.sendall(b"x" * 65536)


def flood(client):
    sent = 0
    while sent < 20000:
        try:
            sent += client.send(b"q")
        except ConnectionRefusedError:
            pass  # of an earlier one: this one was not sent
    return "sent"


def outcome(protocol, host, port):
    client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, *KINDS[protocol])
    client.settimeout(0.4)
    start = time.monotonic()
    try:
        client.connect((host, int(port)))
        if protocol == "stream":
            return stream(client)
        if protocol == "flood":
            return flood(client)
        return ask(client, protocol)
    except ConnectionRefusedError:
        took = (time.monotonic() - start) * 1000
        return "refused" if took < 50 else f"refused after {took:.0f} ms"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"
    except TimeoutError:
        return "silence"
    except OSError as error:
        return errno.errorcode[error.errno]


print(*(outcome(*argument.split("/")) for argument in sys.argv[1:]))
