// The page: signing in, the list of conversations, one conversation, and what is new.

import { element, moment, mood } from "./elements.js";
import { drawMood } from "./mood.js";
import { openStory } from "./story.js";
import { drawTurn } from "./turn.js";

const LIST_EVERY = 3000;
const TURNS_EVERY = 1500;
const PAGE = 20;
const LISTED = 50;
/** How often a turn is asked for again whose times are not there yet: it is saved before it ends. */
const ASKED_AGAIN = 4;

const by = (id) => document.getElementById(id);

class SignedOut extends Error {}

/** Asks the server; the answer's JSON. */
async function ask(path, parameters = {}, body = undefined) {
  const query = new URLSearchParams(parameters).toString();
  const response = await fetch(query ? `${path}?${query}` : path, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) throw new SignedOut();
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { status: response.status, answer });
  return answer;
}

// ------------------------------------------------------------------------- signing in

async function signIn(token) {
  try {
    await ask("login", {}, { token });
    return "";
  } catch (problem) {
    if (problem.status === 429) return `Too many attempts. Try again in ${problem.answer.seconds} seconds.`;
    return problem.status === 403 ? "That is not the token, or it was used up." : "The assistant does not answer.";
  }
}

function showSignIn(message = "") {
  stop();
  by("inspector").hidden = true;
  by("sign-in").hidden = false;
  by("sign-in-message").textContent = message;
  by("token").focus();
}

by("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await signIn(by("token").value);
  by("token").value = "";
  if (problem) showSignIn(problem);
  else await begin();
});

by("sign-out").addEventListener("click", async () => {
  await ask("logout", {}, {}).catch(() => null);
  showSignIn("You are signed out.");
});

// ------------------------------------------------------------------------ the list

const list = { limit: LISTED, version: "", shown: "" };

async function refreshList() {
  const search = by("search").value.trim();
  const answer = await ask("conversations", {}, { limit: list.limit, search });
  const shown = JSON.stringify([answer.conversations, shownConversation.id]);
  if (shown === list.shown) return;
  list.shown = shown;
  const count = answer.conversations.length;
  const found = search ? `${count} found of ${answer.total}` : count < answer.total ? `The newest ${count} of ${answer.total}` : `${answer.total}`;
  by("listed").textContent = `${found} conversation${answer.total === 1 ? "" : "s"}${answer.partial ? ` (looked through: ${answer.partial})` : ""}`;
  const focused = document.activeElement?.dataset?.conversation;
  by("conversations").replaceChildren(...answer.conversations.map(drawListed));
  if (focused !== undefined) {
    [...by("conversations").querySelectorAll("button")].find((button) => button.dataset.conversation === focused)?.focus();
  }
  by("more-conversations").hidden = count < list.limit || list.limit >= answer.most;
}

function drawListed(one) {
  const chosen = one.id === shownConversation.id;
  return element("li", {}, element(
    "button", {
      type: "button", "data-conversation": one.id, "aria-current": chosen ? "true" : undefined,
      onclick: () => choose(one.id),
    },
    element("span.id", { title: one.id }, one.id), moment(one.last_at),
    element("span.last", {}, one.text ?? "(nothing said)"),
    element(
      "span.about", {}, `${one.channel ?? "no channel"} · ${one.turns} turn${one.turns === 1 ? "" : "s"}`,
      one.mood && " · ", one.mood && element("span", { class: mood(one.mood) }, one.mood),
    ),
  ));
}

let typing;
by("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => attempt(refreshList), 250);
});

by("more-conversations").addEventListener("click", () => {
  list.limit += LISTED;
  attempt(refreshList);
});

by("list").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [by("search"), ...by("conversations").querySelectorAll("button")];
  const at = stops.indexOf(document.activeElement);
  if (at < 0 || !stops[at + step]) return;
  event.preventDefault();
  stops[at + step].focus();
});

// ------------------------------------------------------------------- one conversation

const shownConversation = { id: null, version: "", first: 0, last: 0, total: 0, untimed: 0 };

