"""`genre evaluate preference`: which of two voices judges prefer, without knowing which is which."""

from __future__ import annotations

from pathlib import Path

import click

from evaluation.run import Run, measured


@click.command()
@click.argument("pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help='JSONL of {"id", "better": "A", "B" or "tie"}, a file for each judge.',
)
@measured
def command(run: Run, pairs: Path, answers: tuple[Path, ...]) -> None:
    """Count which voice judges prefer.

    PAIRS is what `genre evaluate replies --llm one --llm other --pairs PAIRS` wrote. Judges see only that
    file; which voice wrote which reply stands beside it, in a file that they don't open.
    """
    import numpy as np

    from evaluation.intervals import bootstrap
    from evaluation.pairs import read_judged
    from evaluation.report import Column, Report, Table, machine

    voices, judged = read_judged(pairs, answers)
    judges = sorted({one.judge for one in judged})
    rows = []
    for name in [*judges, *(["all"] if len(judges) > 1 else [])]:
        own = [one for one in judged if name in ("all", one.judge)]
        row: dict[str, object] = {"judge": name}
        for voice in voices:
            values = [np.nan if not one.preferred else float(one.preferred == voice) for one in own]
            row[voice] = bootstrap(values, [one.pair for one in own], seed=run.seed)
        row["ties"] = sum(not one.preferred for one in own)
        row["pairs"] = len({one.pair for one in own})
        rows.append(row)
    columns = (
        Column("judge"),
        *(Column(voice, "share preferred") for voice in voices),
        Column("ties", digits=0),
        Column("pairs", digits=0),
    )
    note = "Shares of the judgements that prefer one; ties are counted apart. Intervals over pairs."
    table = Table("Preferred, blind", columns, tuple(rows), note)  # type: ignore[arg-type]
    facts = {"pairs": str(pairs), "judges": ", ".join(judges), "seed": run.seed, **machine()}
    run.finish(
        Report("Which voice is preferred", run.command, "Shuffled pairs of replies.", (table,), (), facts)
    )
