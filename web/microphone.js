// The microphone: opened while somebody speaks, and closed again, so that browsers show when it is.

const RATE = 16000;

const MISSING = {
  NotAllowedError: "The browser does not let this page use the microphone. Allow it in the browser's settings for this page, then try again.",
  NotFoundError: "There is no microphone.",
  NotReadableError: "The microphone is in use by another program.",
};

export class Microphone {
  constructor(hear) {
    this.hear = hear;         // Called with samples (an ArrayBuffer) and their level, from 0 to 1.
    this.opened = null;
  }

  // Opens it; what is lacking, in a sentence, or nothing.
  async open() {
    if (this.opened) return "";
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
      return "Browsers let a page use the microphone only over https, or on the assistant's own machine.";
    }
    const opened = { stream: null, context: null, node: null };
    this.opened = opened;
    try {
      opened.stream = await navigator.mediaDevices.getUserMedia({
        // The recogniser frees speech of noise itself, and does not mind how loud it is: what browsers
        // do about either, it was not made for. The answer in the room is for them to take away.
        audio: {
          channelCount: 1, echoCancellation: true, noiseSuppression: false, autoGainControl: false,
        },
      });
      if (this.opened === opened) await this.#connect(opened, { sampleRate: RATE });
    } catch (error) {
      if (this.opened === opened) this.close();
      return MISSING[error.name] ?? "The microphone could not be opened.";
    }
    if (this.opened !== opened) release(opened);
    return "";
  }

  close() {
    if (this.opened) release(this.opened);
    this.opened = null;
  }

  async #connect(opened, options) {
    const context = new AudioContext(options);
    opened.context = context;
    await context.audioWorklet.addModule(new URL("capture.js", document.baseURI));
    let source;
    try {
      source = context.createMediaStreamSource(opened.stream);
    } catch (error) {
      // Firefox connects a microphone to a context of its own rate alone: the worklet changes it.
      if (!options.sampleRate) throw error;
      await context.close();
      return this.#connect(opened, {});
    }
    opened.node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    opened.node.port.onmessage = ({ data }) => {
      if (this.opened === opened) this.hear(data.samples, data.level);
    };
    source.connect(opened.node);
    await context.resume();
  }
}

function release({ stream, context, node }) {
  if (node) node.port.onmessage = null;
  for (const track of stream?.getTracks() ?? []) track.stop();
  if (context && context.state !== "closed") context.close();
}
