"""Operators' accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.operators import Role

LISTED_MAX = 1_000

_COLUMNS = "id, name, role, password, totp_seed, totp_step, subject, enabled, created_at"
_ADD = text("""
INSERT INTO operators (name, role, password, totp_seed, subject, created_by)
VALUES (:name, :role, :password, :seed, :subject, :by) RETURNING id""")
_BY_NAME = text(f"SELECT {_COLUMNS} FROM operators WHERE name = :name")  # noqa: S608  a constant
_BY_SUBJECT = text(f"SELECT {_COLUMNS} FROM operators WHERE subject = :subject")  # noqa: S608  a constant
_LOCK = text("LOCK TABLE operators IN SHARE ROW EXCLUSIVE MODE")
_LIST = text(f"SELECT {_COLUMNS} FROM operators ORDER BY name LIMIT {LISTED_MAX}")  # noqa: S608  a constant
_STEP = text("""
UPDATE operators SET totp_step = :step WHERE id = :id AND totp_step < :step RETURNING id""")
_CHANGE = text("""
UPDATE operators SET role = :role, enabled = :enabled, subject = :subject WHERE id = :id""")
_SECRETS = text("""
UPDATE operators SET password = :password, totp_seed = :seed, totp_step = :step WHERE id = :id""")


class OperatorTaken(Exception):  # noqa: N818  an expected no
    """Another operator has this name, or this identity at the provider of sign-ins."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An account. No `password`: it signs in elsewhere, as `subject`. `step`: the last code's."""

    id: int
    name: str
    role: Role
    password: str | None
    seed: bytes
    step: int
    subject: str | None
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account begins with."""

    name: str
    role: Role
    password: str | None
    seed: bytes
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """What an operator is told, once. `address`: the secret as an authenticator reads it.

    `why_not`: why there is none, else empty. `password`: empty where it was given.
    """

    name: str
    password: str = ""
    secret: str = ""
    address: str = ""
    why_not: str = ""


async def add(connection: AsyncConnection, account: NewAccount, *, by: str) -> int:
    """A new account's id; raises `OperatorTaken`."""
    row = {
        "name": account.name,
        "role": account.role,
        "password": account.password,
        "seed": account.seed,
        "subject": account.subject,
        "by": by,
    }
    try:
        number: int = (await connection.execute(_ADD, row)).scalar_one()
    except IntegrityError as error:
        raise OperatorTaken(account.name) from error
    return number


async def lock(connection: AsyncConnection) -> None:
    """One change of accounts at a time: the last owner must not vanish between two."""
    await connection.execute(_LOCK)


async def by_name(connection: AsyncConnection, name: str) -> Operator | None:
    """The account of a name, enabled or not."""
    row = (await connection.execute(_BY_NAME, {"name": name})).first()
    return _read(row) if row else None


async def by_subject(connection: AsyncConnection, subject: str) -> Operator | None:
    """The account that signs in elsewhere under an identity."""
    row = (await connection.execute(_BY_SUBJECT, {"subject": subject})).first()
    return _read(row) if row else None


async def listed(connection: AsyncConnection) -> Sequence[Operator]:
    """All accounts by name."""
    return [_read(row) for row in await connection.execute(_LIST)]


async def take_step(connection: AsyncConnection, operator: int, step: int) -> bool:
    """Use up a code's step; not true when it, or a later one, was used already."""
    found = await connection.execute(_STEP, {"id": operator, "step": step})
    return found.first() is not None


async def change(
    connection: AsyncConnection, operator: int, role: Role, *, enabled: bool, subject: str | None
) -> None:
    """What an owner may change; raises `OperatorTaken` for an identity of somebody else."""
    row = {"id": operator, "role": role, "enabled": enabled, "subject": subject}
    try:
        await connection.execute(_CHANGE, row)
    except IntegrityError as error:
        raise OperatorTaken(subject) from error


async def replace_secrets(
    connection: AsyncConnection, operator: int, password: str | None, seed: bytes, step: int
) -> None:
    """Another password and second factor, whose codes count from a step on."""
    row = {"id": operator, "password": password, "seed": seed, "step": step}
    await connection.execute(_SECRETS, row)


def _read(row: Row[tuple[object, ...]]) -> Operator:
    return Operator(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        password=row.password,
        seed=bytes(row.totp_seed),
        step=row.totp_step,
        subject=row.subject,
        enabled=row.enabled,
        created_at=row.created_at,
    )
