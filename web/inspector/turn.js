// One turn as the page shows it.

import { duration, element, moment, mood, percent, table, unfolding, value, written } from "./elements.js";

const KINDS = {
  external: "from outside",
  on_behalf: "said by an action, for the person",
  payload: "button or payload",
};

const EVENTS = {
  session_started: "a session began",
  restart: "the conversation was restarted",
  rewind: "the message was taken back",
  undo: "the last action was taken back",
  reset_slots: "all slots were reset",
  active_loop: "form",
  followup: "to follow",
  pause: "paused",
  resume: "resumed",
  reminder: "a reminder was set",
  cancel_reminder: "a reminder was cancelled",
  action_execution_rejected: "refused by",
  loop_interrupted: "the form was interrupted",
};

const SHOWN_INTENTS = 5;

/**
 * Draws a turn.
 * @param {object} turn as the server tells it
 * @param {{slots: Function, events: Function, story: Function}} ask for what is shown on demand
 */
export function drawTurn(turn, ask) {
  const title = `turn-${turn.number}-title`;
  return element(
    "article.turn", { id: `turn-${turn.number}`, "aria-labelledby": title, tabindex: "-1" },
    heading(turn, title, ask),
    element(
      "div.columns", {},
      element("div.talk", {}, said(turn), entities(turn), steps(turn)),
      element("div.about-turn", {}, intents(turn), ...retrieved(turn), slots(turn, ask), timing(turn), raw(turn, ask)),
    ),
  );
}

function heading(turn, title, ask) {
  const feeling = turn.sentiment?.name;
  return element(
    "header", {},
    element("h3", { id: title }, `Turn ${turn.number}`),
    moment(turn.at),
    element("span", {}, element("span.intent", {}, turn.intent.name ?? "no intent"), " ", percent(turn.intent.confidence)),
    feeling && element("span", { class: mood(feeling) }, `${feeling} ${percent(turn.sentiment.confidence)}`),
    KINDS[turn.kind] && element("span.badge", {}, KINDS[turn.kind]),
    turn.begins_session && element("span.badge", {}, "new session"),
    turn.loop_before && element("span.badge", {}, `in ${turn.loop_before}`),
    turn.timing && element("span.soft", {}, duration(turn.timing.seconds)),
    failed(turn) && element("span.badge.negative", {}, failed(turn)),
    element("button.quiet", {
      type: "button", onclick: () => ask.story(turn.number), "aria-label": `Make a story with turn ${turn.number}`,
    }, "Story …"),
  );
}

/** What went wrong in a turn, of which Rasa keeps no event. */
function failed(turn) {
  const stage = (turn.timing?.spans ?? []).find((one) => one.kind === "remote" && one.failed);
  return stage ? `${stage.name} failed` : "";
}

// --------------------------------------------------------------------- what was said

/** One of eight colours for an entity, the same for the same name. */
function colour(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return `e${sum % 8}`;
}

function said(turn) {
  const line = element("p.said");
  const lane = lanes(turn.entities);
  for (const segment of turn.segments) {
    let piece = document.createTextNode(segment.text);
    // What lies lower is put around.
    for (const number of [...segment.entities].sort((a, b) => lane[a] - lane[b])) {
      const entity = turn.entities[number];
      piece = element("mark", { class: colour(entity.entity), title: `${entity.entity}: ${written(entity.value)}` }, piece);
      piece.style.paddingBottom = `${lane[number] * 3}px`;
    }
    line.append(piece);
  }
  if (!turn.text) line.append(element("span.soft", {}, "(no text)"));
  return line;
}

/** How low each entity is underlined: longer ones above, so that no two lines are one. */
function lanes(entities) {
  const lane = [];
  const placed = entities.map((_, number) => number).filter((number) => entities[number].placed);
  for (const number of placed.sort((a, b) => span(entities[b]) - span(entities[a]))) {
    const mine = entities[number];
    const taken = Object.keys(lane).filter((other) => entities[other].start < mine.end && mine.start < entities[other].end).map((other) => lane[other]);
    let free = 0;
    while (taken.includes(free)) free += 1;
    lane[number] = free;
  }
  return lane;
}

function span(entity) {
  return entity.end - entity.start;
}

function entities(turn) {
  if (!turn.entities.length) return null;
  return element("ul.entities", { "aria-label": "Entities" }, ...turn.entities.map((entity) => {
    const kind = [entity.role && `role ${entity.role}`, entity.group && `group ${entity.group}`].filter(Boolean);
    const from = [entity.extractor, percent(entity.confidence)].filter(Boolean).join(" ");
    return element(
      "li", { class: colour(entity.entity) },
      element("span.name", {}, entity.entity), kind.length ? ` (${kind.join(", ")})` : "", " ",
      entity.text !== undefined && entity.text !== entity.value ? element("span", {}, `“${entity.text}” = `) : null,
      value(entity.value),
      from ? element("span.soft", {}, ` ${from}`) : null,
    );
  }));
}

