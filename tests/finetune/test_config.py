"""The configuration: every wrong field is named, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

import finetune
from chat.llm.checksums import verify
from finetune.config import Config, load_config
from finetune.errors import BadConfig
from finetune.foreign import load_base, load_tokenizer

HERE = Path(finetune.__file__).parent


@pytest.mark.parametrize("name", ["small.toml", "large.toml", "demo.toml"])
def test_the_configurations_that_come_along_are_right(name: str) -> None:
    config = load_config(HERE / name)
    assert config.data.folder is None
    assert config.model.hidden % config.model.heads == 0


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("")
    assert load_config(path) == Config()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[lora]\nranck = 4", "lora.ranck"),
        ("[model]\nhidden = 33", "model.hidden.*multiple of 32.*33"),
        ("[lora]\nquantisation = '2bit'", "lora.quantisation.*4bit.*2bit"),
        ("[pretrain]\nbatch = 'many'", "pretrain.batch.*many"),
        ("name = 'a/b'", "name"),
        ("seed = -1", "seed.*-1"),
        ("colour = 'red'", "colour"),
        ("[data]\nsets = ['redial', 'opendialkg']", "opendialkg.*non-commercial"),
        ("[data]\nsets = ['movielens_small']", "movielens_small.*non-commercial"),
        ("[data]\nsets = ['nosuch']", "nosuch.*known are redial"),
        ("name = ", "can't be read"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadConfig, match=rf"(?s)mine\.toml.*{words}"):
        load_config(path)


def test_every_wrong_field_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[lora]\nrank = 0\n[pretrain]\nlearning_rate = 2")
    with pytest.raises(BadConfig) as caught:
        load_config(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="There is no file"):
        load_config(tmp_path / "none.toml")


def test_the_base_that_comes_along_is_whole_and_can_be_gone_on_with() -> None:
    folder = HERE.parent / "models" / "genre-small" / "base"
    assert verify(folder) >= 3
    shape = load_config(HERE / "small.toml").model
    words = load_tokenizer(folder, "model.start")
    model = load_base(folder, field="model.start")
    assert model.get_input_embeddings().weight.shape == (len(words), shape.hidden)
    assert len(words) <= load_config(HERE / "small.toml").tokenizer.vocabulary
    assert model.config.num_hidden_layers == shape.layers
