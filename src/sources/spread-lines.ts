import fs from 'node:fs';
import { HEAD_BYTES } from './identity.ts';
import type { LogHandle } from './log-file.ts';

/** Of a short log one line for so many bytes, of a longer one so many lines, of a long one one for so many bytes again. */
const BYTES_FOR_EACH = 32 * 1024;
const FEW = 32;
const BYTES_FOR_MORE = 1024 * 1024;
const MOST = 128;
/** Longer lines are left out. */
const WINDOW_BYTES = 8 * 1024;
const LF = 0x0a;
/** Whole lines from all over a plain log behind its head, or of the bytes of all of it: none of one that is compressed. */
export function spreadLines(log: LogHandle | Buffer): Buffer {
  const isRead = Buffer.isBuffer(log);
  const size = isRead ? log.length : log.compression === 'none' ? log.stat.size : 0;
  const room = size - HEAD_BYTES;
  if (room < WINDOW_BYTES) return Buffer.alloc(0);
  const few = Math.min(FEW, Math.floor(room / BYTES_FOR_EACH));
  const count = Math.min(MOST, Math.max(few, Math.floor(room / BYTES_FOR_MORE)));
  const lines: Buffer[] = [];
  const window = Buffer.allocUnsafe(WINDOW_BYTES);
  for (let i = 0, state = 1; i < count; i++) {
    // Callers take turns: steps of any rule would meet the same ones again and again. The same numbers in each run.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const at = HEAD_BYTES + Math.floor(((i + state / 2 ** 32) / count) * (room - WINDOW_BYTES));
    const bytes = isRead ? log.subarray(at, at + WINDOW_BYTES) : readAt(log, window, at);
    const start = bytes.indexOf(LF) + 1;
    const end = bytes.indexOf(LF, start);
    if (start > 0 && end > start) lines.push(Buffer.from(bytes.subarray(start, end + 1)));
  }
  return Buffer.concat(lines);
}

function readAt({ fd }: LogHandle, window: Buffer, at: number): Buffer {
  return window.subarray(0, fs.readSync(fd, window, 0, window.length, at));
}
