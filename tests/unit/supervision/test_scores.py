"""The ledger: what an occasion makes, in any order and twice; corrections, objections, cards."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.supervision.domain import scores as domain
from services.supervision.domain.scores import Correction, Entry, Objection, Occasion
from services.supervision.policy_file import read_policy
from services.supervision.score_rules import DETAILS, Kind, Whom
from shared.errors import Conflict, Forbidden, Refused
from tests.unit.supervision.supervision_builders import COUNTY_LEADER, TOWNSHIP, TOWNSHIP_SECRETARY, at

YONGXING = read_policy("yongxing")
RULES = YONGXING.scores
assert RULES is not None
DAY = timedelta(days=1)
SECRETARY = replace(COUNTY_LEADER, official="o-431023-secretary", name="赵明", post="县委书记")


def occasion(kind: Kind, detail: str = "", when: str = "2016-11-18 00:00", **changes) -> Occasion:
    made = Occasion(
        cause=uuid4(), detail=detail, kind=kind, case_id=uuid4(), at=at(when), responsible=TOWNSHIP_SECRETARY, carrier=COUNTY_LEADER,
        policy=YONGXING.id, judged_at=at(when),
    )  # fmt: skip
    return replace(made, **changes)


def points(found: tuple[Entry, ...]) -> list[tuple[str, str, int]]:
    return [(each.rule, each.code, each.points) for each in found]


@pytest.mark.parametrize(
    ("kind", "detail", "made"),
    [
        (Kind.SETTLED, "", [("settled", COUNTY_LEADER.official, 5)]),
        (Kind.UNSETTLED, "", [("unsettled", COUNTY_LEADER.official, -5)]),
        (Kind.SKIP_LEVEL, "province", [("skip-level", COUNTY_LEADER.official, -5)]),
        (Kind.DUTY_DONE, "support", [("duty-done", COUNTY_LEADER.official, 1)]),
        (Kind.DUTY_LATE, "reception", [("duty-late", COUNTY_LEADER.official, -1)]),
        (Kind.LATE, "conclude", [("late-conclusion-carried", COUNTY_LEADER.official, -2), ("late-unit", TOWNSHIP, -2)]),
        (Kind.LATE, "reply", [("late-unit", TOWNSHIP, -2)]),
        (Kind.LATE, "receive", []),
        (Kind.RETURNED, "", [("returned-unit", TOWNSHIP, -1)]),
        (Kind.DISSATISFIED, "", [("dissatisfied-unit", TOWNSHIP, -1)]),
    ],
)
def test_what_happened_gives_or_costs_points_by_the_rules(kind, detail, made):
    assert points(domain.judge(occasion(kind, detail), RULES)) == made


def test_where_nobody_carries_a_case_or_nobody_is_responsible_nobody_is_scored():
    assert domain.judge(occasion(Kind.SETTLED, carrier=None), RULES) == ()
    assert points(domain.judge(occasion(Kind.LATE, "conclude", carrier=None), RULES)) == [("late-unit", TOWNSHIP, -2)]
    assert domain.judge(occasion(Kind.RETURNED, responsible=None), RULES) == ()


def test_without_the_section_or_before_it_is_judged_nobody_is_scored():
    assert domain.judge(occasion(Kind.SETTLED), None) == ()
    assert domain.judge(occasion(Kind.SETTLED, policy=None), RULES) == ()
    assert domain.judge(occasion(Kind.SETTLED, judged_at=None), RULES) == ()


def test_going_over_the_countys_head_costs_nothing_when_the_case_was_overdue_and_says_so():
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "nation", overdue=True), RULES)
    assert (entry.points, entry.void) == (0, "overdue")
    (late,) = domain.judge(occasion(Kind.RETURNED, overdue=True), RULES)
    assert (late.points, late.void) == (-1, None), "of other rules it voids nothing"


def test_the_regulation_does_not_score_skip_level_petitions_at_all():
    regulation = read_policy("regulation-2022").scores
    assert regulation is not None
    assert domain.judge(occasion(Kind.SKIP_LEVEL, "nation"), regulation) == ()


# -- the ledger -----------------------------------------------------------------------------------------------------
def details(kind: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from(DETAILS.get(kind, ("",)))


@st.composite
def occasions(draw) -> list[Occasion]:
    kinds = draw(st.lists(st.sampled_from(list(Kind)), max_size=12))
    return [
        occasion(
            kind, draw(details(kind)), at=at("2016-08-01 00:00") + DAY * draw(st.integers(0, 700)), overdue=draw(st.booleans()),
            carrier=draw(st.sampled_from([None, COUNTY_LEADER, SECRETARY])), cause=UUID(int=draw(st.integers(0, 2**64))),
            responsible=draw(st.sampled_from([None, TOWNSHIP_SECRETARY])),
        )
        for kind in kinds
    ]  # fmt: skip


def whole(found) -> dict[UUID, Entry]:
    return domain.rebuild(found, lambda _: RULES)


@given(occasions(), st.randoms(use_true_random=False))
def test_the_book_is_the_same_in_whatever_order_it_is_written_and_however_often(found, chance):
    shuffled = [*found, *found]
    chance.shuffle(shuffled)
    by_key = {(each.cause, each.detail): each for each in found}  # an event is one occasion, whoever tells it twice
    assert whole(by_key[each.cause, each.detail] for each in shuffled) == whole(by_key.values())


@given(occasions())
def test_one_occasion_makes_one_entry_for_each_rule(found):
    unique = {(each.cause, each.detail): each for each in found}.values()
    book = whole(unique)
    keys = [(entry.rule, entry.cause, entry.detail) for entry in book.values()]
    assert len(keys) == len(set(keys)) == sum(len(domain.judge(each, RULES)) for each in unique)


def test_an_entrys_id_is_derived_from_rule_cause_and_detail_alone():
    one = occasion(Kind.DUTY_LATE, "support", cause=UUID(int=7))
    (entry,) = domain.judge(one, RULES)
    (again,) = domain.judge(replace(one, case_id=uuid4(), carrier=SECRETARY, judged_at=at("2017-01-01 00:00")), RULES)
    (other,) = domain.judge(replace(one, detail="ending"), RULES)
    assert entry.id == again.id != other.id


def correction(entry: Entry, becomes: int, when: str = "2016-12-01 10:00", number: int = 1) -> Correction:
    return Correction(
        id=UUID(int=number), entry_id=entry.id, becomes=becomes, by=SECRETARY, reasons="经核实有误", at=at(when)
    )  # fmt: skip


def test_a_correction_is_a_further_entry_that_makes_the_first_one_worth_what_was_decided():
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "city"), RULES)
    first = domain.correct(entry, [], correction(entry, -1))
    second = domain.correct(entry, [first], correction(entry, 0, number=2))
    assert [each.points for each in (entry, first, second)] == [-5, 4, 1]
    assert {first.corrects, second.corrects} == {entry.id}
    assert (first.code, first.rule, first.recorded_at) == (entry.code, entry.rule, at("2016-12-01 10:00"))
    assert len({entry.id, first.id, second.id}) == 3


@given(st.lists(st.integers(-10, 10), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_rebuilt_book_has_the_corrections_of_the_live_one_and_the_last_decision_stands(becomes, chance):
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "city"), RULES)
    live = {entry.id: entry}
    decided = [correction(entry, each, f"2016-12-0{number} 10:00", number) for number, each in enumerate(becomes, 1)]
    for each in decided:
        made = domain.correct(entry, [one for one in live.values() if one.corrects], each)
        live[made.id] = made
    stray = replace(decided[0], entry_id=uuid4())
    shuffled = [stray, *decided]
    chance.shuffle(shuffled)
    assert domain.amended({entry.id: entry}, shuffled) == live
    assert sum(each.points for each in live.values()) == becomes[-1]


def test_what_the_system_found_to_be_no_miss_is_worth_nothing_whatever_is_decided_at_that_instant_or_after():
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "city"), RULES)
    when = "2016-11-21 10:00"
    undone = replace(correction(entry, 0, when, 2), by=None, reasons=domain.IN_VAIN)
    for decided in (correction(entry, -3, when), correction(entry, -3, "2016-11-22 10:00")):
        found = domain.amended({entry.id: entry}, [decided, undone])
        assert sum(each.points for each in found.values()) == 0
        assert [each.by for each in found.values() if each.corrects] == [None]
    found = domain.amended({entry.id: entry}, [undone, correction(entry, -3, "2016-11-20 10:00")])
    assert (len(found), sum(each.points for each in found.values())) == (3, 0)


# -- objections -----------------------------------------------------------------------------------------------------
def objection(entry: Entry, when: str = "2016-11-20 10:00") -> Objection:
    return Objection(id=uuid4(), entry_id=entry.id, case_id=entry.case_id, by=COUNTY_LEADER, reasons="不属实", at=at(when))


def test_whoever_is_scored_objects_within_the_days_of_the_policy():
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "city"), RULES)
    assert domain.objectable_until(entry, 15) == at("2016-12-04 00:00")
    domain.object_to(entry, objection(entry, "2016-12-03 23:59"), 15, scored=True)
    with pytest.raises(Refused, match="15 日"):
        domain.object_to(entry, objection(entry, "2016-12-04 00:00"), 15, scored=True)
    with pytest.raises(Forbidden):
        domain.object_to(entry, objection(entry), 15, scored=False)
    with pytest.raises(Refused, match="更正分录"):
        domain.object_to(domain.correct(entry, [], correction(entry, 0)), objection(entry), 15, scored=True)


def test_an_objection_is_decided_once_by_somebody_else():
    (entry,) = domain.judge(occasion(Kind.SKIP_LEVEL, "city"), RULES)
    made, when = objection(entry), at("2016-11-21 10:00")
    upheld = domain.decide(made, entry, by=SECRETARY, upheld=True, becomes=-2, words="改扣 2 分", at=when)
    assert (upheld.decision, upheld.becomes) == ("upheld", -2)
    assert domain.decide(made, entry, by=SECRETARY, upheld=True, becomes=None, words="撤销", at=when).becomes == 0
    dismissed = domain.decide(made, entry, by=SECRETARY, upheld=False, becomes=3, words="属实", at=when)
    assert (dismissed.decision, dismissed.becomes) == ("dismissed", None)
    with pytest.raises(Conflict):
        domain.decide(upheld, entry, by=SECRETARY, upheld=False, becomes=None, words="再定", at=when)
    with pytest.raises(Forbidden):
        domain.decide(made, entry, by=COUNTY_LEADER, upheld=True, becomes=None, words="自定", at=when)


@pytest.mark.parametrize(
    ("kind", "becomes"), [(Kind.SKIP_LEVEL, 1), (Kind.SKIP_LEVEL, -6), (Kind.SETTLED, 6), (Kind.SETTLED, -1)]
)
def test_no_objection_earns_points_or_costs_more(kind, becomes):
    (entry,) = domain.judge(occasion(kind, "city" if kind is Kind.SKIP_LEVEL else ""), RULES)
    with pytest.raises(Refused, match="原分值之间"):
        domain.decide(
            objection(entry), entry, by=SECRETARY, upheld=True, becomes=becomes, words="改计", at=at("2016-11-21 10:00")
        )


# -- cards ----------------------------------------------------------------------------------------------------------
def entries_of(kind: Kind, *days: str, detail: str = "") -> list[Entry]:
    return [entry for day in days for entry in domain.judge(occasion(kind, detail, f"{day} 10:00"), RULES)]


def test_a_card_is_the_sum_of_a_period_up_to_a_cut_off():
    book = entries_of(Kind.SETTLED, "2016-08-15", "2016-09-30", "2016-10-01") + entries_of(Kind.DISSATISFIED, "2016-09-01")
    made = domain.card(book, COUNTY_LEADER.official, date(2016, 8, 1), date(2016, 9, 30), at("2017-01-01 00:00"))
    assert made.points == 10
    assert [(line.rule, line.count, line.total, line.counted) for line in made.lines] == [("settled", 2, 10, 10)]
    early = domain.card(book, COUNTY_LEADER.official, date(2016, 8, 1), date(2016, 9, 30), at("2016-09-01 00:00"))
    assert early.points == 5
    assert domain.card(book, "o-nobody", date(2016, 8, 1), date(2016, 9, 30), at("2017-01-01 00:00")).lines == ()


def test_the_cap_of_a_rule_holds_for_each_civil_year():
    days = [f"2016-{month:02d}-10" for month in range(1, 10)]
    book = entries_of(Kind.SETTLED, *days, "2017-01-10")
    made = domain.card(book, COUNTY_LEADER.official, date(2016, 1, 1), date(2017, 12, 31), at("2018-01-01 00:00"))
    assert [(line.total, line.counted, line.cap) for line in made.lines] == [(50, 35, 30)]
    later = domain.card(book, COUNTY_LEADER.official, date(2016, 7, 1), date(2016, 12, 31), at("2018-01-01 00:00"))
    assert [(line.total, line.counted) for line in later.lines] == [(15, 0)], "the cap was reached in June"
    costs = entries_of(Kind.SKIP_LEVEL, *days, detail="city")
    assert domain.card(costs, COUNTY_LEADER.official, date(2016, 1, 1), date(2016, 12, 31), at("2018-01-01 00:00")).points == -20


def test_whoever_is_scored_reads_no_day_and_no_answer_before_its_month_is_over():
    assert domain.whole_months(date(2016, 2, 29), date(2016, 12, 6)) == (date(2016, 2, 1), date(2016, 12, 31))
    late, answer = entries_of(Kind.DISSATISFIED, "2016-09-06"), entries_of(Kind.RETURNED, "2016-09-06")
    book = [replace(each, recorded_at=at("2016-09-06 10:01")) for each in late + answer]
    assert [each.kind for each in domain.told_by(book, at("2016-09-30 23:59"))] == [Kind.RETURNED]
    assert domain.told_by(book, at("2016-10-01 00:00")) == book
    assert domain.objectable_until(book[0], 15) == at("2016-10-17 00:00"), "the days begin when he is shown it"
    assert domain.objectable_until(book[1], 15) == at("2016-09-22 00:00")


def test_a_version_that_is_raised_within_a_year_gives_no_second_cap():
    book = entries_of(Kind.SETTLED, *[f"2016-{month:02d}-10" for month in range(1, 13)])
    name, number = book[0].policy.split("/")
    book = [*book[:6], *(replace(each, policy=f"{name}/{int(number) + 7}", cap=35) for each in book[6:])]
    year = date(2016, 1, 1), date(2016, 12, 31), at("2018-01-01 00:00")
    made = domain.card(book, COUNTY_LEADER.official, *year)
    assert [(line.policy, line.total, line.counted, line.cap) for line in made.lines] == [
        (f"{name}/{int(number) + 7}", 60, 35, 35)
    ]
    assert made.points == 35


@given(occasions(), st.integers(0, 729))
def test_cards_of_periods_side_by_side_add_up_to_the_card_of_the_whole(found, split):
    book, cut = [*whole(found).values()], at("2020-01-01 00:00")
    book = [replace(each, policy="yongxing/99", cap=each.cap and each.cap + 7) if each.id.int % 3 else each for each in book]
    first, last = date(2016, 8, 1), date(2018, 7, 31)
    middle = first + DAY * split
    for code in (COUNTY_LEADER.official, SECRETARY.official, TOWNSHIP):
        parts = domain.card(book, code, first, middle, cut).points + domain.card(book, code, middle + DAY, last, cut).points
        # A rule that counted in the first part of a year may stand on no line of the second part; both are asked for it.
        assert parts == domain.card(book, code, first, last, cut).points


@given(occasions(), st.randoms(use_true_random=False))
def test_a_card_is_the_same_to_the_letter_whatever_is_recorded_after_its_cut_off(found, chance):
    book, cut = [*whole(found).values()], at("2018-06-01 00:00")
    made = domain.card(book, COUNTY_LEADER.official, date(2016, 8, 1), date(2016, 12, 31), cut)
    further = [domain.correct(each, [], correction(each, 9, "2018-06-02 00:00")) for each in book]
    shuffled = book + further
    chance.shuffle(shuffled)
    assert domain.card(shuffled, COUNTY_LEADER.official, date(2016, 8, 1), date(2016, 12, 31), cut) == made


def test_who_is_scored_is_not_told_which_petitioner_answered_what():
    (dissatisfied,) = domain.judge(occasion(Kind.DISSATISFIED), RULES)
    (settled,) = domain.judge(occasion(Kind.SETTLED), RULES)
    (returned,) = domain.judge(occasion(Kind.RETURNED), RULES)
    assert domain.hides_case(dissatisfied, carried=True)
    (unsettled,) = domain.judge(occasion(Kind.UNSETTLED), RULES)
    assert domain.hides_case(settled, carried=False)
    assert domain.hides_case(unsettled, carried=False)
    assert not domain.hides_case(unsettled, carried=True)
    assert domain.hides_case(replace(settled, whom=Whom.UNIT), carried=True)
    assert not domain.hides_case(settled, carried=True)
    assert not domain.hides_case(returned, carried=False)
