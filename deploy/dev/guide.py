"""What the demo prints when it is up: addresses, a sign-in link for each role, and what to try."""

from __future__ import annotations

from rich.console import Console

from deploy.dev.county import County

ROLES = (
    ("县委书记 first-in-command", "o-431023-secretary"),
    ("信访接待室登记员 clerk", "o-431023-xf-clerk"),
    ("县委办 office", "o-431023-office-clerk"),
    ("分管环保的副县长 leader", "o-431023-vice-env"),
    ("分管国土的副县长，包案领导 leader who carried a case", "o-431023-vice-land"),
    ("县公安局局长 unit head", "o-431023-psb-director"),
    ("县环保局干部 officer", "o-431023-epb-officer"),
    ("县委督查室 supervision office", "o-431023-sup-director"),
    ("回访员 follow-up", "o-431023-followup"),
    ("审计员 auditor", "o-431023-auditor"),
    ("系统管理员 administrator", "o-431023-administrator"),
    ("柏林镇党委书记（镇里的系统） town's first-in-command", "o-431023104-secretary"),
)
TRY = (
    "以县委书记身份打开批阅页：j k 选件，写批示，Ctrl+Enter 交办并进入下一件",
    "As the secretary: read, choose the person responsible, Ctrl+Enter sends and opens the next case",
    "以柏林镇党委书记身份签收、署名回复；县里随即看到 / as the town's secretary: receive, reply over your name",
    "公众页面提交一件，再凭编号和查询码查进度 / submit on the public page, then track with number and code",
    "公众页面看接访日程、预约书记接访；以登记员身份打开接访、来电、网络来贴 / book a reception; as the clerk: visitors, calls, posts",
    "以督查室身份打开督办工作、领导包案、计分，看“村东耕地被占建厂房” / as the supervision office: a case up its ladder; score cards",
    "以县委书记身份打开督办工作、领导包案：谁还没有包案 / as the secretary: which leader carries no case yet",
    "以县委办身份打开“十里洞村饮水安全”的一案一档 / as the office: open the dossier of the article's case",
)


def show(county: County) -> None:
    """Print addresses, links and ideas."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\n公众页面 public pages        {county.county.address()}/")
    console.print(f"柏林镇 the town's own system  {county.town.address()}/desk")
    console.print(f"收邮件 mail receiver (SMTP)   127.0.0.1:{county.smtp_port}\n")
    console.print("登录链接，每个用一次 sign-in links, each good once")
    for title, official in ROLES:
        console.print(f"  {county.link(official)}  {title}")
    console.print("\n试一试 Try this")
    for line in TRY:
        console.print(f"  · {line}")
    console.print("\n更多链接 more links: .venv/bin/zhida demo links    结束 end: make stop")
