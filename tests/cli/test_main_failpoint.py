"""GATEWAY_FAILPOINT as whoever starts a process spells it."""

from tests.cli.running import run


def test_a_wrong_spelling_is_refused_before_anything_begins() -> None:
    said = run("catalog", "check", code=1, GATEWAY_FAILPOINT="settle=kill")
    assert "'settle=kill' is no failpoint: a failpoint is OPERATION:BOUNDARY" in said


def test_a_failpoint_strikes_a_command_of_the_house() -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    addresses = {"GATEWAY_DATABASE_URL": url, "GATEWAY_REDIS_URL": "redis://127.0.0.1:1"}
    said = run(
        "verify",
        code=1,
        GATEWAY_FAILPOINT="installation.*:database.begin:before=error",
        GATEWAY_SECRET_KEY="a secret of the tests",  # noqa: S106  of no database
        **addresses,
    )
    assert "the failpoint installation.namespace:database.begin:before" in said
