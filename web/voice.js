// Speaking to the page: the button, what is heard meanwhile, and the answer aloud.
//
// Held down, the button listens until it is let go; pressed shortly, until the person has finished
// a sentence; hands-free, until it is pressed again.

import { Microphone } from "./microphone.js";
import { Player } from "./player.js";

const ALOUD = "parley.aloud";
const SHORT = 400;            // Milliseconds; who holds the button longer lets go at the end.
const SOFTEST = -55;          // Decibels: where the level begins to be shown.

const STATES = {
  opening: "Opening the microphone …",
  preparing: "Getting ready …",
  listening: "Listening",
  hearing: "Hearing you",
  understanding: "Understanding …",
  speaking: "Speaking",
};

const find = (id) => document.getElementById(id);

export class Voice {
  constructor(talk, tell) {
    this.talk = talk;
    this.tell = tell;         // Shows a sentence to the person.
    this.state = "off";       // As the server says it, or "opening".
    this.mode = null;
    this.pressedAt = 0;
    this.aloud = read() !== "no";
    this.muted = false;       // Sounds that were on their way when the person wanted no more.
    this.microphone = new Microphone((samples, level) => this.#send(samples, level));
    this.player = new Player(() => this.#show());
    this.button = find("speak");
    this.#listenToButton();
    find("free").addEventListener("click", () => this.#changeFree());
    find("aloud").addEventListener("click", () => this.#changeAloud());
    find("hush").addEventListener("click", () => this.hush());
    talk.addEventListener("voice", ({ detail }) => this.#told(detail));
    talk.addEventListener("sound", ({ detail }) => {
      if (!this.muted && this.aloud) this.player.play(detail);
    });
    talk.addEventListener("quiet", () => { this.muted = false; });
    talk.addEventListener("state", ({ detail }) => {
      if (detail.state !== "open") this.#end(this.state === "off" ? "" : "The connection was lost while you spoke. Please say it again.");
      this.muted = false;
    });
    this.#show();
  }

  set offered(offered) {
    this.button.hidden = !offered;
  }

  get listens() {
    return this.state !== "off";
  }

  // Stops the answer that is being spoken.
  hush() {
    if (this.player.speaks && this.talk.sayAloud({ type: "quiet" })) this.muted = true;
    this.player.stop();
    this.button.focus();
  }

  // Throws away what was being said.
  cancel() {
    this.talk.sayAloud({ type: "unlisten", keep: false });
    this.#end("");
  }

  async #begin(mode) {
    this.player.wake();
    this.player.stop();
    this.tell("");
    this.mode = mode;
    if (this.listens) return this.#ask();
    this.#change("opening");
    const missing = await this.microphone.open();
    if (missing) return this.#end(missing);
    if (this.state !== "opening") return this.microphone.close();
    if (!this.#ask()) this.#end("There is no connection at the moment. Please try again.");
  }

  #ask() {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return this.talk.sayAloud({ type: "listen", mode: this.mode, aloud: this.aloud, timezone });
  }

  #finish() {
    if (this.state === "opening") return this.#end("");
    this.microphone.close();
    this.talk.sayAloud({ type: "unlisten", keep: true });
    this.#show();
  }

  #end(text) {
    this.microphone.close();
    this.mode = null;
    find("caption").textContent = "";
    this.#change("off");
    if (text) this.tell(text);
  }

  #told({ state, caption, text }) {
    // The answer to before ends where the person begins.
    if (state === "hearing") this.player.stop();
    if (caption !== undefined) find("caption").textContent = caption;
    if (state === "listening") find("caption").textContent = "";
    if (text) this.tell(text);
    if (state === "off") return this.#end("");
    if (state === "understanding" && this.mode !== "free") this.microphone.close();
    this.#change(state);
  }

  #send(samples, level) {
    const decibels = 20 * Math.log10(level + 1e-6);
    const share = Math.max(0, Math.min(1, 1 - decibels / SOFTEST));
    find("level").style.setProperty("--level", share.toFixed(3));
    if (this.state !== "opening") this.talk.send16(samples);
  }

  #listenToButton() {
    const { button } = this;
    let byPointer = false;
    const down = ({ timeStamp }) => {
      this.pressedAt = timeStamp;
      if (this.listens) this.#finish();
      else this.#begin("hold");
    };
    const up = ({ timeStamp }) => {
      if (this.mode !== "hold" || !this.pressedAt) return;
      // While the microphone was not open yet, nothing can have been said.
      if (timeStamp - this.pressedAt >= SHORT && this.state !== "opening") this.#finish();
      else this.#soften();
      this.pressedAt = 0;
    };
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      byPointer = true;
      button.setPointerCapture(event.pointerId);
      down(event);
    });
    button.addEventListener("pointerup", up);
    button.addEventListener("pointercancel", () => {
      byPointer = false;
      if (this.mode === "hold") this.cancel();
    });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if (event.key === " " && !event.repeat) down(event);
    });
    button.addEventListener("keyup", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      up(event);
    });
    // Enter, and what assistive technology does.
    button.addEventListener("click", () => {
      if (!byPointer) this.listens ? this.#finish() : this.#begin("once");
      byPointer = false;
    });
  }

  // A short press: the end of the sentence is found by the silence behind it.
  #soften() {
    this.mode = "once";
    if (this.state !== "opening") this.#ask();
    this.#show();
  }

  #changeFree() {
    if (this.mode === "free") return this.#finish();
    this.#begin("free");
  }

  #changeAloud() {
    this.aloud = !this.aloud;
    write(this.aloud ? null : "no");
    if (!this.aloud) this.player.stop();
    if (this.listens && this.state !== "opening") this.#ask();
    this.#show();
  }

  #change(state) {
    this.state = state;
    this.#show();
  }

  #show() {
    const speaks = this.player.speaks && !["hearing", "understanding"].includes(this.state);
    const shown = speaks ? "speaking" : this.state;
    find("voice").hidden = shown === "off";
    find("voice").dataset.state = shown;
    const words = STATES[shown] ?? "";
    if (find("voice-state").textContent !== words) find("voice-state").textContent = words;
    find("hush").hidden = !speaks;
    this.button.setAttribute("aria-pressed", String(this.listens));
    find("free").setAttribute("aria-pressed", String(this.mode === "free"));
    find("aloud").setAttribute("aria-pressed", String(this.aloud));
    if (!this.microphone.opened) find("level").style.setProperty("--level", 0);
  }
}

// As in talk.js: a browser that keeps nothing still speaks.
function read() {
  try {
    return localStorage.getItem(ALOUD);
  } catch {
    return null;
  }
}

function write(value) {
  try {
    if (value === null) localStorage.removeItem(ALOUD);
    else localStorage.setItem(ALOUD, value);
  } catch {
    // See above.
  }
}
