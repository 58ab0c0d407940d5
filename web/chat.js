// The page: shows the conversation, takes what the person writes, says how the connection is.

import { make, messageElement } from "./message.js";
import { Talk } from "./talk.js";
import { Voice } from "./voice.js";

const NEAR_LIMIT = 200;       // Characters left from which they are counted.
const PAUSE_SECONDS = 15 * 60;
const AT_BOTTOM = 60;         // Pixels.

const find = (id) => document.getElementById(id);
const [scroller, log, typing, empty] = ["conversation", "log", "typing", "empty"].map(find);
const [text, notice, stateLine, newest] = ["text", "notice", "state", "newest"].map(find);
const [earlier, anew, close, question] = ["earlier", "anew", "close", "question"].map(find);
const name = find("name").textContent;
const embedded = window.parent !== window;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const keyboard = matchMedia("(pointer: fine)");

const address = new URL("socket", document.baseURI);
address.protocol = address.protocol.replace("http", "ws");
const talk = new Talk(address.href);
const voice = new Voice(talk, (said) => { notice.textContent = said; });

const shown = new Map();      // The element of each message, by its key.
const replies = [];           // Messages with buttons.
const pressed = new Map();    // Which button was pressed, by the number of its message.
let arriving = [];            // What is yet to appear.
let appearing = false;
let answering = false;        // Whether the server says that an answer is on its way.
let newestAsked = 0;
let first = null;
let lastAt = 0;
let longest = 4096;
let unseen = 0;
let wasOpen = false;

// ------------------------------------------------------------ what the server says

talk.addEventListener("welcome", ({ detail }) => {
  longest = detail.longest;
  voice.offered = detail.voice;
  if (!detail.continues) {
    clear();
    first = detail.first;
    earlier.hidden = !detail.more;
    log.setAttribute("aria-busy", "true");
    detail.entries.forEach(show);
    log.removeAttribute("aria-busy");
    suggest(detail.suggestions);
  }
  // What waits since before the page was loaded.
  talk.waiting.filter((entry) => !shown.has(entry.id)).forEach(showMine);
  anew.hidden = false;
  if (detail.continues) arrive(detail.entries, detail.typing);
  else {
    answering = detail.typing;
    scrollDown(true);
  }
  refresh();
});

talk.addEventListener("news", ({ detail }) => arrive(detail.entries, detail.typing));

talk.addEventListener("earlier", ({ detail }) => {
  const height = scroller.scrollHeight - scroller.scrollTop;
  const atTop = [];
  const after = log.firstChild;
  const at = lastAt;
  lastAt = 0;
  log.setAttribute("aria-busy", "true");
  for (const entry of detail.entries) atTop.push(...elementsOf(entry));
  for (const element of atTop) log.insertBefore(element, after);
  log.removeAttribute("aria-busy");
  lastAt = at;
  first = detail.first;
  const hadFocus = document.activeElement === earlier;
  earlier.hidden = !detail.more;
  if (hadFocus && earlier.hidden) scroller.focus();
  scroller.scrollTop = scroller.scrollHeight - height;
  refresh();
});

talk.addEventListener("taken", ({ detail }) => {
  shown.get(detail.id)?.classList.remove("waiting");
  notice.textContent = "";
});

talk.addEventListener("refused", ({ detail }) => {
  const element = shown.get(detail.id);
  if (detail.after === null) element?.classList.add("failed");
  notice.textContent = detail.after === null
    ? `Not sent. ${detail.text}`
    : `${detail.text} Your message will be sent by itself.`;
});

talk.addEventListener("error", ({ detail }) => {
  if (detail.after) notice.textContent = detail.text;
});

talk.addEventListener("forgotten", () => {
  clear();
  notice.textContent = "";
  refresh();
});

