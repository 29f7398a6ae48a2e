"""How hypothesis draws here: the same examples on every run, few enough to be fast, no deadline on noisy machines."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tinygraph",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
settings.load_profile("tinygraph")