async function choose(id, focus = true) {
  Object.assign(shownConversation, { id, version: "", first: 0, last: 0, total: 0, untimed: 0 });
  by("inspector").classList.add("reading");
  by("nothing").hidden = true;
  by("chosen").hidden = false;
  by("title").textContent = id;
  by("facts").textContent = "";
  by("turns").replaceChildren();
  by("mood").hidden = true;
  by("news").textContent = "";
  history.replaceState(null, "", `#c=${encodeURIComponent(id)}`);
  for (const button of by("conversations").querySelectorAll("button")) {
    if (button.dataset.conversation === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  if (focus) by("conversation").focus();
  await attempt(async () => {
    await refreshTurns();
    scrollToEnd("instant");
  });
}

/** Asks for what is new: the last turn that is shown, which may have gone on, and those after it. */
async function refreshTurns() {
  const one = shownConversation;
  if (one.id === null) return;
  const again = one.untimed > 0;
  const answer = await ask("turns", {
    conversation: one.id, first: one.last || -PAGE, last: -1, known: again ? "" : one.version,
  });
  if (answer.unchanged || shownConversation.id !== one.id) return;
  const before = one.last;
  const atEnd = isAtEnd();
  if (answer.turns.length && before && answer.turns[0].number > before) {
    // More is new than one answer holds.
    by("turns").replaceChildren();
    one.first = 0;
  }
  const moodIsNew = answer.version !== one.version;
  one.version = answer.version;
  one.total = answer.total;
  for (const turn of answer.turns) place(turn);
  const newest = answer.turns.at(-1);
  one.untimed = newest && !newest.timing && before ? (again ? one.untimed - 1 : ASKED_AGAIN) : 0;
  if (one.untimed && newest.number === before && !again) one.untimed = 0;
  if (newest) one.last = newest.number;
  if (before && one.last > before) by("news").textContent = `${one.last - before} new turn${one.last - before === 1 ? "" : "s"}`;
  if (atEnd && one.last > before) scrollToEnd();
  tellFacts();
  if (moodIsNew) await refreshMood();
}

/** Puts a turn where it belongs; what was unfolded in it stays so unless it has changed. */
function place(turn) {
  const one = shownConversation;
  const told = JSON.stringify(turn);
  const known = by(`turn-${turn.number}`);
  if (known?.told === told) return;
  const drawn = drawTurn(turn, asking);
  drawn.told = told;
  if (known) known.replaceWith(drawn);
  else {
    const following = [...by("turns").children].find((other) => Number(other.id.slice(5)) > turn.number);
    by("turns").insertBefore(drawn, following ?? null);
  }
  one.first = one.first ? Math.min(one.first, turn.number) : turn.number;
}

const asking = {
  slots: (turn) => ask("slots", { conversation: shownConversation.id, turn }),
  events: (turn) => ask("events", { conversation: shownConversation.id, turn }),
  story: (turn) => makeStory(turn, turn),
};

function tellFacts() {
  const one = shownConversation;
  by("facts").textContent = one.total ? `${one.total} turn${one.total === 1 ? "" : "s"}, ${one.first} to ${one.last} shown` : "Nothing was said yet.";
  by("earlier").hidden = !one.total || one.first <= 1;
  by("make-story").hidden = !one.total;
}

async function showEarlier() {
  const one = shownConversation;
  const [anchor, area] = [by(`turn-${one.first}`), by("conversation")];
  const from = Math.max(1, one.first - PAGE);
  const answer = await ask("turns", { conversation: one.id, first: from, last: one.first - 1 });
  const top = anchor.getBoundingClientRect().top;
  for (const turn of answer.turns) place(turn);
  tellFacts();
  // What one was reading stays where it is.
  area.scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  if (by("earlier").hidden) by(`turn-${one.first}`).focus({ preventScroll: true });
}

async function go(number) {
  while (shownConversation.first > number) await showEarlier();
  const turn = by(`turn-${number}`);
  for (const other of document.querySelectorAll(".turn.found")) other.classList.remove("found");
  turn?.classList.add("found");
  turn?.scrollIntoView({ block: "start" });
  turn?.focus({ preventScroll: true });
}

async function refreshMood() {
  const { points, most } = await ask("course", { conversation: shownConversation.id });
  by("mood").hidden = !points.length;
  const open = by("mood").querySelector("details")?.open;
  by("mood").replaceChildren(...(points.length ? [drawMood(points, most, (turn) => attempt(() => go(turn)))] : []));
  if (open && points.length) by("mood").querySelector("details").open = true;
}

function makeStory(first, last) {
  openStory({
    ask: (parameters) => ask("story", { conversation: shownConversation.id, ...parameters }),
    first, last, total: shownConversation.total,
  });
}

function isAtEnd() {
  const area = by("conversation");
  return area.scrollHeight - area.scrollTop - area.clientHeight < 80;
}

function scrollToEnd(behavior = "auto") {
  const area = by("conversation");
  area.scrollTo({ top: area.scrollHeight, behavior });
}

by("earlier").addEventListener("click", () => attempt(showEarlier));
by("make-story").addEventListener("click", () => makeStory(Math.max(1, shownConversation.total - 199), shownConversation.total));
by("back").addEventListener("click", () => {
  by("inspector").classList.remove("reading");
  const chosen = shownConversation.id;
  [...by("conversations").querySelectorAll("button")].find((button) => button.dataset.conversation === chosen)?.focus();
});

// ------------------------------------------------------------------------ what is new

const polls = [];

/** Does something; says so where the server does not answer, and signs out where it must. */
async function attempt(what) {
  try {
    await what();
    tell("live");
  } catch (problem) {
    if (problem instanceof SignedOut) showSignIn("Your session is over. Sign in again.");
    else tell(problem.status ? problem.message : "no answer from the assistant; trying again");
  }
}

function tell(text) {
  by("live").classList.toggle("lost", text !== "live");
  if (by("live").textContent !== text) by("live").textContent = text;
}

function poll(what, every) {
  const one = { stopped: false };
  const turn = async () => {
    if (one.stopped) return;
    if (!document.hidden) await attempt(what);
    if (!one.stopped) one.timer = setTimeout(turn, every);
  };
  one.timer = setTimeout(turn, every);
  polls.push(one);
}

function stop() {
  for (const one of polls.splice(0)) {
    one.stopped = true;
    clearTimeout(one.timer);
  }
}

/** Shows the page to somebody who is signed in. */
async function begin() {
  stop();
  list.shown = "";
  await refreshList();
  by("sign-in").hidden = true;
  by("inspector").hidden = false;
  const wanted = new URLSearchParams(location.hash.slice(1)).get("c");
  if (wanted) await choose(wanted, false);
  poll(refreshList, LIST_EVERY);
  poll(refreshTurns, TURNS_EVERY);
}

async function start() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    // It is good for one time, and is not to stay in the address.
    history.replaceState(null, "", location.pathname);
    const problem = await signIn(code);
    if (problem) return showSignIn(problem);
  }
  try {
    const { signed_in: isSignedIn } = await ask("session");
    if (isSignedIn) await begin();
    else showSignIn();
  } catch (problem) {
    showSignIn(problem instanceof SignedOut ? "" : `The assistant cannot be looked into yet: ${problem.message}`);
  }
}

start();
