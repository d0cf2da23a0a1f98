"""Operators' passwords at rest: argon2id, checked a few at a time (money.md 9)."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

CHARACTERS_MIN = 12
CHARACTERS_MAX = 256
AT_ONCE_MAX = 2
NEW_BYTES = 15

_HASHER = PasswordHasher()
# each takes 64 MB and tens of milliseconds of a core: more at once would starve the customers
_THREADS = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="password")


def new_password() -> str:
    """One that nobody guesses: 120 random bits."""
    return secrets.token_urlsafe(NEW_BYTES)


def why_not(password: str) -> str:
    """What is wrong with a new password; empty when nothing is."""
    if len(password) < CHARACTERS_MIN:
        return f"a password has at least {CHARACTERS_MIN} characters"
    if len(password) > CHARACTERS_MAX:
        return f"a password has at most {CHARACTERS_MAX} characters"
    return "a password of one repeated character is none" if len(set(password)) == 1 else ""


async def hashed(password: str) -> str:
    """What the database keeps of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def fits(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; with nothing stored it is not, and takes as long."""
    loop = asyncio.get_running_loop()
    nobodys = await loop.run_in_executor(_THREADS, _nobodys)
    same = await loop.run_in_executor(_THREADS, _verify, stored or nobodys, password)
    return same and stored is not None


@cache
def _nobodys() -> str:
    """What an unknown name is checked against; made by the first check, whoever it is of."""
    return _HASHER.hash("nobody's")


def _verify(stored: str, password: str) -> bool:
    if len(password) > CHARACTERS_MAX:
        return False
    try:
        return _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
