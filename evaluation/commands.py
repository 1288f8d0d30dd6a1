"""`genre evaluate`: each measurement lives in a module of its own, imported when it is called."""

from __future__ import annotations

import click

from chat.late import LateGroup

COMMANDS: dict[str, tuple[str, str]] = {
    "ranking": ("evaluation.ranking_command:command", "Rank for real dialogues, beside baselines."),
    "ratings": (
        "evaluation.ratings_command:command",
        "Learn from a table of ratings, beside other libraries.",
    ),
    "taste": (
        "evaluation.taste_command:command",
        "Compare the taste as understood with people's own labels.",
    ),
    "reading": ("evaluation.reading_command:command", "Compare what is read in messages with human labels."),
    "simulate": ("evaluation.simulate_command:command", "Let simulated people look for something."),
    "replies": ("evaluation.replies_command:command", "Check what replies claim against the catalogue."),
    "preference": (
        "evaluation.preference_command:command",
        "Count which of two voices judges prefer, blind.",
    ),
    "dials": ("evaluation.dials_command:command", "Trade accuracy for diversity, novelty and fairness."),
}


@click.group(cls=LateGroup, late=COMMANDS)
def evaluate() -> None:
    """Measure the recommender, on public data or your own. Every command ends with one table.

    All take --json and --html for the whole report, --limit for a quick look, --seed and --workers. A command
    that was cut off goes on where it was when it is run again.
    """
