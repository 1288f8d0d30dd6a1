"""Every setting of the application, read once: from overrides, the environment and an optional TOML file.

This is the only file that reads the environment. Keys come, strongest first, from the command line,
from `GENRE_*` variables, and from `genre.toml` in the working folder (or the file that `GENRE_CONFIG` names).
A key that does not exist is refused rather than ignored.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from chat.errors import BadSettings
from chat.ranking import RankingSettings

PREFIX = "GENRE_"
CONFIG_VARIABLE = "GENRE_CONFIG"
CONFIG_FILE = "genre.toml"

Quantisation = Literal["none", "8bit", "4bit", "auto"]
Device = Literal["auto", "cpu", "cuda", "mps"]
ReadBy = Literal["code", "joined", "model"]
LogLevel = Literal["debug", "info", "warning", "error"]


def default_home() -> Path:
    """`.genre` beside `pyproject.toml` in a checkout, else the user's data folder of this system."""
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".genre"
    from platformdirs import user_data_dir

    return Path(user_data_dir("genre"))


def _hub_is_off() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in ("1", "on", "yes", "true")


class Settings(BaseSettings):
    """The application's settings; frozen. Its text form never shows a key or a password.

    Build it with `load_settings`, whose errors are meant for people.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
    )

    home: Path = Field(
        default_factory=default_home,
        description="Folder for everything that is kept: catalogues, indexes, conversations, models. "
        "Default: .genre in the checkout, else the user's data folder.",
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address that the web page and the API listen on."
    )
    port: int = Field(
        default=7860, ge=0, le=65535, description="TCP port of the web page; 0 takes any free one."
    )
    catalogue: str = Field(
        default="films",
        min_length=1,
        max_length=100,
        description="Name of the catalogue to talk about at the start.",
    )
    embedder: str = Field(
        default="all-MiniLM-L6-v2",
        min_length=1,
        description="Sentence-embedding model: a name, hub id or folder. Another one means new indexes.",
    )
    llm: str = Field(
        default="plain",
        min_length=1,
        description="Who words the replies. plain: no model. small: a small model on this machine. "
        "local:FOLDER or local:HUB_ID: any causal model through transformers, or a folder built for ONNX. "
        "openai:MODEL, ollama:MODEL, anthropic:MODEL, ...: any provider that LangChain knows.",
    )
    llm_reads: ReadBy = Field(
        default="joined",
        description="With a model: who reads what people say. code: no model. joined: the code, and the "
        "model adds what it missed. model: the model alone.",
    )
    llm_base_url: str | None = Field(
        default=None, description="Address of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1."
    )
    llm_api_key: SecretStr | None = Field(
        default=None, description="Key for the provider. Without it, the provider's own variable counts."
    )
    llm_adapter: Path | None = Field(
        default=None, description="Folder of a LoRA adapter (peft) for a local model."
    )
    llm_stale_card: bool = Field(
        default=False,
        description="Run a model whose card names other prompts than these (true), or refuse it (false).",
    )
    llm_device: Device = Field(
        default="auto", description="Where a local model runs: auto, cpu, cuda or mps."
    )
    quantisation: Quantisation = Field(
        default="auto", description="Weights of a local model: none (16 bit), 8bit, 4bit, or auto: what fits."
    )
    llm_context_tokens: int = Field(
        default=4096, ge=256, le=1_048_576, description="Longest prompt and answer together, in tokens."
    )
    llm_max_tokens: int = Field(default=320, ge=16, le=8192, description="Longest answer, in tokens.")
    llm_temperature: float = Field(
        default=0.6,
        ge=0,
        le=2,
        description="Variety of the wording, 0 to 2; 0 always takes the likeliest token.",
    )
    llm_timeout_s: float = Field(
        default=60,
        gt=0,
        le=3600,
        description="Seconds after which a model's answer is given up for the plain voice.",
    )
    offline: bool = Field(
        default_factory=_hub_is_off,
        description="Never download: models come from folders and the hub's cache. Default: what "
        "HF_HUB_OFFLINE says, else false.",
    )
    database: SecretStr | None = Field(
        default=None,
        description="Where conversations are kept: a path to an SQLite file (default: "
        "conversations.sqlite in home), or postgresql://user:password@host/name.",
    )
    results: int = Field(
        default=4, ge=3, le=5, description="Recommendations in a reply when no number was asked for, 3 to 5."
    )
    ranking: RankingSettings = Field(
        default_factory=RankingSettings,
        description="How a list is put together: a table of its own, [ranking], in the TOML file.",
    )
    log_level: LogLevel = Field(
        default="info", description="How much is logged: debug, info, warning or error."
    )
    allow_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Origins of the web pages that may embed the chat, separated by commas; * is any page.",
    )
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Keys that open the API, separated by commas, each of 16 characters or more. Without "
        "one, only programs on this computer may call it.",
    )
    api_requests_per_minute: int = Field(
        default=600, ge=0, le=1_000_000, description="Requests a minute that one caller may make; 0: any."
    )
    api_messages_per_minute: int = Field(
        default=120,
        ge=0,
        le=1_000_000,
        description="Messages, and new conversations, a minute for one caller of the API; 0: any.",
    )
    api_concurrency: int = Field(
        default=16, ge=1, le=10_000, description="Messages that the API answers at the same time, in all."
    )
    api_max_body_kb: int = Field(
        default=512, ge=16, le=65_536, description="Largest request with a whole history, in kilobytes."
    )
    max_message_chars: int = Field(
        default=4000, ge=100, le=100_000, description="Longest message, in characters."
    )
    upload_max_mb: int = Field(
        default=50, ge=1, le=10_000, description="Largest catalogue file to upload, in megabytes."
    )

    @property
    def models_folder(self) -> Path:
        """Where models of one's own lie: `local:NAME` looks here first."""
        return self.home / "models"

    @property
    def database_url(self) -> str:
        """The database as an SQLAlchemy URL. It may hold a password: never log it."""
        given = self.database.get_secret_value() if self.database else str(self.home / "conversations.sqlite")
        if "://" not in given:
            return f"sqlite:///{Path(given).expanduser().absolute()}"
        scheme, rest = given.split("://", 1)
        return f"postgresql+psycopg://{rest}" if scheme in _POSTGRES else given

    @property
    def database_label(self) -> str:
        """The database in words that are safe to show: without user name, password or options."""
        url = self.database_url
        if url.startswith("sqlite:///"):
            return url.removeprefix("sqlite:///")
        parts = urlsplit(url)
        return f"postgresql://{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"

    @field_validator("home", "llm_adapter", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @field_validator("allow_origins", "api_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("allow_origins", mode="after")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not re.fullmatch(r"https?://[^/?#@\s]+", origin):
                raise ValueError(f"{origin!r} is no origin; write it like https://shop.example")
        return value

    @field_validator("api_keys", mode="after")
    @classmethod
    def _hard_to_guess(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in value:
            if not re.fullmatch(r"[!-~]{16,}", key.get_secret_value()):
                raise ValueError("expected keys of 16 or more letters, digits and signs, without spaces")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("llm_base_url", mode="after")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected an address such as http://127.0.0.1:8000/v1")
        if parts.username or parts.password:
            raise ValueError("an address must not hold a key or password; put it into llm_api_key")
        return value.rstrip("/")

    @field_validator("database", mode="after")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        scheme, separator, _ = (value.get_secret_value() if value else "").partition("://")
        if separator and scheme not in (*_POSTGRES, "sqlite"):
            raise ValueError("expected a path to an SQLite file, or postgresql://user:password@host/name")
        return value

    @model_validator(mode="after")
    def _answer_fits(self) -> Self:
        if self.llm_max_tokens * 2 > self.llm_context_tokens:
            raise ValueError(
                f"llm_max_tokens ({self.llm_max_tokens}) may be at most half of llm_context_tokens "
                f"({self.llm_context_tokens}), so that the conversation fits too"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Overrides, then the environment, then the TOML file."""
        return (init_settings, env_settings, _TomlFile(settings_cls))


class SlackKeys(BaseSettings):
    """What opens Slack, from the variables that Slack's own library reads: `SLACK_BOT_TOKEN` and so on."""

    model_config = SettingsConfigDict(env_prefix="SLACK_", env_ignore_empty=True, frozen=True, extra="ignore")

    bot_token: SecretStr | None = Field(default=None, description="The bot's token: xoxb-…")
    app_token: SecretStr | None = Field(default=None, description="Opens a socket (Socket Mode): xapp-…")
    signing_secret: SecretStr | None = Field(
        default=None, description="Slack signs its requests with it, where it sends them over HTTP."
    )
    api_url: str = Field(default="https://slack.com/api/", description="Where Slack's Web API is.")


class DiscordKeys(BaseSettings):
    """What opens Discord: `DISCORD_TOKEN`, and what it is asked for."""

    model_config = SettingsConfigDict(
        env_prefix="DISCORD_", env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    token: SecretStr | None = Field(default=None, description="The bot's token: three parts joined by dots.")
    message_content: bool = Field(
        default=False,
        description="Ask for the message content intent: then the bot needs no mention in its own threads.",
    )


_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")


class _TomlFile(PydanticBaseSettingsSource):
    """The values of the TOML file, if there is one."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return _read_file().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return _read_file()


def load_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings in force. `overrides` (the command line's) win; a `None` among them counts as not given.

    Raises `BadSettings`, which names each wrong key, where it was set, and what would be right.
    """
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    unknown = [f"{name}{_nearest(name[len(PREFIX) :].lower(), PREFIX)}" for name in _unknown_variables()]
    if unknown:
        raise BadSettings("There is no such setting: " + "; ".join(unknown) + ".")
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise BadSettings("\n".join(_explain(dict(problem), given) for problem in error.errors())) from None


def load_discord_keys() -> DiscordKeys:
    """What opens Discord. Raises `BadSettings` where a variable can't be read."""
    try:
        return DiscordKeys()
    except ValidationError as error:
        names = ", ".join(f"DISCORD_{str(problem['loc'][0]).upper()}" for problem in error.errors())
        raise BadSettings(f"{names} can't be read: expected true or false.") from None


def _config_path() -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise BadSettings(f"{CONFIG_VARIABLE} names {path}, but there is no such file.")
        return path
    path = Path.cwd() / CONFIG_FILE
    return path if path.is_file() else None


def _read_file() -> dict[str, Any]:
    path = _config_path()
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path} is not valid TOML: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} cannot be read: {error}.") from None


def _unknown_variables() -> list[str]:
    known = {f"{PREFIX}{name}".upper() for name in _names()} | {CONFIG_VARIABLE}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def _names() -> list[str]:
    """All settings, those of a table as TABLE__NAME."""
    return [*Settings.model_fields, *(f"ranking__{name}" for name in RankingSettings.model_fields)]


def _nearest(name: str, prefix: str = "") -> str:
    near = difflib.get_close_matches(name, _names(), n=1)
    return f" (did you mean {prefix}{near[0].upper() if prefix else near[0]}?)" if near else ""


def _explain(problem: dict[str, Any], overrides: Mapping[str, object]) -> str:
    """One line for one wrong key. The value found is shown only where it can't be a secret."""
    if not problem["loc"]:
        return str(problem["msg"]).removeprefix("Value error, ") + "."
    name = "__".join(str(part) for part in problem["loc"])
    where = _origin(name, overrides)
    known = Settings.model_fields | {
        f"ranking__{own}": field for own, field in RankingSettings.model_fields.items()
    }
    field = known.get(name.lower().removeprefix(PREFIX.lower()))
    if problem["type"] == "extra_forbidden" or field is None:
        return f"There is no setting {name!r}{where}{_nearest(name)}."
    message = str(problem["msg"]).removeprefix("Value error, ")
    # An address may be refused just because a password is in it.
    secret = name.partition("__")[0] in ("llm_api_key", "api_keys", "database", "llm_base_url")
    shown = "" if secret else f" is {problem['input']!r}"
    hint = ""
    if isinstance(problem["input"], str) and problem["input"].startswith("tcp://"):
        # Kubernetes sets GENRE_PORT=tcp://… for a service called "genre".
        hint = " (set by Kubernetes for a service of that name: switch off enableServiceLinks)"
    return f"{name}{where}{shown}: {message}{hint}. {field.description}"


def _origin(name: str, overrides: Mapping[str, object]) -> str:
    if name in overrides:
        return ""
    variable = f"{PREFIX}{name}".upper()
    if os.environ.get(variable):
        return f" (from {variable})"
    path = _config_path()
    return f" (from {path})" if path else ""
