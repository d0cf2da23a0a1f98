"""The folder of the sockets: short, reachable, and entered by one account only."""

import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from gateway.embedded.account import Account
from gateway.embedded.errors import EmbeddedError

PATH_CHARACTERS_MAX = 80  # the kernel takes 107 with the socket's name (104 on some systems)
PLAIN = re.compile(r"/[\w./+-]*", re.ASCII)  # means the same in a URL, a setting and a path


def make(key: str, account: Account) -> Path:
    """A fresh folder in the temp folder; what a killed gateway left there is removed."""
    path = _parent(key, account) / f"gateway-{key}"
    if path.is_symlink() or path.exists():
        _refuse_strangers(path, account)
        shutil.rmtree(path)
    account.make_folder(path)
    return path


def remove(path: Path) -> None:
    """Removes it with all that is in it."""
    shutil.rmtree(path, ignore_errors=True)


def _parent(key: str, account: Account) -> Path:
    for parent in (Path(tempfile.gettempdir()).resolve(), Path("/tmp")):  # noqa: S108  see make
        short = len(str(parent / f"gateway-{key}")) <= PATH_CHARACTERS_MAX
        if short and PLAIN.fullmatch(str(parent)) and parent.is_dir() and account.reaches(parent):
            return parent
    raise EmbeddedError(
        "no temp folder that is short and open enough for the servers' sockets: "
        "set TMPDIR to one, such as /tmp"
    )


def _refuse_strangers(path: Path, account: Account) -> None:
    status = path.lstat()
    ours = status.st_uid in (account.uid, os.geteuid()) and not status.st_mode & 0o077
    if not (stat.S_ISDIR(status.st_mode) and ours):
        raise EmbeddedError(f"{path} was made by somebody else: remove it, or set TMPDIR")
