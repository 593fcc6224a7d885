"""What is found by chance must not turn a build red by chance: the same examples in every run.

`HYPOTHESIS_PROFILE=hunt pytest …` looks for new ones; what it finds becomes a test of its own.
"""

import os

from hypothesis import HealthCheck, settings

slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=slow)
settings.register_profile("hunt", deadline=None, suppress_health_check=slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
