"""Rules and reasons in the reader's words: what a condition says, and what speaks for a suggestion."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale, gettext, lazy_gettext

from services.routing.domain import Directory
from services.routing.domain.learning import Alike, Evidence
from services.routing.domain.rules import Broken, Rule
from services.routing.domain.suggestion import Suggested, Suggestion
from services.routing.web.common import WORDS

_ = lazy_gettext
ACTIONS: dict[str, Any] = {
    "added": _("新增"), "changed": _("修改"), "moved": _("移动"), "switched_on": _("启用"), "switched_off": _("停用"), "removed": _("删除"),
}  # fmt: skip
Row = dict[str, Any]


def category(code: str) -> str:
    """A category by its top level's name, with the code where it lies deeper or nobody knows it."""
    known = WORDS["categories"].get(code.split(".")[0])
    if known is None:
        return code
    return str(known) if "." not in code else gettext("%(name)s（%(code)s）", name=known, code=code)


def unit(directory: Directory, code: str) -> str:
    """An organisation's name, or its code when nobody knows it."""
    known = directory.organisations.get(code)
    if known is None:
        return code
    return known.name if str(get_locale()).startswith("zh") else known.name_en


def condition(rule: Rule, directory: Directory) -> str:
    """What must hold, in one line."""
    said = []
    if rule.category:
        said.append(gettext("类别属%(name)s", name=category(rule.category)))
    if rule.place:
        said.append(gettext("地点在%(name)s", name=unit(directory, rule.place)))
    if rule.channel:
        said.append(gettext("渠道为%(name)s", name=WORDS["channels"][rule.channel]))
    if rule.keywords:
        words = quoted(rule.keywords)
        every = rule.every_keyword and len(rule.keywords) > 1
        said.append(gettext("同时含%(words)s", words=words) if every else gettext("含%(words)s", words=words))
    return gettext("，且").join(said)


def quoted(words: tuple[str, ...]) -> str:
    """Words in quotation marks."""
    return "".join(gettext("“%(word)s”", word=word) for word in words)


def fault(rule: Rule, why: Broken, directory: Directory) -> str:
    """Why a rule leads to nobody."""
    if why is Broken.NO_ORGANISATION:
        return gettext("单位%(code)s已不在通讯录中", code=rule.organisation)
    return gettext("%(name)s没有可交办的在任负责人", name=unit(directory, rule.organisation))


def reasons(one: Suggestion, directory: Directory) -> list[str]:
    """What speaks for a suggestion."""
    said = []
    if one.rule:
        said.append(gettext("第%(number)d条规则：%(condition)s", number=one.number, condition=condition(one.rule, directory)))
    if one.record and one.record.against:
        said.append(gettext("但以往符合这条规则的 %(matched)d 件中，只有 %(right)d 件交该单位", **one.record._asdict()))
    return said + (_learnt(one.evidence, directory) if one.evidence else [])


def _learnt(evidence: Evidence, directory: Directory) -> list[str]:
    said = [_counted(evidence.alike, directory)] if evidence.alike else []
    if evidence.words:
        said.append(gettext("用语相近：%(words)s", words=quoted(evidence.words)))
    return said


def _counted(alike: Alike, directory: Directory) -> str:
    named: dict[str, object] = {"given": alike.given, "of": alike.of, "category": category(alike.category)}
    if alike.place:
        return gettext(
            "以往%(place)s的“%(category)s”%(of)d 件中，%(given)d 件交该单位", place=unit(directory, alike.place), **named
        )
    return gettext("以往“%(category)s”%(of)d 件中，%(given)d 件交该单位", **named)


def shown(found: Suggested, directory: Directory) -> Row:
    """Suggestions as a page draws them."""
    rows = [
        {**one.person.as_data(), "unit": unit(directory, one.organisation), "reasons": reasons(one, directory),
         "elsewhere": directory.works_elsewhere(one.person.organisation)}
        for one in found.suggestions
    ]  # fmt: skip
    broken = None
    if found.broken:
        number, rule, why = found.broken
        broken = {"number": number, "condition": condition(rule, directory), "why": fault(rule, why, directory)}
    return {"rows": rows, "broken": broken}
