"""What is to be seen from outside; nothing of it unless the environment says so."""

from __future__ import annotations

import os
from dataclasses import dataclass

LOG, METRICS, TOKEN = "PARLEY_LOG", "PARLEY_METRICS", "PARLEY_METRICS_TOKEN"
TRACES = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""OpenTelemetry's own variable; its others are read by its exporter."""


class ObservingSettingsError(Exception):
    """A variable holds what it may not; the message names it."""


@dataclass(frozen=True)
class ObservingSettings:
    """What is switched on."""

    json_logs: bool = False
    metrics: bool = False
    metrics_token: str = ""
    """Who asks for metrics has to know it; empty: anyone may."""
    traces: bool = False

    @property
    def measures(self) -> bool:
        """Whether turns have to be measured."""
        return self.json_logs or self.metrics or self.traces


def read_observing_settings() -> ObservingSettings:
    """Reads the environment.

    Raises:
        ObservingSettingsError: A variable holds what it may not.
    """
    log = os.environ.get(LOG, "").strip()
    if log not in ("", "json"):
        raise ObservingSettingsError(f"{LOG}={log}: set json, or nothing for lines to read.")
    metrics = os.environ.get(METRICS, "").strip()
    if metrics not in ("", "0", "1"):
        raise ObservingSettingsError(f"{METRICS}={metrics}: set 1 for metrics, 0 for none.")
    return ObservingSettings(
        json_logs=log == "json",
        metrics=metrics == "1",
        metrics_token=os.environ.get(TOKEN, "").strip(),
        traces=bool(os.environ.get(TRACES, "").strip()),
    )