talk.addEventListener("state", ({ detail }) => {
  const open = detail.state === "open";
  document.body.classList.toggle("away", !open);
  if (!open) {
    stateLine.textContent = wasOpen ? "Connecting again …" : "Connecting …";
    answering = false;
  } else {
    stateLine.textContent = stateLine.textContent && wasOpen ? "Connected again" : "";
    wasOpen = true;
    setTimeout(() => {
      if (talk.state === "open") stateLine.textContent = "";
    }, 4000);
  }
  refresh();
});

// -------------------------------------------------------------------- showing it

// Messages of the bot appear one after the other, at the pace of reading.
function arrive(entries, isTyping) {
  answering = isTyping;
  arriving.push(...entries);
  if (!appearing) appear();
  refresh();
}

async function appear() {
  appearing = true;
  while (arriving.length) {
    const entry = arriving.shift();
    const stay = atBottom();
    const isNew = show(entry);
    if (isNew && entry.side === "bot") countUnseen(stay);
    if (stay) scrollDown();
    refresh();
    const next = arriving[0];
    if (isNew && entry.side === "bot" && next?.side === "bot" && !calm.matches && !document.hidden) {
      await new Promise((done) => setTimeout(done, Math.min(300 + 5 * entry.text.length, 1100)));
    }
  }
  appearing = false;
  refresh();
}

function show(entry) {
  const elements = elementsOf(entry);
  log.append(...elements);
  return elements.length > 0;
}

// What a message adds to the log: nothing where it is there already.
function elementsOf(entry) {
  if (entry.side === "person") {
    newestAsked = Math.max(newestAsked, entry.number ?? 0);
    if (entry.pressed) pressed.set(entry.pressed[0], entry.pressed[1]);
  }
  const key = entry.side === "person" ? entry.id : `bot ${entry.number}`;
  if (shown.has(key)) {
    shown.get(key).classList.remove("waiting", "failed");
    return [];
  }
  if (!entry.text && !entry.image && !entry.attachment && !entry.buttons) return [];
  const element = messageElement(entry, name, press);
  element.querySelector("img")?.addEventListener("load", () => {
    if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 500) scrollDown(true);
  });
  shown.set(key, element);
  if (entry.buttons) replies.push({ entry, element });
  const elements = timeElements(entry.at);
  return [...elements, element];
}

function timeElements(at) {
  const before = lastAt;
  lastAt = at;
  if (at - before < PAUSE_SECONDS) return [];
  const moment = new Date(at * 1000);
  const time = make("time", { dateTime: moment.toISOString() }, momentInWords(moment));
  return [make("p", { className: "time" }, time)];
}

function momentInWords(moment) {
  const clock = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (moment >= midnight) return clock;
  if (moment >= midnight - 86400000) return `Yesterday, ${clock}`;
  return `${moment.toLocaleDateString([], { dateStyle: "long" })}, ${clock}`;
}

function showMine(entry) {
  const said = { ...entry, side: "person", text: entry.text ?? entry.title };
  if (entry.offer) said.pressed = [entry.reply, entry.offer];
  show(said);
  const element = shown.get(entry.id);
  // A message that is taken at once never looks as if it waited.
  setTimeout(() => {
    if (talk.waiting.some((other) => other.id === entry.id)) element.classList.add("waiting");
  }, talk.state === "open" ? 1500 : 0);
}

function clear() {
  log.replaceChildren();
  shown.clear();
  pressed.clear();
  replies.length = 0;
  arriving = [];
  answering = false;
  newestAsked = 0;
  lastAt = 0;
  first = null;
  earlier.hidden = true;
}

function suggest(suggestions) {
  find("suggestions").replaceChildren(
    ...suggestions.map((suggestion) => {
      const button = make("button", { type: "button" }, suggestion);
      button.addEventListener("click", () => say(suggestion));
      return make("li", {}, button);
    }),
  );
}

