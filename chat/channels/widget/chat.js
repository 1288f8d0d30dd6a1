// The conversation: what was said, the answers as they come, and the line to say more.

/** One message and its answer on the screen. */
class Turn {
  constructor(app, said, id) {
    this.app = app;
    this.said = said;
    this.id = id;
    this.items = [];
    this.words = el("div.words", { lang: SPOKEN });
    this.list = el("ul.cards", { "aria-label": app.words.suggestions, hidden: true });
    this.foot = el("div.foot");
    this.node = el("div.turn", {}, el("p.said", { dir: "auto" }, said), this.words, this.list, this.foot);
  }

  wait() {
    this.text = "";
    this.foot.replaceChildren();
    this.list.hidden = true;
    this.write("", true);
  }

  /** Takes an event of the answer. */
  take(name, data) {
    if (name === "cards") this.deal(data.recommendations);
    if (name === "sentence") this.write(this.text + data.text, true);
    if (name === "done") this.finish(data);
  }

  write(text, more) {
    this.text = text;
    const lines = text.split(/\n+/).filter((line) => line.trim());
    const dots = el("p.dots", { lang: this.app.language }, el("span.quiet", {}, this.app.words.thinking), el("i"), el("i"), el("i"));
    this.words.replaceChildren(...lines.map((line) => el("p", { dir: "auto" }, line)), ...(more && !lines.length ? [dots] : []));
  }

  deal(recommendations) {
    const { words, facets, settings, marks, act, select } = this.app;
    const shared = { words, facets: facets(), images: settings.images !== "off", marks, act, select };
    this.items = recommendations.map((entry) => entry.item);
    this.list.replaceChildren(...recommendations.map((entry) => card(entry, shared)));
    this.list.hidden = !recommendations.length;
  }

  /** Shows which buttons are pressed by now. */
  press() {
    for (const [place, item] of this.items.entries()) {
      for (const node of this.list.children[place].querySelectorAll("[aria-pressed]")) {
        node.setAttribute("aria-pressed", String(this.app.marks.has(item, node.dataset.kind)));
      }
    }
  }

  finish(answer) {
    const drawn = this.list.hidden ? [] : this.items.map((item) => item.id);
    const wanted = answer.recommendations.map((entry) => entry.item.id);
    if (drawn.join("\n") !== wanted.join("\n")) this.deal(answer.recommendations);
    this.write(answer.text, false);
    this.foot.replaceChildren();
  }

  /** Answers to choose from; they go when something else is said. */
  offer(replies, say) {
    if (!replies.length) return;
    this.foot.append(el("ul.chips", { lang: SPOKEN, "aria-label": this.app.words.replies }, replies.map((reply) => el("li", {}, button("chip", () => say(reply), { words: reply })))));
  }

  stop(again) {
    this.write(this.text, false);
    this.foot.replaceChildren(el("p.soft-words", {}, this.app.words.stopped), button("soft", again, { words: this.app.words.again }));
  }

  fail(trouble, again) {
    this.write(this.text, false);
    this.foot.replaceChildren(troubled(trouble, this.app.words.retry, again));
  }
}

const troubled = (trouble, label, again) => el("div.trouble", {}, el("p", {}, trouble), button("soft", again, { words: label }));

class Chat {
  constructor(app) {
    this.app = app;
    this.turns = [];
    this.busy = null;
    const { words } = app;
    this.thread = el("div.thread");
    this.scroller = el("div.scroller", { tabindex: 0, role: "group", "aria-label": words.conversation }, this.thread);
    this.box = el("textarea", {
      rows: 1, maxlength: MOST_CHARS, placeholder: app.settings.placeholder || words.placeholder, "aria-label": words.message, enterkeyhint: "send",
      input: () => this.fit(), keydown: (event) => this.key(event),
    });
    this.go = button("send", () => this.press(), { icon: "send", "aria-label": words.send });
    this.form = el("form.composer", { submit: (event) => { event.preventDefault(); this.send(); } }, el("div.line", {}, this.box, this.go));
    this.node = el("div.view.chat", {}, this.scroller, this.form);
  }

  // --- composing

