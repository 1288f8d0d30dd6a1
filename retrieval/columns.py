"""What the names of columns say, in the words that people give them: which one is the title, what a number
means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.items import FacetRole

TITLES = (
    "title", "product title", "product name", "item name", "item title", "name", "headline", "movie title",
    "film title", "primary title", "book title", "track name", "track title", "song title", "song name",
    "course title", "course name", "game name", "recipe name", "display name", "full title", "heading",
    "track", "song", "product", "movie", "film", "book", "course", "titel", "titre", "titulo", "título",
    "titolo", "nombre", "nom", "nome", "bezeichnung", "produktname", "название", "名称", "标题", "タイトル",
)  # fmt: skip
OTHER_TITLES = (
    "original title", "alternative title", "alternative titles", "alternate title", "alternate titles",
    "alternative name", "alternative names", "other title", "other titles", "other names", "aka", "akas",
    "also known as", "title original", "english title", "title english", "title en", "native title",
)  # fmt: skip
DESCRIPTIONS = (
    "description", "product description", "long description", "full description", "item description",
    "overview", "plot", "synopsis", "summary", "plot summary", "storyline", "abstract", "blurb", "body",
    "body html", "content", "text", "about", "desc", "details", "article", "short description", "intro",
    "introduction", "notes", "beschreibung", "descripcion", "descripción", "descrizione", "descrição",
    "описание", "描述",
)  # fmt: skip
IDS = (
    "id", "item id", "product id", "uid", "uuid", "guid", "sku", "asin", "movie id", "book id", "track id",
    "course id", "article id", "song id", "film id", "recipe id", "game id", "listing id", "key", "slug",
    "handle", "isbn 13", "isbn", "isbn 10", "ean", "gtin", "upc", "tconst", "imdb id", "tmdb id", "wiki id",
    "code", "product code", "item number", "article number", "part number", "identifier", "ref",
    "reference",
)  # fmt: skip
URLS = (
    "url", "link", "permalink", "product url", "item url", "page url", "web url", "href", "homepage",
    "website", "page", "canonical url", "external url",
)  # fmt: skip
IMAGES = (
    "image", "image url", "image link", "image src", "img", "img url", "thumbnail", "thumbnail url",
    "thumb", "picture", "picture url", "photo", "photo url", "cover", "cover url", "cover image", "poster",
    "poster url", "poster path", "large image url", "main image", "primary image", "small image url",
    "images", "artwork", "album art", "bild", "foto", "imagen",
)  # fmt: skip

#: A column of people, with the word for one of them.
PEOPLE = {
    "director": "director", "directed by": "director", "author": "author", "written by": "writer",
    "writer": "writer", "screenwriter": "writer", "artist": "artist", "artist name": "artist",
    "author name": "author", "cast": "actor", "actor": "actor", "actress": "actress", "star": "actor",
    "starring": "actor", "lead actor": "actor", "top cast": "actor", "composer": "composer",
    "instructor": "instructor", "teacher": "teacher", "tutor": "tutor", "lecturer": "lecturer",
    "professor": "professor", "host": "host", "presenter": "presenter", "narrator": "narrator",
    "illustrator": "illustrator", "singer": "singer", "performer": "performer", "musician": "musician",
    "creator": "creator", "created by": "creator", "producer": "producer", "editor": "editor",
    "translator": "translator", "speaker": "speaker", "by": "maker", "byline": "author",
    "journalist": "journalist", "columnist": "columnist", "photographer": "photographer", "chef": "chef",
    "coach": "coach", "trainer": "trainer", "cinematographer": "cinematographer",
    "choreographer": "choreographer", "songwriter": "songwriter", "autor": "author", "auteur": "author",
    "regisseur": "director", "regie": "director", "autore": "author", "conductor": "conductor",
    "painter": "painter", "voice actor": "voice actor", "crew": "crew member",
}  # fmt: skip

#: Names whose columns are for filtering even where nearly every value differs.
CATEGORIES = frozenset([
    "genre", "category", "categories", "subcategory", "tag", "type", "kind", "brand", "colour", "color",
    "material", "style", "department", "section", "topic", "subject", "language", "country", "region",
    "city", "area", "neighbourhood", "neighborhood", "mood", "theme", "format", "platform", "level",
    "difficulty", "cuisine", "food", "season", "gender", "size", "label", "publisher", "studio",
    "manufacturer", "vendor", "make", "maker", "designer", "collection", "series", "franchise", "decade",
    "occasion", "audience", "certificate", "diet", "network", "domain", "keyword", "species", "flavour",
    "flavor", "variety", "grape", "condition", "availability", "status",
])  # fmt: skip

_COUNTED = (
    "ratings?|reviews?|votes?|voters|downloads?|plays?|listens|sales|sold|views|users|subscribers|students"
    "|followers|likes|mentions"
)
_QUANTITY = (
    rf"\b(count|num|number|no|total)\b.*\b({_COUNTED})\b|\b({_COUNTED})\b.*\b(count|num|number)\b"
    r"|\b(votes|popularity|sales|downloads|plays|playcount|listeners|subscribers|enrolled|followers|reviews)\b"
)
_DURATION = (
    r"\b(runtime|run time|running time|duration|playtime|play time|playing time|minutes|mins|hours|hrs"
    r"|cook(ing)? time|prep(aration)? time|total time|dauer|durée)\b"
)
_ROLES: tuple[tuple[FacetRole, str], ...] = (  # the first that matches
    ("quantity", _QUANTITY),
    (
        "year",
        r"\b(year|years|yr|vintage|jahr|année|annee|año|anno|ano)\b|^(released?|published|publication)$",
    ),
    ("duration", _DURATION),
    ("length", r"\b(pages?|page count|word count|words|seiten)\b"),
    ("price", r"\b(price|cost|costs|fee|rrp|msrp|fare|tuition|amount|preis|prix|precio|prezzo|preço)\b"),
    ("age", r"\b(age|ages|suitability|recommended age|min age|age from)\b"),
    ("rating", r"\b(rating|ratings|score|stars|vote average|bewertung|note)\b"),
)
_IDENTIFIER = re.compile(
    r"\b(ids?|uuid|guid|isbn( ?1[03])?|issn|asin|ean|gtin|upc|sku|barcode|imdb|tmdb|tconst|slug|handle"
    r"|permalink|wikipedia|wikidata|hash|checksum|etag|rowid|index|unnamed)\b"
)
_CODE = re.compile(
    r"\b(phone|telephone|tel|fax|mobile|postcode|post code|zip|zipcode|postal|email|code|address|version)\b"
)
_BOOKKEEPING = re.compile(
    r"\b(created|updated|modified|added|scraped|crawled|imported|timestamp|inserted|last)\b"
)
_UNNAMED = re.compile(r"^(column \d+|unnamed( \d+)?|index|row|rownum|row number|#)$")
_CONTAINERS = frozenset([
    "attributes", "attribute", "properties", "details", "specs", "specifications", "metadata", "meta",
    "fields", "features", "data", "info", "extra",
])  # fmt: skip
_SAME_IN_PLURAL = frozenset([
    "series", "species", "news", "means", "media", "data", "cast", "crew", "lens", "canvas", "christmas",
])  # fmt: skip
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "movies": "movie",
    "cookies": "cookie", "hoodies": "hoodie", "smoothies": "smoothie", "brownies": "brownie",
    "zombies": "zombie", "selfies": "selfie", "pies": "pie", "ties": "tie", "shoes": "shoe", "toes": "toe",
    "knives": "knife", "wives": "wife", "lives": "life", "shelves": "shelf", "wolves": "wolf",
    "leaves": "leaf", "buses": "bus", "gases": "gas", "lenses": "lens", "indices": "index",
    "criteria": "criterion", "feet": "foot", "mice": "mouse", "recipies": "recipe", "stories": "story",
    "calories": "calorie", "accessories": "accessory", "statuses": "status", "genera": "genus",
}  # fmt: skip
# Things with a catalogue, for file names in the singular.
_NOUNS = frozenset([
    "film", "movie", "book", "product", "song", "track", "album", "course", "article", "recipe", "game",
    "restaurant", "hotel", "podcast", "show", "wine", "beer", "gift", "event", "job", "car", "house",
    "apartment", "shoe", "toy", "story", "paper", "video", "class", "artist", "place", "destination",
    "trip", "plant", "service",
])  # fmt: skip
_NOT_NOUNS = frozenset([
    "item", "items", "data", "dataset", "catalog", "catalogue", "export", "exports", "sample", "samples",
    "test", "train", "list", "lists", "all", "full", "small", "large", "new", "old", "final", "clean",
    "cleaned", "raw", "db", "database", "metadata", "meta", "info", "details", "dump", "feed", "main",
    "the", "my", "our", "results", "output", "us", "uk", "en", "rows", "records", "entries", "files",
    "titles", "names", "news", "stocks", "sales",
])  # fmt: skip


# Columns that give the subject away, two of them at least.
_SIGNS = (
    ("film", ("director", "cast", "actor", "star", "runtime", "imdb id", "imdb rating")),
    ("book", ("author", "isbn", "isbn 13", "publisher", "page", "num page")),
    ("song", ("artist", "album", "track number", "lyric")),
    ("course", ("instructor", "level", "lesson", "lecture", "syllabus")),
    ("recipe", ("ingredient", "cook time", "prep time", "serving")),
    ("article", ("byline", "published at", "headline", "body")),
    ("game", ("developer", "platform")),
    ("product", ("sku", "price", "brand", "stock", "product type")),
)


def words(name: str, *, part_digits: bool = True) -> str:
    """A column's name as lower-case words: `"productName"`, `"Product_Name"` and `"attributes.product name"`
    alike."""
    parts = [part for part in name.split(".") if part]
    while len(parts) > 1 and parts[0].casefold() in _CONTAINERS:
        parts = parts[1:]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", " ".join(parts))
    said = re.sub(r"(?<=[^\W\d_]{3})(?=\d)", " ", spaced) if part_digits else spaced
    return " ".join(re.findall(r"[^\W_]+|#", said)).casefold()


def rank(name: str, known: Sequence[str]) -> int | None:
    """The place of the column's name among `known` ones (0 is best); `None` where it isn't there."""
    said = words(name)
    return known.index(said) if said in known else None


def role_of(name: str) -> FacetRole | None:
    """What a number of this column means, as far as the name tells."""
    said = words(name)
    return next((role for role, pattern in _ROLES if re.search(pattern, said)), None)


def people_of(name: str) -> str | None:
    """The word for one of the people of this column ("director"); `None` where the name speaks of none."""
    said = words(name)
    return (
        PEOPLE.get(said)
        or PEOPLE.get(singular(said))
        or PEOPLE.get(singular(said.removesuffix(" names").removesuffix(" name")))
    )


def is_identifier(name: str) -> bool:
    """Whether the name speaks of a key of some database."""
    return bool(_IDENTIFIER.search(words(name)))


def is_code(name: str) -> bool:
    """Whether digits in this column are no amount: telephone numbers, postcodes, model names."""
    return bool(_CODE.search(words(name)))


def is_bookkeeping(name: str) -> bool:
    """Whether the column tells when a row was written, and nothing about the item."""
    return bool(_BOOKKEEPING.search(words(name)))


def is_unnamed(name: str) -> bool:
    """Whether the column has no name of its own, or one for row numbers."""
    return bool(_UNNAMED.match(words(name)))


def is_category(name: str) -> bool:
    """Whether the last word of the name is one that catalogues filter by."""
    return singular(words(name)).rpartition(" ")[2] in CATEGORIES


def label(name: str) -> str:
    """The name for people, singular: `"product_types"` → "product type", `"is_new"` → "new"."""
    said = re.sub(r"^(is|has) | (code|names?)$", "", words(name))
    return singular(said) or name


def facet_name(name: str) -> str:
    """The name as a key: its words joined by underscores; never one that queries keep for themselves."""
    key = words(name, part_digits=False).replace("#", "number").replace(" ", "_") or "value"
    return f"{key}_value" if key in ("item", "text") else key


def singular(phrase: str) -> str:
    """The phrase with its last word in the singular, by the common rules of English."""
    head, space, last = phrase.rpartition(" ")
    return f"{head}{space}{_singular_word(last)}"


def plural(word: str) -> str:
    """The plural of a noun, by the common rules of English."""
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word in ("series", "species", "news", "media"):
        return word
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(s|x|z|ch|sh)$", word) else f"{word}s"


def noun_of(file_name: str, columns: Sequence[str] = ()) -> str:
    """What one item is called, from the file's name ("products.csv" → "product"), else from the name of an id
    column ("movieId"), else "item"."""
    for word in reversed(words(file_name.replace(".", " ")).split()):
        if word in _NOUNS:
            return word
        if word in _NOT_NOUNS or len(word) < 4 or not word.endswith("s") or not word.isalpha():
            continue
        if (one := _singular_word(word)) != word:
            return one
    for column in columns:
        said = words(column).split()
        if len(said) == 2 and said[1] in ("id", "title", "name") and said[0] in _NOUNS:
            return said[0]
    there = {singular(words(column)) for column in columns}
    return next((noun for noun, signs in _SIGNS if sum(sign in there for sign in signs) >= 2), "item")


def _singular_word(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if (
        len(word) < 4
        or word in _SAME_IN_PLURAL
        or not word.endswith("s")
        or re.search(r"(ss|us|is|hours)$", word)
    ):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if re.search(r"(sses|xes|zes|ches|shes)$", word):
        return word[:-2]
    return word[:-1]
