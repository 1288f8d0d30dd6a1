"""The web page: its regions, and which event changes which. What they show is decided in `desk`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from chat.channels.catalogues import Catalogues, ChannelSettings
from chat.channels.web.bring import Bringing, bring_form
from chat.channels.web.desk import Desk, View
from chat.channels.web.markup import button
from chat.service import Service

_HERE = Path(__file__).parent
_STORAGE = "genre"

_SANS = ("-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Liberation Sans", "sans-serif")
_MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "Liberation Mono", "monospace")


def build_page(
    service: Service, catalogues: Catalogues, settings: ChannelSettings, doctor_line: str
) -> gr.Blocks:
    """The page as Gradio blocks, to be mounted with `page_options`. Asks nothing of any other server."""
    desk = Desk(service, catalogues, settings, doctor_line)
    bringing = Bringing(catalogues, settings)
    with gr.Blocks(title="GENRE", analytics_enabled=False, fill_width=True) as page:
        # Read and kept by the browser itself; the key is no secret, so that a restart can read it too.
        browser = gr.BrowserState(None, storage_key=_STORAGE, secret=_STORAGE)
        _still('<a class="skip" href="#message">Skip to the message box</a>', "skip")
        _still(_TOPBAR, "topbar")
        with gr.Row(elem_id="shell", equal_height=False):
            with gr.Column(elem_id="side", min_width=0):
                _still(_BRAND, "brand")
                side = _region("side-list")
            with gr.Column(elem_id="talk", min_width=0):
                notice = _region("notice")
                with gr.Column(elem_id="chat", min_width=0):
                    thread = _region("thread")
                    live = _region("live")
                    announce = gr.HTML(
                        "",
                        html_template=_ANNOUNCER,
                        elem_id="announce",
                        apply_default_css=False,
                        js_on_load=None,
                    )
                    _still(_COMPOSER.replace("MOST", str(settings.max_message_chars)), "composer")
                with gr.Column(elem_id="bring", min_width=0):
                    bring_form(bringing)
            with gr.Column(elem_id="panel", min_width=0):
                _still(_TABS, "tabs")
                taste = gr.HTML(
                    "",
                    html_template=_panel("taste"),
                    elem_id="taste",
                    apply_default_css=False,
                    js_on_load=None,
                )
                saved = gr.HTML(
                    "",
                    html_template=_panel("saved"),
                    elem_id="saved",
                    apply_default_css=False,
                    js_on_load=None,
                )
        states = _region("states")
        bridge = gr.HTML(
            "",
            elem_id="bridge",
            apply_default_css=False,
            js_on_load=(_HERE / "page.js").read_text(encoding="utf-8"),
        )
        regions = [browser, thread, live, taste, saved, side, states, notice, announce]
        quiet: dict[str, Any] = {
            "inputs": [browser],
            "outputs": regions,
            "show_progress": "hidden",
            "api_visibility": "private",
            "concurrency_limit": None,
        }
        page.load(_once(desk.arrive), **quiet)
        # "multiple": a click must not be lost while another is under way, nor a message after a stopped one.
        said = bridge.say(_stream(desk.say), **quiet, trigger_mode="multiple")
        bridge.act(_event(desk.act), **quiet, trigger_mode="multiple")
        bridge.go(_event(desk.go), **quiet, trigger_mode="multiple", cancels=[said])
        bridge.stop(_event(desk.stop), **quiet, cancels=[said])
    built: gr.Blocks = page
    return built


def page_options(settings: ChannelSettings) -> dict[str, Any]:
    """How `gr.mount_gradio_app` is to serve the page."""
    return {
        "ssr_mode": False,
        "theme": _theme(),
        # In the head rather than as `css`, which Gradio rewrites: states of the body would no longer match.
        "head": f"<style>{(_HERE / 'style.css').read_text(encoding='utf-8')}</style>",
        "footer_links": [],
        "show_error": False,
        "max_file_size": f"{settings.upload_max_mb}mb",
        "run_history": False,
    }


def _region(name: str) -> gr.HTML:
    return gr.HTML("", elem_id=name, apply_default_css=False, js_on_load=None)


def _still(markup: str, name: str) -> gr.HTML:
    return gr.HTML(markup, elem_id=name, apply_default_css=False, js_on_load=None)


def _values(view: View) -> tuple[Any, ...]:
    return tuple(gr.skip() if value is None else value for value in view.regions())


def _once(act: Callable[[object], View]) -> Callable[[Any], tuple[Any, ...]]:
    def answer(stored: Any) -> tuple[Any, ...]:
        return _values(act(stored))

    return answer


def _event(act: Callable[[object, dict[str, Any]], View]) -> Callable[..., tuple[Any, ...]]:
    def answer(stored: Any, event: gr.EventData) -> tuple[Any, ...]:
        return _values(act(stored, _detail(event)))

    return answer


def _stream(
    act: Callable[[object, dict[str, Any]], Iterator[View]],
) -> Callable[..., Iterator[tuple[Any, ...]]]:
    def answer(stored: Any, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        for view in act(stored, _detail(event)):
            yield _values(view)

    return answer


def _detail(event: gr.EventData) -> dict[str, Any]:
    """What the page's script sent. It comes from outside: the desk trusts none of it."""
    return dict(event._data) if isinstance(event._data, dict) else {}


