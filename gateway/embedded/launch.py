"""Becomes a server: gives up root, ties its life to its parent's, and replaces itself.

Runs as a script: `python -I -S launch.py UID GID SIGNAL PARENT FOLDER COMMAND...`
UID -1 keeps the identity; an empty FOLDER opens none.
"""

# Why a script and not preexec_fn: between fork and exec of a process with threads no Python code
# is safe (3.12 warns about it). Isolated and without site this costs 15 to 20 ms.
import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
FOLDER_HANDLE = 50


def main(arguments: list[str]) -> None:
    """Does what the module says; an error ends the script and is in the server's log."""
    uid, gid, signal_number, parent = (int(text) for text in arguments[:4])
    folder, command = arguments[4], arguments[5:]
    if folder:
        # opened while we may still pass its parents: the server reaches it by this handle
        os.dup2(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), FOLDER_HANDLE)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        # after setuid, which clears it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the gateway ended before its server began")
    os.execv(command[0], command)  # noqa: S606  a fixed program of ours, without a shell


if __name__ == "__main__":
    main(sys.argv[1:])
