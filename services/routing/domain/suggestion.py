"""Who is suggested for a case, and why. Suggested only: a person decides. Nobody barred is ever among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.routing.domain.directory import Directory
from services.routing.domain.guard import Bars, posts_of
from services.routing.domain.learning import Evidence, Model
from services.routing.domain.rules import Broken, Rule, Traits, broken, heads
from shared.contract.person import Person

MOST = 3


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A person and what speaks for him: the rule, by its number; what was learnt; or both."""

    person: Person
    organisation: str
    number: int | None = None
    rule: Rule | None = None
    evidence: Evidence | None = None


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
    author: str = ""

    @cached_property
    def heads(self) -> dict[str, Person]:
        """Whom a case for each organisation would be handed to."""
        return heads(self.directory)

    def suggest(self, case: Traits) -> Suggested:
        """Up to three suggestions; the rule's comes first."""
        winner = self.winner(case)
        why = broken(winner[1], self.directory, self.heads) if winner else None
        found: dict[str, Suggestion] = {}
        if winner and why is None:
            number, rule = winner
            found[self.heads[rule.organisation].official] = Suggestion(
                person=self.heads[rule.organisation], organisation=rule.organisation, number=number, rule=rule,
                evidence=self.model.evidence(case, rule.organisation) if self.model else None,
            )  # fmt: skip
        for each in self._learnt(case):
            if len(found) < MOST:
                found.setdefault(each.person.official, each)
        return Suggested(suggestions=tuple(found.values()), broken=(*winner, why) if winner and why else None)

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
