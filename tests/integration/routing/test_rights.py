"""Who loses a post or a role goes on with none of what it gave: his sessions end, and nobody else's."""

from __future__ import annotations

import threading

from deploy.dev.waiting import until
from services.routing.domain import sign_in as sign_in_rules
from services.routing.handlers import accounts
from services.routing.handlers.directory import import_directory
from shared.web import session
from tests.integration.routing.browser import NOW, cookie
from tests.integration.routing.world import DATA, EPB, OFFICE, Instance


def changed_directory(county: Instance, **people: str) -> None:
    """Import the county's directory with some lines changed: `{official: (old, new)}`."""
    text = (DATA / "directory-431023.yaml").read_text(encoding="utf-8")
    for old, new in people.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    with county.work() as uow:
        import_directory(uow, text, NOW)


def test_a_change_of_roles_ends_that_officials_sessions_in_every_service_and_nobody_elses(browser, county, at):
    demoted, other = browser(OFFICE), browser(EPB)
    token = cookie(demoted)
    assert demoted.get("/routing/replies").status == 200
    changed_directory(county, **{"title: 县委办信访专干, roles: [office]": "title: 县委办信访专干, roles: [clerk]"})
    assert demoted.get("/routing/replies").path == "/sign-in"
    assert demoted.get("/sign-in/renew?next=/routing/replies").path == "/sign-in"
    demoted.client.set_cookie(session.COOKIE, token)
    assert demoted.get("/routing/replies").path == "/sign-in"
    assert other.get("/routing/assignments").path == "/routing/assignments"
    assert [told.data["official"] for told in county.told("directory.session_ended")] == [OFFICE]
    assert demoted.sign_in(OFFICE).get("/routing/replies").status == 403  # signed in again, with the roles of now
    changed_directory(county, **{"title: 县委办信访专干, roles: [office]": "title: 县委办信访专干, roles: [clerk]"})
    assert demoted.get("/routing/directory").status == 200  # the same file again changes nothing


def test_an_import_that_changes_a_name_only_ends_no_session(browser, county, at):
    one = browser(OFFICE)
    changed_directory(county, **{"name: 邓小燕": "name: 邓晓燕"})
    assert one.get("/routing/replies").path == "/routing/replies"
    assert county.told("directory.session_ended") == []


def test_who_signs_in_while_the_directory_changes_does_not_keep_the_old_roles(county):
    """The import holds the official's row until it commits: a sign-in waits for it, and reads what it wrote."""
    begun: list[sign_in_rules.Claims] = []

    def begin() -> None:
        with county.work() as uow:
            begun.append(accounts.begin_session(uow, OFFICE, NOW)[1])

    text = (DATA / "directory-431023.yaml").read_text(encoding="utf-8")
    changed = text.replace("title: 县委办信访专干, roles: [office]", "title: 县委办信访专干, roles: [clerk]")
    thread = threading.Thread(target=begin)
    with county.work() as uow:
        import_directory(uow, changed, NOW)
        thread.start()
        until(lambda: county.waiting() == 1, timeout=10, what="the sign-in to wait for the import")
    thread.join(timeout=10)
    assert [found.roles for found in begun] == [frozenset({"clerk"})]
