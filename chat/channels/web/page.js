// The page's only script. Gradio runs it once, inside the hidden bridge, with `element` and `trigger` in scope.
// Every click on a [data-do] button becomes one of four events for Python: 'say', 'act', 'go', 'stop'.
const $ = (selector, root) => (root || document).querySelector(selector);
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const body = document.body;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const mouse = matchMedia("(pointer: fine)");
let editing = null; // the number of the message being edited
let follow = false; // whether the next drawing of the reply should be scrolled to
let asked = ""; // the words that are being answered
let opener = null; // what had the focus before a drawer opened

const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// --- composing ---------------------------------------------------------------------------------------------------
const box = () => $("#message");

function fit() {
  const area = box();
  if (!area) return;
  area.style.height = "auto";
  area.style.height = Math.min(area.scrollHeight, 200) + "px";
}

function busy(on) {
  body.classList.toggle("busy", on);
  const send = $("#send"), stop = $("#stop");
  if (!send || !stop) return;
  const held = document.activeElement === (on ? send : stop);
  send.hidden = on;
  stop.hidden = !on;
  if (held) (on ? stop : box()).focus();
}

function say(detail) {
  if (body.classList.contains("busy")) return;
  closeDrawers();
  view("chat");
  busy(true);
  follow = true;
  asked = detail.text || "";
  body.classList.add("talking");
  trigger("say", { message_id: newId(), ...detail });
}

function send() {
  const area = box(), text = area.value.trim();
  if (!text || body.classList.contains("busy")) return;
  const detail = editing === null ? { do: "message", text } : { do: "edit", text, number: editing };
  area.value = "";
  stopEditing();
  fit();
  say(detail);
}

function startEditing(number, text) {
  editing = Number(number);
  $("#editing").hidden = false;
  const area = box();
  area.value = text;
  fit();
  area.focus();
}

function stopEditing() {
  editing = null;
  const note = $("#editing");
  if (note) note.hidden = true;
}

// --- drawers and tabs --------------------------------------------------------------------------------------------
function openDrawer(which) {
  const wasOpen = body.classList.contains(which + "-open");
  closeDrawers();
  if (wasOpen) return;
  opener = document.activeElement;
  body.classList.add(which + "-open");
  marks();
  const first = $(`#${which} button, #${which} select, #${which} input`);
  if (first) first.focus();
}

function closeDrawers() {
  const open = body.classList.contains("side-open") || body.classList.contains("panel-open");
  body.classList.remove("side-open", "panel-open");
  marks();
  if (open && opener && opener.isConnected) opener.focus();
}

function marks() {
  for (const which of ["side", "panel"]) {
    const button = $(`[data-do="drawer"][data-which="${which}"]`);
    if (button) button.setAttribute("aria-expanded", String(body.classList.contains(which + "-open")));
  }
}

function showTab(name, focus) {
  body.dataset.tab = name;
  for (const tab of all('[role="tab"]')) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on && focus) tab.focus();
  }
}

function theme(dark) {
  body.classList.toggle("dark", dark);
  try {
    localStorage.setItem("genre-theme", dark ? "dark" : "light");
  } catch (error) {
    /* a browser that keeps nothing still shows the page */
  }
}

// --- what each button does ---------------------------------------------------------------------------------------
const actions = {
  say: (data) => say({ do: "message", text: data.text }),
  again: (data) => say({ do: "message", text: data.text }),
  retry: () => say({ do: "retry" }),
  edit: (data) => startEditing(data.number, data.text),
  "cancel-edit": () => {
    stopEditing();
    box().value = "";
    fit();
    box().focus();
  },
  send,
  stop: () => {
    $("#stop").disabled = true;
    trigger("stop", { text: asked });
  },
  feedback: (data, button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    // Answer at once; Python's word comes a moment later and is the one that counts.
    const opposite = { like: "dislike", dislike: "like" }[data.kind];
    for (const other of all('[data-do="feedback"]', button.parentElement))
      if (other.dataset.kind === opposite) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    trigger("act", { do: "feedback", item: data.item, kind: data.kind, on });
  },
  why: (data, button) => {
    const panel = document.getElementById(button.getAttribute("aria-controls"));
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  },
  unsave: (data) => trigger("act", { do: "feedback", item: data.item, kind: "save", on: false }),
  forget: (data) => trigger("act", { do: "forget", entry: data.entry }),
  flip: (data) => trigger("act", { do: "flip", entry: data.entry }),
  open: (data) => go({ do: "open", id: data.id }),
  new: () => go({ do: "new" }),
  import: () => (closeDrawers(), view("bring")),
  back: () => view("chat"),
  talk: (data) => go({ do: "catalogue", name: data.name }),
  delete: (data) => trigger("go", { do: "delete", id: data.id }),
  drawer: (data) => openDrawer(data.which),
  "close-drawers": closeDrawers,
  dismiss: (data, button) => button.parentElement.remove(),
  theme: () => theme(!body.classList.contains("dark")),
  tab: (data) => showTab(data.tab, true),
};

