"""Trains the encoder with torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from retrieval.dialogues.encoder import Encoder, EncoderSettings, term_keys
from retrieval.dialogues.moments import FADES, Example
from retrieval.dialogues.terms import TermSpace, stems

_TERMS = 15_000
_START = 0.02  # deviation of fresh embeddings
_POPULAR = 0.7  # of log popularity, that the bias starts from: less than all, the moment has a say too
_OWN = 0.5  # weight of what the person names next: it tells about items too, but isn't what is asked for


def train_encoder(
    examples: Sequence[Example],
    features: sparse.csr_array,
    settings: EncoderSettings,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Encoder:
    """An encoder for moments at which either side named something new.

    `features` (items × features) say what items are. The loss is the cross-entropy over all items, shared
    among the targets of a moment. Deterministic for a seed on one kind of machine. `progress` is told steps
    done and steps in all.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    words = [stems(example.moment.everything) for example in examples]
    space = TermSpace.fit(words, pairs=True, at_least=settings.frequent, terms=_TERMS)
    keys = [term_keys(space, example.moment) for example in examples]
    popular = np.bincount([row for one in examples for row in one.targets], minlength=features.shape[0])
    net = _Net(len(space), popular, features, settings)
    steps = settings.epochs * math.ceil(len(examples) / settings.batch)
    if steps:
        optimiser = torch.optim.AdamW(net.parameters(), lr=settings.rate, weight_decay=settings.decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, settings.rate, total_steps=steps + 1, pct_start=0.1
        )
        net.train()
        for step, batch in enumerate(_batches(examples, keys, net.shape, settings, chance)):
            chances = functional.log_softmax(net(batch), dim=1)
            loss = -(chances[batch.where, batch.targets] * batch.worth).sum() / batch.size
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if progress:
                progress(step + 1, steps)
    return Encoder(space, net.weights())


@dataclass(frozen=True)
class _Batch:
    """Sparse (size, items) matrices of what was named by whom; terms padded; targets with their worth."""

    by_user: Tensor
    offered: Tensor
    terms: Tensor
    speaker: Tensor
    where: Tensor
    targets: Tensor
    worth: Tensor
    size: int


class _Net(nn.Module):
    def __init__(
        self,
        terms: int,
        popular: npt.NDArray[np.int64],
        features: sparse.csr_array,
        settings: EncoderSettings,
    ) -> None:
        super().__init__()
        size, width = len(popular), settings.width
        self.shape = (size, 3 * terms)
        self._features = torch.sparse_coo_tensor(
            torch.tensor(np.stack(features.nonzero())),
            torch.tensor(features[features.nonzero()].astype(np.float32)),
            features.shape,
            check_invariants=False,
        ).coalesce()
        self.items = nn.Parameter(torch.randn(size, width) * _START)
        self.answers = nn.Parameter(torch.randn(size, width) * _START)
        self.made_in = nn.Parameter(torch.randn(features.shape[1], width) * _START)
        self.made_out = nn.Parameter(torch.randn(features.shape[1], width) * _START)
        self.offered = nn.Parameter(torch.zeros(width))
        self.speaker = nn.Embedding(2, width)
        self.terms = nn.EmbeddingBag(3 * terms + 1, width, mode="sum", padding_idx=3 * terms)
        nn.init.normal_(self.terms.weight, std=_START)
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, 2 * width)
        self.out = nn.Linear(2 * width, width)
        self.drop = nn.Dropout(settings.drop_hidden)
        start = torch.log(torch.tensor(popular, dtype=torch.float32) + 0.3) * _POPULAR
        self.bias = nn.Parameter(start)

    def forward(self, batch: _Batch) -> Tensor:
        items, answers = self.tables()
        hidden = torch.sparse.mm(batch.by_user, items) + torch.sparse.mm(batch.offered, items + self.offered)
        hidden = self.drop(self.norm(hidden + self.terms(batch.terms) + self.speaker(batch.speaker)))
        hidden = hidden + self.out(self.drop(functional.gelu(self.into(hidden))))
        found: Tensor = hidden @ answers.T + self.bias
        return found

    def tables(self) -> tuple[Tensor, Tensor]:
        """Each item's embedding where it was named, and where it is the answer."""
        made = torch.sparse.mm
        return self.items + made(self._features, self.made_in), self.answers + made(
            self._features, self.made_out
        )

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """What `Encoder` needs."""
        with torch.no_grad():
            items, answers = self.tables()
            found = {
                "items": items,
                "answers": answers,
                "offered": self.offered,
                "speaker": self.speaker.weight[1],
                "terms": self.terms.weight[:-1],
                "norm": self.norm.weight,
                "shift": self.norm.bias,
                "in": self.into.weight,
                "in_bias": self.into.bias,
                "out": self.out.weight,
                "out_bias": self.out.bias,
                "bias": self.bias,
            }
            return {name: value.numpy().copy() for name, value in found.items()}


def _batches(
    examples: Sequence[Example],
    keys: Sequence[npt.NDArray[np.int64]],
    shape: tuple[int, int],
    settings: EncoderSettings,
    chance: np.random.Generator,
) -> Iterator[_Batch]:
    for _ in range(settings.epochs):
        order = chance.permutation(len(examples))
        for start in range(0, len(order), settings.batch):
            rows = order[start : start + settings.batch]
            yield _batch(
                [examples[row] for row in rows], [keys[row] for row in rows], shape, settings, chance
            )


def _batch(
    examples: Sequence[Example],
    keys: Sequence[npt.NDArray[np.int64]],
    shape: tuple[int, int],
    settings: EncoderSettings,
    chance: np.random.Generator,
) -> _Batch:
    size, (items, padding) = len(examples), shape
    named: tuple[list[tuple[int, int, float]], list[tuple[int, int, float]]] = ([], [])
    for place, example in enumerate(examples):
        moment = example.moment
        count = len(moment.named)
        kept = chance.random(count) >= settings.drop_items
        for at, (row, by_user) in enumerate(zip(moment.named, moment.by_user, strict=True)):
            if kept[at]:
                named[by_user].append((place, row, FADES ** (count - 1 - at)))
    terms = [one[chance.random(len(one)) >= settings.drop_terms] for one in keys]
    longest = max(1, *(len(one) for one in terms))
    padded = np.full((size, longest), padding, dtype=np.int64)
    for place, one in enumerate(terms):
        padded[place, : len(one)] = one
    targets = [
        (place, row, 1 / len(one.targets)) for place, one in enumerate(examples) for row in one.targets
    ]
    own = np.array([_OWN if one.by_user else 1.0 for one in examples], dtype=np.float32)
    where, rows, worth = (np.array(column) for column in zip(*targets, strict=True))
    return _Batch(
        by_user=_sparse(named[True], size, items),
        offered=_sparse(named[False], size, items),
        terms=torch.tensor(padded),
        speaker=torch.tensor([int(not one.by_user) for one in examples]),
        where=torch.tensor(where),
        targets=torch.tensor(rows),
        worth=torch.tensor(worth.astype(np.float32) * own[where]),
        size=size,
    )


def _sparse(entries: Sequence[tuple[int, int, float]], size: int, items: int) -> Tensor:
    where = torch.tensor([[row, column] for row, column, _ in entries], dtype=torch.long).reshape(-1, 2).T
    values = torch.tensor([value for _, _, value in entries], dtype=torch.float32)
    return torch.sparse_coo_tensor(where, values, (size, items), check_invariants=False)
