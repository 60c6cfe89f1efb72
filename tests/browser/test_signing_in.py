"""Signing in by the county's identity provider, and with a code from the telephone; appointing an official by page."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.dev.county import County
from services.routing import passwords
from services.routing.domain import totp
from services.routing.handlers import accounts
from tests.provider import SECRET, Provider

Open = Callable[..., Page]
Shot = Callable[[Page, str], None]
ADMINISTRATOR, OFFICE, HEAD = "o-431023-administrator", "o-431023-office-clerk", "o-431023-civ-director"
PASSWORD = "长长的 password 1"
OUTSIDE = "[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80))"


def sound(page: Page, width: int, script: bool = True) -> None:
    """axe finds nothing serious (it needs scripts), and nothing sticks out sideways."""
    page.wait_for_load_state()
    expect(page.get_by_role("contentinfo")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.evaluate(OUTSIDE)
    if not script:
        return
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []


@pytest.fixture(scope="module")
def provider_site(county: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process of the county that knows a real provider."""
    folder = tmp_path_factory.mktemp("oidc")
    address = county.county.address("web-oidc")
    provider = Provider(folder / "provider", f"{address}/sign-in/oidc/callback").start()
    (folder / "secret").write_text(SECRET)
    site = {"oidc": {"issuer": provider.issuer, "client_id": "zhida", "client_secret_file": "secret", "claim": "employee_number",
                     "scopes": ["openid", "profile"]}}  # fmt: skip
    (folder / "routing.yaml").write_text(yaml.safe_dump(site))
    env = {"ZHIDA_FILE_ROUTING": str(folder / "routing.yaml"), "ZHIDA_PUBLIC_URL": address}
    web = county.county.web(name="web-oidc", env=env)
    web.start()
    web.wait_http(f"{address}/readyz", timeout=60)
    yield address
    web.stop()
    provider.stop()


@pytest.fixture
def context(chromium: Browser, provider_site: str) -> Iterator[Callable[..., Page]]:
    """A browser of its own at that process; the provider's pages may load what is not there."""
    made: list[BrowserContext] = []

    def new(width: int = 1366) -> Page:
        one = chromium.new_context(base_url=provider_site, viewport={"width": width, "height": 850}, locale="zh-CN")
        made.append(one)
        return one.new_page()

    yield new
    for one in made:
        one.close()


def at_the_provider(page: Page, login: str) -> None:
    """Sign in and consent on the provider's own pages."""
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]", has_text="Continue").click()


def give_password(county: County, official: str) -> None:
    with county.county.unit_of_work("routing") as uow:
        accounts.set_password_hash(uow, official, passwords.make_hash(PASSWORD), datetime.now(UTC))


def sign_in(page: Page, official: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("账号").fill(official)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


@pytest.mark.parametrize("width", [1366, 390])
def test_an_official_links_his_identity_and_signs_in_by_it(
    context: Callable[..., Page], county: County, shot: Shot, width: int
) -> None:
    login = f"p{uuid.uuid4().hex[:8]}"
    official = OFFICE if width == 1366 else "o-431023-xf-clerk2"
    give_password(county, official)
    page = context(width)
    page.goto("/sign-in?next=/routing/directory")
    sound(page, width)
    shot(page, f"oidc-sign-in-{width}")
    page.get_by_role("link", name="用统一身份认证登录").click()
    at_the_provider(page, login)
    expect(page.get_by_role("alert")).to_contain_text("还没有关联")
    sound(page, width)
    shot(page, f"oidc-stranger-{width}")
    sign_in(page, official)
    page.goto("/sign-in/account")
    sound(page, width)
    page.get_by_role("link", name="关联", exact=True).click()  # the provider knows who it is already
    expect(page.locator("main")).to_contain_text(f"E-{login}")
    sound(page, width)
    shot(page, f"oidc-link-{width}")
    page.get_by_role("button", name="是本人，关联").click()
    expect(page.locator("main")).to_contain_text("已关联")
    shot(page, f"oidc-account-{width}")
    page.get_by_role("button", name="退出").or_(page.get_by_role("link", name="退出")).first.click()
    page.goto("/sign-in?next=/routing/directory")
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.wait_for_url("**/routing/directory")
    page.get_by_role("button", name="退出").or_(page.get_by_role("link", name="退出")).first.click()
    page.get_by_role("link", name="同时退出").click()  # out of our hands now: the provider's own page
    assert "/session/end" in page.url


def test_the_administrator_confirms_a_stranger(context: Callable[..., Page], county: County, shot: Shot) -> None:
    login = f"s{uuid.uuid4().hex[:8]}"
    stranger = context()
    stranger.goto("/sign-in/oidc")
    at_the_provider(stranger, login)
    expect(stranger.get_by_role("alert")).to_contain_text("还没有关联")
    give_password(county, ADMINISTRATOR)
    page = context(390)
    sign_in(page, ADMINISTRATOR)
    page.goto("/routing/directory/identities")
    sound(page, 390)
    shot(page, "oidc-identities-390")
    card = page.locator("section.card", has_text=f"E-{login}")
    card.get_by_label("人员").select_option(HEAD)
    card.get_by_label("依据或事由").fill("工号与人事系统核对一致")
    card.get_by_role("button", name="确认是该同志").click()
    expect(page.locator("main")).to_contain_text("工号与人事系统核对一致")
    stranger.goto("/sign-in/oidc?next=/routing/assignments")
    stranger.wait_for_url("**/routing/assignments")
    expect(stranger.locator("body")).to_contain_text("将一个统一身份关联到了您的账号")


def set_up(page: Page, shot: Shot, width: int, script: bool) -> tuple[bytes, list[str]]:
    """Set a second factor up on the account's page; the secret and the recovery codes."""
    page.goto("/sign-in/account")
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="启用动态口令").click()
    text = page.locator("code.secret").inner_text().replace(" ", "")
    secret = base64.b32decode(text + "=" * (-len(text) % 8))
    expect(page.locator(".square svg")).to_be_visible()
    sound(page, width, script)
    shot(page, f"totp-enrol-{width}")
    page.get_by_role("textbox", name="口令").fill(code_of(secret))
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.locator(".codes code")).to_have_count(totp.RECOVERY_CODES)
    codes = page.locator(".codes code").all_inner_texts()
    sound(page, width, script)
    shot(page, f"totp-codes-{width}")
    page.get_by_role("link", name="我已保存，继续").click()
    expect(page.locator("main")).to_contain_text("10 个恢复码")
    shot(page, f"totp-account-{width}")
    return secret, codes


