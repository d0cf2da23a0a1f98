"""The rules of the house that no linter states, each held over the tree and seen to bite."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parent.parent
Rule = Callable[[str, str], list[str]]
"""From a file's text and its path within the house to its offences, as `line: what`."""

MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
ROOM_NAMES = re.compile(
    r"utils?|helpers?|managers?|common|misc|base|core|lib|services?_.*|(.*_)?service"
)
WRITTEN_NEVER = re.compile(
    r"(?i)(?<![a-z])(supplier|vendor|adapter|profit|mismatch)(e?s)?(?![a-z])"
)
NAMED_NEVER = re.compile(
    r"(supplier|vendor|adapter|driver|user|product|package|price|profit|job|mismatch|manager|util"
    r"|helper|misc)(e?s)?"
)
# only the rooms that call somebody have something that is honestly called a client
WITHOUT_CLIENTS = ("domain", "dialects", "operations", "storage", "panel", "admin", "sandbox")
MACHINERY = {"Manager", "Layer", "Factory", "Registry", "Locator", "Handler", "Bus", "Container"}
WAITING_OR_CHANCE = re.compile(
    r"(asyncio|io|logging|os|pathlib|random|secrets|shutil|socket|ssl|subprocess|tempfile|threading"
    r"|time)(\..*)?"
)
PURE = {
    "domain": {"gateway.domain"},
    "dialects": {"gateway.domain", "gateway.dialects", "msgspec"},
}
# which part of the house a library belongs to; nobody else imports it, nobody at all where () is
LIBRARIES: dict[str, tuple[str, ...]] = {
    "__future__": (),
    "sqlalchemy.orm": (),
    "sqlalchemy": ("gateway/storage/",),
    "asyncpg": ("gateway/storage/",),
    "alembic": ("gateway/storage/",),
    "redis": ("gateway/storage/",),
    "pydantic": ("gateway/storage/", "gateway/settings.py"),
    "pydantic_settings": ("gateway/settings.py",),
    "httpx": (
        "gateway/upstream/wire.py",
        "gateway/upstream/played.py",
        "gateway/upstream/guarded.py",
        "gateway/upstream/issuer.py",
    ),
    "h11": ("gateway/sandbox/",),
    "starlette": ("gateway/panel/", "gateway/admin/", "gateway/app.py"),
    "uvicorn": ("gateway/app.py",),
    "jinja2": ("gateway/admin/",),
    "markupsafe": ("gateway/admin/",),
    "argon2": ("gateway/storage/passwords.py",),
    "pyotp": ("gateway/storage/second_factors.py",),
    "segno": ("gateway/admin/", "gateway/cli/"),
    "tomlkit": ("gateway/storage/",),
    "authlib": ("gateway/upstream/",),
    "typer": ("gateway/cli/",),
    "rich": ("gateway/cli/",),
}
# spelled as patterns, or backwards, so that this file does not contain what it looks for
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|home|Users|root|mnt|opt)/[\w.-]+")
HOSTS = re.compile(
    r"(?i)\b(?:"
    + "|".join(
        re.escape(name[::-1])
        for name in (
            *("gro.ipyp", "gro.detsohnohtyp", "gro.sjmpn", "moc.sjmpn", "oi.rekcod", "moc.rekcod"),
            *("oi.rchg", "oi.rcg", "oi.yauq", "oi.setarc", "gro.smegybur", "gro.gnalog.yxorp"),
            *("gro.adnocana", "gro.naibed.bed"),
        )
    )
    + r")\b"
)
_NOQA = re.compile(r"#\s*noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?")
_SILENT = re.compile(r"noqa|ignore")
_PYRIGHT = re.compile(r"#\s*pyright:\s*ignore(?:\[[^\]]*\])?")

