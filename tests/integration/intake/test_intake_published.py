"""Answers on the public pages: with consent, without a name, and off again at once when the case is no longer what it was."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4
from xml.etree import ElementTree

import psycopg2
import pytest

from services.intake.domain.submission import Identity, MatterType, Petitioner
from services.intake.handlers.published import MOST_FOUND, Sought, answers
from services.intake.store import SQL
from shared.web.app import limiter
from shared.web.server import build
from tests.integration.intake.intake_cases import a_case, concluded, post

FORM = {
    "published_title": "村民饮水", "published_brief": "反映某厂排污，井水不能喝。", "answer": "该厂已经取缔，新井已经打好。", "consent": "written",
    "reread": "true",
}  # fmt: skip


@pytest.fixture
def publish(browse):
    """Publish the answer of a case as the office."""

    def publish(case_id: UUID, **changes: str):
        return post(browse("office"), f"/intake/petitions/{case_id}/publish", FORM | changes)

    return publish


@pytest.fixture
def answered(intake, vault, hear):
    """A concluded case; its id."""

    def answered(**changes) -> UUID:
        case_id = a_case(intake, vault, **{"category": "environment.water", "place": "431023104"} | changes)
        hear("case.concluded", case_id, concluded())
        return case_id

    return answered


def listed(browse, query: str = "") -> list[str]:
    return re.findall(r'href="(/answers/[0-9a-f-]{36})"', browse().get(f"/answers{query}").text)


def test_what_is_published_is_found_by_everybody_and_says_not_which_case_it_is(browse, publish, answered, intake, told):
    case_id = answered()
    before = len(told())
    for _ in range(2):
        assert publish(case_id).status_code == 303
    [address] = listed(browse)
    page = browse().get(address).text
    for words in ("村民饮水", "井水不能喝", "新井已经打好", "生态环境 / 水污染", "支持"):
        assert words in page
    with intake.unit_of_work() as uow:
        number = uow.one("SELECT number FROM petition")["number"]
    for secret in (str(case_id), number, "造纸厂已取缔", "陈十里"):
        assert secret not in page + browse().get("/answers").text
    year = datetime.now(UTC).year
    for query, found in (
        ("?q=新井", 1), ("?q=%25", 0), ("?category=environment", 1), ("?category=land", 0), ("?place=431023104", 1), ("?place=431023", 0),
        (f"?year={year - 5}", 0),
    ):  # fmt: skip
        assert len(listed(browse, query)) == found, query
    assert browse().get("/answers?year=many").status_code == 422
    assert browse().get("/answers?page=2").headers["Location"] == "/answers?page=1"
    assert len(told()) == before


def test_the_feed_holds_the_same(browse, publish, answered):
    publish(answered(), published_title="饮水 <&> 用电")
    feed = browse().get("/answers.atom")
    assert feed.mimetype == "application/atom+xml"
    entries = ElementTree.fromstring(feed.text).findall("{http://www.w3.org/2005/Atom}entry")  # noqa: S314 - our own
    assert [entry.findtext("{http://www.w3.org/2005/Atom}title") for entry in entries] == ["饮水 <&> 用电"]


@pytest.mark.parametrize(
    "why",
    [
        {"matter_type": MatterType.ACCUSATION}, {"identity": Identity.ANONYMOUS, "petitioner": Petitioner(alias="多说无益")},
    ],
)  # fmt: skip
def test_an_accusation_and_one_without_consent_stay_between_the_office_and_the_petitioner(browse, publish, answered, why):
    case_id = answered(**why)
    assert publish(case_id).status_code in (409, 422)
    assert listed(browse) == []
    page = browse("office").get(f"/intake/petitions/{case_id}/publish").text
    assert ("检举控告的答复不公开" in page) or ("由办公室决定" in page)


def test_an_anonymous_petitions_answer_is_the_offices_decision(browse, publish, answered):
    case_id = answered(identity=Identity.ANONYMOUS, petitioner=Petitioner(alias="多说无益"))
    assert publish(case_id, consent="office").status_code == 303
    assert len(listed(browse)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answer": "陈十里同志：新井已经打好。"}, "answer"), ({"published_title": "13873512345 反映"}, "answer"), ({"consent": "office"}, "consent"),
        ({"consent": "silence"}, "consent"), ({"reread": ""}, "reread"), ({"answer": ""}, "answer"),
        ({"published_brief": "长" * 20_001}, "published_brief"),
    ],
)  # fmt: skip
def test_words_that_name_anybody_and_a_form_half_filled_in_are_refused_with_the_field(browse, publish, answered, changes, field):
    answer = publish(answered(), **changes)
    assert answer.status_code == 422
    assert f'href="#field-{field}"' in answer.text
    assert listed(browse) == []


def test_a_case_that_is_not_concluded_or_from_which_somebody_is_barred_is_not_published(
    browse, publish, answered, intake, vault, hear
):
    assert publish(a_case(intake, vault)).status_code == 409
    case_id = answered()
    hear("case.barred", case_id, {"organisations": ["431023-epb"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert publish(case_id).status_code == 409
    hear("case.barred", case_id, {"organisations": ["431023-xf"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert publish(case_id).status_code == 404
    assert browse("clerk").get(f"/intake/petitions/{case_id}/publish").status_code == 403


def test_a_bar_or_a_new_round_takes_an_answer_off_the_pages_at_once(browse, publish, answered, hear):
    barred, reopened = answered(), answered()
    for case_id in (barred, reopened):
        publish(case_id)
    addresses = listed(browse)
    assert len(addresses) == 2
    hear("case.barred", barred, {"organisations": ["431023-epb"], "officials": [], "barred_at": "2016-11-07T00:00:00Z"})
    assert len(listed(browse)) == 1
    hear("case.reopened", reopened, {"round": 2, "cause": "dissatisfied", "reopened_at": "2016-12-01T00:00:00.000Z"})
    assert listed(browse) == []
    assert {browse().get(address).status_code for address in addresses} == {404}
    hear("case.concluded", reopened, concluded(round=2))
    assert listed(browse) == []  # the old round's words do not come back with the new answer
    publish(reopened, answer="新一轮的答复。")
    assert len(listed(browse)) == 1


def test_what_is_rewritten_or_taken_back_has_another_address_and_a_history(browse, publish, answered):
    case_id = answered()
    publish(case_id)
    [first] = listed(browse)
    publish(case_id, answer="改写后的答复。")
    [second] = listed(browse)
    assert first != second
    office, page = browse("office"), f"/intake/petitions/{case_id}/publish"
    assert post(office, f"{page}/take-back", {"take_back_reason": "changed"}).status_code == 422
    for _ in range(2):
        assert post(office, f"{page}/take-back", {"take_back_reason": "asked"}).status_code == 303
    assert listed(browse) == []
    history = office.get(page).text
    for words in ("改写后重新公开", "信访人要求撤下"):
        assert words in history
    assert {browse().get(address).status_code for address in (first, second, f"/answers/{uuid4()}")} == {404}


@pytest.fixture
def many(intake, vault, settings) -> None:
    """20,000 answers of as many cases, one of them with a word that no other has."""
    case_id = a_case(intake, vault)
    with psycopg2.connect(settings.database_url) as owner, owner.cursor() as cursor:
        cursor.execute("SET search_path TO intake, public")
        cursor.execute(
            "INSERT INTO petition (id, number, idempotency_key, stage, channel, matter_type, category, place, identity, group_size, language,"
            " has_email, received_at, registered_at, round) SELECT gen_random_uuid(), 'many-' || n, gen_random_uuid(), 'concluded', channel,"
            " matter_type, 'environment.water', '431023104', identity, 1, language, false, received_at, registered_at, 1"
            " FROM petition, generate_series(1, 20000) AS n WHERE id = %s",
            [str(case_id)],
        )
        cursor.execute(
            "INSERT INTO published (id, case_id, round, title, brief, answer, category, place, outcome, consent, published_at, published_by)"
            " SELECT gen_random_uuid(), id, 1, '村民饮水', '反映某厂排污，井水不能喝。' || number, CASE number WHEN 'many-777'"
            " THEN '翡翠矿已经停工。' ELSE '该厂已经取缔，新井已经打好。' END, category, place, 'supported', 'written',"
            " registered_at + split_part(number, '-', 2)::integer * interval '1 minute', '{}'"
            " FROM petition WHERE number LIKE 'many-%%'"
        )
        cursor.execute("ANALYZE petition; ANALYZE published")


def test_a_word_is_found_among_20_000_answers_by_the_index_and_no_list_is_longer_than_2_000(intake, many, browse):
    def seen(q: str) -> tuple[int, str]:
        """How many are said to be there, and the plan by which they were found."""
        sought = {"id": None, "q": q, "like": f"%{q}%", "category": "", "place": "", "year": None, "most": MOST_FOUND}
        with intake.unit_of_work() as uow:
            _, total = answers(uow, Sought(q=q))
            plan = uow.all("EXPLAIN " + SQL["published_answers"], limit=20, offset=0, **sought)
        return total, "\n".join(row["QUERY PLAN"] for row in plan)

    for rare, found in (("翡翠", 1), ("矿", 1), ("没有这个词", 0)):
        total, plan = seen(rare)
        assert total == found
        assert "published_grams" in plan
    for common in ("", "井水"):
        total, plan = seen(common)
        assert total == MOST_FOUND
        assert "published_time" in plan
    assert "只列出最近的 2000 件" in browse().get("/answers?page=100").text
    assert browse().get("/answers?page=101").headers["Location"] == "/answers?page=100"


def test_the_public_s_search_has_a_rate_of_its_own(settings, intake, monkeypatch):
    site = build(settings)
    site.extensions["zhida"].settings.__dict__["public_rate_limit"] = "2 per minute"
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    visitor = site.test_client()
    codes = [visitor.get("/answers?q=井水").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert visitor.get("/submit").status_code == 200
    limiter.reset()