  fit() {
    this.box.style.setProperty("height", "auto");
    this.box.style.setProperty("height", `${Math.min(this.box.scrollHeight, 140)}px`);
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  press() {
    if (this.busy) this.busy.abort();
    else this.send();
  }

  send() {
    const text = this.box.value.trim();
    if (!text || this.busy) return;
    this.box.value = "";
    this.fit();
    this.say(text);
  }

  working(controller) {
    const { words } = this.app;
    this.busy = controller;
    const label = controller ? words.stop : words.send;
    this.go.replaceChildren(icon(controller ? "stop" : "send"));
    this.go.setAttribute("aria-label", label);
    this.go.title = label;
  }

  // --- talking

  /** Says it and returns the answer; null where there is none. */
  async say(text) {
    const words = clean(text).trim();
    if (!words || this.busy) return null;
    const held = this.held();
    if (!this.turns.length) this.thread.replaceChildren();
    for (const chips of this.thread.querySelectorAll(".chips")) chips.remove();
    const turn = this.show(words, newId());
    this.app.emit("message", { text: words });
    return this.answer(turn, held);
  }

  /** What has the focus in here. */
  held() {
    return this.node.getRootNode().activeElement;
  }

  show(said, id) {
    const turn = new Turn(this.app, said, id);
    this.turns.push(turn);
    this.thread.append(turn.node);
    return turn;
  }

  async answer(turn, held = this.held()) {
    const { announce, emit, told, learn } = this.app;
    if (this.busy) return null;
    const controller = new AbortController();
    const again = () => this.answer(turn);
    this.working(controller);
    announce("");
    turn.wait();
    this.follow(turn);
    if (held && !held.isConnected) this.app.focus();
    try {
      const answer = await this.hear(turn, controller.signal, true);
      if (this.turns.includes(turn)) this.close(turn, answer);
      learn(answer.taste);
      emit("reply", answer);
      return answer;
    } catch (error) {
      if (error.name === "AbortError") turn.stop(again);
      else turn.fail(told(error), again);
      announce(turn.foot.querySelector("p").textContent);
      if (error.name !== "AbortError") emit("error", error);
      return null;
    } finally {
      if (this.busy === controller) this.working(null);
    }
  }

  async hear(turn, signal, onceMore) {
    const { house } = this.app;
    try {
      await this.app.look();
      for await (const [name, data] of house.answer(turn.said, turn.id, signal)) {
        turn.take(name, data);
        if (name === "done") return data;
      }
      throw new Trouble("away");
    } catch (error) {
      // The server may have forgotten the conversation: then the same words begin a new one.
      if (!onceMore || !house.lost(error)) throw error;
      return this.hear(turn, signal, false);
    }
  }

  close(turn, answer) {
    const { words, announce } = this.app;
    turn.offer(answer.quick_replies, (reply) => this.say(reply));
    const titles = answer.recommendations.map((entry) => entry.item.title);
    announce(titles.length ? `${answer.text} ${words.picks(titles)}` : answer.text);
  }

  // --- what is on the screen

  /** Puts the message at the top of the window, its answer below it. */
  follow(turn, smooth = true) {
    const behavior = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
    this.scroller.scrollTo({ top: turn.node.offsetTop - 12, behavior });
  }

  /** What was said before, or a greeting; called once the widget is seen. */
  async load() {
    const { house, look, learn, marks, told, words, announce } = this.app;
    try {
      await look();
      const before = await house.history();
      if (this.turns.length) return; // somebody was quicker
      this.thread.replaceChildren();
      if (!before || !before.turns.length) {
        await this.greet();
      } else {
        house.named = before.catalogue;
        for (const item of before.saved) marks.saved.set(item.id, item);
        learn(before.taste);
        for (const turn of before.turns) this.show(turn.said, turn.message_id).finish(turn);
        const last = this.turns.at(-1);
        last.offer(before.turns.at(-1).quick_replies, (reply) => this.say(reply));
        this.follow(last, false);
      }
    } catch (error) {
      if (this.turns.length) return;
      this.thread.replaceChildren(troubled(told(error), words.retry, () => this.load()));
      announce(told(error));
      this.app.emit("error", error);
    }
  }

  async greet() {
    const { settings, words, catalogue } = this.app;
    const about = catalogue();
    const starters = settings.starters ? settings.starters.split("|").map((one) => one.trim()).filter(Boolean) : await this.starters();
    if (this.turns.length) return;
    this.thread.replaceChildren(el("div.greeting", {},
      el("h3", {}, settings.greeting || words.greeting),
      about && el("p", {}, words.about(about.items.toLocaleString(words === WORDS.zh ? "zh" : "en"), about.nouns)),
      el("ul.starters", {}, starters.map((text) => el("li", {}, button("starter", () => this.say(text), { words: text }))))));
  }

  /** Requests that the catalogue can answer. */
  async starters() {
    const { house, words, catalogue } = this.app;
    const about = catalogue();
    if (!about) return [words.surprise].filter(Boolean);
    if (words === WORDS.en) return about.examples.slice(0, 3);
    const found = await house.json("GET", `items?per_page=1&catalogue=${encodeURIComponent(about.name)}`).catch(() => ({ facets: [] }));
    const kinds = found.facets.find((facet) => facet.kind === "category" && facet.values.length > 1);
    return [...(kinds ? kinds.values.slice(0, 2).map(({ value }) => words.show(value)) : []), words.surprise].filter(Boolean);
  }

  restart() {
    if (this.busy) this.busy.abort();
    this.turns = [];
    this.thread.replaceChildren();
    return this.load();
  }
}