EXCEPTIONS = {
    ("gateway/storage/migrations.py", "commit()"): "a connection of its own, outside the pool",
    ("gateway/domain/money.py", "product"): "of a multiplication",
    ("gateway/domain/services.py", "PACKAGE"): "the trade's name of a type",
    ("gateway/domain/services.py", "CUSTOM_COMMENTS_PACKAGE"): "the same",
    ("gateway/domain/services.py", "CUSTOM_COMMENTS_PACKAGE_BY_LIST"): "the same",
    ("gateway/domain/services.py", "MENTIONS_USER_FOLLOWERS"): "the same",
    ("gateway/sandbox/offers.py", "_PACKAGE"): "the trade's name of a type",
    ("gateway/operations/add.py", "_price"): "the verb",
    ("gateway/operations/dispatch.py", "send, settle"): "steps of one verb",
    ("gateway/operations/poll.py", "close_old, poll"): "following, and when it ends",
    ("gateway/operations/reap.py", "expire, reap"): "both end what nobody else will",
    ("gateway/operations/services.py", "kind_of, services"): "the list, and one type of it",
    ("gateway/operations/sync.py", "sync, synced_lately"): "the verb, and whether it is due",
    ("gateway/upstream/inflow.py", "max_length"): "zlib's own argument",
    ("tests/dialects/test_samples.py", "samples"): "answers of panels, through the whole dialect",
    ("tests/embedded/test_processes.py", "processes"): "the servers as processes, kills included",
    ("tests/sandbox/test_command.py", "command"): "the command as a process of its own",
    ("tests/trade/test_chain.py", "chain"): "two gateways, one the other's provider",
    ("tests/trade/test_libraries.py", "libraries"): "clients that others wrote",
    ("tests/trade/test_odd_panel.py", "odd_panel"): "a panel that only a document describes",
    ("tests/trade/test_pairs.py", "pairs"): "every front door with every provider",
    ("tests/storage/test_schema.py", "schema"): "migrations against models",
}


def module_size(source: str, _path: str) -> list[str]:
    lines = source.count("\n")
    return [f"{lines}: lines in one module"] if lines > MODULE_LINES_MAX else []


def function_size(source: str, _path: str) -> list[str]:
    return [
        f"{each.lineno}: {each.name}"
        for each in _functions(source)
        if (each.end_lineno or 0) - each.lineno + 1 > FUNCTION_LINES_MAX
    ]


def room_names(_source: str, path: str) -> list[str]:
    parts = PurePosixPath(path).with_suffix("").parts[1:]
    stems = (part.removeprefix("test_") for part in parts)
    return [f"0: {stem}" for stem in stems if ROOM_NAMES.fullmatch(stem)]


def only_the_database_commits(source: str, path: str) -> list[str]:
    if path == "gateway/storage/database.py":
        return []
    return [
        f"{each.lineno}: {each.func.attr}()"
        for each in _nodes(source)
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in {"commit", "rollback"}
        and not each.args
    ]


def no_binary_fractions(source: str, _path: str) -> list[str]:
    return _matches(re.compile(r"\bfloat[48]?\b|(?i:double precision)"), source)


def words_never_written(source: str, _path: str) -> list[str]:
    return _matches(WRITTEN_NEVER, source)


def words_never_named(source: str, path: str) -> list[str]:
    no_clients = PurePosixPath(path).parts[1] in WITHOUT_CLIENTS
    return [
        f"{line}: {name}"
        for line, name in _defined(source)
        for part in _humps(name)
        if NAMED_NEVER.fullmatch(part.lower()) or (no_clients and part.lower() == "client")
    ]


def services_are_sold(source: str, _path: str) -> list[str]:
    found: list[str] = []
    for each in _nodes(source):
        if isinstance(each, ast.ClassDef):
            humps = _humps(each.name)
            ours = len(humps) > 1 and humps[-1] == "Service"
            if ours or ({"Service", "Services"} & set(humps) and MACHINERY & set(humps)):
                found.append(f"{each.lineno}: {each.name}")
    return found


def units_last(source: str, _path: str) -> list[str]:
    first = ("max_", "min_", "seconds_", "minutes_", "milliseconds_", "bytes_max_")
    return [
        f"{line}: {name}"
        for line, name in _defined(source, functions=False)
        if name.lower().lstrip("_").startswith(first)
    ]


def silence_has_a_reason(source: str, _path: str) -> list[str]:
    found: list[str] = []
    for line, comment in _comments(source):
        if re.search(r"#\s*type:\s*ignore", comment):
            found.append(f"{line}: {comment}")
        for silence in (*_NOQA.finditer(comment), *_PYRIGHT.finditer(comment)):
            reason = comment[silence.end() :].partition("#")[0]
            if ":" not in silence[0] or not re.search(r"[a-z]{2}", reason):
                found.append(f"{line}: {comment}")
    return found


def only_embedded_sleeps(source: str, path: str) -> list[str]:
    """`time.sleep` stops every call of a process; only what runs before the loop may."""
    if path.startswith("gateway/embedded/"):
        return []
    return [
        f"{each.lineno}: time.sleep"
        for each in _nodes(source)
        if (isinstance(each, ast.Attribute) and ast.unparse(each) == "time.sleep")
        or (isinstance(each, ast.ImportFrom) and each.module == "time" and _imports(each, "sleep"))
    ]


