"""The settings of ranking: a table of their own. `chat/settings.py` reads them with all others."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RankingSettings(BaseModel):
    """`[ranking]` in the TOML file, `GENRE_RANKING__DIVERSITY` and so on in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    diversity: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="How unlike each other the items of a list should be, 0 (never mind) to 1.",
    )
    novelty: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="How much being little known counts for an item, 0 to 1. Needs a column for how many "
        "know it, such as votes or sales.",
    )
    serendipity: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="How much being unexpected counts for an item that fits, 0 to 1.",
    )
    fairness: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Places of a list kept for the less known half of what fits, 0 to 1; 1 keeps half of "
        "the list. Needs the same column as novelty.",
    )
    learn: bool = Field(
        default=True,
        description="Let likes, dislikes and what is passed over move the weights of what ranks the items, "
        "for each person apart.",
    )
    learned: bool = Field(
        default=True,
        description="Use what was learnt from dialogues and ratings: by `genre learn`, or bundled.",
    )
    exploration: float = Field(
        default=0.1,
        ge=0,
        le=2,
        description="How far those weights are varied by chance to learn more, in standard deviations; "
        "0 never.",
    )
    earlier: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="What a liking from earlier conversations counts in this one, 0 to 1. What was seen or "
        "ruled out for good always counts.",
    )
    reranker: str = Field(
        default="none",
        min_length=1,
        description="Who looks at the best of a list once more: none, llm (the model that words the "
        "replies), or a cross-encoder of sentence-transformers by hub name or folder.",
    )
    rerank_depth: int = Field(
        default=12, ge=2, le=100, description="Items that the reranker looks at, at most."
    )
