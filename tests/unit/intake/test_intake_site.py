"""The file of what a county decides about its intake: read whole, or refused with the field that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.domain import texts
from services.intake.site import read_site
from shared.config import load
from shared.errors import Unavailable

ACCOUNT = "{name: letters, host: mail.example.org, user: u, password_file: secret}"


def settings(folder: Path, text: str | None):
    environment = {"ZHIDA_ORG": "431023", "ZHIDA_KEYS": str(folder / "keys")}
    if text is not None:
        (folder / "intake.yaml").write_text(text, encoding="utf-8")
        environment["ZHIDA_FILE_INTAKE"] = str(folder / "intake.yaml")
    return load(environment)


def test_without_a_file_every_section_has_its_defaults(tmp_path):
    site = read_site(settings(tmp_path, None))
    assert site.files.folder == tmp_path / "files"
    assert site.files.largest == 25 * 2**20


def test_an_empty_file_says_the_same(tmp_path):
    assert read_site(settings(tmp_path, "")) == read_site(settings(tmp_path, None))


def test_paths_are_taken_from_where_the_file_lies(tmp_path):
    assert read_site(settings(tmp_path, "files: {folder: scans, largest_mb: 3}")).files.folder == tmp_path / "scans"
    assert read_site(settings(tmp_path, "files: {folder: /srv/scans}")).files.folder == Path("/srv/scans")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("files: {largest_mb: 0}", "files.largest_mb"),
        ("files: {larges_mb: 3}", "files.larges_mb"),
        ("fiels: {}", "fiels"),
        ("files: [", "not YAML"),
        ("telephone: {lines: {Hot: {name: x}}}", "telephone.lines.Hot"),
        ("telephone: {lines: {hot: {secrets: [a]}}}", "telephone.lines.hot.value.name"),
        ("telephone: {lines: {hot: {name: x, secrets: [a, b, c]}}}", "telephone.lines.hot.value.secrets"),
        ("telephone: {call_back_minutes: 0}", "telephone.call_back_minutes"),
        ("[]", "Invalid input type"),
        ("mail: {accounts: [{name: a, host: h, user: u, password_file: p, tls: none}]}", r"mail.accounts.0.tls"),
        ("mail: {accounts: [{name: a, host: h, user: u}]}", r"mail.accounts.0.password_file"),
        ("mail: {accounts: [{name: A b, host: h, user: u, password_file: p}]}", r"mail.accounts.0.name"),
        (f"mail: {{accounts: [{ACCOUNT}, {ACCOUNT}]}}", "mail.accounts: Two accounts"),
        ("mail: {listeners: [{protocol: smtp}]}", r"mail.listeners.0.port"),
        ("mail: {listeners: [{protocol: smtp, socket: s}]}", r"mail.listeners.0.socket"),
        ("mail: {listeners: [{protocol: lmtp, socket: s, port: 24}]}", r"mail.listeners.0.port"),
        ("mail: {listeners: [{protocol: smtp, host: 0.0.0.0, port: 25}]}", r"mail.listeners.0.host"),
        ("mail: {listeners: [{protocol: lmtp, host: mail.example.org, port: 24}]}", r"mail.listeners.0.host"),
        ("mail: {reply_to: no address}", "mail.reply_to"),
        ("mail: {reply_to: an-address-that-is-too-long-for-a-tag-before-it@example.org}", "mail.reply_to"),
        ("mail: {domain: 'a b'}", "mail.domain"),
        ("texts: {registered: {zh: {subject: '{number}', body: '{name}'}}}", r"texts.registered.zh.body: No placeholder {name}"),
        ("texts: {registered: {zh: {subject: '{number.x}', body: b}}}", "texts.registered.zh.subject"),
        ("texts: {registered: {zh: {subject: '{number!r}', body: b}}}", "texts.registered.zh.subject"),
        ("texts: {registered: {zh: {subject: '{number:>9}', body: b}}}", "texts.registered.zh.subject"),
        ("texts: {registered: {zh: {subject: no case, body: b}}}", r"texts.registered.zh.subject: The subject names"),
        ("texts: {registered: {zh: {subject: '{number}', body: '{'}}}", r"texts.registered.zh.body: A brace"),
        ("texts: {registered: {zh: {subject: '{number}', body: '{}'}}}", r"texts.registered.zh.body: No placeholder {}"),
        ("texts: {nothing: {zh: {subject: '{number}', body: b}}}", "texts.nothing"),
        ("texts: {registered: {fr: {subject: '{number}', body: b}}}", "texts.registered.fr"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(tmp_path, text, where):
    with pytest.raises(OSError, match=where) as refused:
        read_site(settings(tmp_path, text))
    assert "intake.yaml" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    environment = {"ZHIDA_ORG": "431023", "ZHIDA_FILE_INTAKE": str(tmp_path / "nowhere.yaml")}
    with pytest.raises(OSError, match=r"nowhere\.yaml"):
        read_site(load(environment))


def test_a_countys_own_categories_lie_beside_the_file(tmp_path):
    (tmp_path / "own.yaml").write_text("- {code: water, zh: 水务, en: Water}", encoding="utf-8")
    site = read_site(settings(tmp_path, "categories: own.yaml"))
    assert (site.categories, site.tree.name("water", "zh")) == (tmp_path / "own.yaml", "水务")
    assert read_site(settings(tmp_path, "")).tree.name("environment.water", "en") == "Environment / Water pollution"
    with pytest.raises(OSError, match=r"nowhere\.yaml"):
        read_site(settings(tmp_path, "categories: nowhere.yaml"))


def test_a_lines_secrets_are_read_beside_the_file_each_time(tmp_path):
    file = settings(tmp_path, "telephone: {lines: {hot: {name: 热线, secrets: [a.key]}}, attempts: 5}")
    with pytest.raises(OSError, match=r"telephone: hot: a\.key: No such file"):
        read_site(file)
    (tmp_path / "a.key").write_bytes(b"x" * 32 + b"\n")
    site = read_site(file)
    hot = site.telephone.lines["hot"]
    assert (hot.name_en, site.telephone.limits.attempts) == ("热线", 5)
    assert hot.secrets.read() == [b"x" * 32]
    (tmp_path / "a.key").write_bytes(b"y" * 32)
    assert hot.secrets.read() == [b"y" * 32]
    (tmp_path / "a.key").write_bytes(b"short\n")
    with pytest.raises(Unavailable, match=r"a\.key: shorter than 32"):
        hot.secrets.read()


def test_a_mail_box_is_read_with_tls_unless_it_lies_on_this_machine(tmp_path):
    text = f"""
