"""Where a model's files are, and how many weights they hold. Nothing here imports torch."""

from __future__ import annotations

import json
import logging
import math
import re
import struct
from pathlib import Path

from chat.errors import ModelError
from prompts.card import CardError, has_card, load_card

log = logging.getLogger(__name__)

#: What a causal language model is made of. Pickled weights (.bin, .pt) can run code: never fetched.
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]

#: What ONNX Runtime GenAI's builder writes beside the weights.
GENAI_CONFIG = "genai_config.json"

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def is_hub_id(name: str) -> bool:
    """Whether the name has the form of a hub id: OWNER/NAME."""
    return _HUB_ID.fullmatch(name) is not None


def find_model(name: str, models_folder: Path, *, offline: bool) -> Path:
    """The folder that holds the model `name`: a path, a name under `models_folder`, or a hub id.

    A hub model that isn't in the cache is downloaded unless `offline`. Raises `ModelError`, which says
    where it looked and how to get the model.
    """
    looked = list(dict.fromkeys((Path(name).expanduser().absolute(), models_folder / name)))
    for folder in looked:
        if (folder / "config.json").is_file() or (folder / GENAI_CONFIG).is_file():
            return folder
        if folder.is_dir() and "/" not in name.strip("/"):
            raise ModelError(f"{folder} is no model: it holds no config.json. Name the folder that does.")
    places = " and ".join(str(folder) for folder in looked)
    if not is_hub_id(name):
        raise ModelError(
            f"There is no model {name!r}: looked for {places}. Give a folder that holds config.json and the "
            "weights, or a hub id such as local:Qwen/Qwen3-1.7B."
        )
    return _from_hub(name, places, offline)


def onnx_folder(name: str, models_folder: Path) -> Path | None:
    """The folder built for ONNX Runtime GenAI that `name` or `models_folder / name` is, or `None`."""
    places = (Path(name).expanduser().absolute(), models_folder / name)
    return next((folder for folder in places if (folder / GENAI_CONFIG).is_file()), None)


def _from_hub(name: str, places: str, offline: bool) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    off = offline or constants.HF_HUB_OFFLINE
    if not off:
        log.info("looking for %s in the hub's cache, else downloading it to %s", name, constants.HF_HUB_CACHE)
    try:
        folder = Path(snapshot_download(name, local_files_only=off, allow_patterns=PATTERNS))
    except GatedRepoError:
        raise ModelError(
            f"The hub gives {name!r} only to people who accepted its terms: open "
            f"https://huggingface.co/{name}, accept them, and run: hf auth login"
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(f"The hub has no model {name!r}, nor is it in {places}. Check its name.") from None
    except Exception as error:  # the hub's client raises its own, httpx's and the system's errors
        reason = "the hub is switched off (offline)" if off else f"the hub did not give it ({_brief(error)})"
        raise ModelError(
            f"The model {name!r} is not on this machine: looked for {places}, and in the hub's cache "
            f"{constants.HF_HUB_CACHE}; {reason}. On a machine with network run: hf download {name}"
        ) from None
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name!r} is no language model: {folder} holds no config.json.")
    return folder


def check_card(folder: Path, *, any_prompts: bool) -> bool:
    """Whether the folder holds a model's card. Raises `ModelError` for one that is no good here.

    With `any_prompts`, a model may have been trained on other prompts than these.
    """
    if not has_card(folder):
        return False
    try:
        load_card(folder, any_prompts=any_prompts)
    except CardError as error:
        raise ModelError(str(error)) from None
    return True


def count_parameters(folder: Path) -> int:
    """How many weights the folder's safetensors files hold, read from their headers; 0 where there are none.

    A header is an 8-byte little-endian length and that much JSON (safetensors' format description).
    """
    total = 0
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with path.open("rb") as file:
                (length,) = struct.unpack("<Q", file.read(8))
                header = json.loads(file.read(min(length, 100_000_000)))
        except (OSError, ValueError, struct.error) as error:
            raise ModelError(f"{path} is damaged: {error}. Copy or download it again.") from None
        shapes = [entry["shape"] for key, entry in header.items() if key != "__metadata__"]
        total += sum(math.prod(shape) for shape in shapes)
    return total


def _brief(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:160]}" if text else type(error).__name__
