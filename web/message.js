// Messages as elements. What was said is text, whatever it looks like: nothing here reads markup.

const LINK = /https?:\/\/[^\s<>"]+/g;
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);/;

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// A text as nodes, its addresses as links.
export function textNodes(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = withoutClosing(match[0]);
    if (!webAddress(address)) continue;
    nodes.push(text.slice(end, match.index), link(address, address));
    end = match.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

// A message of either side; buttons call `press` with themselves and what they stand for.
export function messageElement(entry, name, press) {
  const mine = entry.side === "person";
  const body = make("div", { className: "body" });
  body.append(make("span", { className: "hidden" }, mine ? "You: " : `${name}: `));
  if (entry.text) body.append(make("p", {}, ...textNodes(entry.text)));
  const image = entry.image && picture(entry.image, entry.alt || `A picture from ${name}`);
  if (image) body.append(image);
  if (entry.attachment && webAddress(entry.attachment)) {
    body.append(make("p", {}, link(entry.attachment, "Attachment")));
  }
  const message = make("div", { className: `message ${entry.side}` }, body);
  if (entry.buttons) message.append(choices(entry, press));
  return message;
}

function choices(entry, press) {
  const group = make("div", { className: "choices" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Choices");
  for (const { title, offer } of entry.buttons) {
    const button = make("button", { type: "button" }, title);
    button.dataset.offer = offer;
    button.addEventListener("click", () => press({ reply: entry.number, offer, title }));
    group.append(button);
  }
  return group;
}

function picture(address, alt) {
  const source = PICTURE.test(address) ? address : webAddress(address);
  if (!source) return null;
  const image = make("img", { src: source, alt });
  image.addEventListener("error", () => {
    const missing = make("p", { className: "missing" }, "This picture could not be loaded: ");
    missing.append(PICTURE.test(source) ? alt : link(source, alt));
    image.replaceWith(missing);
  });
  return image;
}

function link(address, text) {
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function webAddress(text) {
  try {
    const address = new URL(text);
    return ["http:", "https:"].includes(address.protocol) ? address.href : null;
  } catch {
    return null;
  }
}

// "(see https://example.org/a_(b))." ends before the last bracket, not within the address.
function withoutClosing(address) {
  let kept = address;
  for (;;) {
    const last = kept.at(-1);
    const opened = kept.split("(").length;
    const closed = kept.split(")").length;
    if (".,;:!?'*]}".includes(last) || (last === ")" && closed > opened)) kept = kept.slice(0, -1);
    else return kept;
  }
}
