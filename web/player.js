// Spoken answers: sentences as they come, one after the other.

export class Player {
  constructor(changed) {
    this.changed = changed;   // Called when it begins to play, and when it has ended.
    this.context = null;
    this.playing = new Set();
    this.until = 0;
  }

  // Browsers let a page be heard after it was touched.
  wake() {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") this.context.resume();
  }

  // Samples of 16 bits behind the rate, as the server sends them.
  play(content) {
    if (!this.context) return;
    const rate = new DataView(content).getUint32(0, true);
    const samples = new Int16Array(content.slice(4));
    if (!samples.length) return;
    const buffer = this.context.createBuffer(1, samples.length, rate);
    const channel = buffer.getChannelData(0);
    for (let place = 0; place < samples.length; place += 1) channel[place] = samples[place] / 32768;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    this.until = Math.max(this.until, this.context.currentTime + 0.02);
    source.start(this.until);
    this.until += buffer.duration;
    source.onended = () => {
      this.playing.delete(source);
      if (!this.playing.size) this.changed(false);
    };
    this.playing.add(source);
    if (this.playing.size === 1) this.changed(true);
  }

  get speaks() {
    return this.playing.size > 0;
  }

  stop() {
    const sources = [...this.playing];
    this.playing.clear();
    this.until = 0;
    for (const source of sources) {
      source.onended = null;
      source.stop();
    }
    if (sources.length) this.changed(false);
  }
}
