// Elements, drawings, storage. Foreign words only ever become text nodes.
const ICONS = {
  chat: "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 9.8h8M8 13h5",
  like: "M7 11v9H4v-9zM7 11l4-8c1.7 0 2.6 1.2 2.3 2.8L12.7 9H19a2 2 0 0 1 2 2.4l-1.4 7A2 2 0 0 1 17.6 20H7",
  dislike: "M17 13V4h3v9zM17 13l-4 8c-1.7 0-2.6-1.2-2.3-2.8L11.3 15H5a2 2 0 0 1-2-2.4l1.4-7A2 2 0 0 1 6.4 4H17",
  seen: "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
  save: "M6 3.5h12V21l-6-4.5L6 21z",
  why: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM9.5 9.3a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2.9-1.2 1.8v.5M12 17v.1",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  send: "M12 20V4M5 11l7-7 7 7",
  stop: "M7 7h10v10H7z",
  plus: "M12 5v14M5 12h14",
  taste: "M4 6h9M17 6h3M4 12h3M11 12h9M4 18h11M19 18h1M15 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM9 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM17 16a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
  for: "M5 12.5l4.5 4.5L19 7.5",
  against: "M6 12h12",
  link: "M9 6H5v13h13v-4M13 4h7v7M20 4l-9 9",
};
const SVG = "http://www.w3.org/2000/svg";

/** An outline of 24 × 24, hidden from screen readers: the button around it carries the words. */
function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const set = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(set)) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// Directional overrides and control characters could make a title read as what it is not.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const clean = (words) => String(words ?? "").replace(HIDDEN, "");
const cut = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);

/**
 * An element such as `el("p.note", { dir: "auto", click: doSo }, "words", child, null)`: functions become
 * listeners, `true` an empty attribute; null and false are left out.
 */
function el(what, set = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(set)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== null && value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : clean(value));
  }
  node.append(...children.flat().filter((child) => child || child === 0).map((child) => (child instanceof Node ? child : clean(child))));
  return node;
}

/** A button; without words beside its drawing it needs a label. */
function button(classes, click, { icon: drawing, words, ...set } = {}) {
  const title = words ? null : set["aria-label"];
  return el(`button.${classes}`, { type: "button", title, click, ...set }, drawing && icon(drawing), words && el("span", {}, words));
}

/** The address of a link or picture, or null for anything but http(s). */
function address(url) {
  try {
    const found = new URL(url);
    return /^https?:$/.test(found.protocol) ? found.href : null;
  } catch {
    return null;
  }
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A small object kept in the browser's storage; in memory only where the browser lets nothing be kept. */
function kept(storage, key) {
  let memory = {};
  return {
    read() {
      try {
        const found = JSON.parse(window[storage].getItem(key) || "{}");
        return found && typeof found === "object" ? found : {};
      } catch {
        return memory;
      }
    },
    write(value) {
      memory = value;
      try {
        if (Object.keys(value).length) window[storage].setItem(key, JSON.stringify(value));
        else window[storage].removeItem(key);
      } catch {
        // Nothing may be kept here: then it lasts as long as the page.
      }
    },
  };
}