function view(name) {
  body.dataset.view = name;
  scrollTo(0, 0);
  const first = $(name === "bring" ? "#bring [data-do=back]" : "#message");
  if (first && mouse.matches) first.focus();
}

function go(detail) {
  closeDrawers();
  view("chat");
  stopEditing();
  body.classList.remove("talking");
  trigger("go", detail);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest("[data-do]");
  if (button && !button.disabled && actions[button.dataset.do]) actions[button.dataset.do](button.dataset, button);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-form]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.form === "message") return send();
  const words = form.elements.words.value.trim();
  const feeling = (event.submitter && event.submitter.value) || "like";
  if (!words) return form.elements.words.focus();
  form.elements.words.value = "";
  trigger("act", { do: "add", text: words, feeling });
});

document.addEventListener("change", (event) => {
  if (event.target.id === "catalogue-choice") go({ do: "catalogue", name: event.target.value });
});

document.addEventListener("input", (event) => {
  if (event.target.id === "message") fit();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id === "message" && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "Escape") {
    if (body.classList.contains("side-open") || body.classList.contains("panel-open")) closeDrawers();
    else if (editing !== null) actions["cancel-edit"]();
  } else if (event.target.getAttribute && event.target.getAttribute("role") === "tab") {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const tabs = all('[role="tab"]');
    showTab(tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length].dataset.tab, true);
  }
});

// A picture that can't be loaded gives way to the drawn cover beneath it.
document.addEventListener("error", (event) => {
  if (event.target.matches && event.target.matches(".cover img")) event.target.hidden = true;
}, true);

// --- following what Python draws ---------------------------------------------------------------------------------
function drawn() {
  const live = $("#live [data-state]");
  if (!live) return;
  const streaming = live.dataset.state === "streaming";
  busy(streaming);
  const stop = $("#stop");
  if (stop && !streaming) stop.disabled = false;
  if (follow) {
    $("#live").scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    follow = false;
  }
}

function press() {
  const holder = $("#states [data-states]");
  if (!holder) return;
  const states = JSON.parse(holder.dataset.states);
  for (const button of all('[data-do="feedback"]'))
    button.setAttribute("aria-pressed", String((states[button.dataset.kind] || []).includes(button.dataset.item)));
  const count = $("#saved-count");
  if (count) count.textContent = states.save.length ? String(states.save.length) : "";
}

function choose() {
  const choice = $("#catalogue-choice");
  if (choice && choice.value !== choice.dataset.value) choice.value = choice.dataset.value;
}

function watchFor(selector, attributes, callback) {
  const target = $(selector);
  if (!target) return setTimeout(() => watchFor(selector, attributes, callback), 50);
  new MutationObserver(callback).observe(target, {
    childList: true, subtree: true, attributes: true, attributeFilter: attributes,
  });
  callback();
}

watchFor("#live", ["data-state"], () => (drawn(), press()));
watchFor("#thread", ["data-card"], press);
watchFor("#states", ["data-states"], press);
watchFor("#side-list", ["data-value"], choose);
showTab("taste", false);
body.dataset.view = "chat";
try {
  const chosen = localStorage.getItem("genre-theme");
  if (chosen) theme(chosen === "dark");
} catch (error) {
  /* see theme() */
}
