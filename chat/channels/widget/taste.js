// What the server knows of somebody's taste, all of it editable, and what they saved.
const FLIPPED = { like: "dislike", dislike: "like" };

/** Which buttons of which items are pressed. */
class Marks {
  constructor() {
    this.felt = new Map();
    this.underWay = new Map();
    this.saved = new Map();
  }

  has(item, kind) {
    const wanted = this.underWay.get(`${kind} ${item.id}`);
    if (wanted !== undefined) return wanted;
    return kind === "save" ? this.saved.has(item.id) : this.felt.get(item.id) === kind;
  }

  learn(taste) {
    this.felt = new Map(taste.filter((entry) => entry.item).map((entry) => [entry.item, entry.feeling]));
  }
}

class TastePanel {
  /** `app.house` does the work; `app.learn` hears the taste that comes of it. */
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.known = el("div", {});
    this.kept = el("div", {});
    this.note = el("p.note", { hidden: true });
    this.input = el("input", { id: "taste-words", maxlength: 120, autocomplete: "off", name: "words" });
    const add = (feeling) => button("soft", () => this.add(feeling), { icon: feeling, words: feeling === "like" ? words.addLike : words.addDislike });
    this.form = el("form.add", { submit: (event) => { event.preventDefault(); this.add("like"); } },
      el("label", { for: "taste-words" }, words.add), this.input, el("div.row", {}, add("like"), add("dislike")));
    this.node = el("div.view.taste", { hidden: true }, this.note, this.known, this.form, this.kept, el("div.end", {},
      this.twice(words.forgetTaste, () => this.change("DELETE", "taste")),
      this.twice(words.forgetAll, () => this.forgetAll())));
  }

  /** A button that wants to be pressed twice. */
  twice(label, act) {
    const { words, announce } = this.app;
    const name = el("span", {}, label);
    let asked = false;
    const rest = () => { asked = false; name.textContent = label; };
    return el("button.link", { type: "button", blur: rest, click: () => {
      if (asked) { rest(); act(); return; }
      asked = true;
      name.textContent = words.sure;
      announce(words.sure);
    } }, name);
  }

  draw() {
    const { words, taste, marks } = this.app;
    const groups = [
      ["must", taste.filter((entry) => entry.hard && entry.feeling === "like")],
      ["never", taste.filter((entry) => entry.hard && entry.feeling === "dislike")],
      ...["like", "dislike", "seen"].map((feeling) => [feeling, taste.filter((entry) => entry.feeling === feeling && (!entry.hard || feeling === "seen"))]),
    ];
    const shown = groups.filter(([, entries]) => entries.length);
    this.known.replaceChildren(...shown.map(([name, entries]) => this.group(words.groups[name], entries.map((entry) => this.entry(entry)))));
    if (!shown.length) this.known.append(el("p.none", {}, words.tasteNone));
    const kept = [...marks.saved.values()].filter(Boolean);
    this.kept.replaceChildren(...(kept.length ? [this.group(words.saved, kept.map((item) => this.saved(item)))] : []));
  }

  group(name, rows) {
    return el("section.group", {}, el("h3", {}, name), el("ul", {}, rows));
  }

  entry(entry) {
    const { words, facets } = this.app;
    const facet = facets().find((one) => one.name === entry.kind);
    const turned = FLIPPED[entry.feeling];
    const turn = turned
      ? button(`bare.${entry.feeling}`, () => this.change("PATCH", "taste", { change: [{ id: entry.id, feeling: turned }] }), {
          icon: entry.feeling, "aria-label": words.turnRound(entry.subject, entry.feeling === "like") })
      : el("span.bare", {}, icon("seen"));
    return el("li.entry", {}, turn,
      el("div.about", {}, el("span.subject", { dir: "auto" }, entry.subject), facet && el("span.kind", {}, facet.label),
        el("span.source", { dir: "auto" }, words.source(cut(entry.quote, 120), entry.turn))),
      button("bare", () => this.change("PATCH", "taste", { remove: [entry.id] }), { icon: "close", "aria-label": words.forget(entry.subject) }));
  }

  saved(item) {
    const { words, facets, act, select } = this.app;
    return el("li.entry", {},
      el("div.about", {}, el("span.subject", {}, titled(item, words, select)), factsLine(item, facets(), 2)),
      button("bare", () => this.again(() => act(item, "save", this.note)), { icon: "close", "aria-label": words.unsave(item.title) }));
  }

  add(feeling) {
    const text = this.input.value.trim();
    if (!text) { this.input.focus(); return; }
    this.change("PATCH", "taste", { add: [{ text, feeling }] }, () => { this.input.value = ""; });
  }

  async forgetAll() {
    await this.again(async () => {
      if (this.app.house.token) await this.app.house.json("DELETE", "users/me");
      this.app.house.forget();
      this.app.restart();
      this.say(this.app.words.forgotten);
    });
  }

  async change(method, path, body, then = () => {}) {
    await this.again(async () => {
      const { house, learn } = this.app;
      if (method === "DELETE" && !house.id) return;
      learn((await house.inside(method, path, { body })).taste);
      then();
    });
  }

  /** Does it, tells trouble in words, and gives the focus to what now stands where the button was. */
  async again(work) {
    const buttons = () => [...this.node.querySelectorAll(".entry button")];
    const place = buttons().indexOf(this.node.getRootNode().activeElement);
    this.note.hidden = true;
    try {
      await work();
    } catch (error) {
      this.say(this.app.told(error));
    }
    if (place < 0 || this.node.hidden || this.node.getRootNode().activeElement) return;
    const left = buttons();
    (left[Math.min(place, left.length - 1)] || this.input).focus();
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = false;
    this.app.announce(text);
  }
}
