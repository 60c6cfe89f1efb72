"""Petitions that belong together: repeated, joint, related, merged, split; and each of it undone. Pure: `now` is handed in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.domain.petition import Petition
from services.intake.domain.submission import LONGEST_TITLE
from services.intake.workflow import LINK, OPEN, LinkStage, Stage
from shared.contract.person import Person
from shared.errors import Conflict, Refused

MOST_PARTS = 3
MOST_EARLIER, LONGEST_EXCERPT = 20, 1_000  # what is told of a chain of repeats; the whole answers stand in their own events


class Relation(StrEnum):
    """What a petition is to the other one of a pair."""

    REPEAT_OF = "repeat_of"  # 重复信访: the same matter again, counted
    JOINT_WITH = "joint_with"  # 联名: several people, one matter
    RELATED_TO = "related_to"
    MERGED_INTO = "merged_into"  # goes on under a lead case and gets its answer
    SPLIT_FROM = "split_from"  # one of several matters of a petition


LIKE = (Relation.REPEAT_OF, Relation.JOINT_WITH, Relation.RELATED_TO)
CHOICES = (*LIKE, Relation.MERGED_INTO)  # what a clerk says of two petitions that there are already
# What the other one is to it.
MIRROR = {
    Relation.REPEAT_OF: "repeated_by", Relation.JOINT_WITH: "joint_with", Relation.RELATED_TO: "related_to",
    Relation.MERGED_INTO: "leads", Relation.SPLIT_FROM: "split_into",
}  # fmt: skip


class Why(StrEnum):
    """Why somebody holds two petitions to belong together. A closed list: a free text would name the petitioner."""

    SAME_PERSON = "same_person"
    SAME_MATTER = "same_matter"
    PETITIONER_SAYS = "petitioner_says"
    FOUND = "found"
    SEVERAL_MATTERS = "several_matters"


WHYS = tuple(why for why in Why if why is not Why.SEVERAL_MATTERS)  # that one is a split's


class UndoneFor(StrEnum):
    """Why a link is undone."""

    SLIP = "slip"
    ANOTHER_MATTER = "another_matter"
    ANOTHER_PERSON = "another_person"
    PETITIONER_ASKS = "petitioner_asks"


@dataclass(frozen=True, kw_only=True)
class Link:
    """That `case_id` is something to `other_id`, since when, by whom and why; likewise its end."""

    id: UUID
    relation: Relation
    case_id: UUID
    other_id: UUID
    stage: LinkStage
    why: Why
    linked_at: datetime
    linked_by: Person
    undone_at: datetime | None = None
    undone_by: Person | None = None
    undone_for: str = ""

    @property
    def pair(self) -> frozenset[UUID]:
        """Both petitions."""
        return frozenset({self.case_id, self.other_id})


def in_order(case: Petition, other: Petition, relation: Relation) -> tuple[Petition, Petition]:
    """The pair as it is kept: who repeats or joins is the later one, so that no chain of repeats closes to a ring."""
    later = (case.registered_at, case.number) > (other.registered_at, other.number)
    return (case, other) if later or relation not in LIKE else (other, case)


def known(case: Petition, other: Petition, relation: Relation, links: Iterable[Link]) -> Link | None:
    """The link in force that says the same already: a double submit, or somebody was faster."""
    wanted = (relation, case.id, other.id)
    return next((link for link in _in_force(links) if (link.relation, link.case_id, link.other_id) == wanted), None)


def check_link(case: Petition, other: Petition, relation: Relation, links: Collection[Link]) -> None:
    """Raise unless the pair, in order, may be linked so; `links` are all of either petition."""
    if case.id == other.id:
        raise Refused("other", "不能与本件自己关联。", "请填写另一件的编号。")
    if case.stage is Stage.ARCHIVED:
        raise Conflict("other", "信访件已存档，不再增补。", "请返回列表。")
    if relation in LIKE and any(link.relation in LIKE and link.pair == {case.id, other.id} for link in _in_force(links)):
        raise Conflict("relation", "这两件已经关联。", "要改关联的类别，请先撤销现有的关联。")
    if relation is Relation.MERGED_INTO:
        _check_merge(case, other, [link for link in _in_force(links) if link.relation is Relation.MERGED_INTO])


def _check_merge(child: Petition, lead: Petition, merged: Collection[Link]) -> None:
    """One level, no ring, and nothing that has ended: neither is a merged one the lead, nor does a lead go under another one."""
    if not {child.stage, lead.stage} <= OPEN:
        raise Conflict("other", "已办结、撤回或结案的信访件不能并案。", "请改为登记重复信访，以前的答复随件提示。")
    if any(link.case_id == child.id for link in merged):
        raise Conflict("other", "本件已并入另一件。", "请先撤销并案，再并入别的主件。")
    if any(link.case_id == lead.id for link in merged):
        raise Conflict("other", "对方已并入另一件，不能作主件。", "请并入它的主件。")
    if any(link.other_id == child.id for link in merged):
        raise Conflict("other", "本件是主件，已有并入件。", "请以本件为主件，把对方并入；或先撤销并案。")


def check_bars(child: Collection[str], lead: Collection[str]) -> None:
    """Who is barred from the petition must be barred from its lead, too: nobody answers a petition against himself. Raises Refused."""
    if not set(child) <= set(lead):
        raise Refused(
            "other",
            "有人须回避本件而不须回避主件，不能并案：答复不得出自被反映的人。",
            "请分别办理，或先在主件登记相同的被反映对象。",
        )


def linked(link_id: UUID, case: Petition, other: Petition, relation: Relation, *, why: Why, by: Person, now: datetime) -> Link:
    """The pair, linked; the caller has checked that it may be."""
    return Link(
        id=link_id, relation=relation, case_id=case.id, other_id=other.id, stage=LinkStage.LINKED, why=why, linked_at=now,
        linked_by=by,
    )  # fmt: skip


def undo(link: Link, *, reason: UndoneFor, by: Person, now: datetime) -> Link:
    """No longer linked; a second time changes nothing. Nothing is erased: who, when and why stays."""
    if link.stage is LinkStage.UNDONE:
        return link
    return replace(link, stage=LINK.move(link.stage, "undo"), undone_at=now, undone_by=by, undone_for=reason.value)


def excerpt(answer: str) -> str:
    """As much of an earlier answer as is told with a repeat."""
    return answer if len(answer) <= LONGEST_EXCERPT else answer[: LONGEST_EXCERPT - 1] + "…"


def _in_force(links: Iterable[Link]) -> list[Link]:
    return [link for link in links if link.stage is LinkStage.LINKED]


# ------------------------------------------------------------------ splitting


@dataclass(frozen=True, kw_only=True, repr=False)
class Part:
    """A matter of its own: a title, and which sentences of the petition are about it."""

    title: str
    sentences: tuple[int, ...]


def sentences(text: str) -> list[str]:
    """The petition's sentences with their marks; put together they are the text, but for blanks at their ends."""
    return [found.strip() for found in re.findall(r"[^。！？；!?;\n]+[。！？；!?;”」]*", text) if re.search(r"\w", found)]


def part_text(said: Sequence[str], part: Part) -> str:
    """What goes into the new petition: the petitioner's own sentences, in their order."""
    return "\n".join(said[at] for at in sorted(set(part.sentences)))


def check_split(case: Petition, said: Sequence[str], parts: Sequence[Part]) -> None:
    """Raise unless these parts may become petitions of their own."""
    if case.stage not in OPEN:
        raise Conflict("parts", "已办结、撤回或结案的信访件不能分拆。", "请返回列表。")
    if not 1 <= len(parts) <= MOST_PARTS:
        raise Refused("parts", "请至少分出一件，最多 %(max)s 件。", "请为分出的每一件写标题并勾选句子。", max=MOST_PARTS)
    for part in parts:
        if not part.title.strip() or len(part.title) > LONGEST_TITLE:
            raise Refused("parts", "分出的每一件都要有标题，最多 %(max)s 个字。", "请写一句话说明是什么事。", max=LONGEST_TITLE)
        if not part.sentences or not all(0 <= at < len(said) for at in part.sentences):
            raise Refused("parts", "分出的每一件至少要有原文的一句话。", "请勾选与这件事有关的句子。")