def pure_rooms(source: str, path: str) -> list[str]:
    """The rules and the phrase book wait for nothing, look at no clock and draw no lots."""
    allowed = PURE[PurePosixPath(path).parts[1]]
    found = [
        f"{line}: {module}"
        for line, module in _imported(source)
        if WAITING_OR_CHANCE.fullmatch(module)
        or not (
            module.partition(".")[0] in sys.stdlib_module_names
            or any(f"{module}.".startswith(f"{each}.") for each in allowed)
        )
    ]
    waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncWith, ast.AsyncFor)
    found += [
        f"{each.lineno}: {type(each).__name__}"
        for each in _nodes(source)
        if isinstance(each, waits)
    ]
    return found


def frozen_values(source: str, _path: str) -> list[str]:
    found: list[str] = []
    for each in _nodes(source):
        if isinstance(each, ast.ClassDef):
            for decorator in each.decorator_list:
                spelled = ast.unparse(decorator)
                frozen = "frozen=True" in spelled and "slots=True" in spelled
                if spelled.startswith("dataclass") and not frozen:
                    found.append(f"{each.lineno}: {each.name}")
    return found


def libraries_have_rooms(source: str, path: str) -> list[str]:
    return [
        f"{line}: {module}"
        for line, module in _imported(source)
        for library, rooms in LIBRARIES.items()
        if f"{module}.".startswith(f"{library}.") and not path.startswith(rooms)
    ]


def no_call_in_a_transaction(source: str, _path: str) -> list[str]:
    """A provider may take 40 seconds; no lock and no connection waits for him."""
    found: list[str] = []
    for block in _nodes(source):
        if isinstance(block, ast.AsyncWith) and any(
            ast.unparse(item.context_expr).endswith((".transaction()", ".reading()"))
            for item in block.items
        ):
            found += [
                f"{each.lineno}: {ast.unparse(each)}"
                for statement in block.body
                for each in ast.walk(statement)
                if (isinstance(each, ast.Name) and each.id in {"panel", "panels"})
                or (isinstance(each, ast.Attribute) and each.attr == "panels")
            ]
    return found


def one_verb_a_file(source: str, path: str) -> list[str]:
    if path.endswith("__init__.py"):
        return []
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = [each.name for each in _tree(source).body if isinstance(each, functions)]
    verbs = sorted(name for name in names if not name.startswith("_"))
    return [] if len(verbs) == 1 else [f"0: {', '.join(verbs)}"]


def mirrors_the_house(_source: str, path: str) -> list[str]:
    within = PurePosixPath(path).relative_to("tests")
    if not within.name.startswith("test_") or within == PurePosixPath("test_house.py"):
        return []
    name = within.stem.removeprefix("test_")
    room = ROOT / "gateway" / within.parent
    words = name.split("_")
    # what a module does may fill several files: test_dispatch.py, test_dispatch_many.py
    modules = ("_".join(words[:count]) for count in range(1, len(words) + 1))
    return [] if any((room / f"{each}.py").exists() for each in modules) else [f"0: {name}"]


def no_machine_paths(source: str, path: str) -> list[str]:
    # what panels answered is kept as it came, their own paths included
    return [] if "/samples/" in path else _matches(MACHINE_PATHS, source)


def no_registry_hosts(source: str, path: str) -> list[str]:
    hosts = re.compile(r"\w+://[^\"']*") if path == "uv.lock" else HOSTS
    return [] if "/samples/" in path else _matches(hosts, source)


GATEWAY = ("gateway/**/*.py",)
PYTHON = ("gateway/**/*.py", "tests/**/*.py", "alembic/**/*.py")
TREES = ("gateway", "tests", "alembic", "config", "deploy", "docs", ".ci")
EVERYTHING = ("*", *(f"{tree}/**/*" for tree in TREES))
RULES: dict[Rule, tuple[str, ...]] = {
    module_size: GATEWAY,
    function_size: PYTHON,
    room_names: PYTHON,
    only_the_database_commits: GATEWAY,
    no_binary_fractions: (*GATEWAY, "alembic/**/*.py"),
    words_never_written: (*GATEWAY, "alembic/**/*.py", "config/*.toml"),
    words_never_named: GATEWAY,
    services_are_sold: PYTHON,
    units_last: GATEWAY,
    silence_has_a_reason: PYTHON,
    only_embedded_sleeps: GATEWAY,
    pure_rooms: ("gateway/domain/**/*.py", "gateway/dialects/**/*.py"),
    frozen_values: ("gateway/domain/**/*.py", "gateway/dialects/**/*.py"),
    libraries_have_rooms: GATEWAY,
    no_call_in_a_transaction: GATEWAY,
    one_verb_a_file: ("gateway/operations/*.py",),
    mirrors_the_house: ("tests/**/*.py",),
    no_machine_paths: EVERYTHING,
    no_registry_hosts: EVERYTHING,
}

