"""What the fetching process does with boards: fetches their feeds, posts answers back, and forgets what asked for nothing.

A feed's posts are committed first, a hundred at a time, and only then is it remembered that the feed is known: a process that
dies in between fetches the same once more, and each post is the row that it was.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from services.intake.channels.alone import alone
from services.intake.channels.feeds import Unreadable, read_feed
from services.intake.channels.fetchers import Fetcher, Office
from services.intake.channels.fetching import Answer, Client, Remembered
from services.intake.domain import boards as domain
from services.intake.domain.boards import Post
from services.intake.domain.submission import Channel
from services.intake.handlers import board_replies
from services.intake.handlers.board_replies import Claimed
from services.intake.handlers.boards import hold, take_posts
from services.intake.handlers.mails import keep
from services.intake.metrics import expect_board, record_board_failure, record_board_items, record_board_success, record_reply
from services.intake.site.boards import FEED, Board, warn_of_private
from services.intake.store import BOARDS, SQL
from services.intake.vault.crypto import Vault
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable
from shared.signed import HEADER, addressed, sign
from shared.web_addresses import Unfetched, target

log = logging.getLogger(__name__)
LOOK = 15.0  # seconds between two looks at whether something is due
AT_ONCE = 100  # posts in one transaction
FOR_GOOD = frozenset(range(400, 500)) - {408, 425, 429}  # what a board says no to, it says no to again


def agent_of(settings: Settings) -> str:
    """How this system names itself to others' servers, with whom to turn to. Raises OSError when nobody is named."""
    contact = settings.public_url or settings.contacts.get("email", "")
    if not contact.isascii() or not contact.isprintable() or not contact.strip():
        raise OSError("ZHIDA_PUBLIC_URL is not set: boards are fetched under a name that can be asked")
    return f"Zhida/1 ({settings.org}; +{contact.strip()})"


def fetchers(office: Office) -> list[Fetcher]:
    """A fetcher for each feed, and one for the answers that are posted back. Raises OSError without a contact to name."""
    boards = office.site.boards
    if not boards:
        return []
    warn_of_private(boards)
    clients = {board.name: Client(agent=agent_of(office.settings), private=board.allow_private) for board in boards}
    for board in boards:
        if board.kind == FEED:
            expect_board(board.name)
    feeds = [Feed(board, office.database, office.vault, clients[board.name]) for board in boards if board.kind == FEED]
    answers = Answers(boards, office.database, office.vault, clients, office=office.settings.name)
    return [
        *(Fetcher(name=f"board {feed.board.name}", run=feed.run) for feed in feeds),
        Fetcher(name="board answers", run=answers.run),
    ]


class Feed:
    """One board's feed. Several processes may have the same: one fetches, the others look again later."""

    def __init__(self, board: Board, database: Database, vault: Vault, client: Client) -> None:
        self.board = board
        self._database, self._vault, self._client = database, vault, client
        self._address = vault.fingerprint(f"address\n{board.url}".encode())
        self._every = timedelta(minutes=board.every_minutes)

    def run(self, stopping: threading.Event) -> None:
        """Fetch whenever it is due, until stopped. Raises Unavailable."""
        while not stopping.is_set():
            with self._database.unit_of_work() as uow:
                wait = (hold(uow, self.board.name).next_fetch_at - uow.now).total_seconds()
            if wait <= 0:
                self.fetch()
            stopping.wait(min(max(wait, 1.0), LOOK))

    def fetch(self) -> Counter[str] | None:
        """Fetch now; how many posts became what, or None when it failed or another process is at it. Raises Unavailable."""
        with alone(self._database, f"board {self.board.name}") as lock:
            if lock is None:
                return None
            known = self.known()
            body = b""
            try:
                answer = self._client.get(self.board.url, known)
                body = answer.body
                posts = [] if answer.unchanged else read_feed(answer.body, answer.content_type)
            except (Unfetched, Unreadable) as fault:
                self._failed(fault, body)
                return None
            return self.take_in(answer, known, posts)

    def take_in(self, answer: Answer, known: Remembered, posts: Sequence[Post]) -> Counter[str]:
        """Commit the posts; then remember that they are known."""
        taken = self.take(posts)
        self.remember(known if answer.unchanged else answer.remembered, taken["passed_over"])
        return taken

    def known(self) -> Remembered:
        """What this address gave to ask by."""
        with self._database.unit_of_work() as uow:
            state = hold(uow, self.board.name)
        return Remembered(etag=state.etag, last_modified=state.last_modified) if state.address == self._address else Remembered()

    def take(self, posts: Sequence[Post]) -> Counter[str]:
        """Commit the posts, some at a time; how many became what."""
        results: Counter[str] = Counter()
        for at in range(0, len(posts), AT_ONCE):
            with self._database.unit_of_work() as uow:
                results.update(take_posts(uow, self._vault, self.board, posts[at : at + AT_ONCE]))
        record_board_items(self.board.name, results)
        return results

    def remember(self, validators: Remembered, passed_over: int) -> None:
        """Everything of the answer is committed."""
        with self._database.unit_of_work() as uow:
            uow.rows(BOARDS).put(
                domain.succeeded(
                    hold(uow, self.board.name), now=uow.now, every=self._every, address=self._address, etag=validators.etag,
                    last_modified=validators.last_modified, passed_over=passed_over,
                )
            )  # fmt: skip
            record_board_success(self.board.name, uow.now)

    def _failed(self, fault: Unfetched | Unreadable, body: bytes) -> None:
        code = f"{fault.code} {getattr(fault, 'status', 0) or ''}".strip()
        log.warning("board %s: %s", self.board.name, code)
        record_board_failure(self.board.name, fault.code)
        with self._database.unit_of_work() as uow:
            state = hold(uow, self.board.name)
            if (
                body and state.failure != code
            ):  # once for each time that it begins; what is wrong with it does not change by itself
                keep(uow, self._vault, body, fault.code, channel=Channel.POST)
            retry_after = getattr(fault, "retry_after", 0.0)
            uow.rows(BOARDS).put(domain.failed(state, code=code, now=uow.now, every=self._every, retry_after=retry_after))


