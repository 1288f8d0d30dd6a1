"""`genre finetune`: from data to a model that ships, one command a step, each imported when it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from finetune.errors import FinetuneError

if TYPE_CHECKING:
    from finetune.run import Run, Step

Command = TypeVar("Command", bound=Callable[..., Any])
HERE = Path(__file__).parent
_PRECISIONS = "fp32,onnx-int4"


@click.group()
def finetune() -> None:
    """Train a small model of your own to read messages and word replies, or adapt a bigger one.

    `genre finetune demo` shows the whole chain in a minute or two. `genre finetune all` goes through every
    step; each can be run by itself, is skipped where it is done, and goes on where it was stopped.
    """


def _run_options(default: str) -> Callable[[Command], Command]:
    def add(command: Command) -> Command:
        file = click.Path(exists=True, dir_okay=False, path_type=Path)
        folder = click.Path(file_okay=False, path_type=Path)
        for option in (
            click.option("--again", is_flag=True, help="Do it anew, though it is done."),
            click.option(
                "--folder", type=folder, help="Where the run is kept, instead of the file's folder."
            ),
            click.option(
                "--data", type=folder, help="Folder of the human sets, instead of the file's data.folder."
            ),
            click.option(
                "--config",
                type=file,
                default=HERE / default,
                help=f"Configuration (TOML). Without it: the {default} that comes along.",
            ),
        ):
            command = option(command)
        return command

    return add


_options = _run_options("small.toml")
_extra = click.option(
    "--extra",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='Rows of your own for the adapter: JSON lines {"messages": [{"role": …, "content": …}, …]}.',
)
_precision = click.option(
    "--precision",
    type=click.Choice(["int4", "int8", "fp16", "fp32"]),
    default="int4",
    show_default=True,
    help="How weights are held.",
)
_limit = click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Answers of each kind in each part, at most.",
)
_precisions = click.option(
    "--precisions",
    default=_PRECISIONS,
    show_default=True,
    help="Of fp32, bf16, int8, nf4, onnx-int4, onnx-int8, onnx-fp16 and onnx-fp32, with commas.",
)
_ship = click.option(
    "--ship",
    type=click.Path(file_okay=False, path_type=Path),
    help="Copy what a user of the model needs to this folder, with SHA256SUMS.",
)


@finetune.command()
@_options
@_extra
def data(config: Path, data: Path | None, folder: Path | None, again: bool, extra: Path | None) -> None:
    """Prepare the training data, and say where they come from."""
    with _opened(config, data, folder) as run:
        _do(run, "data", again, extra=extra)


@finetune.command()
@_options
def tokenizer(config: Path, data: Path | None, folder: Path | None, again: bool) -> None:
    """Fit the tokenizer."""
    with _opened(config, data, folder) as run:
        _do(run, "tokenizer", again)


@finetune.command()
@_options
def pretrain(config: Path, data: Path | None, folder: Path | None, again: bool) -> None:
    """Train the base model from scratch, or go on with it."""
    with _opened(config, data, folder) as run:
        _do(run, "pretrain", again)


@finetune.command()
@_options
def lora(config: Path, data: Path | None, folder: Path | None, again: bool) -> None:
    """Train the adapter (LoRA, or QLoRA with lora.quantisation), or go on with it."""
    with _opened(config, data, folder) as run:
        _do(run, "lora", again)


@finetune.command()
@_options
def merge(config: Path, data: Path | None, folder: Path | None, again: bool) -> None:
    """Add the adapter to the base's weights."""
    with _opened(config, data, folder) as run:
        _do(run, "merge", again)


@finetune.command()
@_options
@_precision
def quantize(config: Path, data: Path | None, folder: Path | None, again: bool, precision: str) -> None:
    """Build the merged model for onnxruntime-genai: small and quick on a processor."""
    with _opened(config, data, folder) as run:
        _do(run, "quantize", again, precision=precision)


@finetune.command()
@_options
@_limit
@_precisions
def evaluate(
    config: Path, data: Path | None, folder: Path | None, again: bool, limit: int, precisions: str
) -> None:
    """Measure losses, readings, replies, and what each precision costs."""
    with _opened(config, data, folder) as run:
        _do(run, "evaluate", again, limit=limit, precisions=precisions)


@finetune.command()
@_options
@_ship
def card(config: Path, data: Path | None, folder: Path | None, again: bool, ship: Path | None) -> None:
    """Write the model's cards, and copy what ships."""
    with _opened(config, data, folder) as run:
        _card(run, ship)


@finetune.command("all")
@_options
@_extra
@_precision
@_limit
@_precisions
@_ship
def everything(
    config: Path,
    data: Path | None,
    folder: Path | None,
    again: bool,
    extra: Path | None,
    precision: str,
    limit: int,
    precisions: str,
    ship: Path | None,
) -> None:
    """Every step in order; what is done is skipped."""
    with _opened(config, data, folder) as run:
        _all(run, again, extra=extra, precision=precision, limit=limit, precisions=precisions)
        _card(run, ship)


