"""The chart, installed as the tests use it."""

from collections.abc import Callable

from machine import ROOT
from operator_log import NAMESPACE

REGISTRY = "local.test"
RELEASE = "aigateway"
CHART = ROOT / "charts/aigateway"


def install(helm: Callable[..., str], *settings: str, release: str = RELEASE) -> None:
    """Installs the chart with its default values, but for the registry, and waits until the operator is Ready."""
    values = [word for setting in (f"global.imageRegistry={REGISTRY}", *settings) for word in ("--set", setting)]
    helm("upgrade", "--install", release, CHART, "--namespace", NAMESPACE, "--create-namespace", *values, "--wait")
