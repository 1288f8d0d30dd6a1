"""What the application counts about itself, for Prometheus. No ids, no words of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from chat.answers import Answer

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._requests = Counter(
            "genre_http_requests",
            "Requests to the API by route.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "genre_http_request_seconds",
            "Seconds until a response of the API was sent.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._under_way = Gauge(
            "genre_answers_under_way", "Messages being answered now.", registry=self._registry
        )
        self._answers = Counter(
            "genre_answers",
            "Messages answered over the API.",
            ["catalogue", "move", "voice"],
            registry=self._registry,
        )
        self._steps = Histogram(
            "genre_answer_step_seconds",
            "Seconds of each step of an answer.",
            ["step"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._shown = Counter(
            "genre_recommendations", "Items recommended over the API.", ["catalogue"], registry=self._registry
        )
        self._clicks = Counter(
            "genre_feedback", "Clicks on items over the API.", ["kind"], registry=self._registry
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def answering(self) -> AbstractContextManager[None]:
        """Counts a message as being answered for as long as the block runs."""
        return self._under_way.track_inprogress()

    def answered(self, answer: Answer) -> None:
        """Counts one answer and its steps."""
        reply = answer.turn.reply
        if reply is None:
            return
        self._answers.labels(answer.catalogue, reply.move, reply.voice).inc()
        self._shown.labels(answer.catalogue).inc(len(reply.recommendations))
        self._step_seconds(answer.turn.timings)

    def clicked(self, kind: str) -> None:
        """Counts one click."""
        self._clicks.labels(kind).inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)

    def _step_seconds(self, milliseconds: Mapping[str, float]) -> None:
        for step, ms in milliseconds.items():
            self._steps.labels(step).observe(ms / 1000)
