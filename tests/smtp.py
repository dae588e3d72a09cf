"""A mail server for tests, on a free port: takes mails, refuses addresses, or hangs up, as it is told."""

import contextlib
import socketserver
import threading
from email import message_from_bytes, policy


class MailServer(socketserver.ThreadingTCPServer):
    """`refuses` maps an address to the answer its RCPT gets; `hangs_up` drops the connection when a mail has been taken."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.taken, self.refuses, self.hangs_up, self.sender_answer = [], {}, False, "250 ok"

    @property
    def settings(self):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.server_address[1],
            "EMAIL_HOST_USER": "",
            "EMAIL_USE_TLS": False,
        }


class Talk(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        with contextlib.suppress(ConnectionError):
            self.say("220 test")
            while line := self.rfile.readline().decode().strip():
                verb = line.upper()
                if verb.startswith("MAIL"):
                    self.say(self.server.sender_answer)
                elif verb.startswith("RCPT"):
                    self.say(self.server.refuses.get(line.partition("<")[2].partition(">")[0], "250 ok"))
                elif verb.startswith("DATA"):
                    self.say("354 go on")
                    self.server.taken.append(message_from_bytes(self.read_mail(), policy=policy.default))
                    if self.server.hangs_up:
                        return
                    self.say("250 taken")
                elif verb.startswith("QUIT"):
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    def read_mail(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)


@contextlib.contextmanager
def mail_server():
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=5)
