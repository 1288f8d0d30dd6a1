// Where the widget stands in the page: a bubble with its panel, a panel alone, or a part of the page.
const TAG = "genre-chat";
const SHEET = "(max-width: 560px), (max-height: 420px)";

class Frame {
  /** `views` are shown one at a time below a common head; `life` ends all listeners. */
  constructor(app, script, views, life) {
    const { settings, words } = app;
    this.app = app;
    this.script = script;
    this.views = views;
    this.life = life;
    this.inline = settings.mode === "inline";
    this.session = kept("sessionStorage", "genre:open");
    this.sheet = matchMedia(SHEET);
    if (!customElements.get(TAG)) customElements.define(TAG, class extends HTMLElement {});
    this.host = document.createElement(TAG);
    this.host.dataset.mode = settings.mode;
    const shadow = this.host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [style];
    this.heading = el("h2", { id: "title" });
    this.status = el("p.quiet", { role: "status" });
    this.back = button("bare", () => this.turn("chat"), { icon: "back", "aria-label": words.back });
    this.tools = [
      button("bare", () => this.turn("taste"), { icon: "taste", "aria-label": words.taste }),
      button("bare", () => app.fresh(), { icon: "plus", "aria-label": words.fresh }),
    ];
    const close = this.inline ? null : button("bare", () => this.hide(), { icon: "close", "aria-label": words.close });
    const head = el("div.head", {}, this.back, this.heading, this.tools, close);
    this.panel = el(this.inline ? "div.panel" : "dialog.panel", { "aria-labelledby": this.inline ? null : "title" },
      head, Object.values(views).map((view) => view.node), this.status);
    this.bubble = settings.mode === "bubble"
      ? button("bubble", () => this.show(), { icon: "chat", words: settings.label, "aria-label": settings.label || words.open, "aria-haspopup": "dialog" })
      : null;
    this.root = el(`div.root.${settings.side}`, { role: "region", "aria-label": settings.title || words.title, lang: app.language, "data-mode": settings.mode }, this.bubble, this.panel);
    shadow.append(this.root);
    this.dress();
    this.listen();
    this.turn("chat");
    this.place();
    if (this.inline) app.seen();
    else if (this.session.read().open && !this.sheet.matches) this.show({ focus: false });
  }

  get open() {
    return this.inline || this.panel.open;
  }

  // --- its place

  /** Beside the body rather than in it: so it survives a body that is replaced, and a transformed one. */
  place() {
    if (this.host.isConnected) return;
    if (this.inline) {
      const { target } = this.app.settings;
      const place = target ? document.querySelector(target) : null;
      if (place) place.append(this.host);
      else if (!target && this.script?.isConnected && !document.head?.contains(this.script)) this.script.after(this.host);
      else return;
    } else {
      document.documentElement.append(this.host);
    }
    // A page put back from a cache may hold an empty copy.
    for (const other of document.querySelectorAll(TAG)) if (other !== this.host) other.remove();
    if (!this.inline && this.panel.open) this.raise();
    this.tune();
  }

