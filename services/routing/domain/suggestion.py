"""Who is suggested for a case, and why. Suggested only: a person decides. Nobody barred is ever among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from services.routing.domain.directory import Directory
from services.routing.domain.guard import Bars, posts_of
from services.routing.domain.learning import Evidence, Model, Record, placed, record_key
from services.routing.domain.rules import Broken, Rule, Traits, broken, heads
from shared.contract.person import Person

MOST = 3


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A person and what speaks for him: the rule, by its number; what was learnt; or both.

    `record`: how the rule would have done in the past.
    """

    person: Person
    organisation: str
    number: int | None = None
    rule: Rule | None = None
    evidence: Evidence | None = None
    record: Record | None = None


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """What a page shows. `broken`: the rule that won and leads to nobody, with its number and why: shown, never skipped."""

    suggestions: tuple[Suggestion, ...] = ()
    broken: tuple[int, Rule, Broken] | None = None


@dataclass(frozen=True, kw_only=True)
class Guide:
    """What suggestions rest on: rules in their order, what was learnt, and who may not have the case.

    `author` is who instructs: nobody hands a case to himself.
    """

    rules: Sequence[Rule]
    model: Model | None
    directory: Directory
    bars: Bars | None = None
    records: Mapping[str, Record] = field(default_factory=dict)
    author: str = ""

    @cached_property
    def heads(self) -> dict[str, Person]:
        """Whom a case for each organisation would be handed to."""
        return heads(self.directory)

    def suggest(self, case: Traits) -> Suggested:
        """Up to three suggestions. The rule's comes first, or second where the past speaks against it."""
        winner = self.winner(case)
        why = broken(winner[1], self.directory, self.heads) if winner else None
        found = list(islice(self._learnt(case), MOST + 1))
        if winner and why is None:
            found.insert(placed(winner[1], self.records), self._ruled(*winner, case))
        people: dict[str, Suggestion] = {}
        for each in found:
            if each.person.official not in people and len(people) < MOST:
                # Whom a rule and learning agree on is named once, with the reasons of both.
                people[each.person.official] = next((one for one in found if one.rule and one.person == each.person), each)
        return Suggested(suggestions=tuple(people.values()), broken=(*winner, why) if winner and why else None)

    def _ruled(self, number: int, rule: Rule, case: Traits) -> Suggestion:
        return Suggestion(
            person=self.heads[rule.organisation], organisation=rule.organisation, number=number, rule=rule,
            evidence=self.model.evidence(case, rule.organisation) if self.model else None, record=self.records.get(record_key(rule)),
        )  # fmt: skip

    def winner(self, case: Traits) -> tuple[int, Rule] | None:
        """The first rule that matches, by its number. One that leads to somebody who may not have this case is passed over."""
        for number, rule in enumerate(self.rules, 1):
            if rule.active and rule.matches(case) and self._may_have(rule.organisation):
                return number, rule
        return None

    def _learnt(self, case: Traits) -> Iterator[Suggestion]:
        for unit in self.model.ranking(case) if self.model else ():
            evidence = self.model.evidence(case, unit) if self.model else None
            if evidence and unit in self.heads and self._may_have(unit):
                yield Suggestion(person=self.heads[unit], organisation=unit, evidence=evidence)

    def _may_have(self, organisation: str) -> bool:
        """Whether neither the organisation nor its head is barred, and the head is not the author."""
        person = self.heads.get(organisation)
        if person is None:  # nobody to keep it from but the organisation
            return self.bars is None or not self.bars.bar("", {organisation})
        posts = {organisation, *posts_of(person.official, self.directory)}
        return person.official != self.author and (self.bars is None or not self.bars.bar(person.official, posts))
