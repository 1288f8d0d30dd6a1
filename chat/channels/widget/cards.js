// Recommendations: what it is, why it is here, what speaks against it, what one can do with it.
const CURRENCIES = { EUR: "€", USD: "$", GBP: "£", JPY: "¥" };
const SHOWN_REASONS = 3;

const valuesOf = (item, facet) => [item.facts[facet.name] ?? []].flat().filter((value) => value !== "");

/** `76 min`, `€119`, `rated 4.4`, `1954`, as on the server's own page. */
function numberWords(value, facet) {
  if (typeof value === "string") return value;
  const unit = (facet.unit || "").trim();
  if (facet.kind === "date" || facet.role === "year") return String(value);
  const digits = Math.abs(value) < 10000 ? String(value) : value.toLocaleString("en");
  if (facet.role === "price") {
    const price = value.toLocaleString("en", { minimumFractionDigits: Number.isInteger(value) ? 0 : 2, maximumFractionDigits: 2 });
    return CURRENCIES[unit.toUpperCase()] ? CURRENCIES[unit.toUpperCase()] + price : unit ? `${price} ${unit}` : `${facet.label} ${price}`;
  }
  return unit && facet.role !== "rating" ? `${digits} ${unit}` : `${facet.label} ${digits}`;
}

/** Up to five short facts: when, what kind, how long or dear, by whom. */
function keyFacts(item, facets) {
  const filled = facets.filter((facet) => valuesOf(item, facet).length);
  const words = (facet, most) => valuesOf(item, facet).slice(0, most).join(", ");
  const year = filled.find((facet) => facet.role === "year" || facet.kind === "date");
  const kind = filled.find((facet) => facet.kind === "category");
  const people = filled.find((facet) => facet.kind === "people");
  const numbers = filled.filter((facet) => facet.kind === "number" && ["duration", "length", "price", "quantity", "rating"].includes(facet.role));
  const found = [year && numberWords(valuesOf(item, year)[0], year), kind && words(kind, 3)];
  found.push(...numbers.map((facet) => numberWords(valuesOf(item, facet)[0], facet)), people && words(people, 2));
  return found.filter(Boolean).slice(0, 5);
}

/** An item's title, as a link where it has an address. */
function titled(item, words, select) {
  const name = el("span", { dir: "auto" }, item.title);
  const href = address(item.url);
  if (!href) return name;
  // What stands on this very site opens in place, all else in a page of its own.
  const away = new URL(href).origin !== location.origin;
  const set = { href, rel: "noopener noreferrer nofollow", target: away ? "_blank" : null, click: (event) => select(item, event) };
  return el("a", set, name, away && icon("link"), away && el("span.quiet", {}, words.newPage));
}

function factsLine(item, facets, most = 5) {
  const facts = keyFacts(item, facets).slice(0, most);
  return facts.length ? el("p.facts", {}, el("span.run", {}, facts.map((fact) => el("span", { dir: "auto" }, fact)))) : null;
}

/** A recommendation as a list entry. `act` carries out the buttons, `marks` says which are pressed. */
function card({ item, reasons }, { words, facets, images, marks, act, select }) {
  const whyId = `why-${newId()}`;
  const shown = [...reasons.filter((reason) => !reason.against).slice(0, SHOWN_REASONS), ...reasons.filter((reason) => reason.against)];
  const note = el("p.note", { hidden: true });
  const evidence = el("dl.why", { id: whyId, hidden: true }, reasons.map((reason) => because(reason, facets, words)));
  const presses = ["like", "dislike", "save"].map((kind) =>
    button("act", () => act(item, kind, note), {
      icon: kind, words: words[kind], "data-kind": kind, "aria-pressed": String(marks.has(item, kind)), "aria-label": `${words[kind]}: ${item.title}`,
    }),
  );
  const why = button("act", () => {
    evidence.hidden = !evidence.hidden;
    why.setAttribute("aria-expanded", String(!evidence.hidden));
  }, { icon: "why", words: words.why, "data-kind": "why", "aria-expanded": "false", "aria-controls": whyId, "aria-label": `${words.why} ${item.title}` });
  const body = el("div.body", {},
    el("h3.title", {}, titled(item, words, select)),
    factsLine(item, facets),
    el("ul.reasons", { "aria-label": words.reasons }, shown.map((reason) => el(reason.against ? "li.against" : "li", {},
      icon(reason.against ? "against" : "for"),
      el("span", { dir: "auto" }, reason.against && el("span.quiet", {}, words.against), el("span", { lang: SPOKEN }, reason.text))))),
  );
  const actions = el("div.actions", { role: "group", "aria-label": words.aboutItem(item.title) }, presses, why);
  return el("li.card", { "data-item": item.id }, images && picture(item), body, actions, evidence, note);
}

function picture(item) {
  const src = address(item.image);
  if (!src) return null;
  const image = el("img.picture", { alt: "", loading: "lazy", decoding: "async", referrerpolicy: "no-referrer", error: () => image.remove() });
  image.src = src;
  return image;
}

/** Which of the person's words met which fact of the item. */
function because({ interest, fact, against }, facets, words) {
  const facet = facets.find((one) => one.name === fact.facet);
  const label = facet ? facet.label : fact.facet === "text" ? words.description : fact.facet;
  return el("div", {},
    el("dt", { dir: "auto" }, words.said(cut(interest.quote || interest.subject, 120), interest.turn)),
    el("dd", { dir: "auto" }, `${label}: ${cut(fact.value, 240)}${against ? words.speaksAgainst : ""}`),
  );
}
