"""The environment, read once and frozen; every variable starts with GATEWAY_."""

import os
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.domain.catalog import Provider
from gateway.upstream.panels import KeyMissing

SPILL = "spill"


class Settings(BaseSettings):
    """What may be set from outside. URLs that are missing mean embedded servers in `data_dir`.

    `admin_url`: how browsers reach the operators' pages, where that is not this machine itself.
    `admin_private_providers`: panels that are typed there may be on this network.
    `oidc_...`: where operators may sign in elsewhere, and what that knows us by.
    """

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="ignore")

    database_url: str | None = None
    redis_url: str | None = None
    secret_key: SecretStr | None = None
    data_dir: Path | None = None
    config_dir: Path | None = None
    failpoint: str = ""
    spill_dir: Path | None = None
    admin_url: str = ""
    admin_private_providers: bool = False
    oidc_issuer: str = ""
    oidc_id: str = ""
    oidc_secret: SecretStr | None = None

    def spill_in(self, data: Path | None) -> Path | None:
        """Where replies are kept until they are settled: as set, else in the data folder if any."""
        return self.spill_dir or (data / SPILL if data else None)


def provider_key(provider: Provider) -> str:
    """A provider's key from the variable that its document names; raises `KeyMissing`.

    Read at each use: a key can be changed without a revision of the catalog.
    """
    key = os.environ.get(provider.key_env, "")
    if not key:
        raise KeyMissing(f"the environment variable {provider.key_env} is not set")
    return key