AN_OPERATION = "gateway/operations/planted.py"
A_RULE = "gateway/domain/planted.py"
PLANTED: list[tuple[Rule, str, str]] = [
    (module_size, A_RULE, "x = 1\n" * 301),
    (function_size, A_RULE, "def long():\n" + "    print()\n" * 50),
    (function_size, A_RULE, "class A:\n    async def long(self):\n" + "        print()\n" * 50),
    (room_names, "gateway/storage/utils.py", ""),
    (room_names, "gateway/core/orders.py", ""),
    (room_names, "tests/panel/helpers.py", ""),
    (room_names, "gateway/operations/order_service.py", ""),
    (only_the_database_commits, AN_OPERATION, "async def f(c):\n    await c.commit()\n"),
    (only_the_database_commits, "gateway/storage/offers.py", "connection.rollback()\n"),
    (no_binary_fractions, A_RULE, "def f(x: float) -> None: ...\n"),
    (no_binary_fractions, A_RULE, "x = float('1.5')\n"),
    (no_binary_fractions, "alembic/versions/2.py", "'ALTER TABLE t ADD rate double precision'\n"),
    (words_never_written, A_RULE, "# ask the supplier\n"),
    (words_never_written, "alembic/versions/2.py", "'ALTER TABLE orders ADD profit numeric'\n"),
    (words_never_written, A_RULE, "raise ValueError('mismatches found')\n"),
    (words_never_named, A_RULE, "def charge_user(order): ...\n"),
    (words_never_named, A_RULE, "class OrderPrice: ...\n"),
    (words_never_named, A_RULE, "async def f(job): ...\n"),
    (words_never_named, A_RULE, "self.drivers = []\n"),
    (words_never_named, "gateway/panel/planted.py", "client_id = 1\n"),
    (services_are_sold, AN_OPERATION, "class OrderService: ...\n"),
    (services_are_sold, AN_OPERATION, "class ServiceRegistry: ...\n"),
    (units_last, A_RULE, "MAX_LINES = 3\n"),
    (units_last, A_RULE, "def f(min_quantity: int): ...\n"),
    (silence_has_a_reason, A_RULE, "import os  # noqa\n"),
    (silence_has_a_reason, A_RULE, "import os  # noqa: F401\n"),
    (silence_has_a_reason, A_RULE, "import os  # noqa: F401, E402  # pyright: ignore[a]  why\n"),
    (silence_has_a_reason, A_RULE, "x = y()  # pyright: ignore[reportUnknown]\n"),
    (silence_has_a_reason, A_RULE, "x = y()  # type: ignore[attr]  whatever the reason\n"),
    (only_embedded_sleeps, "gateway/worker.py", "import time\ndef f():\n    time.sleep(1)\n"),
    (only_embedded_sleeps, "gateway/worker.py", "from time import sleep\n"),
    (pure_rooms, A_RULE, "import msgspec\n"),
    (pure_rooms, A_RULE, "from gateway.dialects import book\n"),
    (pure_rooms, A_RULE, "import gateway\n"),
    (pure_rooms, A_RULE, "from random import Random\n"),
    (pure_rooms, A_RULE, "async def f(): ...\n"),
    (pure_rooms, "gateway/dialects/planted.py", "import rich\n"),
    (pure_rooms, "gateway/dialects/planted.py", "import os.path\n"),
    (frozen_values, A_RULE, "@dataclass\nclass A: ...\n"),
    (frozen_values, A_RULE, "@dataclass(frozen=True)\nclass A: ...\n"),
    (libraries_have_rooms, "gateway/storage/planted.py", "from sqlalchemy.orm import Session\n"),
    (libraries_have_rooms, "gateway/storage/planted.py", "from sqlalchemy import orm\n"),
    (libraries_have_rooms, A_RULE, "from __future__ import annotations\n"),
    (libraries_have_rooms, "gateway/upstream/client.py", "import httpx\n"),
    (libraries_have_rooms, "gateway/cli/planted.py", "import asyncpg\n"),
    (
        libraries_have_rooms,
        "gateway/sandbox/planted.py",
        "from starlette.requests import Request\n",
    ),
    (
        no_call_in_a_transaction,
        AN_OPERATION,
        "async def f(b, p):\n    async with b.database.transaction() as c:\n"
        "        await b.panels.of(p).balance()\n",
    ),
    (one_verb_a_file, AN_OPERATION, "def one(): ...\nasync def two(): ...\n"),
    (one_verb_a_file, AN_OPERATION, "def _hidden(): ...\n"),
    (mirrors_the_house, "tests/domain/test_moneys.py", ""),
    (mirrors_the_house, "tests/test_everything.py", ""),
    (no_machine_paths, "Makefile", "cd " + "/ho" + "me/bob/gateway\n"),
    (no_registry_hosts, "Makefile", "pip install --index-url https://py" + "pi.org/simple x\n"),
    (no_registry_hosts, "uv.lock", 'source = { registry = "https://mirror.example/simple" }\n'),
]
QUIET: list[tuple[Rule, str, str]] = [
    (function_size, A_RULE, "def short():\n" + "    print()\n" * 49),
    (only_the_database_commits, AN_OPERATION, "rollback(backends, 3)\n"),
    (no_binary_fractions, A_RULE, "json.loads(body, parse_float=Decimal)\n"),
    (words_never_named, A_RULE, "from sqlalchemy.types import UserDefinedType\n"),
    (words_never_named, A_RULE, "def pricing(priced, amused): ...\n"),
    (words_never_named, "gateway/upstream/client.py", "class ProviderClient: ...\n"),
    (services_are_sold, A_RULE, "class Service: ...\nclass ServiceType: ...\n"),
    (silence_has_a_reason, A_RULE, "x = '# noqa'  # noqa: S105  a text, no secret\n"),
    (only_embedded_sleeps, "gateway/worker.py", "await asyncio.sleep(1)\n"),
    (pure_rooms, A_RULE, "from decimal import Decimal\nfrom gateway.domain.money import ZERO\n"),
    (one_verb_a_file, AN_OPERATION, "async def one(): ...\ndef _part(): ...\n"),
    (mirrors_the_house, "tests/domain/test_money.py", ""),
    (mirrors_the_house, "tests/domain/test_money_in_many_hands.py", ""),
    (mirrors_the_house, "tests/panel/conftest.py", ""),
    (no_machine_paths, "README.md", "see docs/home/page.md and ./work/it\n"),
    (no_registry_hosts, "uv.lock", 'source = { registry = "simple" }\n'),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule) -> None:
    found = [
        f"{path}:{offence}"
        for path, offence in _offences(rule)
        if (path, offence.partition(": ")[2]) not in EXCEPTIONS
    ]
    assert found == []


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED)
def test_a_planted_offence_is_seen(rule: Rule, path: str, source: str) -> None:
    assert rule(source, path)


