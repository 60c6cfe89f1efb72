"""What a county decides about its intake: the file that ZHIDA_FILE_INTAKE names, a section for each topic.

    files: {folder: /srv/zhida/files, largest_mb: 25}
    categories: categories.yaml

Without a file every section has its defaults. `docs/operations.md` lists the sections. `duty_file` and `plan_file` read the files
that set a roster and a calendar up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.intake.domain.categories import Tree
from services.intake.domain.retention import Retention
from services.intake.domain.texts import Texts
from services.intake.site.boards import Board, BoardSection, check_names
from services.intake.site.categories import read_tree
from services.intake.site.files import Files, FilesSection
from services.intake.site.imports import Imports, ImportsSection
from services.intake.site.mail import MailSection, MailSite
from services.intake.site.mistakes import first
from services.intake.site.retention import RetentionSection
from services.intake.site.telephone import Telephone, TelephoneSection
from services.intake.site.texts import TextsSection, own_texts
from shared.config import Settings


@dataclass(frozen=True, kw_only=True)
class Site:
    """The sections, read and checked."""

    files: Files
    imports: Imports
    retention: Retention
    telephone: Telephone
    categories: Path | None  # a county's own tree; None: the one that comes with the system
    mail: MailSite
    texts: Texts
    boards: tuple[Board, ...] = ()
    tree: Tree = field(default_factory=lambda: Tree(()))

    def at(self, folder: Path) -> Site:
        """The same, with the paths that are not absolute taken from `folder`: the file's, or the one beside the keys.

        Raises OSError when the tree of categories or a board's secret is missing or makes no sense.
        """
        file = self.categories and folder / self.categories
        return replace(
            self,
            files=replace(self.files, folder=folder / self.files.folder),
            telephone=self.telephone.at(folder),
            mail=self.mail.at(folder),
            boards=tuple(board.at(folder) for board in self.boards),
            categories=file,
            tree=read_tree(file),
        )


class SiteFile(Schema):
    """The whole file; a word that it does not know is a mistake, not a comment."""

    files = fields.Nested(FilesSection, load_default=lambda: FilesSection().load({}))
    imports = fields.Nested(ImportsSection, load_default=lambda: ImportsSection().load({}))
    retention = fields.Nested(RetentionSection, load_default=lambda: RetentionSection().load({}))
    categories = fields.String(load_default=None, validate=validate.Length(1))
    telephone = fields.Nested(TelephoneSection, load_default=lambda: TelephoneSection().load({}))
    mail = fields.Nested(MailSection, load_default=lambda: MailSection().load({}))
    texts = fields.Nested(TextsSection, load_default=dict)
    boards = fields.List(fields.Nested(BoardSection), load_default=list, validate=check_names)

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> Site:
        file = data["categories"]
        made = {"categories": file and Path(file), "texts": own_texts(data["texts"]), "boards": tuple(data["boards"])}
        return Site(**data | made)


def read_site(settings: Settings) -> Site:
    """The site of this instance. Raises OSError, naming file, field and rule, when the file is missing or makes no sense."""
    path = settings.service_files.get("intake")
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) if path else None
        site: Site = SiteFile().load({} if given is None else given)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise OSError(f"{path}: not YAML: {fault}") from fault
    except ValidationError as fault:
        raise OSError(f"{path}: {first(fault.messages)}; see docs/operations.md") from fault
    return site.at(path.parent if path else settings.keys.parent)
