"""Makes MLflow's tables as an early version had them, at the revision that is given, in an empty database."""

import sys

import alembic.command
import sqlalchemy
from mlflow.store.db.utils import _get_alembic_config
from mlflow.store.tracking.dbmodels.initial_models import Base

uri, revision = sys.argv[1:]
Base.metadata.create_all(sqlalchemy.create_engine(uri))
alembic.command.upgrade(_get_alembic_config(uri), revision)
