#!/usr/bin/python3
"""Connects to each of COUNT names once, right after it was resolved. Prints how many first packets were lost."""

import socket
import sys

lost = 0
for number in range(1, int(sys.argv[1]) + 1):
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            f"n{number}.pypi.org", 443, socket.AF_INET, socket.SOCK_STREAM)[0]
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(0.9)  # the second SYN comes after one second
        connection.connect(address)
        connection.close()
    except OSError:
        lost += 1
print(f"{lost} lost")
