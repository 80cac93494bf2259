"""serve.py NAME PORT: a web server on all addresses, IPv4 and IPv6, that says its name."""
import socketserver
import socket
import sys

NAME, PORT = sys.argv[1], int(sys.argv[2])
BODY = f"hello from {NAME}\n".encode()


class Answer(socketserver.StreamRequestHandler):
    timeout = 2

    def handle(self):
        try:
            while self.rfile.readline().strip():
                pass
        except (TimeoutError, ConnectionError):
            return
        head = f"HTTP/1.0 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
        self.wfile.write(head + BODY)


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


with Server(("::", PORT), Answer) as server:
    print("listening", flush=True)
    server.serve_forever()
