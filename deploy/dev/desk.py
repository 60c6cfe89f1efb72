"""A person at a browser, without the browser: signs in by link, opens pages, fills in their forms and sends them."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any


class Refusal(RuntimeError):
    """The site said no; the message holds the status and what the page says is wrong."""


@dataclass
class Form:
    """A form of a page: where it goes, and what stands in it."""

    action: str
    posts: bool
    values: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """The forms of a page with what a browser would send untouched, and the words of its error summary."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.errors: list[str] = []
        self._select: str | None = None
        self._textarea: str | None = None
        self._in_errors = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), posts=given.get("method", "").lower() == "post"))
        if "error" in given.get("class", "") or given.get("role") == "alert":
            self._in_errors += 1
        if not self.forms:
            return
        values, name = self.forms[-1].values, given.get("name", "")
        if tag == "input" and name and given.get("type") not in {"submit", "button", "file"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                values.append((name, given.get("value", "on")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in dict(values)):
            values[:] = [pair for pair in values if pair[0] != self._select] + [(self._select, given.get("value", ""))]
        elif tag == "textarea":
            self._textarea = name
            values.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea and self.forms:
            values = self.forms[-1].values
            values[-1] = (self._textarea, values[-1][1] + data)
        elif self._in_errors and data.strip():
            self.errors.append(data.strip())


class Desk:
    """One person's session at one site. Raises Refusal where a person would read an error."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._opener.addheaders = [("Accept-Language", "zh"), ("Accept", "text/html")]

    def signed_in(self) -> bool:
        """Whether the session that this desk began still holds."""
        page = urllib.parse.urljoin(self.address, "/sign-in/account")
        with self._opener.open(page, timeout=30) as answer:
            return bool(answer.geturl() == page)

    def open(self, path: str) -> str:
        """The page at a path, after redirects."""
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.address, path)))  # noqa: S310 - our own site

    def send(self, path: str, action: str, /, **answers: Any) -> str:
        """Fill in a form as `fill` does, and send it; the page that follows."""
        return self.hand_in(self.fill(path, action, **answers))

    def fill(self, path: str, action: str, /, **answers: Any) -> urllib.request.Request:
        """Open the page at `path` and fill in the form whose address ends with `action`.

        An answer may be a list (several ticked boxes); None leaves a field out.
        """
        page = _Forms()
        page.feed(self.open(path))
        form = next((form for form in page.forms if form.posts and self._target(path, form).endswith(action)), None)
        if form is None:
            raise Refusal(f"{path} has no form for {action}: {[known.action for known in page.forms]}")
        values = [pair for pair in form.values if pair[0] not in answers]
        for name, answer in answers.items():
            values += [(name, str(one)) for one in (answer if isinstance(answer, list) else [answer]) if one is not None]
        target = self._target(path, form)
        body = urllib.parse.urlencode(values).encode()
        return urllib.request.Request(target, body, {"Origin": self.address, "Referer": target})  # noqa: S310 - our own site

    def hand_in(self, request: urllib.request.Request) -> str:
        """Send what was filled in, once more if need be; the page that follows. Raises OSError when the line breaks."""
        return self._send(request)

    def _target(self, path: str, form: Form) -> str:
        return urllib.parse.urljoin(urllib.parse.urljoin(self.address, path), form.action)

    def _send(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as answer:
            page = _Forms()
            page.feed(answer.read().decode(errors="replace"))
            raise Refusal(f"{request.get_method()} {request.full_url}: {answer.code} {' '.join(page.errors)[:500]}") from answer
