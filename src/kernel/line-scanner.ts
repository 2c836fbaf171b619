import { frameLines } from './frame-lines.ts';
import type { Framer, FrameSink } from './framing.ts';
import type { GroupHost } from './group-map.ts';
import type { ScanKernel } from './scan-kernel.ts';

const LF = 0x0a;

/** Cuts a stream into lines for the kernel: exactly as `frameLines` does, many at a time. */
export class LineScanner implements Framer {
  readonly #kernel: ScanKernel;
  readonly #host: GroupHost;
  readonly #sink: FrameSink;
  /** Offset in the stream of the first byte that the kernel holds, which begins a line, and how many it holds. */
  #offset: number;
  #held = 0;
  /** A line that is too long for the kernel, and where it began. */
  #long: Framer | undefined;
  #longAt = 0;

  constructor(kernel: ScanKernel, host: GroupHost, from: number) {
    this.#kernel = kernel;
    this.#host = host;
    this.#offset = from;
    // Lines are framed one at a time here: where it is safe to resume is for this scanner to say.
    this.#sink = {
      record: (bytes, start, end, offset) => host.plain.record(bytes, start, end, offset),
      defect: (reason, offset, length) => host.plain.defect(reason, offset, length),
      largeRecord: (offset) => host.plain.largeRecord(offset),
      safePoint: () => undefined,
    };
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at = this.#long === undefined ? this.#take(bytes, at) : this.#goOn(bytes, at);
    this.#host.plain.safePoint(this.#long === undefined ? this.#offset : this.#longAt);
  }

  end(): void {
    const rest = this.#long ?? frameLines(this.#sink, this.#offset);
    if (this.#long === undefined) rest.push(this.#kernel.input.subarray(0, this.#held));
    rest.end();
    this.#held = 0;
    this.#long = undefined;
  }

  /** Takes at least one byte; returns where to go on. */
  #take(bytes: Buffer, from: number): number {
    const { input } = this.#kernel;
    const end = Math.min(bytes.length, from + input.length - this.#held);
    const filled = this.#held + bytes.copy(input, this.#held, from, end);
    const lf = bytes.lastIndexOf(LF, end - 1);
    if (lf >= from) this.#scan(this.#held + lf + 1 - from, filled);
    else if (filled === input.length) this.#beginLong();
    else this.#held = filled;
    return end;
  }

  #scan(whole: number, filled: number): void {
    this.#kernel.scanLines(whole, this.#offset, (bytes, start, end, offset) => {
      frameLines(this.#sink, offset).push(bytes.subarray(start, end));
    });
    this.#kernel.input.copyWithin(0, whole, filled);
    this.#offset += whole;
    this.#held = filled - whole;
  }

  #beginLong(): void {
    this.#long = frameLines(this.#sink, this.#offset);
    this.#longAt = this.#offset;
    this.#long.push(this.#kernel.input);
    this.#offset += this.#kernel.input.length;
    this.#held = 0;
  }

  #goOn(bytes: Buffer, from: number): number {
    const lf = bytes.indexOf(LF, from);
    const end = lf < 0 ? bytes.length : lf + 1;
    this.#long?.push(bytes.subarray(from, end));
    if (lf >= 0) this.#long = undefined;
    this.#offset += end - from;
    return end;
  }
}