@finetune.command()
@_run_options("demo.toml")
def demo(config: Path, data: Path | None, folder: Path | None, again: bool) -> None:
    """The whole chain with tiny sizes, in a minute or two on a processor."""
    with _opened(config, data, folder) as run:
        options = {"precision": "int4", "limit": 5, "precisions": _PRECISIONS}
        for step in run.steps:
            # Nothing of a demonstration is worth being gone on with.
            if step != "card" and (again or not run.done(step, _more(step, options))):
                _do(run, step, again=True, **options)
        _card(run, None)
        _sample(run)
        click.echo(
            f"\nTalk with it: GENRE_LLM=local:{run.folder / 'merged'} genre chat\n"
            "It learned from a few hundred examples for a minute, so expect nothing of what it says."
        )


@finetune.command()
@click.argument("domain")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--count", type=click.IntRange(1, 5000), default=300, show_default=True, help="Items.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one, another catalogue.")
def catalogue(domain: str, file: Path, count: int, seed: int) -> None:
    """Write an invented catalogue (CSV) to talk about, such as one of boardgames or plants.

    No training example comes from those two, so that they show what the model does with what is new to it.
    """
    from finetune.talk.catalogues import write_catalogue
    from finetune.talk.patterns import domains

    known = domains()
    if domain not in known:
        raise click.ClickException(f"There is no domain {domain!r}; known are {', '.join(known)}.")
    write_catalogue(known[domain], count, seed, file)
    click.echo(f"{count:,} items: genre index {file} --name {domain}")


@contextmanager
def _opened(config: Path, data: Path | None, folder: Path | None) -> Iterator[Run]:
    """The run that the options name. What goes wrong is said in one line, as click says it."""
    from finetune.config import load_config
    from finetune.run import Run

    try:
        read = load_config(config)
        if data is not None:
            read = read.model_copy(update={"data": read.data.model_copy(update={"folder": data})})
        if folder is not None:
            read = read.model_copy(update={"folder": folder})
        yield Run(read)
    except FinetuneError as error:
        raise click.ClickException(str(error)) from None


def _all(run: Run, again: bool, **options: Any) -> None:
    for step in run.steps:
        if step != "card":
            _do(run, step, again, **options)


def _do(run: Run, step: Step, again: bool, **options: Any) -> None:
    """Does a step unless it is done, and notes it."""
    more = _more(step, options)
    if again:
        run.forget(step)
    if run.done(step, more):
        click.echo(f"{step}: done already ({run.outcome(step)}); --again does it anew")
        return
    click.secho(f"{step} …", bold=True)
    made = _work(run, step, options)
    run.note(step, made, more)
    if step == "data":
        for part, counts in made["examples"].items():
            click.echo(f"  {part}: {sum(counts.values()):,} examples")
    if step == "evaluate":
        _show(made["precisions"])
    if made.get("stopped_by_the_clock"):
        click.echo(
            f"  Stopped by the clock after {made['updates']:,} of {made['of']:,} updates; "
            "the same command goes on."
        )
    elif made.get("best_validation_loss") is not None:
        best = made["best_validation_loss"]
        click.echo(f"  {made['updates']:,} updates, best validation loss {best:.4f} nats a token")


def _work(run: Run, step: Step, options: dict[str, Any]) -> dict[str, Any]:
    from finetune import steps

    if step == "data":
        from finetune.data import prepare

        return prepare(run, options.get("extra"))
    if step == "quantize":
        return steps.quantize(run, options["precision"], say=_say)
    if step == "evaluate":
        from finetune.engines import precisions
        from finetune.evaluate import evaluate as measure

        return measure(run, options["limit"], precisions(options["precisions"]), _say)
    plain = {
        "tokenizer": steps.tokenizer,
        "pretrain": steps.pretrain,
        "lora": steps.lora,
        "merge": steps.merge,
    }
    return plain[step](run, _say)


def _card(run: Run, to: Path | None) -> None:
    """Cards are written each time: they tell what is there now."""
    from finetune.card import ship, write_cards

    click.secho("card …", bold=True)
    run.note("card", write_cards(run, _say))
    if to is not None:
        ship(run, to, _say)


def _more(step: Step, options: dict[str, Any]) -> Any:
    """What a step depends on besides the configuration."""
    if step == "data" and options.get("extra") is not None:
        import hashlib

        return hashlib.sha256(options["extra"].read_bytes()).hexdigest()
    names = {"quantize": ("precision",), "evaluate": ("limit", "precisions")}.get(step, ())
    return {name: options[name] for name in names} or None


def _say(line: str) -> None:
    click.echo(f"  {line}")


def _show(rows: list[dict[str, Any]]) -> None:
    from finetune.evaluate import precision_table

    table = precision_table(rows)
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    for row in table:
        click.echo("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _sample(run: Run) -> None:
    """One reading and one reply of the model that was made, beside what was meant."""
    from finetune.engines import TorchEngine
    from finetune.evaluate import held_out

    engine = TorchEngine(run.need("merge"))
    examples = held_out(run, ["validation"])["validation"]
    for kind in ("read", "write"):
        example = next((one for one in examples if one.kind == kind), None)
        if example is not None:
            click.secho(f"\n{kind}: {example.message}", bold=True)
            click.echo(f"  meant: {example.messages[-1]['content']}")
            click.echo(f"  said:  {engine.answer(example.messages[:-1], 80).text}")
