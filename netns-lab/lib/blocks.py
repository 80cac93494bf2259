"""blocks.py COUNT: that many blocks of addresses, none of which holds a host of the lab; the same ones each time.

Half are IPv4 addresses from 198.18.0.0/15, half IPv6 blocks of all lengths from 2001:db8::/32.
"""
import ipaddress
import random
import sys

COUNT = int(sys.argv[1])
LAB_V4 = 512  # 198.18.0.0/24 and 198.18.1.0/24
LAB_V6 = 2 << 80  # 2001:db8::/48 and 2001:db8:1::/48
FIRST_V4 = int(ipaddress.IPv4Address("198.18.0.0"))
FIRST_V6 = int(ipaddress.IPv6Address("2001:db8::"))

chance = random.Random(1)
for offset in chance.sample(range(LAB_V4, 1 << 17), COUNT // 2):
    print(ipaddress.IPv4Address(FIRST_V4 + offset))
blocks = set()
while len(blocks) < COUNT - COUNT // 2:
    length = chance.randint(48, 128)
    offset = chance.randrange(LAB_V6, 1 << 96) >> 128 - length << 128 - length
    blocks.add((FIRST_V6 + offset, length))
for address, length in sorted(blocks):
    print(f"{ipaddress.IPv6Address(address)}/{length}")