// ------------------------------------------------------------- what was done about it

function steps(turn) {
  const opinions = (turn.timing?.spans ?? [])
    .map((stage, number) => ({ ...stage, number }))
    .filter((stage) => stage.kind === "prediction");
  const list = element("ol.steps", { "aria-label": "What followed" });
  let same = 0;
  const flush = () => {
    if (same) list.append(element("li.same", {}, same === 1 ? "one slot set to what it was" : `${same} slots set to what they were`));
    same = 0;
  };
  for (const step of turn.steps) {
    if (step.kind === "slot" && !step.changed) {
      same += 1;
      continue;
    }
    flush();
    if (step.kind === "action") list.append(action(step, turn, opinions));
    else if (step.kind === "bot") list.append(answer(step));
    else if (step.kind === "slot") list.append(slot(step));
    else list.append(happened(step));
  }
  flush();
  return list;
}

function action(step, turn, opinions) {
  // What no policy chose, as the begin of a session, was not predicted.
  const found = step.policy ? opinions.findIndex((opinion) => opinion.action === step.name) : -1;
  const opinion = found >= 0 ? opinions.splice(0, found + 1)[found] : null;
  const asked = opinion ? turn.timing.spans.filter((stage) => stage.parent === opinion.number && stage.confidence !== undefined && stage.node?.startsWith("run_")) : [];
  const line = element(
    step.name === "action_listen" ? "li.listens" : "li", {},
    element(
      "div.action", {},
      element("span.code", {}, step.name ?? "?"),
      element("span", {}, step.policy ?? "", " ", element("span.soft", {}, step.policy ? percent(step.confidence) : "")),
      step.loop && element("span.soft", {}, `within ${step.loop}`),
    ),
  );
  if (asked.length > 1 && step.name !== "action_listen") {
    line.firstChild.append(unfolding("all policies", () => table(
      "What each policy would have done", ["Policy", "Action", ["Sure", "number"]],
      asked.map((stage) => element(
        "tr", {}, element("td", {}, stage.name),
        element("td.code", {}, stage.action ?? "nothing"),
        element("td.number", {}, stage.action ? percent(stage.confidence) : ""),
      )),
    )));
  }
  return line;
}

function answer(step) {
  const more = Object.entries(step.more ?? {});
  return element(
    "li.bot", {},
    element("p", {}, step.text ?? element("span.soft", {}, "(no text)")),
    step.buttons.length
      ? element("ul.buttons", { "aria-label": "Buttons" }, ...step.buttons.map((button) => element(
        "li", {}, button.title ?? "", " ", element("span.soft.code", {}, button.payload ?? ""),
      )))
      : null,
    // An image is told, not fetched: this page asks nobody but the assistant.
    ...more.map(([name, given]) => element("div", {}, element("span.soft", {}, `${name}: `), value(given))),
    element("span.soft.code", {}, step.response ?? "no response name"),
  );
}

function slot(step) {
  return element(
    "li.slot", {}, element("span.code", {}, step.name), " ",
    change(step.before, "del"), " → ", change(step.value, "ins"),
  );
}

function change(given, tag) {
  const text = written(given);
  return text.length <= 90 ? element(tag, {}, text) : value(given);
}

function happened(step) {
  const told = step.event === "active_loop"
    ? [step.name ? "form begun " : "form ended", step.name ?? ""]
    : [`${EVENTS[step.event] ?? step.event} `, step.name ?? ""];
  const more = Object.keys(step.more ?? {}).length ? value(step.more) : null;
  return element("li", {}, told[0], element("span.code", {}, told[1]), more ? " " : null, more);
}

// --------------------------------------------------------------------- what was made of it

function ranking(entries, chosen) {
  return entries.map((entry) => {
    const bar = element("span");
    bar.style.width = `${Math.max(0, Math.min(1, entry.confidence ?? 0)) * 100}%`;
    return element(
      "li", {},
      element(entry.name === chosen ? "span.code.chosen" : "span.code", { title: entry.name }, entry.name ?? "?"),
      element("span.bar", { "aria-hidden": "true" }, bar),
      element("span.value", {}, percent(entry.confidence)),
    );
  });
}

function ranked(title, entries, chosen) {
  const rows = ranking(entries, chosen);
  const rest = rows.splice(SHOWN_INTENTS);
  return element(
    "section", {}, element("h4", {}, title),
    element("ol.bars", {}, ...rows),
    rest.length ? unfolding(`${rest.length} more`, () => element("ol.bars", {}, ...rest)) : null,
  );
}

function intents(turn) {
  if (!turn.ranking.length) return null;
  const scope = turn.in_scope === null || turn.in_scope === undefined ? "" : `, in scope ${percent(turn.in_scope)}`;
  return ranked(`Intents${scope}`, turn.ranking, turn.intent.name);
}

