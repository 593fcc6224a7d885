"""One settings profile for every property of the core. The lives of `lives.py` are slow to build, so: no deadline."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "core", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("core")