mail:
  accounts:
    - {ACCOUNT}
    - {{name: start, host: mail.example.org, user: u, password_file: /run/secret, tls: starttls, ca_file: ca.pem, since: 2016-08-01}}
    - {{name: local, host: 127.0.0.1, user: u, password_file: secret, tls: none, port: 1143, folder: Petitions}}
  listeners:
    - {{protocol: lmtp, socket: lmtp.sock}}
    - {{protocol: lmtp, host: 10.0.0.2, port: 24, private_network: true}}
  addresses: [Letters@Yongxing.example]
  reply_to: reply@yongxing.example
"""
    mail = read_site(settings(tmp_path, text)).mail
    assert [(one.tls, one.port, one.folder) for one in mail.accounts] == [
        ("implicit", 993, "INBOX"), ("starttls", 143, "INBOX"), ("none", 1143, "Petitions"),
    ]  # fmt: skip
    assert (mail.accounts[0].password_file, mail.accounts[1].password_file) == (tmp_path / "secret", Path("/run/secret"))
    assert (mail.accounts[1].ca_file, mail.listeners[0].socket) == (tmp_path / "ca.pem", tmp_path / "lmtp.sock")
    assert mail.own == {"letters@yongxing.example", "reply@yongxing.example"}
    assert mail.bounces == mail.reply_to


def test_the_password_is_read_anew_from_its_file_and_stands_in_no_description(tmp_path):
    account = read_site(settings(tmp_path, f"mail: {{accounts: [{ACCOUNT}]}}")).mail.accounts[0]
    with pytest.raises(OSError, match="secret"):
        _ = account.password
    for password in ("一个密码 ", "another"):
        (tmp_path / "secret").write_text(password + "\n", encoding="utf-8")
        assert account.password == password
        assert password not in repr(account)


def test_the_countys_texts_join_those_that_come_with_the_program(tmp_path):
    own = read_site(settings(tmp_path, "texts: {case_closed: {zh: {subject: '结案 {number}', body: '{{谢谢}}{reason}'}}}")).texts
    assert own["case_closed"]["zh"] == ("结案 {number}", "{{谢谢}}{reason}")
    assert own["case_closed"]["en"] == texts.TEXTS["case_closed"]["en"]
    assert own["registered"] == texts.TEXTS["registered"]
    assert texts.say("case_closed", "zh", {"reason": "{x}"}, "7", own=own) == ("结案 7", "{谢谢}{x}")


# -- boards --------------------------------------------------------------------------------------------------------------

FEED = "boards: [{name: forum, kind: feed, url: https://forum.example.org/feed"
HOOK = "boards: [{name: red, kind: hook, secret_files: [red.key]"


def test_a_board_needs_a_name_a_kind_and_an_address(tmp_path):
    [board] = read_site(settings(tmp_path, FEED + "}]")).boards
    assert (board.title, board.every_minutes, board.at_once, board.allow_private, board.reply) == (
        "forum",
        15,
        False,
        False,
        None,
    )
    assert (board.include, board.exclude, board.language, board.forget_days) == ((), (), "zh", 30)


def test_a_boards_secrets_lie_in_files_beside_the_sites_and_are_shown_nowhere(tmp_path):
    (tmp_path / "red.key").write_text("x" * 32 + "\n")
    [board] = read_site(settings(tmp_path, HOOK + ", reply: {url: 'https://red.example/r', secret_file: red.key}}]")).boards
    assert board.reply is not None
    assert board.secrets.read() == board.reply.secrets.read() == [b"x" * 32]
    (tmp_path / "red.key").write_text("y" * 32)
    assert board.secrets.read() == board.reply.secrets.read() == [b"y" * 32]
    assert "x" * 32 not in repr(board)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("boards: [{kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        ("boards: [{name: Forum, kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        ("boards: [{name: 'a\n', kind: feed, url: 'https://x.example/'}]", "boards.0.name"),
        (FEED + "}, {name: x, kind: page}]", "boards.1.kind"),
        ("boards: [{name: forum, kind: feed}]", "boards.0.url"),
        ("boards: [{name: forum, kind: feed, url: 'ftp://x.example/'}]", "boards.0.url"),
        ("boards: [{name: forum, kind: feed, url: 'https://u:p@x.example/'}]", "boards.0.url"),
        (FEED + ", every_minutes: 0}]", "boards.0.every_minutes"),
        (FEED + ", register: always}]", "boards.0.register"),
        (FEED + ", exclude: ['']}]", "boards.0.exclude"),
        (FEED + ", secret_files: [x]}]", "boards.0.secret_files"),
        (FEED + ", search: x}]", "boards.0.search"),
        (FEED + ", reply: {url: 'file:///x', secret_file: x}}]", "boards.0.reply.url"),
        (FEED + ", reply: {url: 'https://x.example/'}}]", "boards.0.reply.secret_file"),
        ("boards: [{name: red, kind: hook}]", "boards.0.secret_files"),
        (HOOK + ", url: 'https://x.example/'}]", "boards.0.url"),
        ("boards: [{name: red, kind: hook, secret_files: [a, b, c]}]", "boards.0.secret_files"),
        (FEED + "}, {name: forum, kind: feed, url: 'https://y.example/'}]", "forum is given twice"),
        (HOOK + "}]", "boards: red: .*red.key"),
        ("boards: {}", "boards"),
    ],
)
def test_a_mistake_in_a_board_names_the_field(tmp_path, text, where):
    with pytest.raises(OSError, match=where):
        read_site(settings(tmp_path, text))


def test_a_secret_that_is_short_is_refused(tmp_path):
    (tmp_path / "red.key").write_text("short")
    with pytest.raises(OSError, match="32 characters"):
        read_site(settings(tmp_path, HOOK + "}]"))