@pytest.mark.parametrize(("rule", "path", "source"), QUIET)
def test_what_only_looks_like_one_is_left_alone(rule: Rule, path: str, source: str) -> None:
    assert rule(source, path) == []


def test_every_rule_was_seen_biting() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(RULES)


def test_every_exception_is_still_needed() -> None:
    found = {
        (path, offence.partition(": ")[2]) for rule in RULES for path, offence in _offences(rule)
    }
    assert EXCEPTIONS.keys() - found == set()


@cache
def _offences(rule: Rule) -> list[tuple[str, str]]:
    return [(path, offence) for path in _files(RULES[rule]) for offence in rule(_read(path), path)]


def _files(patterns: Iterable[str]) -> list[str]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in found
        if "__pycache__" not in path.parts and path.name != ".env"
    )


@cache
def _read(path: str) -> str:
    return (ROOT / path).read_text(errors="replace")


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


@cache
def _nodes(source: str) -> list[ast.AST]:
    """All of a file, walked once: a dozen rules look at it."""
    return list(ast.walk(_tree(source)))


def _matches(pattern: re.Pattern[str], source: str) -> list[str]:
    return [
        f"{number}: {found[0]}"
        for number, line in enumerate(source.splitlines(), start=1)
        for found in pattern.finditer(line)
    ]


def _functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for each in _nodes(source):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield each


def _defined(source: str, *, functions: bool = True) -> Iterator[tuple[int, str]]:
    """The names that a module gives itself; those of libraries are not its choice."""
    for each in _nodes(source):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if functions:
                yield each.lineno, each.name
        elif isinstance(each, ast.arg):
            yield each.lineno, each.arg
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.lineno, each.id
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
            yield each.lineno, each.attr


def _imported(source: str) -> Iterator[tuple[int, str]]:
    for each in _nodes(source):
        if isinstance(each, ast.Import):
            yield from ((each.lineno, name.name) for name in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield from ((each.lineno, f"{each.module}.{name.name}") for name in each.names)


def _imports(statement: ast.ImportFrom, name: str) -> bool:
    return any(each.name == name for each in statement.names)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    if not _SILENT.search(source):  # told at a glance: to read a file token by token takes long
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _humps(name: str) -> list[str]:
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
