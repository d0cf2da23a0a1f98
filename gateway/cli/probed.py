"""How a probed panel is shown: what was seen, the dialect that fits, a table for providers.toml."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import typer

from gateway.cli.output import Failure, print_table, say, warn
from gateway.cli.session import DEFAULT_CONFIG
from gateway.dialects.book import BOOK
from gateway.dialects.document import DialectErrors, read_dialect, write_dialect
from gateway.domain.catalog import Provider
from gateway.domain.drafts import toml
from gateway.operations.probe import Probed
from gateway.storage.documents import DocumentErrors, Documents, parse
from gateway.storage.documents_texts import dialect_file
from gateway.storage.documents_values import PROVIDER_NAME

TIMEOUT_SECONDS = 20
_MARKUP = 'currency = "USD"\n[[rules]]\nfixed = "1"\n'


@dataclass(frozen=True, slots=True)
class Told:
    """What a probe tells of a panel. `configured`: it stands in providers.toml.

    `named` is the name of its dialect's document, if one has to be written; else the provider's.
    """

    probed: Probed
    provider: Provider
    configured: bool
    named: str = ""

    def __post_init__(self) -> None:
        """Raises Failure where nothing can be told."""
        if why := self.probed.why_nothing(self.provider):
            raise Failure(f"{self.provider.name}: {why}")

    def facts(self) -> dict[str, object]:
        """Everything, for programs."""
        found = self.probed.inference
        return {
            "provider": self.provider.name,
            "url": self.provider.url,
            "configured": self.provider.dialect if self.configured else None,
            "best": found.best,
            "differs": self.differs,
            "scores": found.scores,
            "score_max": found.score_max,
            "features": found.features,
            "read_by": self.probed.read_by.name,
            "readings": self.probed.readings,
            "silent": self.probed.silent,
            "undecided": found.undecided,
            "first_order": found.first_order,
            "proposal": self.proposal(),
            "draft": write_dialect(found.draft) if found.draft else None,
        }

    def show(self) -> None:
        """The same for people."""
        found, panel = self.probed.inference, self.provider
        rows = [
            (each.feature, each.seen, ", ".join(each.points_to) or "a way of its own")
            for each in found.features
        ]
        print_table(f"What {panel.url} does", ["feature", "seen", "as in"], rows)
        read = [(each.question, each.understood, each.answer) for each in self.probed.readings]
        silent = [(each, False, f"no answer: {why}") for each, why in self.probed.silent.items()]
        title = f"Read by the dialect {self.probed.read_by.name}"
        print_table(title, ["question", "understood", "read as"], [*read, *silent])
        if found.undecided:
            print_table("Not decided", ["what"], [(each,) for each in found.undecided])
        print_table("Only a first real order shows", ["what"], [(e,) for e in found.first_order])
        say(f"The best dialect: {self._verdict()}")
        if self.differs:
            warn(f"{panel.name} is configured as {panel.dialect}, which is not what was seen")
        elif self.configured and found.best:
            say(f"{panel.name} is configured so.")
        say("For providers.toml:")
        typer.echo(self.proposal())

    @property
    def is_clear(self) -> bool:
        """Whether the configured dialect understood all, or one could be told at all."""
        found = self.probed.inference
        if self.configured:
            return all(each.understood for each in self.probed.readings)
        return found.best is not None or found.draft is not None

    @property
    def differs(self) -> bool:
        """Whether another dialect than the configured one fits, or none at all."""
        found = self.probed.inference
        other = found.draft is not None or found.best not in (None, self.provider.dialect)
        return self.configured and other

    def proposal(self) -> str:
        """A `[providers.NAME]` table, with what its document says already where there is one."""
        return self.probed.table(self.provider, configured=self.configured, named=self.named)

    def write_draft(self, file: Path) -> None:
        """Write the document of the dialect, where none fits; say what was done."""
        found = self.probed.inference
        if found.draft is None:
            why = f"the dialect {found.best} fits" if found.best else "too little is known"
            warn(f"nothing was written: {why}")
            return
        text = write_dialect(found.draft)
        try:
            read_dialect(file.stem, text)
        except DialectErrors as errors:
            text = "".join(f"# to mend: {each}\n" for each in errors.errors) + text
            warn("the draft needs a hand: see its first lines")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        except OSError as error:
            raise Failure(f"{file} cannot be written: {error.strerror}") from None
        warn(f"a draft is in {file}: look it through, then `gateway catalog check`")

    @property
    def _named(self) -> str:
        return self.named or self.provider.name

    def _verdict(self) -> str:
        """Which dialect it is, with how much speaks for each."""
        found = self.probed.inference
        ranked = sorted(found.scores.items(), key=lambda each: -each[1])
        scores = ", ".join(f"{name} {score} of {found.score_max}" for name, score in ranked)
        if found.best:
            return f"{found.best} ({scores})"
        if found.draft:
            file = DEFAULT_CONFIG / dialect_file(self._named)
            return f"none fits; --write {file} writes a draft of what differs ({scores})"
        return f"not decided ({scores})"


def unlisted(url: str, key_env: str) -> Provider:
    """A panel that stands in no document yet, named after its host; asked as the standard says."""
    name = _name_of(url)
    table = f"url = {toml(url)}\nkey_env = {toml(key_env)}\ntimeout_seconds = {TIMEOUT_SECONDS}\n"
    rest = 'dialect = "standard"\ncurrency = "USD"\n'
    try:
        catalog = parse(Documents(f"[providers.{name}]\n{table}{rest}", "", _MARKUP))
    except DocumentErrors as errors:
        words = (f"{each.field.rpartition('.')[2]}: {each.message}" for each in errors.errors)
        raise Failure("; ".join(words)) from None
    return catalog.providers[name]


def check_file(file: Path, *, force: bool) -> None:
    """Whether a draft could be written there; raises Failure."""
    if file.suffix != ".toml" or not re.fullmatch(PROVIDER_NAME, file.stem):
        raise Failure(f"{file}: a dialect's document is called NAME.toml")
    if file.stem.casefold() in BOOK:
        raise Failure(f"{file}: {file.stem} is built in: give the dialect another name")
    if file.exists() and not force:
        raise Failure(f"{file} is there already (--force writes over it)")


def _name_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    labels = [each for each in host.split(".")[:-1] if each not in ("www", "api", "panel")]
    name = next(iter(labels), "")
    return name if re.fullmatch(PROVIDER_NAME, name) else "panel"
