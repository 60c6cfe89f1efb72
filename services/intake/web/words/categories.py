"""What categories are called: data of the site, in the reader's language."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext

from services.intake.domain.categories import UNSORTED, Tree


class Names(dict[str, str]):
    """Code to words, for templates: `words.categories[code]`. A code that the tree does not know finds its top level's."""

    def __init__(self, tree: Tree, language: str) -> None:
        self._tree, self._language = tree, language
        super().__init__({entry.code: tree.name(entry.code, language) for entry in tree.entries})
        self[UNSORTED] = gettext("未分类")

    def __missing__(self, code: str) -> str:
        return self._tree.name(code, self._language)

    def groups(self, on: date) -> list[tuple[str, list[tuple[str, str]]]]:
        """What may be chosen on a day: each top level with itself, for what fits none of its parts, and its parts."""
        english = self._language == "en"
        return [
            (
                self[top.code],
                [(top.code, gettext("%(category)s（不细分）", category=self[top.code]))]
                + [(part.code, part.en if english else part.zh) for part in parts],
            )
            for top, parts in self._tree.offered(on)
        ]