class Answers:
    """Posts answers back, and forgets the words of posts that asked for nothing."""

    def __init__(
        self, boards: Sequence[Board], database: Database, vault: Vault, clients: dict[str, Client], *, office: str
    ) -> None:
        self._boards = {board.name: board for board in boards}
        self._database, self._vault, self._clients, self._office = database, vault, clients, office

    def run(self, stopping: threading.Event) -> None:
        """Until stopped. Raises Unavailable."""
        while not stopping.is_set():
            self.forget()
            if not self.send():
                stopping.wait(LOOK)

    def forget(self) -> None:
        """The words of what was set aside so many days ago."""
        for board in self._boards.values():
            with self._database.unit_of_work() as uow:
                uow.all(SQL["forget_board_texts"], board=board.name, before=uow.now - timedelta(days=board.forget_days))

    def send(self, limit: int = 20) -> int:
        """Send what is due; how many were tried. One that dies between the board's answer and the record sends the same id again.

        Each is claimed when its turn comes: while a slow board is waited for, no claim on another one runs out.
        """
        tried = 0
        with self._database.unit_of_work() as uow:
            due = board_replies.due(uow, limit)
        for reply_id, case_id in due:
            with self._database.unit_of_work() as uow:
                one = board_replies.claim(uow, self._vault, reply_id, case_id)
            if one is None:
                continue
            failure, for_good, link = self._try(one)
            with self._database.unit_of_work() as uow:
                board_replies.record(uow, self._vault, one, failure=failure, for_good=for_good, link=link)
            record_reply(one.board, failure or "sent")
            tried += 1
        return tried

    def _try(self, reply: Claimed) -> tuple[str, bool, str]:
        """What went wrong, if anything, whether that is for good, and where the board says that the answer stands."""
        board = self._boards.get(reply.board)
        if board is None or board.reply is None:
            return "no_interface", True, ""
        said = {
            "reply": str(reply.id),
            "item": reply.post.guid,
            "url": reply.post.url,
            "text": reply.text,
            "office": self._office,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        try:
            [secret] = board.reply.secrets.read()
        except Unavailable as fault:
            log.error("board %s: %s", board.name, fault)
            return "no_secret", False, ""
        headers = {
            "Content-Type": "application/json; charset=utf-8", "Idempotency-Key": str(reply.id),
            HEADER: sign(secret, int(time.time()), addressed(target(board.reply.url).path, body)),
        }  # fmt: skip
        try:
            answer = self._clients[board.name].post(board.reply.url, body, headers)
        except Unfetched as fault:
            return f"{fault.code} {fault.status or ''}".strip(), fault.status in FOR_GOOD, ""
        return "", False, _link(answer.body)


def _link(body: bytes) -> str:
    """Where a board says that an answer stands, if it says so in words that can be a link."""
    try:
        link = json.loads(body)["url"]
        target(link)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Unfetched):
        return ""
    return str(link) if len(link) <= 2000 else ""
