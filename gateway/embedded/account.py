"""Who the servers run as, and what that account can reach."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """The identity of the servers; `switched` when we are root and they must not be."""

    uid: int
    gid: int
    switched: bool

    def reaches(self, path: Path) -> bool:
        """Whether this account may pass every parent of `path` and enter (or run) it.

        Permission bits only: where an access list says more, a false "no" costs a detour.
        """
        return not self.switched or all(
            self._may_pass(place) for place in (path, *path.resolve().parents)
        )

    def _may_pass(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == self.gid else 0o001))

    def make_folder(self, path: Path) -> None:
        """Makes a folder that only this account (and root) can enter."""
        path.mkdir(mode=0o700)
        self.own(path)

    def own(self, path: Path) -> None:
        """Makes this account the owner."""
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(*places: Path) -> Account:
    """Ourselves; for root the first owner of `places` that is not root, else nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switched=False)
    for place in places:
        if place.exists() and (status := place.stat()).st_uid != 0:
            return Account(status.st_uid, status.st_gid, switched=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(NOBODY, NOBODY, switched=True)
    return Account(nobody.pw_uid, nobody.pw_gid, switched=True)
