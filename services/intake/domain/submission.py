"""What a petitioner may submit, by which channel, named or not. Pure: `now` is handed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from services.intake.domain.categories import UNSORTED, Category
from services.intake.domain.masks import addresses_in, names_in, numbers_in
from shared.errors import Refused

# The code of a county, a township or a village (GB/T 2260, GB/T 10114); a telephone number is none.
PLACE = r"[1-8][0-9]{5}(?:[0-9]{3}){0,2}"
CHINA = timezone(timedelta(hours=8))
LONGEST_TITLE, LONGEST_TEXT = 200, 100_000
MOST_REPRESENTATIVES = 5  # art. 20
OLDEST = timedelta(days=3660)
AHEAD = timedelta(minutes=5)  # by which another machine's clock may run ahead of ours


class Channel(StrEnum):
    """The five channels straight to the top: 来信 来访 来电 来邮 来贴."""

    LETTER = "letter"
    VISIT = "visit"
    CALL = "call"
    EMAIL = "email"
    POST = "post"


class MatterType(StrEnum):
    """What is asked for (art. 29-31)."""

    SUGGESTION = "suggestion"
    ACCUSATION = "accusation"
    APPEAL = "appeal"
    OTHER = "other"


class Identity(StrEnum):
    """Whether the handling leader may learn who is writing: only of a named petitioner."""

    NAMED = "named"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"


class Purpose(StrEnum):
    """What an identity or an original may be looked at for. A closed list: a free text here would hold the very names it guards."""

    CONTACT = "contact"
    VERIFY = "verify"
    INVESTIGATE = "investigate"
    ANSWER = "answer"
    FOLLOWUP = "followup"
    LOST_CODE = "lost_code"
    TRANSCRIBE = "transcribe"
    NOTICE = "notice"


# A scan or recording is opened to be put into words; nobody needs a name for that.
IDENTITY_PURPOSES = tuple(purpose for purpose in Purpose if purpose is not Purpose.TRANSCRIBE)
ORIGINAL_PURPOSES = (Purpose.TRANSCRIBE, Purpose.VERIFY, Purpose.INVESTIGATE)


@dataclass(frozen=True, kw_only=True)
class Petitioner:
    """Who is writing, as far as known. Lives in memory and in one ciphertext, nowhere else."""

    name: str = ""
    alias: str = ""  # the name under which a post or a pseudonymous mail was written
    phone: str = ""
    id_number: str = ""
    address: str = ""
    email: str = ""
    representatives: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()  # what an old list says besides, by its headings: it may tell who is writing

    @property
    def on_record(self) -> bool:
        """Whether anything is known of who is writing."""
        return self != Petitioner()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that tells who is writing; one field may hold several names or numbers, and each of them does."""
        names = (self.name, self.alias, *self.representatives)
        found = set().union(
            *map(names_in, names), *map(numbers_in, (*names, self.phone, self.id_number)), addresses_in(self.address)
        )
        return tuple(sorted(found | {self.email} - {""}))


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A petition as it comes in. `particulars` are what only its channel has, such as a postmark or a page's address."""

    channel: Channel
    title: str
    text: str
    matter_type: MatterType = MatterType.OTHER
    category: Category = UNSORTED
    place: str = ""  # code of the township or county where it happened
    place_detail: str = ""
    identity: Identity = Identity.ANONYMOUS
    group_size: int = 1
    petitioner: Petitioner = Petitioner()
    particulars: dict[str, str] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    received_at: datetime | None = None  # None: now
    language: str = "zh"
    brief_title: str = ""  # the clerk's redacted words, if there are any yet
    brief: str = ""
    files: tuple[str, ...] = ()  # keyed fingerprints of the files that come along: a retry brings the same


def check(given: Submission, now: datetime) -> None:
    """Raise Refused, naming the first field at fault, unless the submission may be registered."""
    if not given.title.strip() or len(given.title) > LONGEST_TITLE:
        raise Refused("title", "标题必填，最多 %(max)s 个字。", "请写一句话说明是什么事。", max=LONGEST_TITLE)
    if not given.text.strip() or len(given.text) > LONGEST_TEXT:
        raise Refused("text", "内容必填，最多 %(max)s 个字。", "请写清时间、地点、经过和要求。", max=LONGEST_TEXT)
    _check_identity(given.identity, given.petitioner)
    if given.group_size < 1:
        raise Refused("group_size", "人数不得少于 1。", "请填写共同提出的人数，只有本人时填 1。")
    if len(given.petitioner.representatives) > min(MOST_REPRESENTATIVES, given.group_size):
        raise Refused(
            "representatives", "代表不得超过 5 人，也不得多于总人数（《信访工作条例》第二十条）。", "请推选不超过 5 名代表。"
        )
    if given.received_at and not now - OLDEST <= given.received_at <= now + AHEAD:
        raise Refused("received_at", "收到时间不得晚于现在，也不得早于十年前。", "请核对收到的日期。")


def _check_identity(identity: Identity, who: Petitioner) -> None:
    if identity is Identity.NAMED and not who.name.strip():
        raise Refused("name", "实名信访须填写姓名。", "请填写姓名，或改选“实名保密”“匿名”。")
    if identity is Identity.CONFIDENTIAL and not any(text.strip() for text in who.secrets):
        raise Refused("name", "实名保密时须留下姓名或联系方式，否则无法回复。", "请填写姓名或联系方式，或改选“匿名”。")
    if identity is Identity.ANONYMOUS and (who.name.strip() or who.id_number.strip()):
        raise Refused("identity", "匿名信访不登记姓名和证件号码。", "请删去姓名和证件号码，或改选“实名保密”。")
