"""Just enough of both servers' protocols to ask whether they answer and to make a database."""

import socket
import struct
from pathlib import Path
from typing import BinaryIO

ANSWER_SECONDS = 30
MESSAGE_BYTES_MAX = 65_536
MESSAGES_MAX = 200
PROTOCOL_3 = 196_608
SUCCESS = "00000"


def postgres_says(path: Path, database: str, statement: str = "") -> str:
    """The SQLSTATE of connecting to `database` (and of one statement); SUCCESS when it is well.

    Raises OSError when nobody listens at the socket, or when it breaks off.
    """
    words = ["user", "gateway", "database", database, "application_name", "embedded", ""]
    startup = struct.pack("!i", PROTOCOL_3) + b"".join(word.encode() + b"\0" for word in words)
    with _connected(path) as connection, connection.makefile("rb") as answers:
        connection.sendall(struct.pack("!i", len(startup) + 4) + startup)
        state = _until_ready(answers)
        if state == SUCCESS and statement:
            query = statement.encode() + b"\0"
            connection.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
            state = _until_ready(answers)
        if state == SUCCESS:
            connection.sendall(b"X" + struct.pack("!i", 4))
        return state


def valkey_answers(path: Path) -> bool:
    """Whether a Valkey or Redis at the socket answers, and has read its data."""
    try:
        with _connected(path) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:
        return False


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(ANSWER_SECONDS)
    try:
        connection.connect(str(path))
    except BaseException:
        connection.close()
        raise
    return connection


def _until_ready(answers: BinaryIO) -> str:
    """Reads up to ReadyForQuery or an error that ends the talk."""
    state = SUCCESS
    for _ in range(MESSAGES_MAX):
        header = answers.read(5)
        if len(header) < 5:
            if state == SUCCESS:
                raise ConnectionResetError("the server closed the connection")
            return state
        (length,) = struct.unpack("!i", header[1:])
        if not 4 <= length <= MESSAGE_BYTES_MAX:
            raise ConnectionError("the server does not speak PostgreSQL's protocol")
        body = answers.read(length - 4)
        if header[:1] == b"E":
            fields = {part[:1]: part[1:] for part in body.split(b"\0") if part}
            state = fields.get(b"C", b"XX000").decode()
        if header[:1] == b"Z":
            return state
    raise ConnectionError("the server does not come to an end")
