"""A real OpenID provider for the tests (oidc-provider, run by node), on the loopback address, and a person who signs in there."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import requests
from joserfc.jwk import RSAKey

from deploy.dev.ports import LOOPBACK, free_port
from deploy.dev.processes import Process
from deploy.dev.waiting import until

PROGRAM = Path(__file__).parent / "oidc" / "provider.mjs"
SECRET = "a secret of the tests"


class Provider:
    """One provider: started, stopped, given other keys or another clock; its address stays the same."""

    def __init__(self, folder: Path, redirect_uri: str) -> None:
        assert (PROGRAM.parent / "node_modules").is_dir(), "no provider here: run `make setup-tests`"
        self.keys = folder / "keys.json"
        self._folder, self._redirect_uri = folder, redirect_uri
        self.port = free_port()
        self.issuer = f"http://{LOOPBACK}:{self.port}"
        self._process: Process | None = None
        self._starts = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.new_keys()

    def new_keys(self, kid: str | None = None) -> None:
        """Another pair of keys; the old one is known no more. A running provider has to be started anew."""
        key = RSAKey.generate_key(
            2048, {"use": "sig", "alg": "RS256", **({"kid": kid} if kid else {})}, private=True, auto_kid=not kid
        )
        self.keys.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))

    def start(self, *, skew: int = 0) -> Provider:
        """Start it, with a clock that runs `skew` seconds ahead; returns when it answers."""
        node = shutil.which("node") or shutil.which("nodejs")
        assert node, "no node here: run `make setup-tests`"
        self.stop()
        self._starts += 1
        command = [node, str(PROGRAM), str(self.port), self._redirect_uri, str(self.keys), str(skew)]
        self._process = Process(f"provider{self._starts}", command, folder=self._folder, die_with_parent=True)
        self._process.start()
        until(self._answers, timeout=30, what="the provider")
        return self

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.stop()
            self._process = None


class Person:
    """Somebody with a browser of his own at the provider, on its own pages; his session there lasts."""

    def __init__(self, login: str) -> None:
        self.login = login
        self._session = requests.Session()
        self._session.trust_env = False

    def comes_back(self, url: str, to: str) -> dict[str, str]:
        """Go where the site sent us, sign in and consent as asked, and say with which arguments we are sent back to `to`."""
        for _ in range(12):
            answer = self._session.get(url, allow_redirects=False, timeout=10)
            while not answer.is_redirect:
                answer = self._fill(answer)
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(to):
                return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        raise AssertionError("never sent back")

    def _fill(self, answer: requests.Response) -> requests.Response:
        """Send the form of one of the provider's pages."""
        assert answer.ok, answer.text[:500]
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert form, answer.text[:500]
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        data = {"prompt": prompt[1] if prompt else "", "login": self.login, "password": "any"}
        return self._session.post(urljoin(answer.url, form[1]), data=data, allow_redirects=False, timeout=10)
