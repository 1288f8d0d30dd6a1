// Puts the parts together and gives the page its `Genre`.
const MINE = Symbol.for("genre.widget");
const MODES = ["bubble", "popup", "inline"];

/** The settings: window.GenreSettings, then the script's own data attributes. */
function settingsOf(script) {
  const given = { ...window.GenreSettings, ...script?.dataset };
  const colour = given.colour || given.color;
  const language = given.language || document.documentElement.lang;
  return {
    ...given,
    mode: MODES.includes(given.mode) ? given.mode : "bubble",
    side: given.side === "left" ? "left" : "right",
    colour: colour && CSS.supports("color", colour) ? colour : "",
    zIndex: /^-?\d+$/.test(given.zIndex ?? "") ? String(given.zIndex) : "",
    language: /^zh\b/i.test(language) ? "zh" : "en",
  };
}

function start(script) {
  const settings = settingsOf(script);
  if (!settings.host && !script?.src) throw new Error("GENRE: no address of a server. Load widget.js by a <script src>, or set host in GenreSettings.");
  const base = new URL(".", settings.host ? `${settings.host.replace(/\/*$/, "")}/` : script.src).href;
  const life = new AbortController();
  const listeners = new Map();
  let catalogues = null;
  let loaded = false;
  let chat, taste, frame;

  const app = {
    settings,
    language: settings.language,
    words: WORDS[settings.language],
    house: new House(base, settings.catalogue || ""),
    marks: new Marks(),
    taste: [],
    emit(name, detail) {
      for (const listener of listeners.get(name) || []) {
        try {
          listener(detail);
        } catch (error) {
          reportError(error); // the page's own trouble doesn't become ours
        }
      }
    },
    announce: (text) => frame?.announce(text),
    told(error) {
      if (!(error instanceof Trouble)) console.error(error);
      return (error instanceof Trouble ? error : new Trouble("internal")).in(app.words);
    },
    catalogue() {
      const name = app.house.catalogue || app.house.named;
      return catalogues?.find((one) => one.name === name) || (name ? null : catalogues?.find((one) => one.default)) || null;
    },
    facets: () => app.catalogue()?.facets || [],
    /** What the catalogues are called and made of, asked for once. */
    async look() {
      if (catalogues) return;
      ({ catalogues } = await app.house.json("GET", "catalogues"));
      frame.name();
    },
    learn(found) {
      app.taste = found;
      app.marks.learn(found);
      app.refresh();
    },
    refresh() {
      for (const turn of chat.turns) turn.press();
      taste.draw();
    },
    /** A click on one of a card's buttons; where it fails, it is taken back and told in `note`. */
    async act(item, kind, note) {
      const { marks, house } = app;
      const on = !marks.has(item, kind);
      const key = `${kind} ${item.id}`;
      note.hidden = true;
      marks.underWay.set(key, on);
      app.refresh();
      try {
        const { taste: found, saved } = await house.inside("POST", "feedback", { body: { item: item.id, kind, on } });
        marks.saved = new Map(saved.map((id) => [id, id === item.id ? item : marks.saved.get(id)]));
        marks.underWay.delete(key);
        app.learn(found);
        app.emit("feedback", { item, kind, on });
      } catch (error) {
        marks.underWay.delete(key);
        app.refresh();
        note.textContent = app.told(error);
        note.hidden = false;
        app.announce(note.textContent);
      }
    },
    /** A click on an item's link. Whoever listens may prevent it and go there in their own way. */
    select(item, event) {
      app.emit("select", { item, event });
      app.house.inside("POST", "feedback", { body: { item: item.id, kind: "click" }, keepalive: true }).catch(() => {});
    },
    seen() {
      if (!loaded) chat.load();
      loaded = true;
    },
    say: (text) => chat.say(text),
    focus: () => frame.focus(),
    /** A new conversation of the same person. */
    fresh() {
      app.house.remember(null);
      app.restart();
      frame.focus();
    },
    restart() {
      app.taste = [];
      app.marks.learn([]);
      if (!app.house.token) app.marks.saved.clear();
      chat.restart();
      taste.draw();
    },
  };
  chat = new Chat(app);
  taste = new TastePanel(app);
  frame = new Frame(app, script, { chat, taste }, life);

  return {
    open: () => frame.show(),
    close: () => frame.hide(),
    toggle: () => (frame.open ? frame.hide() : frame.show()),
    /** Opens, says it, and resolves to the answer; to null where there is none. */
    send(text) {
      frame.show();
      return chat.say(text);
    },
    /** Calls `listener` for open, close, message, reply, feedback, select or error; what it returns ends that. */
    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(listener);
      return () => listeners.get(name).delete(listener);
    },
    destroy() {
      life.abort();
      chat.busy?.abort();
      frame.remove();
      listeners.clear();
      delete window.Genre;
    },
    // A script that runs once more, as after a change of page, marks where an inline widget now belongs.
    [MINE](again) {
      frame.script = again || frame.script;
      frame.place();
    },
  };
}

const script = document.currentScript || document.querySelector('script[src*="widget.js"]');
if (window.Genre?.[MINE]) {
  window.Genre[MINE](script);
} else {
  window.Genre = start(script);
  window.dispatchEvent(new CustomEvent("genre:ready", { detail: window.Genre }));
}
