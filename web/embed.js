// Puts the chat into a page: <script src="https://…/webhooks/web/embed.js" async></script>
//
// A button in the corner opens the chat in a frame. `data-label` on the script names it ("Chat").
// The style is set by script within a shadow tree: the page's own style does not reach it, and a
// page with a strict Content-Security-Policy needs to allow the script and the frame alone.

(() => {
  "use strict";

  const script = document.currentScript;
  if (!script || document.querySelector("parley-chat")) return;
  const page = new URL(".", script.src);
  const label = script.dataset.label || "Chat";
  const READY_WITHIN = 15000;

  const STYLE = `
    :host { --accent: #1f5fbf; --on-accent: #fff; --card: #fbfbfa; --ink: #1c2024; --edge: #c9ced3; }
    @media (prefers-color-scheme: dark) {
      :host { --accent: #86b4ff; --on-accent: #10151b; --card: #14171a; --ink: #e6e8ea; --edge: #3d444b; }
    }
    [hidden] { display: none !important; }
    button {
      position: fixed; z-index: 2147483646;
      right: max(1.25rem, env(safe-area-inset-right)); bottom: max(1.25rem, env(safe-area-inset-bottom));
      width: 3.5rem; height: 3.5rem; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
      display: grid; place-items: center; background: var(--accent); color: var(--on-accent);
      box-shadow: 0 4px 16px rgb(0 0 0 / 0.22);
    }
    button:hover { filter: brightness(1.08); }
    button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
    .said::after {
      content: ""; position: absolute; top: 0.1rem; right: 0.1rem; width: 0.8rem; height: 0.8rem;
      border-radius: 50%; background: #d2481f; border: 2px solid var(--card);
    }
    .panel {
      position: fixed; z-index: 2147483647; overflow: hidden; background: var(--card); color: var(--ink);
      right: max(1.25rem, env(safe-area-inset-right)); bottom: calc(max(1.25rem, env(safe-area-inset-bottom)) + 4.25rem);
      width: min(24rem, calc(100vw - 2.5rem)); height: min(38rem, calc(100vh - 7rem));
      border: 1px solid var(--edge); border-radius: 16px; box-shadow: 0 12px 40px rgb(0 0 0 / 0.24);
      font: 16px/1.5 system-ui, sans-serif;
    }
    .panel.failed { height: auto; }
    .panel p { margin: 0; padding: 1.5rem; }
    iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light dark; }
    @media (max-width: 30rem) {
      .panel:not(.failed) { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
    }
  `;

  const host = document.createElement("parley-chat");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.append(icon());
  const panel = document.createElement("div");
  panel.className = "panel";
  panel.id = "panel";
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", label);
  button.setAttribute("aria-controls", "panel");
  root.append(button, panel);

  let frame = null;
  let ready = false;

  function icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M5 4h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z");
    svg.append(path);
    return svg;
  }

  function describe() {
    const open = !panel.hidden;
    const said = button.classList.contains("said");
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", `${label}: ${open ? "close" : said ? "open, new message" : "open"}`);
  }

  function load() {
    ready = false;
    frame = document.createElement("iframe");
    frame.title = label;
    frame.allow = "microphone";
    frame.src = page.href;
    panel.classList.remove("failed");
    panel.replaceChildren(frame);
    // A site that is not allowed to embed the chat is not told so by the browser.
    setTimeout(() => {
      if (!ready) fail();
    }, READY_WITHIN);
    frame.addEventListener("load", () => setTimeout(() => { if (!ready) fail(); }, 3000));
  }

  function fail() {
    const words = document.createElement("p");
    words.textContent = "The chat could not be opened here.";
    words.setAttribute("role", "alert");
    frame = null;
    panel.classList.add("failed");
    panel.replaceChildren(words);
  }

  function open() {
    panel.hidden = false;
    button.classList.remove("said");
    describe();
    if (!frame) load();
    else focusChat();
  }

  function shut() {
    panel.hidden = true;
    describe();
    button.focus();
  }

  function focusChat() {
    frame.focus();
    frame.contentWindow.postMessage({ parley: "opened" }, page.origin);
  }

  button.addEventListener("click", () => (panel.hidden ? open() : shut()));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) shut();
  });
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== page.origin) return;
    const what = event.data && event.data.parley;
    if (what === "ready") {
      ready = true;
      if (!panel.hidden) focusChat();
    } else if (what === "close" && !panel.hidden) {
      shut();
    } else if (what === "said" && panel.hidden) {
      button.classList.add("said");
      describe();
    }
  });

  describe();
  if (document.body) document.body.append(host);
  else document.addEventListener("DOMContentLoaded", () => document.body.append(host));
})();
