"""The steps between the shapes that tables had, and alembic, which takes them."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: sa.Connection) -> None:
    command.upgrade(alembic(connection), "head")


def alembic(connection: sa.Connection) -> Config:
    settings = described()
    settings.attributes["connection"] = connection
    return settings


def described() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    return settings