def code_of(secret: bytes, ahead: int = 0) -> str:
    return totp.code_at(secret, totp.step_of(datetime.now(UTC)) + ahead)


@pytest.mark.parametrize("width", [1366, 390])
def test_an_official_signs_in_with_a_code_from_the_telephone(open_page: Open, county: County, shot: Shot, width: int) -> None:
    official, script = "o-431023-followup" if width == 1366 else "o-431023-auditor", width == 1366
    give_password(county, official)
    page = open_page(width=width, java_script_enabled=script)
    sign_in(page, official)
    secret, codes = set_up(page, shot, width, script)

    page = open_page(width=width, java_script_enabled=script)
    sign_in(page, official)
    expect(page.get_by_role("heading", level=1)).to_contain_text("动态口令")
    sound(page, width, script)
    shot(page, f"totp-code-{width}")
    page.get_by_role("textbox", name="口令").fill("not it")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("口令不正确")
    page.get_by_role("textbox", name="口令").fill(code_of(secret, 1))  # the next one: the first was used to set it up
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("动态口令")
    page = open_page(width=width, java_script_enabled=script)
    sign_in(page, official)
    page.get_by_role("textbox", name="口令").fill(codes[3])
    page.get_by_role("button", name="登录", exact=True).click()
    page.goto("/sign-in/account")
    expect(page.locator("main")).to_contain_text("9 个恢复码")


@pytest.mark.parametrize("width", [1366, 390])
def test_an_official_is_appointed_by_page_and_known_everywhere(open_page: Open, county: County, shot: Shot, width: int) -> None:
    code = f"o-431023-civ-{width}"
    page = open_page(ADMINISTRATOR, width=width)
    page.goto("/routing/directory")
    sound(page, width)
    shot(page, f"directory-{width}")
    page.get_by_role("link", name="县民政局").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("县民政局")
    sound(page, width)
    page.get_by_role("link", name="任命").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("任命")
    sound(page, width)
    page.get_by_label("新人员代码").fill("Not A Code")
    page.get_by_role("textbox", name="职务").fill("县民政局副局长")
    page.get_by_label("承办人").check()
    page.get_by_role("button", name="任命").click()
    expect(page.locator(".error-summary")).to_contain_text("代码的格式不对")
    assert page.get_by_label("承办人").is_checked(), "what was typed is kept"
    shot(page, f"directory-wrong-{width}")
    page.get_by_label("新人员代码").fill(code)
    page.get_by_label("新人员姓名").fill("孙立")
    page.get_by_label("依据或事由").fill("永组干〔2016〕21号")
    page.get_by_role("button", name="任命").click()
    expect(page.locator("main")).to_contain_text("永组干〔2016〕21号")
    expect(page.locator("main")).to_contain_text("现任")
    sound(page, width)
    shot(page, f"directory-official-{width}")
    county.driver.rest.wait()
    for service in ("intake", "supervision", "followup", "reporting"):
        assert county.county.query(f"SELECT name, active FROM {service}.official WHERE official = %s", code) == [("孙立", True)]
    page.goto("/routing/directory/changes")
    sound(page, width)
    assert re.search("任职.*孙立", page.locator("main").inner_text(), re.DOTALL)
    for path in (
        "/routing/directory/import",
        "/routing/directory/announcements",
        f"/routing/directory/change/transfer?official={code}",
    ):
        page.goto(path)
        sound(page, width)