function retrieved(turn) {
  // A selector says something about every message; it matters where its intent was meant.
  const own = (selector) => (selector.name ?? "").split("/")[0] === turn.intent.name;
  const [meant, others] = [turn.retrieval.filter(own), turn.retrieval.filter((one) => !own(one))];
  const draw = (selector) => ranked(
    `Response selector ${selector.selector}`,
    selector.ranking.length ? selector.ranking : [selector], selector.name,
  );
  return [
    ...meant.map(draw),
    others.length
      ? unfolding(others.length === 1 ? "Response selector" : "Response selectors", () => element("div", {}, ...others.map(draw)))
      : null,
  ];
}

function slotRows(list, onlyChanged) {
  return list.map(({ name, before, after }) => {
    const changed = onlyChanged || JSON.stringify(before) !== JSON.stringify(after);
    return element(
      "tr", { class: changed ? undefined : "same" },
      element("td.code", {}, name),
      element("td", {}, changed ? change(before, "del") : value(before)),
      element("td", {}, changed ? change(after, "ins") : value(after)),
    );
  });
}

function slots(turn, ask) {
  const heads = ["Slot", "Before", "After"];
  return element(
    "section", {},
    element("h4", {}, turn.slots.length ? "Slots that changed" : "No slot changed"),
    turn.slots.length
      ? table(`Slots that changed in turn ${turn.number}`, heads, slotRows(turn.slots, true), "changes")
      : null,
    unfolding("all slots", async () => table(
      `All slots before and after turn ${turn.number}`, heads,
      slotRows((await ask.slots(turn.number)).slots, false), "changes",
    )),
  );
}

// ------------------------------------------------------------------------- how long it took

function timing(turn) {
  if (!turn.timing) {
    return element(
      "section", {}, element("h4", {}, "Time"),
      element("p.soft", {}, turn.kind === "on_behalf"
        ? "Measured with the turn in which the action said it."
        : `Not measured. From its first event to its last: ${duration(turn.span)}.`),
    );
  }
  const { seconds, spans } = turn.timing;
  const top = spans.filter((stage) => stage.parent < 0);
  const other = seconds - top.reduce((sum, stage) => sum + stage.seconds, 0);
  const byKind = {};
  for (const stage of top) byKind[stage.kind] = (byKind[stage.kind] ?? 0) + stage.seconds;
  const longest = Object.entries(byKind).sort((a, b) => b[1] - a[1]).slice(0, 3)
    .map(([kind, sum]) => `${SHORT[kind] ?? kind} ${duration(sum)}`).join(", ");
  return element(
    "section", {},
    element("h4", {}, `Time: ${duration(seconds)}`),
    unfolding(longest || "stages", () => table(
      `Stages of turn ${turn.number}`, ["Stage", ["Time", "number"], "When"],
      [...rows(spans, -1, 0, seconds), element(
        "tr.part", {}, element("td", {}, "between the stages"),
        element("td.number", {}, duration(other)), element("td"),
      )],
      "stages",
    )),
  );
}

const SHORT = {
  understanding: "understanding", prediction: "policies", action: "actions", slots: "slots",
  fetching: "fetching", saving: "saving", waiting: "waiting",
};

function rows(spans, parent, depth, whole) {
  return spans.flatMap((stage, number) => {
    if (stage.parent !== parent) return [];
    const bar = element("span");
    bar.style.left = `${(stage.start / whole) * 100}%`;
    bar.style.width = `${(stage.seconds / whole) * 100}%`;
    const name = element("td", {}, named(stage), stage.failed && element("span.negative", {}, ` failed: ${stage.failed}`));
    name.style.paddingLeft = `${depth * 0.9}rem`;
    return [
      element(
        depth ? "tr.part" : "tr", {}, name,
        element("td.number", {}, duration(stage.seconds)),
        element("td.bars-cell", { "aria-hidden": "true" }, element("div.track", {}, bar)),
      ),
      ...rows(spans, number, depth + 1, whole),
    ];
  });
}

function named(stage) {
  if (stage.kind === "prediction") return element("span", {}, "next action: ", element("span.code", {}, stage.action ?? "?"));
  if (stage.kind === "action") return element("span", {}, "run ", element("span.code", {}, stage.name));
  if (stage.kind === "remote") return element("span", {}, element("span.code", {}, stage.name), " by the action server");
  if (stage.kind === "request") return `round trip to ${stage.name === "action server" ? "the action server" : "another server"}`;
  return stage.name;
}

function raw(turn, ask) {
  return unfolding("events as they are kept", async () => {
    const { events } = await ask.events(turn.number);
    return element("pre", { tabindex: "0", "aria-label": `Events of turn ${turn.number}` }, JSON.stringify(events, null, 2));
  });
}