def _theme() -> gr.themes.Base:
    """Gradio's own parts (the file form) in the page's colours and the system's fonts."""
    theme = gr.themes.Base(
        font=[gr.themes.Font(name) for name in _SANS], font_mono=[gr.themes.Font(name) for name in _MONO]
    )
    both = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--soft)",
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--paper)",
        "block_background_fill": "var(--sheet)",
        "block_label_text_color": "var(--soft)",
        "block_label_background_fill": "var(--sheet)",
        "block_title_text_color": "var(--soft)",
        "block_info_text_color": "var(--soft)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--tint)",
        "input_background_fill": "var(--sheet)",
        "input_border_color": "var(--edge)",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--soft)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_border_color": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_secondary_background_fill": "var(--sheet)",
        "button_secondary_background_fill_hover": "var(--tint)",
        "button_secondary_border_color": "var(--line)",
        "button_secondary_text_color": "var(--ink)",
        "link_text_color": "var(--accent)",
    }
    return theme.set(
        **both,
        **{f"{name}_dark": value for name, value in both.items()},
        color_accent="var(--accent)",
        button_border_width="1px",
    )


_ANNOUNCER = '<div role="status" aria-live="polite" class="quiet-words">${value}</div>'
_BRAND = (
    '<div class="brand"><h1>GENRE</h1>'
    + button("theme", "", icon_name="theme", label="Light or dark", classes="bare")
    + "</div>"
)
_TOPBAR = (
    '<div class="bar">'
    + button(
        "drawer", "", icon_name="menu", label="Conversations and catalogue", classes="bare", which="side"
    )
    + "<h1>GENRE</h1>"
    + button("drawer", "Taste", icon_name="taste", classes="bare", which="panel")
    + '</div><div class="scrim" data-do="close-drawers"></div>'
)
_COMPOSER = (
    '<div id="editing" hidden><span>Editing your message</span>'
    + button("cancel-edit", "Cancel", classes="bare")
    + '</div><form data-form="message"><label class="quiet-words" for="message">Your message</label>'
    '<textarea id="message" rows="1" maxlength="MOST" placeholder="Say what you like, in your own words" '
    'enterkeyhint="send" autocomplete="off"></textarea>'
    + button("send", "", icon_name="send", label="Send", classes="solid", form="message").replace(
        'class="btn solid"', 'class="btn solid" id="send"'
    )
    + button("stop", "", icon_name="stop", label="Stop", classes="solid").replace(
        'class="btn solid"', 'class="btn solid" id="stop" hidden'
    )
    + "</form>"
)
_TABS = (
    '<div class="tabs" role="tablist" aria-label="What I know">'
    '<button type="button" role="tab" id="tab-taste" data-do="tab" data-tab="taste" '
    'aria-controls="panel-taste" aria-selected="true">Your taste</button>'
    '<button type="button" role="tab" id="tab-saved" data-do="tab" data-tab="saved" '
    'aria-controls="panel-saved" aria-selected="false" tabindex="-1">'
    'Saved <span id="saved-count"></span></button></div>'
)


def _panel(name: str) -> str:
    return f'<div role="tabpanel" id="panel-{name}" aria-labelledby="tab-{name}">${{value}}</div>'
