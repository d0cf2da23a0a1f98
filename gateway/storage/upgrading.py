"""Running alembic: kept apart, as importing it takes as long as many a command."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, scripts: str) -> None:
    """Run every migration that is missing."""
    config = Config()
    config.set_main_option("script_location", scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
