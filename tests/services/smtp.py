"""An SMTP server on 127.0.0.1 that wants a password and puts what it takes into Maildirs, one for each recipient.

usage: smtp.py FOLDER PASSWORD; prints its port.
"""

import asyncio
import mailbox
import os
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, password = sys.argv[1:]


class Delivery:
    async def handle_DATA(self, server, session, envelope):
        for recipient in envelope.rcpt_tos:
            mailbox.Maildir(os.path.join(folder, recipient)).add(envelope.content)
        return "250 OK"


def sign_in(server, session, envelope, mechanism, given):
    return AuthResult(success=given.password == password.encode())


def conversation():
    return SMTP(Delivery(), hostname="localhost", authenticator=sign_in, auth_require_tls=False, auth_required=True)


async def serve():
    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
