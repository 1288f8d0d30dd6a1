"""Text → vectors: the protocol, a small working fake, and any model that sentence-transformers can load."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from retrieval.errors import BadModel
from retrieval.lexical import tokens

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called now and then with the texts done and the texts in all."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how alike the texts are in meaning."""

    @property
    def name(self) -> str:
        """Model and version. Vectors of different names are never compared, so whatever changes a vector
        must change the name."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One vector a text, float32 of shape (n, dimension), each of length 1. Safe across threads."""
        ...


class HashEmbedder:
    """Words hashed to places of a vector: alike means sharing words or their beginnings. The small fake.

    Needs no model, is the same on every machine, and orders texts well enough for tests and for a try-out.
    """

    def __init__(self, dimension: int = 256) -> None:
        self._dimension = dimension

    @property
    def name(self) -> str:
        return f"hash-{self._dimension}-v1"

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As the protocol says; a text without words gets the first unit vector."""
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for token in tokens(text):
                for part, weight in ((token, 1.0), (f"{token[:4]}…", 0.5)):
                    digest = int.from_bytes(hashlib.blake2b(part.encode(), digest_size=8).digest(), "big")
                    vectors[row, (digest >> 1) % self._dimension] += weight if digest & 1 else -weight
        if progress:
            progress(len(texts), len(texts))
        return unit(vectors)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by hub name or folder; loaded at first use, once.

    Importing torch takes seconds and some 700 MB: for the default model `minilm.MiniLmEmbedder` is the
    lighter way. `revision` pins a hub model. Raises `BadModel` where the model cannot be loaded.
    """

    def __init__(self, model: str, revision: str | None = None, device: str = "cpu") -> None:
        self._model_name = model
        self._revision = revision
        self._device = device
        self._lock = threading.Lock()
        self._model: Any = None
        self._name = ""

    @property
    def name(self) -> str:
        """The model with its commit, or with a digest of its weights where it is a folder."""
        self._loaded()
        return self._name

    @property
    def dimension(self) -> int:
        model = self._loaded()
        size = getattr(model, "get_embedding_dimension", None) or model.get_sentence_embedding_dimension
        return int(size())

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        model = self._loaded()
        parts: list[Vectors] = []
        for start in range(0, len(texts), 64):
            some = list(texts[start : start + 64])
            with self._lock:  # tokenizers of transformers are not made for several threads at once
                found = model.encode(some, normalize_embeddings=True, show_progress_bar=False)
            parts.append(np.asarray(found, dtype=np.float32))
            if progress:
                progress(start + len(some), len(texts))
        if not parts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit(np.concatenate(parts))  # again: a half-precision model's are only nearly of length 1

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                from sentence_transformers import SentenceTransformer

                try:
                    model = SentenceTransformer(
                        self._model_name, revision=self._revision, device=self._device
                    )
                except Exception as error:  # the library lets through whatever its parts raise
                    raise BadModel(
                        f"The embedding model “{self._model_name}” could not be loaded: {error}. Give the "
                        "name of a sentence-transformers model, or the folder that holds one."
                    ) from error
                self._name = f"{self._model_name}@{self._version(model)}"
                self._model = model
            return self._model

    def _version(self, model: Any) -> str:
        folder = Path(self._model_name)
        if folder.is_dir():
            return weights_digest(folder)[:16]
        try:
            commit = model[0].auto_model.config._commit_hash
        except (AttributeError, IndexError, TypeError):
            commit = None
        return str(commit or self._revision or "main")


def weights_digest(folder: Path) -> str:
    """SHA-256 over the weight files of a model folder, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.safetensors"), *folder.rglob("*.bin")]):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(file_digest(path).encode())
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unit(vectors: Vectors) -> Vectors:
    """The rows scaled to length 1; a row of zeros becomes the first unit vector."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled = np.where(lengths > 0, vectors / np.where(lengths > 0, lengths, 1), 0).astype(np.float32)
    if vectors.shape[1]:
        scaled[lengths[:, 0] == 0, 0] = 1
    return scaled
