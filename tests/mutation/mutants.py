"""Small wrongs put into the code, one at a time, by mutmut's rules or by hand.

mutmut itself starts pytest anew for every mutant, which takes a second each, and leaves constants
and properties alone. Here only its rules are used; a mutant is put into modules already imported.
"""

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent.parent
NEVER = ("len", "isinstance")  # without their arguments they only raise


@dataclass(frozen=True)
class Mutant:
    """One statement at the top of a module, otherwise than it was.

    `within` is the function or method that changed, "" for a constant; `was` and `now` are the
    lines that differ.
    """

    path: str
    line: int
    within: str
    was: str
    now: str
    statement: str

    @property
    def module(self) -> str:
        """As it is imported."""
        return self.path.removesuffix(".py").replace("/", ".")

    def __str__(self) -> str:
        return f"{self.path}:{self.line}\n    - {self.was}\n    + {self.now}"


def of(path: str) -> Iterator[Mutant]:
    """Every mutant of a file that mutmut's rules make, in the order of its lines."""
    libcst: Any = importlib.import_module("libcst")
    source = (ROOT / path).read_text()
    tree = libcst.parse_module(source)
    for place, row in zip(ast.parse(source).body, tree.body, strict=True):
        if _is_type(place):
            continue
        first = _span(place)[0]
        bare = row.with_changes(leading_lines=())  # the comments above it are another's lines
        before = tree.code_for_node(bare)
        for node, changed in _changes(libcst, bare):
            after = tree.code_for_node(bare.deep_replace(node, changed))
            made = _made(path, first, before, after)
            if made is not None:
                yield made


def planted(path: str, was: str, now: str) -> Mutant:
    """The mutant that has `now` where the file has `was`, which must be there once."""
    source = (ROOT / path).read_text()
    if source.count(was) != 1:
        raise ValueError(f"{path} has {source.count(was)} times {was!r}")
    offset = source.index(was)
    line = source.count("\n", 0, offset) + 1
    for row in ast.parse(source).body:
        first, last = _span(row)
        if first <= line <= last:
            lines = source.splitlines(keepends=True)
            before = "".join(lines[first - 1 : last])
            made = _made(path, first, before, before.replace(was, now))
            if made is not None:
                return made
    raise ValueError(f"{path}: {was!r} is in no statement, or changes nothing")


def plant(mutant: Mutant) -> None:
    """Put the mutant in the place of the original, wherever that has been imported to.

    Only in a process that ends soon: nothing takes it back.
    """
    module = importlib.import_module(mutant.module)
    made = dict(vars(module))
    exec(compile(mutant.statement, mutant.path, "exec"), made)  # noqa: S102  our own, changed
    row = ast.parse(mutant.statement).body[0]
    match row:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            _swap(vars(module)[name], made[name])
        case ast.ClassDef(name=name):
            method = mutant.within.rpartition(".")[2]
            _swap(vars(vars(module)[name])[method], vars(made[name])[method])
        case _:
            _rebind(module, row, made)


def _changes(libcst: Any, row: Any) -> Iterator[tuple[Any, Any]]:
    rules: Any = importlib.import_module("mutmut.mutation.mutators").mutation_operators
    waiting = [row]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (libcst.Annotation, libcst.Decorator)):
            continue
        if isinstance(node, libcst.SimpleString) and " " in node.value:
            continue  # a sentence for people, who read it in other words as well
        called = getattr(getattr(node, "func", None), "value", None)
        if isinstance(node, libcst.Call) and called in NEVER:
            continue
        for kind, rule in rules:
            if isinstance(node, kind):
                yield from ((node, changed) for changed in rule(node))
        waiting.extend(reversed(node.children))


def _made(path: str, first: int, before: str, after: str) -> Mutant | None:
    """None where nothing that runs has changed, or where it is no Python."""
    try:
        old, new = ast.parse(before).body[0], ast.parse(after).body[0]
    except SyntaxError:
        return None
    if ast.dump(old) == ast.dump(new):
        return None
    within = getattr(old, "name", "")
    if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
        pairs = zip(old.body, new.body, strict=True)
        changed = next(one for one, other in pairs if ast.dump(one) != ast.dump(other))
        if not isinstance(changed, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None  # a field: the class itself would have to be another
        within = f"{within}.{changed.name}"
    was, now = before.splitlines(), after.splitlines()
    top = next((at for at, pair in enumerate(zip(was, now, strict=False)) if len({*pair}) > 1), 0)
    while was and now and was[-1] == now[-1] and len(was) > top + 1 and len(now) > top:
        was.pop()
        now.pop()
    old_line, new_line = (" ".join(each.strip() for each in lines[top:]) for lines in (was, now))
    return Mutant(path, first + top, within, old_line, new_line, after)


def _span(row: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(row, "decorator_list", [])
    return min([row.lineno, *(each.lineno for each in decorators)]), row.end_lineno or row.lineno


def _named(row: ast.stmt, context: type[ast.expr_context]) -> list[str]:
    return [
        each.id
        for each in ast.walk(row)
        if isinstance(each, ast.Name) and isinstance(each.ctx, context)
    ]


def _is_type(row: ast.stmt) -> bool:
    """`Pair = tuple[int, str]`, `T = TypeVar("T")`: for readers and the type checker only."""
    value = getattr(row, "value", None)
    of = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.Subscript) or (isinstance(of, ast.Name) and of.id == "TypeVar")


def _swap(old: Any, new: Any) -> None:
    """Those who hold the old function, under whatever name, run the new code."""
    old, new = _function(old), _function(new)
    old.__code__ = new.__code__
    old.__defaults__ = new.__defaults__
    old.__kwdefaults__ = new.__kwdefaults__


def _function(found: Any) -> FunctionType:
    if isinstance(found, property):
        found = found.fget
    found = getattr(found, "__wrapped__", getattr(found, "__func__", found))
    if not isinstance(found, FunctionType):
        raise TypeError(f"{found!r} is no function")
    return found


def _rebind(module: ModuleType, row: ast.stmt, made: dict[str, Any]) -> None:
    """The changed constant, and those that are made of it further down."""
    changed = set(_named(row, ast.Store))
    for later in ast.parse((ROOT / f"{module.__name__.replace('.', '/')}.py").read_text()).body:
        built = isinstance(later, (ast.Assign, ast.AnnAssign))
        if built and changed.intersection(_named(later, ast.Load)):
            code = compile(ast.Module([later], []), module.__name__, "exec")
            exec(code, made)  # noqa: S102  the house's own
            changed |= set(_named(later, ast.Store))
    for name in changed:
        old = vars(module)[name]
        for each in list(sys.modules.values()):
            ours = each.__name__.partition(".")[0] in ("gateway", "tests")
            if ours and vars(each).get(name) is old:
                setattr(each, name, made[name])
