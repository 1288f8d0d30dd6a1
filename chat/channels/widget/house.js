// The server: one person's token, their conversation about one catalogue, and the answers as they come.

/** What went wrong: `kind` is a key of WORDS.….trouble, or "said" with the server's own words. */
class Trouble extends Error {
  constructor(kind, { status = 0, code = "", seconds = 5, said = "" } = {}) {
    super(said || kind);
    Object.assign(this, { kind, status, code, seconds, said });
  }

  in(words) {
    if (this.kind === "said") return this.said;
    return this.kind === "many" ? words.trouble.many(this.seconds) : words.trouble[this.kind];
  }
}

class House {
  /** `base` is the server's address with a slash at its end. */
  constructor(base, catalogue) {
    this.base = base;
    this.catalogue = catalogue;
    this.store = kept("localStorage", `genre:${base}`);
  }

  get token() {
    return this.store.read().token;
  }

  get id() {
    const { conversations = {} } = this.store.read();
    return conversations[this.catalogue || ""];
  }

  /** Keeps the token and the conversation's id; without an id, the next message begins a new one. */
  remember(id, token = this.token) {
    const { conversations = {} } = this.store.read();
    const others = { ...conversations };
    delete others[this.catalogue || ""];
    this.store.write({ token, conversations: id ? { ...others, [this.catalogue || ""]: id } : others });
  }

  forget() {
    this.store.write({});
  }

  /** Sends one request and returns the response. Raises a Trouble for everything but success. */
  async ask(method, path, { body, signal, accept = "application/json", keepalive = false } = {}) {
    const headers = { Accept: accept };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const sent = { method, headers, signal, keepalive, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };
    let response;
    try {
      response = await fetch(`${this.base}v1/${path}`, { ...sent, body: body && JSON.stringify(body) });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw await this.unreachable();
    }
    if (!response.ok) throw await refused(response);
    return response;
  }

  async json(method, path, options) {
    const response = await this.ask(method, path, options);
    return response.status === 204 ? null : response.json();
  }

  /** Browsers don't tell a server that is away from one that doesn't let this page in. A request whose
   * answer nobody may read does: it fails in the first case only. */
  async unreachable() {
    try {
      await fetch(`${this.base}healthz`, { mode: "no-cors", credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" });
    } catch {
      return new Trouble("away");
    }
    console.warn(`GENRE: the server does not let pages of ${location.origin} in. Add this origin to its allow_origins.`);
    return new Trouble("origin");
  }

  /** Below the conversation, which begins where there is none yet. */
  async inside(method, path, options) {
    return this.json(method, `conversations/${await this.begun()}/${path}`, options);
  }

  async begun(signal) {
    if (!this.id) {
      const body = this.catalogue ? { catalogue: this.catalogue } : {};
      const { id, token, catalogue } = await this.json("POST", "conversations", { body, signal });
      this.named = catalogue;
      this.remember(id, token);
    }
    return this.id;
  }

  /** What was said and answered before; null where there is nothing (any more). */
  async history() {
    if (!this.id) return null;
    try {
      const path = `conversations/${this.id}`;
      const [conversation, { saved }] = await Promise.all([this.json("GET", path), this.json("GET", `${path}/saved`)]);
      return { ...conversation, saved };
    } catch (error) {
      if (!this.lost(error)) throw error;
      return null;
    }
  }

  /** Whether the server doesn't know the person or the conversation any more; then they aren't kept here either. */
  lost(error) {
    const nobody = error.code === "unknown_token" || error.code === "token_needed";
    if (nobody) this.forget();
    else if (error.code === "not_found") this.remember(null);
    return nobody || error.code === "not_found";
  }

  /** The events of an answer as [name, data]: cards, sentence …, done. */
  async *answer(text, messageId, signal) {
    const id = await this.begun(signal);
    const body = { text, message_id: messageId };
    const response = await this.ask("POST", `conversations/${id}/messages`, { body, signal, accept: "text/event-stream" });
    for await (const [name, data] of events(response.body)) {
      if (name === "error") throw said(data.error, 0);
      yield [name, data];
      if (name === "done") return;
    }
    throw new Trouble("away"); // cut off on the way
  }
}

async function refused(response) {
  const wait = Number(response.headers.get("Retry-After")) || undefined;
  const body = await response.json().catch(() => ({}));
  return said(body.error, response.status, wait);
}

/** The Trouble of an error as the server words it. */
function said(error, status, seconds) {
  const { code = "", message = "" } = error || {};
  const details = { status, code, seconds, said: message };
  if (["not_found", "unknown_token", "token_needed"].includes(code)) return new Trouble("gone", details);
  if (status === 401 || status === 403) return new Trouble("origin", details);
  if (status === 429) return new Trouble("many", details);
  if (code === "busy" || code === "overloaded" || status === 503) return new Trouble("busy", details);
  if (!message || code === "internal" || status >= 500) return new Trouble("internal", details);
  return new Trouble("said", details);
}

/** Server-sent events as [name, data], read from a body as it comes. */
async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      throw error.name === "AbortError" ? error : new Trouble("away");
    }
    if (piece.done) return;
    const blocks = (rest + decoder.decode(piece.value, { stream: true })).replace(/\r\n?/g, "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      let name = "message";
      const data = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) name = line.slice(6).trim();
        if (line.startsWith("data:")) data.push(line.slice(5));
      }
      if (data.length) yield [name, JSON.parse(data.join("\n"))];
    }
  }
}
