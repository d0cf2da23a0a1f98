"""What tells that a backup was restored."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
