"""Reports on mails that could not be delivered (RFC 3464), as servers write them."""

from __future__ import annotations

import base64


def a_report(
    *, to: str = "letters@yongxing.example", action: str = "failed", status: str = "5.1.1", message_id: str = "<m@yongxing.example>",
    headers_only: bool = False, encoded: bool = False, own_id: str = "<report@example.org>",
) -> bytes:  # fmt: skip
    """A report on a mail with that Message-ID. `encoded`: the status in base64, as the standard forbids."""
    fields = (
        f"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; a@example.org\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
    )
    head = "Content-Type: message/delivery-status\r\n"
    block = (
        f"{head}Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(fields.encode()).decode()}"
        if encoded
        else f"{head}\r\n{fields}"
    )
    returned = f"Message-ID: {message_id}\r\nSubject: =?utf-8?q?x?=\r\nFrom: letters@yongxing.example\r\n"
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    return (
        f"From: Mail Delivery System <mailer-daemon@example.org>\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: {own_id}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
        f"--b\r\n{block}\r\n--b\r\nContent-Type: {kind}\r\n\r\n{returned}\r\nwords\r\n--b--\r\n"
    ).encode()
