"""Made petitions: matters that happened once and are told once or several times, and neighbours that only sound alike.

A matter is a village, people, a firm and what they did. Told again, its facts are chosen, ordered and worded anew, with slips
of the pen, by the same person or another one. A neighbour tells the same facts in the same words, of another village.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from services.intake.domain.categories import UNSORTED
from services.intake.domain.submission import Channel, Identity, MatterType, Petitioner, Submission

WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("petitions.yaml").read_text(encoding="utf-8"))
_FIRST = "十里龙高大小新老石黄柏金青白樟竹杨梅桃双三五七沙泥塘坪洞湖油鲤马碧"
_SECOND = "洞塘坪冲湾岭桥山溪坳井田铺家背源口江垅市"
_FAMILY = "陈李刘黄何邓曹马廖许王张周谢曾罗唐彭雷欧"
_GIVEN = "国建明志文华秀英芳军平春海丽玉兰德贵生财福桂香冬梅发云强红勇林涛"
_FIRM = "永兴便江银都恒鑫宏源达顺昌盛天星金龙远大"
_TRADE = (
    "造纸厂",
    "砖厂",
    "采石场",
    "冶炼厂",
    "建筑公司",
    "房地产公司",
    "养殖场",
    "化工厂",
    "砂场",
    "矿业公司",
    "烟花厂",
    "物业公司",
)
_NUMBERS = "两三四五六七八九十"
_SLIPS = dict(zip("的已做再和哪象带须坐园", "地己作在合那像戴需座圆", strict=True))
TOWNSHIPS = 24
SAME_NEXT_DOOR = 3  # of the five facts that a matter has


@dataclass(frozen=True, kw_only=True)
class Made:
    """A petition and the number of the matter that it is about: equal numbers are the truth that is looked for."""

    matter: int
    given: Submission


@dataclass(frozen=True, kw_only=True)
class _Matter:
    number: int
    kind: dict[str, Any]
    names: dict[str, str]
    place: str
    facts: tuple[str, ...]
    who: Petitioner


class Maker:
    """Makes petitions; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._r = random.Random(seed)
        self._towns = [self._village() + "镇" for _ in range(TOWNSHIPS)]
        self._villages = [[self._village() + "村" for _ in range(12)] for _ in self._towns]

    def petitions(self, count: int, *, again: float = 0.15, neighbours: float = 0.2) -> Iterator[Made]:
        """`count` petitions: of these `again` tell a matter that was told before, `neighbours` sound like one next door."""
        known: list[_Matter] = []
        for number in range(count):
            draw = self._r.random()
            if known and draw < again:
                matter = self._r.choice(known[-2_000:])
                yield Made(matter=matter.number, given=self._told(matter, again=True))
                continue
            fresh = self._matter(number)
            if known and draw < again + neighbours:
                fresh = self._next_door(self._r.choice(known[-2_000:]), fresh)
            known.append(fresh)
            yield Made(matter=fresh.number, given=self._told(fresh, again=False))

    def brief(self, kind: dict[str, Any], town: int, facts: Sequence[int]) -> tuple[str, str]:
        """A title and what a clerk makes of some facts of a matter of this kind, by their place in the list."""
        matter = self._matter(0, kind, town)
        said = "".join(self._happened(kind["facts"][fact]) for fact in facts)
        title, said = (self._reworded(self._filled(text, matter)) for text in (self._r.choice(kind["titles"]), said))
        return title, said

    def _village(self) -> str:
        return self._r.choice(_FIRST) + self._r.choice(_SECOND)

    def _happened(self, sentence: str) -> str:
        """A sentence with its choices made and its people named: `{q}` and `{w}` are others than the one complained of."""
        sentence = re.sub(r"\[([^\]]+)\]", lambda found: self._r.choice(found[1].split("|")), sentence)
        return re.sub(r"\{[qw]\}", lambda _: self._person(), sentence)

    def _person(self) -> str:
        return self._r.choice(_FAMILY) + "".join(self._r.sample(_GIVEN, self._r.choice((1, 2, 2))))

    def _matter(self, number: int, kind: dict[str, Any] | None = None, town: int | None = None) -> _Matter:
        r = self._r
        town = r.randrange(TOWNSHIPS) if town is None else town
        names = {
            "t": self._towns[town], "v": r.choice(self._villages[town]), "p": self._person(), "f": "".join(r.sample(_FIRM, 2)) + r.choice(_TRADE),
            "g": r.choice("一二三四五六七八九") + "组", "r": self._village() + r.choice(("路", "公路", "街", "大道")), "m": r.choice("一二三四五六七八九十") + "月份",
            "n": r.choice(_NUMBERS),
        }  # fmt: skip
        kind = kind or r.choice(WORDS["matters"])
        who = Petitioner(name=self._person(), phone=f"13{r.randrange(10**9):09d}")
        return _Matter(number=number, kind=kind, names=names, place=f"431023{100 + town}", facts=self._facts(kind), who=who)

    def _facts(self, kind: dict[str, Any]) -> tuple[str, ...]:
        return tuple(map(self._happened, [*self._r.sample(kind["facts"], 5), *self._r.sample(WORDS["specifics"], 2)]))

    def _next_door(self, known: _Matter, fresh: _Matter) -> _Matter:
        """The same kind of trouble in another village of the same township, with other people and another firm."""
        town = int(known.place[6:]) - 100
        village = self._r.choice([each for each in self._villages[town] if each != known.names["v"]])
        names = fresh.names | {"t": known.names["t"], "v": village}
        facts = known.facts[:SAME_NEXT_DOOR] + self._facts(known.kind)[SAME_NEXT_DOOR:]
        return replace(fresh, kind=known.kind, names=names, place=known.place, facts=facts)

    def _told(self, matter: _Matter, *, again: bool) -> Submission:
        r = self._r
        facts = r.sample(matter.facts, r.randint(3, 6) if again else r.randint(5, 7))
        said = [r.choice(WORDS["openings"]), *facts, *r.sample(WORDS["fillers"], r.randint(0, 2))]
        said += [r.choice(WORDS["repeats"])] * (again and r.random() < 0.5) + [r.choice(WORDS["requests"])]
        text = self._slip(self._reworded(self._filled("".join(said), matter)))
        place = matter.place if r.random() < 0.8 else ""
        return Submission(
            channel=r.choice(list(Channel)), title=self._reworded(self._filled(r.choice(matter.kind["titles"]), matter)), text=text,
            matter_type=MatterType.APPEAL, category=matter.kind["category"] if r.random() < 0.7 else UNSORTED, place=place,
            **self._who(matter, again=again),
        )  # fmt: skip

    def _who(self, matter: _Matter, *, again: bool) -> dict[str, Any]:
        draw = self._r.random()
        if draw < 0.25:
            return {"identity": Identity.ANONYMOUS}
        if again and draw < 0.5:  # somebody else with the same matter
            return {
                "identity": Identity.NAMED,
                "petitioner": Petitioner(name=self._person(), phone=f"13{self._r.randrange(10**9):09d}"),
            }
        return {"identity": Identity.NAMED, "petitioner": matter.who}

    def _filled(self, text: str, matter: _Matter) -> str:
        return re.sub(r"\{(\w)\}", lambda found: matter.names[found[1]], text)

    def _reworded(self, text: str) -> str:
        for same in WORDS["synonyms"]:
            for word in same:
                if word in text and self._r.random() < 0.5:
                    text = text.replace(word, self._r.choice(same))
                    break
        return text

    def _slip(self, text: str) -> str:
        """About one wrong, missing or doubled character in a hundred."""

        def slip(letter: str) -> str:
            draw = self._r.random()
            if draw > 0.012:
                return _SLIPS.get(letter, letter) if draw > 0.97 else letter
            return "" if draw < 0.005 else letter * 2 if draw < 0.008 else self._r.choice(_GIVEN)

        return "".join(map(slip, text))
