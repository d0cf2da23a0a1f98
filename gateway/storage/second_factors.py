"""Operators' second factor: six digits that change every 30 seconds (TOTP, RFC 6238).

The shared secret is stored nowhere: it follows from a seed in the database and the installation's
secret, so that who has only a backup has no second factor.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime
from urllib.parse import quote

import pyotp

ISSUER = "Panel gateway"
STEP_SECONDS = 30
DRIFT_STEPS = 1
SEED_BYTES = 20

_CODE = re.compile(r"[0-9]{6}")


def new_seed() -> bytes:
    """What the database keeps."""
    return secrets.token_bytes(SEED_BYTES)


def secret_of(seed: bytes, installation_secret: str) -> str:
    """The secret that an authenticator is given, in base 32."""
    made = hmac.digest(installation_secret.encode(), b"second factor\0" + seed, "sha256")
    return base64.b32encode(made[:SEED_BYTES]).decode()


def address_of(name: str, secret: str) -> str:
    """What a QR code says to an authenticator: `otpauth://...`."""
    issuer = quote(ISSUER)
    return f"otpauth://totp/{issuer}:{quote(name)}?secret={secret}&issuer={issuer}"


def code_at(secret: str, at: datetime) -> str:
    """The code of that moment."""
    return pyotp.TOTP(secret).at(at)


def step_of(code: str, secret: str, at: datetime, used: int) -> int | None:
    """The step that a code belongs to, of now or next to it; None: of none, or not after `used`."""
    digits = code.replace(" ", "")
    if not _CODE.fullmatch(digits):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    generator, found = pyotp.TOTP(secret), None
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(generator.at(step * STEP_SECONDS), digits) and step > used:
            found = step
    return found
