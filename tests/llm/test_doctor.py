"""The doctor: what it finds, what it advises, and that it never falls ill."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from rich.console import Console

from chat.doctor import CatalogueState, Diagnosis, Finding, diagnose, render
from chat.errors import StoreError
from chat.hardware import GIB, Gpu, Hardware
from chat.settings import Settings, load_settings
from tests.llm.tiny import make_model

LAPTOP = Hardware("a laptop", cores=8, total=16 * GIB, available=8 * GIB)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))


def look(settings: Settings, **options: object) -> Diagnosis:
    return diagnose(settings, hardware=lambda: LAPTOP, **options)  # type: ignore[arg-type]


def finding(diagnosis: Diagnosis, name: str) -> Finding:
    return next(found for found in diagnosis.findings if found.name == name)


def words(diagnosis: Diagnosis) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(render(diagnosis))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


@contextmanager
def ollama(*models: str) -> Iterator[str]:
    """A server that answers as Ollama does when it is asked for its models."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = json.dumps({"models": [{"name": name} for name in models]}).encode()
            self.send_response(200 if self.path == "/api/tags" else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()


def test_a_folder_built_for_onnx_is_told_with_its_size_and_its_damage(tmp_path: Path) -> None:
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "genai_config.json").write_text("{}")
    (folder / "model.onnx.data").write_bytes(b"x" * 3_000_000)
    diagnosis = look(load_settings({"llm": f"local:{folder}"}))
    assert diagnosis.problems == ()
    assert "3 MB" in diagnosis.why
    assert "onnxruntime-genai" in diagnosis.why
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  model.onnx.data\n")
    (problem,) = look(load_settings({"llm": f"local:{folder}"})).problems
    assert "damaged" in problem.found


def test_a_fresh_checkout_is_healthy() -> None:
    diagnosis = look(load_settings())
    assert diagnosis.problems == ()
    assert diagnosis.voice == "the plain voice"
    assert finding(diagnosis, "embedder").state == "ok"
    assert "checksums" in finding(diagnosis, "embedder").found
    assert "Nothing is wrong" in words(diagnosis)


def test_every_problem_has_a_cure() -> None:
    settings = load_settings(
        {
            "llm": "local:/nowhere",
            "database": "postgresql://u:hunter2@127.0.0.1:1/x",
            "embedder": "nobody/nothing",
            "offline": True,
        }
    )
    diagnosis = look(settings, catalogues=list)
    assert {problem.name for problem in diagnosis.problems} == {"model", "database", "embedder", "catalogue"}
    assert all(problem.cure or problem.name == "model" for problem in diagnosis.problems)
    assert "hunter2" not in words(diagnosis)
    assert "4 problems" in words(diagnosis)


def test_a_local_model_is_weighed(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "own")
    diagnosis = look(load_settings({"llm": f"local:{folder}"}))
    assert diagnosis.voice == str(folder)
    assert "on cpu, quantisation none" in diagnosis.why
    assert diagnosis.problems == ()


def test_a_model_that_does_not_fit_is_a_problem(tmp_path: Path) -> None:
    settings = load_settings({"llm": f"local:{make_model(tmp_path / 'own')}"})
    tight = Hardware("a watch", cores=1, total=GIB, available=GIB // 2)
    diagnosis = diagnose(settings, hardware=lambda: tight)
    assert "4bit" in finding(diagnosis, "model").cure


def test_a_model_of_the_hub_may_still_be_fetched() -> None:
    found = finding(look(load_settings({"llm": "local:nobody/nothing-here"})), "model")
    assert (found.state, "hf download nobody/nothing-here" in found.cure) == ("note", True)
    offline = look(load_settings({"llm": "local:nobody/nothing-here", "offline": True}))
    assert finding(offline, "model").state == "problem"
    assert offline.voice == "the plain voice"


def test_ollama_is_asked_what_it_has() -> None:
    with ollama("qwen3:4b", "llama3.2:latest") as url:
        for name, state in (("qwen3:4b", "ok"), ("llama3.2", "ok"), ("mistral", "problem")):
            found = finding(look(load_settings({"llm": f"ollama:{name}", "llm_base_url": url})), "ollama")
            assert found.state == state
    assert found.cure == "ollama pull mistral"
    gone = finding(look(load_settings({"llm": "ollama:mistral", "llm_base_url": url})), "ollama")
    assert (gone.state, "ollama serve" in gone.cure) == ("problem", True)


def test_a_card_that_torch_cannot_use_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.doctor._version", lambda name: {"torch": "2.13.0+cpu"}.get(name))
    machine = Hardware("a desktop", 8, 32 * GIB, 30 * GIB, gpus=(Gpu("RTX 4090", 24 * GIB, 23 * GIB),))
    found = diagnose(load_settings(), hardware=lambda: machine).findings
    gpu = next(entry for entry in found if entry.name == "gpu")
    assert "RTX 4090" in gpu.found
    assert "CUDA" in gpu.cure


def test_catalogues_and_their_indexes() -> None:
    states = [
        CatalogueState("films", 810, True),
        CatalogueState("shop", 60, False),
        CatalogueState("books", 5, True, "its file is gone", "Import it again."),
    ]
    found = look(load_settings(), catalogues=lambda: states).findings
    assert [entry.state for entry in found if entry.name == "catalogue"] == ["ok", "note", "problem"]


def test_the_database_is_asked_and_its_drivers_words_are_kept_back() -> None:
    def refuse() -> None:
        raise RuntimeError("password hunter2 is wrong")

    def explain() -> None:
        raise StoreError("the table is from a newer version")

    assert finding(look(load_settings(), database=lambda: None), "database").state == "ok"
    assert "hunter2" not in words(look(load_settings(), database=refuse))
    assert "newer version" in finding(look(load_settings(), database=explain), "database").found


def test_a_place_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite"
    path.mkdir()  # a folder where the file should be
    found = finding(look(load_settings({"database": str(path)})), "database")
    assert found.state == "problem"
    assert "home or database" in found.cure


def test_looks_that_fail_or_hang_don_t_stop_the_others() -> None:
    never = threading.Event()

    def broken() -> list[CatalogueState]:
        raise ZeroDivisionError("oh")

    diagnosis = look(load_settings(), catalogues=broken, database=never.wait)
    assert "ZeroDivisionError" in finding(diagnosis, "catalogues").found
    assert "no answer" in finding(diagnosis, "database").found
    assert finding(diagnosis, "python").state == "ok"
    never.set()


def test_odd_names_are_no_markup() -> None:
    states = [CatalogueState("[red]films[/red]", 1, True)]
    assert "[red]films[/red]" in words(look(load_settings(), catalogues=lambda: states))


def test_it_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom chat.doctor import diagnose, render\nfrom chat.settings import load_settings\n"
        "diagnose(load_settings({'llm': 'small', 'offline': True}))\n"
        "print(sorted({'torch', 'transformers', 'langchain', 'langchain_core'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
