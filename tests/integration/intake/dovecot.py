"""A real Dovecot of its own: own folder, own ports, own certificate; the system's is not touched."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process

PASSWORD = "门前-secret 'canary'"  # not ASCII, with a blank and quotes: what breaks a careless sign-in
BINARY = "/usr/sbin/dovecot"
CONFIGURATION = """
protocols = imap lmtp
listen = %(host)s
base_dir = %(folder)s/run
state_dir = %(folder)s/run
log_path = %(folder)s/dovecot-mail.log
%(apart)s
first_valid_uid = 1
mail_location = maildir:%(folder)s/mail/%%u/Maildir
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <%(folder)s/server.pem
ssl_key = <%(folder)s/server.key
passdb {
  driver = passwd-file
  args = username_format=any %(folder)s/passwords
}
userdb {
  driver = static
  args = uid=%(uid)s gid=%(gid)s home=%(folder)s/mail/%%u allow_all_users=yes
}
service imap-login {
  %(chroot)s
  inet_listener imap {
    port = %(imap)s
  }
  inet_listener imaps {
    port = %(imaps)s
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = %(lmtp)s
  }
}
service anvil {
  %(chroot)s
}
mail_max_userip_connections = 50
login_trusted_networks = %(host)s/32
"""


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """One in a folder of its own, apart from ours: petitioners' mails lie in the clear in a mail box."""
    path = Path(tempfile.mkdtemp(prefix="zhida-mail-"))
    path.chmod(0o755)
    dovecot = Dovecot(path / "dovecot")
    try:
        dovecot.start()
        yield dovecot
    finally:
        dovecot.kill()
        shutil.rmtree(path, ignore_errors=True)


class Dovecot:
    """IMAP with and without TLS and LMTP on ports of its own, for any user with one password; mails under `folder`/mail."""

    def __init__(self, folder: Path) -> None:
        assert Path(BINARY).exists(), "no Dovecot here: run `make setup-tests`"
        self.folder = folder
        self.ports = {name: free_port() for name in ("imap", "imaps", "lmtp")}
        folder.mkdir(mode=0o755, parents=True)
        (folder / "mail").mkdir()
        self.authority = _certificate(folder)
        self._process = Process("dovecot", [BINARY, "-F", "-c", str(self._configure())], folder=folder, die_with_parent=True)

    def start(self) -> None:
        for lock in (self.folder / "mail").rglob("*.lock"):
            lock.unlink()  # of a server that was killed; it would be waited for, half a minute
        self._process.start()
        self._process.wait(self._answers, timeout=30, what="Dovecot to answer")

    def kill(self) -> None:
        """kill -9 of the server and everything that it started."""
        self._process.kill()

    def put(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Deliver a mail into a box."""
        with self.client(user) as client:
            client.append(folder, "", imaplib.Time2Internaldate(datetime.now(UTC)), raw)

    def client(self, user: str) -> imaplib.IMAP4:
        """A look at a box by another client."""
        client = imaplib.IMAP4(LOOPBACK, self.ports["imap"], timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        return client

    def flags(self, user: str) -> dict[int, set[str]]:
        """UID to flags of every mail in a box, looked at without changing anything."""
        with self.client(user) as client:
            client.select("INBOX", readonly=True)
            lines = client.uid("FETCH", "1:*", "(FLAGS)")[1]
        found = {}
        for line in lines:
            text = line.decode() if line else ""
            if "UID " in text:
                uid = text.partition("UID ")[2].split(")")[0].split()[0]
                found[int(uid)] = set(text.partition("FLAGS (")[2].partition(")")[0].split())
        return found

    def number_anew(self, user: str) -> None:
        """Another UIDVALIDITY, as after a mail store was restored: every mail gets another number."""
        home = self.folder / "mail" / user / "Maildir"
        for file in (*home.glob("dovecot.index*"), home / "dovecot-uidlist"):
            file.unlink(missing_ok=True)

    def _answers(self) -> bool:
        try:
            self.client("probe").logout()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def _configure(self) -> Path:
        me = pwd.getpwuid(os.geteuid())
        apart = f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\ndefault_internal_group = nogroup"
        user = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
        shutil.chown(self.folder / "mail", user.pw_uid, user.pw_gid)
        (self.folder / "passwords").write_text(f"any:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
        config = self.folder / "dovecot.conf"
        config.write_text(
            CONFIGURATION
            % {
                **self.ports,
                "host": LOOPBACK,
                "folder": self.folder,
                "uid": user.pw_uid,
                "gid": user.pw_gid,
                "chroot": "" if me.pw_uid == 0 else "chroot =",
                "apart": "" if me.pw_uid == 0 else apart,
            },
            encoding="utf-8",
        )
        return config


def _certificate(folder: Path) -> Path:
    """A certificate for this machine's name and address; who trusts its file trusts the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(private)
    assert ssl.create_default_context(cafile=folder / "server.pem")
    return folder / "server.pem"
