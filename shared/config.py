"""Settings of one process, read once from the environment; nothing else reads environment variables.

Each setting may stand in a file instead, which the variable of its name with `_FILE` behind it names: so secrets are mounted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SERVICES = ("intake", "routing", "supervision", "followup", "reporting")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One instance as one process sees it. URIs hold passwords: never log this object's fields."""

    org: str
    name: str
    name_en: str
    services: tuple[str, ...]
    amqp_uris: Mapping[str, str] = field(repr=False)
    database_url: str = field(repr=False)
    database_urls: Mapping[str, str] = field(repr=False)
    links: Mapping[str, str] = field(default_factory=dict, repr=False)
    subordinates: tuple[str, ...] = ()
    partitions: Mapping[str, int] = field(default_factory=dict)
    keys: Path = Path("keys")
    policy: str = "yongxing"
    simulated: bool = False
    demo: bool = False
    secure_cookies: bool = True
    trusted_proxies: int = 0  # in front of the web process, each of which adds to X-Forwarded-For
    health_port: int = 0
    health_host: str = "127.0.0.1"
    batch_size: int = 100
    rate_limit: str = "1200 per minute"
    public_rate_limit: str = "120 per minute"  # submissions and looks of one visitor
    costly_rate_limit: str = "10 per hour"  # what takes room or places of others: forms with files, bookings
    contacts: Mapping[str, str] = field(default_factory=dict)  # channel to the address that the public page names
    smtp_uri: str = field(default="", repr=False)
    public_url: str = ""  # where petitioners find the pages, for letters to them
    public_uri: str = field(default="", repr=False)  # where other agencies are told something; empty: nowhere
    management_url: str = field(default="", repr=False)
    binding_check: float = 60.0  # seconds
    service_files: Mapping[str, Path] = field(default_factory=dict)  # service to the file of what only it has to know
    mounted: tuple[Path, ...] = ()  # the files that settings stand in

    def amqp_uri(self, service: str) -> str:
        """The AMQP address that `service` signs in with; `link` is the user that carries a superior's events."""
        return self.amqp_uris[service]

    def service_url(self, service: str) -> str:
        """The PostgreSQL address of `service`'s own role."""
        return self.database_urls[service]


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises OSError, naming the variable, when one is missing or does not make sense."""
    env = _Reader(os.environ if environ is None else environ)
    services = tuple(env.words("ZHIDA_SERVICES", SERVICES))
    amqp, database = env.text("AMQP_URI", ""), env.text("DATABASE_URL", "")
    return Settings(
        org=env.text("ZHIDA_ORG"),
        name=env.text("ZHIDA_NAME", env.text("ZHIDA_ORG")),
        name_en=env.text("ZHIDA_NAME_EN", env.text("ZHIDA_ORG")),
        services=services,
        amqp_uris={name: env.text(f"AMQP_URI_{name.upper()}", amqp) for name in (*SERVICES, "link")},
        database_url=database,
        database_urls={name: env.text(f"DATABASE_URL_{name.upper()}", database) for name in SERVICES},
        links=dict(pair.split("=", 1) for pair in env.words("LINKS", ())),
        subordinates=tuple(env.words("ZHIDA_SUBORDINATES", ())),
        partitions={name: int(env.text(f"PARTITIONS_{name.upper()}", "1")) for name in SERVICES},
        keys=Path(env.text("ZHIDA_KEYS", "keys")),
        policy=env.text("ZHIDA_POLICY", "yongxing"),
        simulated=env.flag("ZHIDA_SIMULATED", False),
        demo=env.flag("ZHIDA_DEMO", False),
        secure_cookies=env.flag("ZHIDA_SECURE_COOKIES", True),
        trusted_proxies=env.count("ZHIDA_TRUSTED_PROXIES"),
        health_port=int(env.text("ZHIDA_HEALTH_PORT", "0")),
        health_host=env.text("ZHIDA_HEALTH_HOST", "127.0.0.1"),
        batch_size=int(env.text("ZHIDA_BATCH_SIZE", "100")),
        rate_limit=env.text("ZHIDA_RATE_LIMIT", "1200 per minute"),
        public_rate_limit=env.text("ZHIDA_PUBLIC_RATE_LIMIT", "120 per minute"),
        costly_rate_limit=env.text("ZHIDA_COSTLY_RATE_LIMIT", "10 per hour"),
        contacts=json.loads(env.text("ZHIDA_CONTACTS", "{}")),
        smtp_uri=env.text("SMTP_URI", ""),
        public_url=env.text("ZHIDA_PUBLIC_URL", ""),
        public_uri=env.text("AMQP_URI_PUBLIC", ""),
        management_url=env.text("AMQP_MANAGEMENT_URL", ""),
        binding_check=float(env.text("ZHIDA_BINDING_CHECK", "60")),
        service_files={name: Path(path) for name in SERVICES if (path := env.text(f"ZHIDA_FILE_{name.upper()}", ""))},
        mounted=tuple(dict.fromkeys(env.files)),
    )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = environ
        self.files: list[Path] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._given(name)
        value = default if value is None else value
        if value is None:
            raise OSError(f"{name} is not set; see docs/operations.md for the list of settings")
        return value

    def _given(self, name: str) -> str | None:
        """What the variable says, or the file that the variable with `_FILE` behind its name points at."""
        value, file = self._values.get(name), self._values.get(f"{name}_FILE")
        if file is None:
            return value
        if value is not None:
            raise OSError(f"{name} and {name}_FILE are both set; one of them is meant")
        self.files.append(Path(file))
        try:
            return self.files[-1].read_text(encoding="utf-8").strip()
        except OSError as fault:
            raise OSError(f"{name}_FILE: {file} cannot be read: {fault.strerror}") from fault

    def words(self, name: str, default: tuple[str, ...]) -> list[str]:
        value = self._given(name)
        return list(default) if value is None else [word for word in value.replace(",", " ").split() if word]

    def count(self, name: str) -> int:
        value = self.text(name, "0").strip()
        if not (value.isascii() and value.isdigit()):
            raise OSError(f"{name} is {value!r}: a whole number from 0 is wanted")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        return self.text(name, "true" if default else "false").lower() in {"1", "true", "yes", "on"}
