"""Laws are checked on the same values in every run, and a busy machine breaks none of them."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "laws", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "laws-search", deadline=None, max_examples=5_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("GATEWAY_TEST_LAWS", "laws"))
