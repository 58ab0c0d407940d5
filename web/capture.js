// The microphone's samples as the server wants them: 16,000 a second, 16 bits, 100 ms at a time.
//
// Runs where sound is made, apart from the page. Where the device has another rate, a low-pass
// filter (a windowed sine) and the new rate are one step; its values repeat, and are kept.

const RATE = 16000;
const PIECE = RATE / 10;
const LOBES = 12;            // Of the sine, on each side.
const HIGHEST = 0.92;        // Of half the lower rate: what is let through.
const PHASES = 512;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.scale = Math.min(1, 1 / this.step) * HIGHEST;
    this.reach = Math.ceil(LOBES / this.scale);
    this.filters = new Map();
    this.kept = new Float32Array(2 * this.reach);
    this.place = this.reach;   // In `kept`: where the next sample is taken.
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.power = 0;
  }

  process([input]) {
    if (input[0]) this.step === 1 ? input[0].forEach((value) => this.put(value)) : this.resample(input[0]);
    return true;
  }

  resample(samples) {
    const all = new Float32Array(this.kept.length + samples.length);
    all.set(this.kept);
    all.set(samples, this.kept.length);
    while (this.place + this.reach < all.length) {
      const whole = Math.floor(this.place);
      const filter = this.filter(Math.round((this.place - whole) * PHASES));
      let value = 0;
      for (let tap = 0; tap < filter.length; tap += 1) value += filter[tap] * (all[whole - this.reach + 1 + tap] ?? 0);
      this.put(value);
      this.place += this.step;
    }
    const begin = Math.max(0, Math.floor(this.place) - this.reach);
    this.kept = all.slice(begin);
    this.place -= begin;
  }

  // The weights of the samples around a place that lies so far behind one.
  filter(phase) {
    if (!this.filters.has(phase)) {
      const weights = Array.from({ length: 2 * this.reach }, (_, tap) => {
        const distance = tap - this.reach + 1 - phase / PHASES;
        const angle = Math.PI * distance * this.scale;
        const sine = distance === 0 ? 1 : Math.sin(angle) / angle;
        const window = Math.abs(distance) < this.reach ? (1 + Math.cos((Math.PI * distance) / this.reach)) / 2 : 0;
        return this.scale * sine * window;
      });
      this.filters.set(phase, weights);
    }
    return this.filters.get(phase);
  }

  put(value) {
    const within = Math.max(-1, Math.min(1, value));
    this.piece[this.filled] = Math.round(within * 32767);
    this.filled += 1;
    this.power += within * within;
    if (this.filled < PIECE) return;
    const level = Math.sqrt(this.power / PIECE);
    this.port.postMessage({ samples: this.piece.buffer, level }, [this.piece.buffer]);
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.power = 0;
  }
}

registerProcessor("capture", Capture);
