"""peers.py: the same policy in the words of policyctl, nftables, iptables and xdp-filter.

Each function returns (setup, teardown), lists of commands, with `rules` rules of which only the last matches PORT
when `hit`, and none when not.
"""
from common import IFACE, POLICYCTL, write

PORT = 9000  # where the traffic goes
FIRST_PORT = 10000


def ports(rules, hit):
    listed = [FIRST_PORT + 2 * i for i in range(rules)]
    if hit:
        listed[-1] = PORT
    return listed


def policyctl(rules, hit, *hook):
    """hook: the options that choose it; without any XDP in generic mode, and the guard."""
    path = write(f"policyctl-{rules}-{hit}.policy",
                 "".join(f"deny udp dport {port}\n" for port in ports(rules, hit)))
    return ([[POLICYCTL, "attach", IFACE, *hook, "--policy", path]],
            [[POLICYCTL, "detach", IFACE]])


def policyctl_mirror(*hook):
    """All is copied to a veth whose other end is in `outside`."""
    path = write("policyctl-mirror.policy", "default allow mirror mirror0\n")
    return ([["ip", "link", "add", "mirror0", "type", "veth", "peer", "name", "mirror1", "netns", "outside"],
             ["ip", "link", "set", "mirror0", "up"],
             ["nsenter", "--net=/run/netns/outside", "ip", "link", "set", "mirror1", "up"],
             [POLICYCTL, "attach", IFACE, *hook, "--policy", path]],
            [[POLICYCTL, "detach", IFACE], ["ip", "link", "delete", "mirror0"]])


NATIVE = ["--mode", "native"]
TC = ["--hook", "tc"]


def policyctl_established(*hook):
    """What the container opens to PORT, and no more. The table has room for all that a measurement opens."""
    path = write("established.policy", "connections 65536\ndefault deny\nallow established\n"
                                       f"allow from tcp dport {PORT}\n")
    return [[POLICYCTL, "attach", IFACE, *hook, "--policy", path]], [[POLICYCTL, "detach", IFACE]]


def nft_established():
    """The same where the bridge hands on what it routes."""
    path = write("established.nft", "table inet bench {\n\tchain c {\n"
                                    "\t\ttype filter hook forward priority 0; policy drop;\n"
                                    "\t\tct state established accept\n"
                                    f"\t\tiifname \"br0\" tcp dport {PORT} accept\n\t}}\n}}\n")
    return [["nft", "-f", path]], [["nft", "delete", "table", "inet", "bench"]]


def addresses():
    """Every second address of 198.19.0.0/16."""
    return [f"198.19.{i // 128}.{i % 128 * 2}" for i in range(256 * 128)]


def policyctl_set():
    feed = write("feed.txt", "\n".join(addresses()) + "\n")
    path = write("feed.policy", f'set feed file "{feed}"\ndeny any peer @feed\n')
    return [[POLICYCTL, "attach", IFACE, "--policy", path]], [[POLICYCTL, "detach", IFACE]]


def nft_address_set():
    elements = ", ".join(addresses())
    return nft(nft_text("ingress", "\t\tip daddr @feed counter drop\n",
                        f"\tset feed {{\n\t\ttype ipv4_addr\n\t\telements = {{ {elements} }}\n\t}}\n"),
               "feed.nft")


def nft_text(hook, body, head=""):
    return (f"table netdev bench {{\n{head}\tchain c {{\n"
            f"\t\ttype filter hook {hook} device {IFACE} priority 0; policy accept;\n{body}\t}}\n}}\n")


def nft_linear_text(rules, hit, hook="ingress"):
    return nft_text(hook, "".join(f"\t\tudp dport {port} counter drop\n" for port in ports(rules, hit)))


def nft_set_text(rules, hit, hook="ingress"):
    elements = ", ".join(str(port) for port in ports(rules, hit))
    return nft_text(hook, "\t\tudp dport @ports counter drop\n",
                    f"\tset ports {{\n\t\ttype inet_service\n\t\telements = {{ {elements} }}\n\t}}\n")


def nft(text, name):
    return ([["nft", "-f", write(name, text)]], [["nft", "delete", "table", "netdev", "bench"]])


def nft_linear(rules, hit, hook="ingress"):
    return nft(nft_linear_text(rules, hit, hook), f"linear-{rules}-{hit}-{hook}.nft")


def nft_set(rules, hit, hook="ingress"):
    return nft(nft_set_text(rules, hit, hook), f"set-{rules}-{hit}-{hook}.nft")


def iptables_text(rules, hit):
    lines = "".join(f"-A FORWARD -p udp --dport {port} -j DROP\n" for port in ports(rules, hit))
    return f"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n{lines}COMMIT\n"


def iptables(rules, hit):
    path = write(f"{rules}-{hit}.iptables", iptables_text(rules, hit))
    return [["iptables-restore", path]], [["iptables", "-F", "FORWARD"]]


def xdp_filter(rules, hit):
    return ([["xdp-filter", "load", "-m", "skb", "-f", "udp", IFACE]] +
            [["xdp-filter", "port", "-m", "dst", "-p", "udp", str(port)] for port in ports(rules, hit)],
            [["xdp-filter", "unload", IFACE]])
