// Elements and numbers as the page writes them. Texts of people and of the assistant become text
// nodes, never HTML.

/**
 * Makes an element.
 * @param {string} tag its name, with classes: "p.soft"
 * @param {object} [properties] attributes; those that begin with "on" are listeners, undefined and
 *   false ones are left out
 * @param {...(Node|string|null|undefined|false)} children
 */
export function element(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length) made.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false || value === null) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A table with a caption for those who do not see what it is about. */
export function table(caption, heads, rows, className = "") {
  return element(
    "table", { class: className || undefined },
    element("caption.unseen", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => {
      const [text, kind] = Array.isArray(head) ? head : [head];
      return element("th", { scope: "col", class: kind }, text);
    }))),
    element("tbody", {}, ...rows),
  );
}

/** What opens on demand. `fill` gives its content when it is opened first. */
export function unfolding(title, fill, open = false) {
  const box = element("details", {}, element("summary", {}, title));
  let filled = false;
  const begin = async () => {
    if (filled || !box.open) return;
    filled = true;
    try {
      box.append(await fill());
    } catch (problem) {
      filled = false;
      box.open = false;
    }
  };
  box.addEventListener("toggle", begin);
  box.open = open;
  return box;
}

/** A value of a slot or an entity, in one line where it is short. */
export function written(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value that may be long: its beginning, and all of it on demand. */
export function value(given, tag = "span.code") {
  const text = written(given);
  if (text.length <= 90) return element(tag, {}, text);
  return element(
    "details", {},
    element("summary.code", {}, `${text.slice(0, 70)}…`),
    element("pre", { tabindex: "0" }, typeof given === "string" ? given : JSON.stringify(given, null, 2)),
  );
}

export function percent(confidence) {
  if (confidence === null || confidence === undefined) return "";
  if (confidence > 0 && confidence < 0.0005) return "< 0.1 %";
  return `${(confidence * 100).toFixed(confidence > 0.9995 || confidence === 0 ? 0 : 1)} %`;
}

export function duration(seconds) {
  const milliseconds = seconds * 1000;
  if (milliseconds >= 10000) return `${seconds.toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds >= 100 ? 0 : milliseconds >= 1 ? 1 : 2)} ms`;
}

const SAME_DAY = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const OTHER_DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment, given in seconds since the epoch. */
export function moment(seconds) {
  if (!seconds) return element("span");
  const at = new Date(seconds * 1000);
  const today = at.toDateString() === new Date().toDateString();
  return element(
    "time", { datetime: at.toISOString(), title: at.toString() },
    (today ? SAME_DAY : OTHER_DAY).format(at),
  );
}

export function mood(name) {
  return ["positive", "negative"].includes(name) ? name : "neutral";
}