  listen() {
    const { signal } = this.life;
    let due = 0;
    const again = () => {
      due = 0;
      if (signal.aborted) return;
      this.place();
      watch();
    };
    // In the next frame rather than at once: a page that keeps taking it out would else be brought to a stop.
    const watcher = new MutationObserver(() => { if (!this.host.isConnected && !due) due = requestAnimationFrame(again); });
    const watch = () => {
      watcher.disconnect();
      watcher.observe(document, { childList: true, subtree: this.inline });
      if (!this.inline) watcher.observe(document.documentElement, { childList: true });
    };
    watch();
    const dressing = new MutationObserver(() => this.dress());
    dressing.observe(this.host, { attributeFilter: ["data-theme"] });
    signal.addEventListener("abort", () => { watcher.disconnect(); dressing.disconnect(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.dress(), { signal });
    this.sheet.addEventListener("change", () => { if (!this.inline && this.panel.open) this.raise(); }, { signal });
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.panel.addEventListener("cancel", (event) => { event.preventDefault(); this.leave(); });
    this.panel.addEventListener("close", () => { if (this.shown && !this.panel.open) this.hide(); });
    for (const change of ["resize", "scroll"]) window.visualViewport?.addEventListener(change, () => this.fit(), { signal });
    document.addEventListener("click", (event) => this.asked(event), { signal });
  }

  /** Anything in the page with data-genre-open opens the widget; its value, if it has one, is said. */
  asked(event) {
    const opener = event.target instanceof Element && event.target.closest("[data-genre-open]");
    if (!opener) return;
    event.preventDefault();
    this.show();
    if (opener.dataset.genreOpen) this.app.say(opener.dataset.genreOpen);
  }

  // --- open and closed

  show({ focus = true } = {}) {
    if (!this.inline && !this.panel.open) {
      this.opener = focus ? document.activeElement : null;
      this.shown = true;
      this.raise();
      this.session.write({ open: true });
      this.app.emit("open", {});
    }
    this.tune();
    this.app.seen();
    if (focus) this.focus();
  }

  /** On phones a modal sheet, else beside the page, which stays in use. */
  raise() {
    const held = this.host.shadowRoot.activeElement;
    const modal = this.sheet.matches;
    if (this.panel.open) this.panel.close();
    if (modal) this.panel.showModal();
    else this.panel.open = true; // show() would take the focus
    this.shown = true;
    this.root.classList.toggle("sheet", modal);
    this.root.classList.add("open");
    this.fit();
    held?.focus();
  }

  hide() {
    if (this.inline || !this.root.classList.contains("open")) return;
    this.shown = false;
    if (this.panel.open) this.panel.close();
    this.root.classList.remove("open", "sheet");
    this.session.write({});
    this.turn("chat");
    const opener = this.opener;
    const back = opener?.isConnected && opener !== document.body && opener !== this.host ? opener : this.bubble;
    back?.focus();
    this.app.emit("close", {});
  }

  key(event) {
    if (event.key !== "Escape" || event.isComposing || (this.inline && this.view === "chat")) return;
    event.preventDefault();
    event.stopPropagation();
    this.leave();
  }

  leave() {
    if (this.view === "chat") this.hide();
    else this.turn("chat");
  }

  /** Shows one of the views. */
  turn(name) {
    const moved = this.view && this.view !== name;
    this.view = name;
    for (const [key, view] of Object.entries(this.views)) view.node.hidden = key !== name;
    this.back.hidden = name === "chat";
    for (const tool of this.tools) tool.hidden = name !== "chat";
    this.name();
    if (!moved) return;
    if (name === "taste") {
      this.views.taste.draw();
      this.back.focus();
    } else if (this.open) {
      this.tools[0].focus();
    }
  }

  name() {
    const { settings, words, catalogue } = this.app;
    this.heading.textContent = this.view === "taste" ? words.taste : settings.title || catalogue()?.title || words.title;
  }

  focus() {
    // On a phone the keyboard would cover what there is to read.
    if (matchMedia("(pointer: coarse)").matches) this.views.chat.scroller.focus({ preventScroll: true });
    else this.views.chat.box.focus({ preventScroll: true });
  }

  /** The sheet keeps clear of a phone's keyboard. */
  fit() {
    const seen = window.visualViewport;
    const sheet = this.root.classList.contains("sheet") && seen && seen.scale === 1;
    for (const [name, value] of [["--seen", seen?.height], ["--top", seen?.offsetTop]]) {
      if (sheet) this.panel.style.setProperty(name, `${value}px`);
      else this.panel.style.removeProperty(name);
    }
  }

  announce(text) {
    this.status.textContent = text;
  }

  // --- looks

  dress() {
    const { colour, zIndex } = this.app.settings;
    const theme = this.host.dataset.theme || this.app.settings.theme;
    const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    this.root.classList.toggle("dark", dark);
    if (colour) this.root.style.setProperty("--accent", colour);
    if (zIndex) this.root.style.setProperty("--z", zIndex);
    if (this.host.isConnected) this.tune();
  }

  /** Whatever colour the site has chosen, words on it and in it stay legible (4.5 : 1, WCAG 2.2 AA). */
  tune() {
    const probe = el("span");
    this.root.append(probe);
    const colour = (value) => {
      probe.style.setProperty("color", `color-mix(in srgb, ${value}, ${value})`);
      const found = getComputedStyle(probe).color;
      const parts = found.match(/[\d.]+(e-\d+)?/g).slice(0, 3).map(Number);
      return found.startsWith("rgb") ? parts.map((part) => part / 255) : parts;
    };
    const accent = colour("var(--accent)");
    const on = contrast(accent, [1, 1, 1]) >= 4.5 ? "#fff" : "#000";
    const tint = colour("var(--tint)");
    const share = [0, 15, 30, 45, 60, 75, 100].find((one) => one === 100 || contrast(colour(`color-mix(in srgb, var(--accent), var(--ink) ${one}%)`), tint) >= 4.6);
    probe.remove();
    this.root.style.setProperty("--on-accent", on);
    this.root.style.setProperty("--accent-ink", `color-mix(in srgb, var(--accent), var(--ink) ${share}%)`);
  }

  remove() {
    this.host.remove();
  }
}

/** WCAG 2's contrast ratio of two colours in sRGB. */
function contrast(one, other) {
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