// What follows from the rest: which buttons can be pressed, what is visible.
function refresh() {
  const waits = talk.waiting.length > 0;
  for (const { entry, element } of replies) {
    const choice = pressed.get(entry.number);
    // Those of a reminder stay, whatever else is said; others end with the question.
    const over = entry.answers !== null && (waits || newestAsked > entry.answers);
    for (const button of element.querySelectorAll(".choices button")) {
      button.disabled = over || choice !== undefined;
      button.classList.toggle("chosen", button.dataset.offer === choice);
    }
  }
  const stay = atBottom();
  typing.hidden = !(answering || (appearing && arriving.length > 0));
  empty.hidden = shown.size > 0 || first === null;
  if (stay) scrollDown();
}

function atBottom() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_BOTTOM;
}

function scrollDown(atOnce = false) {
  scroller.scrollTo({
    top: scroller.scrollHeight,
    behavior: atOnce || calm.matches ? "instant" : "smooth",
  });
  newest.hidden = true;
}

function countUnseen(wasAtBottom) {
  if (!wasAtBottom) newest.hidden = false;
  if (!document.hasFocus() || document.hidden) {
    unseen += 1;
    document.title = `(${unseen}) ${name}`;
  }
  tellParent("said");
}

window.addEventListener("focus", () => {
  unseen = 0;
  document.title = name;
});

scroller.addEventListener("scroll", () => {
  if (atBottom()) newest.hidden = true;
});

newest.addEventListener("click", () => {
  scrollDown();
  goOn();
});

// -------------------------------------------------------------- what the person does

// On to writing; where a keyboard would cover half of the screen, it is not called up.
function goOn() {
  if (document.activeElement === text || keyboard.matches) text.focus();
  else scroller.focus({ preventScroll: true });
}

function say(said) {
  showMine(talk.send({ text: said }));
  scrollDown();
  refresh();
  goOn();
}

function press(choice) {
  if (pressed.has(choice.reply)) return;
  showMine(talk.send(choice));
  scrollDown();
  // The button is about to be disabled, and would take the focus with it.
  goOn();
  refresh();
}

function left() {
  return longest - Array.from(text.value.trim()).length;
}

function edited() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  const rest = left();
  text.setAttribute("aria-invalid", String(rest < 0));
  if (rest < 0) notice.textContent = `${count(-rest)} too many. Please shorten it.`;
  else notice.textContent = rest < NEAR_LIMIT ? `${count(rest)} left` : "";
}

function count(number) {
  return number === 1 ? "1 character" : `${number.toLocaleString()} characters`;
}

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const said = text.value.trim();
  if (!said) return text.focus();
  if (left() < 0) {
    edited();
    return text.focus();
  }
  text.value = "";
  edited();
  say(said);
});

text.addEventListener("input", edited);
text.addEventListener("keydown", (event) => {
  // While a character is being composed, Enter belongs to the input method.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    find("composer").requestSubmit();
  }
});

earlier.addEventListener("click", () => talk.earlier(first));

anew.addEventListener("click", () => question.showModal());
question.addEventListener("close", () => {
  if (question.returnValue === "yes" && !talk.forget()) {
    notice.textContent = "There is no connection at the moment. Please try again.";
  }
  question.returnValue = "";
  goOn();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || question.open || event.isComposing) return;
  if (voice.listens) return voice.cancel();
  if (embedded) tellParent("close");
  else text.focus();
});

// ------------------------------------------------------------------- inside a page

function tellParent(what) {
  // Nothing of the conversation: the page around may hear this, whoever it is.
  if (embedded) window.parent.postMessage({ parley: what }, "*");
}

window.addEventListener("message", (event) => {
  if (embedded && event.source === window.parent && event.data?.parley === "opened") goOn();
});

close.addEventListener("click", () => tellParent("close"));
close.hidden = !embedded;
document.body.classList.toggle("embedded", embedded);
tellParent("ready");
if (!embedded && keyboard.matches) text.focus();
stateLine.textContent = "Connecting …";
talk.connect();
