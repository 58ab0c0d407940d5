// The course of the mood as a small chart, and as a table.

import { element, mood, percent, table } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, EDGE] = [1000, 64, 8];

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, given] of Object.entries(attributes)) made.setAttribute(key, given);
  return made;
}

/**
 * Draws the chart.
 * @param {Array<object>} points turn, name, confidence, score from -1 to 1, text
 * @param {number} most how many points there are at most
 * @param {Function} go shows a turn
 */
export function drawMood(points, most, go) {
  const counts = {};
  for (const point of points) counts[point.name] = (counts[point.name] ?? 0) + 1;
  const summary = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ");
  const chart = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  chart.setAttribute("aria-label", `Mood of ${points.length} messages: ${summary}. The last is ${points.at(-1).name}.`);
  const x = (number) => points.length < 2 ? WIDTH / 2 : EDGE + (number / (points.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (score) => HEIGHT / 2 - score * (HEIGHT / 2 - EDGE);
  chart.append(drawn("line", { class: "zero", x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 }));
  chart.append(drawn("polyline", {
    class: "course", points: points.map((point, number) => `${x(number)},${y(point.score)}`).join(" "),
  }));
  const dots = points.map((point, number) => {
    const dot = drawn("ellipse", { class: mood(point.name), cx: x(number), cy: y(point.score), rx: 4, ry: 4 });
    const title = drawn("title", {});
    title.textContent = `Turn ${point.turn}: ${point.name} ${percent(point.confidence)}`;
    dot.append(title);
    dot.addEventListener("click", () => go(point.turn));
    chart.append(dot);
    return dot;
  });
  // The chart is stretched to the width of the page; its dots stay round.
  new ResizeObserver(([entry]) => {
    const stretch = entry.contentRect.width / WIDTH;
    if (stretch > 0) for (const dot of dots) dot.setAttribute("rx", 4 / stretch);
  }).observe(chart);
  return element(
    "figure", {},
    element("figcaption", {}, `Mood${points.length >= most ? `, the newest ${most} messages` : ""}: ${summary}. Up is positive, down is negative.`),
    chart,
    element(
      "details", {}, element("summary", {}, "as a table"),
      element("div.scroll", { tabindex: "0", role: "region", "aria-label": "Moods" }, table("Mood of each message", ["Turn", "Mood", ["Sure", "number"], "Message"], points.map((point) => element(
        "tr", {},
        element("td", {}, element("button.quiet", { type: "button", onclick: () => go(point.turn) }, `turn ${point.turn}`)),
        element("td", { class: mood(point.name) }, point.name),
        element("td.number", {}, percent(point.confidence)),
        element("td", {}, point.text ?? ""),
      )))),
    ),
  );
}
