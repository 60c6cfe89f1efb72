"""What a message to a petitioner says, in two languages. It never tells what the petition is about: mail is read by others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Template -> language -> (subject, body). {number} is the case's, the rest comes with the request. The body shows when tracked.
Texts = Mapping[str, Mapping[str, tuple[str, str]]]
VALUES = ("number", "reason", "days")
TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "registered": {
        "zh": ("信访件已登记：{number}", "您的来件已登记，编号 {number}。党委（党组）一把手将亲自批阅。"),
        "en": ("Petition registered: {number}",
        "Your petition is registered under number {number}. The first-in-command will read it in person."),
    },
    "case_accepted": {
        "zh": ("信访件已受理：{number}", "您的信访件 {number} 已受理。"),
        "en": ("Petition accepted: {number}", "Your petition {number} has been accepted."),
    },
    "case_assigned": {
        "zh": ("信访件已交办：{number}", "您的信访件 {number} 已经批阅，并交由责任领导办理。"),
        "en": ("Petition assigned: {number}", "Your petition {number} has been read and handed to the person responsible."),
    },
    "case_extended": {
        "zh": ("办理期限延长：{number}", "您的信访件 {number} 的办理期限已延长 {days} 日。理由：{reason}"),
        "en": ("More time for petition {number}", "The time for handling your petition {number} has been extended by {days} days. Reasons: {reason}"),
    },
    "case_concluded": {
        "zh": ("信访件已办结：{number}", "您的信访件 {number} 已办结，答复已在“进度查询”中公布。"),
        "en": ("Petition concluded: {number}", "Your petition {number} is concluded. The answer is on the tracking page."),
    },
    "followup_due": {
        "zh": ("请您评价：{number}", "您的信访件 {number} 已办结。事情是否解决、您是否满意，请在“进度查询”中告诉我们。"),
        "en": ("Please tell us: {number}",
        "Your petition {number} is concluded. Please say on the tracking page whether it is settled."),
    },
    "case_reopened": {
        "zh": ("信访件继续办理：{number}", "您的信访件 {number} 将继续办理。"),
        "en": ("Petition goes on: {number}", "Work on your petition {number} goes on with a new round."),
    },
    "case_closed": {
        "zh": ("信访件已结案：{number}", "您的信访件 {number} 已结案存档。"),
        "en": ("Petition closed: {number}", "Your petition {number} is closed and archived."),
    },
    "withdrawn_for_you": {
        "zh": ("信访件已撤回：{number}",
        "工作人员记录：应您的要求撤回了信访件 {number}，不再办理。如果您没有要求撤回，请马上联系信访接待室，或重新提交。"),
        "en": ("Petition withdrawn: {number}",
        "Staff recorded that petition {number} was withdrawn at your request. If you did not ask for this, contact us at once."),
    },
    "closed_on_record": {
        "zh": ("信访件已结案：{number}",
        "工作人员记录：您对信访件 {number} 的办理结果表示满意，已结案存档。如果不是这样，请在 {days} 日内在“进度查询”中提出，将继续办理。"),
        "en": ("Petition closed: {number}",
        "Staff recorded that you are satisfied with petition {number}. If that is not so, tell us on the tracking page within {days} days."),
    },
    "closed_by_decision": {
        "zh": ("信访件决定结案：{number}",
        "您的信访件 {number} 已经决定结案，理由见“进度查询”。如果不服，可以自收到本通知之日起 {days} 日内在“进度查询”中申请复查。"),
        "en": ("Petition closed by decision: {number}",
        "It was decided to close petition {number}. The tracking page gives the reasons; there you may ask for a review within {days} days."),
    },
    "not_reached": {
        "zh": ("请您评价：{number}", "我们就信访件 {number} 多次联系您，没有联系上。这件信访件不会因此结案；请在“进度查询”中告诉我们事情是否解决。"),
        "en": ("Please tell us: {number}",
        "We tried several times to reach you about petition {number}. It stays open; please say on the tracking page whether it is settled."),
    },
    "review_decided": {
        "zh": ("复查复核已有决定：{number}", "您就信访件 {number} 申请的复查或复核已有决定，内容和以后的办法见“进度查询”。"),
        "en": ("Your review is decided: {number}", "The review that you asked for on petition {number} is decided. Please see the tracking page."),
    },
    "answer_letter": {
        "zh": ("书面答复已寄出：{number}", "您的信访件 {number} 的书面答复已于 {posted_on} 邮寄给您。"),
        "en": ("Answer posted: {number}", "The written answer to your petition {number} was posted to you on {posted_on}."),
    },
    "code_replaced": {
        "zh": ("查询码已补发：{number}",
        "您的信访件 {number} 的查询码已在信访接待室核对证件后补发，旧查询码作废。如果不是您本人办理的，请马上联系信访接待室。"),
        "en": ("New code for petition {number}",
        "The secret code of petition {number} was replaced at the counter. If you did not ask for this, contact us at once."),
    },
    "case_merged": {
        "zh": ("信访件合并办理：{number}", "您的信访件 {number} 与同一事项的其他来件合并办理，编号、查询码不变，答复同样在“进度查询”中公布。"),
        "en": ("Petition handled with others: {number}",
        "Your petition {number} is handled together with others on the same matter. Number and code stay, and so does the answer due to you."),
    },
    "case_split": {
        "zh": ("信访件分拆办理：{number}", "您的信访件 {number} 反映了几件事，现分别登记办理。新的编号见“进度查询”，查询码不变。"),
        "en": ("Petition handled in parts: {number}",
        "Your petition {number} tells of several matters, which now have numbers of their own. See the tracking page; the code stays."),
    },
}  # fmt: skip
_NEWS = {
    "zh": ("信访件有新进展：{number}", "您的信访件 {number} 有新进展，请在“进度查询”中查看。"),
    "en": ("News of petition {number}", "There is news of your petition {number}. Please see the tracking page."),
}
_CODE = {
    "zh": "查询编号：{number}\n查询码：{code}\n请妥善保管查询码，凭编号和查询码可随时查询进度。",
    "en": "Number: {number}\nSecret code: {code}\nKeep the code: number and code together show how your petition stands.",
}
_ADDRESS = {"zh": "查询地址：{address}", "en": "Track it at {address}"}
_LINK = {
    "zh": "也可以直接打开下面的链接评价。链接只用于这件信访件的这一轮，评价一次后作废，请不要转给别人：\n{link}",
    "en": "Or answer by this link. It serves this round of this petition alone, and once; please do not pass it on:\n{link}",
}
_FOOT = {
    "zh": "本邮件由系统发出，请勿直接回复。",
    "en": "This mail was sent by a system; please do not answer it.",
}
_ANSWER = {
    "zh": "如需补充情况，请直接回复本邮件，您的回复会归入这件信访件。",
    "en": "To add something, answer this mail: your answer joins the petition.",
}


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def say(template: str, language: str, params: Mapping[str, Any], number: str, *, own: Texts = TEXTS) -> tuple[str, str]:
    """Subject and body. A template that nobody wrote says that there is news; a missing value is blank. Never raises."""
    texts = own.get(template, _NEWS)
    values = _Blank({name: str(value) for name, value in params.items()} | {"number": number})
    subject, body = texts.get(language, texts["zh"])
    return subject.format_map(values).strip(), body.format_map(values).strip()


def letter(
    template: str, language: str, params: Mapping[str, Any], *, number: str, code: str, address: str, answerable: bool = False,
    own: Texts = TEXTS, link: str = "",
) -> tuple[str, str]:  # fmt: skip
    """Subject and whole text of a mail. The secret code stands only in the receipt of a mail (`registered`); `link` is a one-case
    link for answering.
    """
    subject, body = say(template, language, params, number, own=own)
    known = language if language in _CODE else "zh"
    parts = [body]
    if template == "registered":
        parts.append(_CODE[known].format(number=number, code=code))
    if link:
        parts.append(_LINK[known].format(link=link))
    foot = (_ANSWER if answerable else _FOOT)[known]
    parts.append(f"{_ADDRESS[known].format(address=address)}\n{foot}" if address else foot)
    return subject, "\n\n".join(parts) + "\n"
