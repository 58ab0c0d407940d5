// The conversation with the server: the session, the socket, what waits to be sent.
//
// Each message has an id made here and stays in the queue, which outlives a reload, until the
// server says that it is written down. So it may be sent twice, and the server takes it once. What
// the server says has a place; after an interruption it goes on from the last place that is known.

const TOKEN = "parley.token";
const WAITING = "parley.waiting";
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
const STEADY = 5000;          // A connection that lasted so long makes the pauses short again.
const ANSWER_WITHIN = 10000;  // The server writes down in milliseconds: after this, it is away.

export class Talk extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.waiting = readWaiting();
    this.state = "connecting";
    this.token = null;
    this.place = null;
    this.socket = null;
    this.greeted = false;
    this.pause = FIRST_PAUSE;
    this.sent = null;       // The message that the server is yet to answer for.
    this.starting = false;  // Whether this tab starts anew.
    this.timers = {};
    window.addEventListener("online", () => this.connect());
    window.addEventListener("offline", () => this.#lost());
    window.addEventListener("storage", (event) => this.#otherTab(event));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#check();
    });
  }

  connect() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.timers.again);
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.greeted = false;
    socket.onopen = () => {
      const token = read(TOKEN) ?? this.token;
      if (token !== this.token) this.place = null;
      this.token = token;
      this.#say({ type: "hello", token, have: this.place });
    };
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (typeof event.data === "string") this.#hear(JSON.parse(event.data));
      else this.#tell("sound", event.data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.#lost();
    };
  }

  // What the person says. `message` holds `text`, or `reply`, `offer` and `title` of a button.
  send(message) {
    const entry = { ...message, id: randomId(), at: Date.now() / 1000 };
    this.waiting.push(entry);
    changeWaiting((list) => [...list, entry]);
    this.#sendNext();
    return entry;
  }

  earlier(first) {
    return this.greeted && this.#say({ type: "earlier", before: first });
  }

  // What belongs to speaking, and is of no use later: it is not kept for a connection to come.
  sayAloud(frame) {
    return this.greeted && this.#say(frame);
  }

  send16(samples) {
    if (this.greeted && this.socket?.readyState === WebSocket.OPEN) this.socket.send(samples);
  }

  forget() {
    this.starting = this.greeted && this.#say({ type: "forget" });
    return this.starting;
  }

  #hear(frame) {
    clearTimeout(this.timers.alive);
    if (frame.place) this.place = frame.place;
    if (frame.type === "welcome") this.#welcomed(frame);
    if (frame.entries) this.#settle(frame.entries.map((entry) => entry.id));
    if (frame.type === "taken") this.#settle([frame.id]);
    if (frame.type === "refused") this.#refused(frame);
    if (frame.type === "forgotten") return this.#forgotten();
    if (frame.type === "error" && frame.after) this.pause = frame.after * 1000;
    this.#tell(frame.type, frame);
    if (frame.type === "welcome" || frame.type === "taken") this.#sendNext();
  }

  #welcomed(frame) {
    this.greeted = true;
    this.sent = null;
    if (frame.token) {
      this.token = frame.token;
      write(TOKEN, frame.token);
      // A button of a conversation that is gone stands for nothing.
      this.#settle(this.waiting.filter((entry) => entry.offer).map((entry) => entry.id));
    }
    clearTimeout(this.timers.steady);
    this.timers.steady = setTimeout(() => { this.pause = FIRST_PAUSE; }, STEADY);
    this.#change("open");
  }

  #refused(frame) {
    this.sent = null;
    if (frame.after === null) {
      this.#settle([frame.id]);
      this.#sendNext();
    } else {
      clearTimeout(this.timers.retry);
      this.timers.retry = setTimeout(() => this.#sendNext(), frame.after * 1000);
    }
  }

  #forgotten() {
    const mine = this.starting;
    this.starting = false;
    if (read(TOKEN) === this.token) write(TOKEN, null);
    this.token = null;
    this.place = null;
    this.#settle(this.waiting.map((entry) => entry.id));
    this.#tell("forgotten", {});
    this.#drop();
    // The tab in which it was asked for begins the new conversation; others join it.
    this.timers.again = setTimeout(() => this.connect(), mine ? 0 : 1500);
  }

  // One at a time, so that a message which has to wait is not overtaken.
  #sendNext() {
    const next = this.waiting[0];
    if (!next || this.sent || !this.greeted) return;
    this.sent = next.id;
    const { id, text, reply, offer } = next;
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const said = offer ? { type: "press", reply, offer } : { type: "message", text };
    this.#say({ ...said, id, timezone });
    this.#expectAnswer();
  }

  #settle(ids) {
    const settled = new Set(ids);
    if (!this.waiting.some((entry) => settled.has(entry.id))) return;
    this.waiting = this.waiting.filter((entry) => !settled.has(entry.id));
    changeWaiting((list) => list.filter((entry) => !settled.has(entry.id)));
    if (settled.has(this.sent)) this.sent = null;
  }

  #check() {
    if (this.state !== "open") return this.connect();
    this.#say({ type: "ping" });
    this.#expectAnswer();
  }

  #expectAnswer() {
    clearTimeout(this.timers.alive);
    this.timers.alive = setTimeout(() => this.#lost(), ANSWER_WITHIN);
  }

  #say(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    this.greeted = false;
    this.sent = null;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    socket?.close();
  }

  #lost() {
    this.#drop();
    this.#change("away");
    // Everybody was cut off at once: they shall not all come back at once.
    this.timers.again = setTimeout(() => this.connect(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  #otherTab(event) {
    if (event.key !== TOKEN || !event.newValue || event.newValue === this.token) return;
    this.#drop();
    this.#tell("forgotten", {});
    this.connect();
  }

  #change(state) {
    this.state = state;
    this.#tell("state", { state });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function randomId() {
  // crypto.randomUUID is there on https and localhost alone.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A browser that keeps nothing (a strict setting, a full disk) still talks, until the page is left.
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // See above.
  }
}

function readWaiting() {
  try {
    const list = JSON.parse(read(WAITING) ?? "[]");
    return Array.isArray(list) ? list.filter((entry) => typeof entry?.id === "string") : [];
  } catch {
    return [];
  }
}

function changeWaiting(change) {
  const list = change(readWaiting());
  write(WAITING, list.length ? JSON.stringify(list) : null);
}
