import { DocumentScanner } from './document-scanner.ts';
import type { Framer } from './framing.ts';
import type { GroupCounts, GroupHost, GroupMap } from './group-map.ts';
import { LineScanner } from './line-scanner.ts';
import { type ScanKernel, takeKernel } from './scan-kernel.ts';
import type { SharedGroups } from './shared-groups.ts';

/**
 * Scans access logs and JSON, lines or documents with records at `recordsPath`, in WebAssembly at some 800 MB/s a core for
 * JSON, and counts records by what tells them apart, so that nothing per record reaches the host. What is unusual in any
 * way is given, record by record and in order, to the plain framer and the host's plain reader: it alone decides what is
 * wrong. Undefined when the field map is too large.
 */
export function createGroupScanner(
  map: GroupMap,
  host: GroupHost,
  from: number,
  recordsPath?: string,
): GroupScanner | undefined {
  const kernel = takeKernel(map, host);
  if (kernel === undefined) return undefined;
  if (recordsPath === undefined) return new GroupScanner(kernel, new LineScanner(kernel, host, from));
  const documents = new DocumentScanner(kernel, host, recordsPath, from);
  return new GroupScanner(kernel, documents, documents);
}

export class GroupScanner implements Framer {
  readonly #kernel: ScanKernel;
  readonly #framer: Framer;
  readonly #documents: Pick<DocumentScanner, 'isOpen'> | undefined;

  constructor(kernel: ScanKernel, framer: Framer, documents?: Pick<DocumentScanner, 'isOpen'>) {
    this.#kernel = kernel;
    this.#framer = framer;
    this.#documents = documents;
  }

  push(bytes: Buffer): void {
    this.#framer.push(bytes);
  }

  end(): void {
    this.#framer.end();
  }

  get structureBytes(): number | undefined {
    return this.#framer.structureBytes;
  }

  /** What was counted and not drained yet: records, and groups by day. */
  get pending(): { readonly records: number; readonly groups: number } {
    return this.#kernel.pending;
  }

  /** Hands over what was counted, once: before the last safe point, and in a document that is still open. */
  drain(take: (settled: GroupCounts, open: GroupCounts) => void): void {
    const [settled, open] = this.#kernel.counts(this.#documents?.isOpen === true);
    take(settled, open);
    this.#kernel.clear();
  }

  /** Reads another part of the log, which begins at a line: what it counts is added to what this one counted. */
  next(host: GroupHost, from: number): GroupScanner {
    this.#kernel.goOn(host);
    return new GroupScanner(this.#kernel, new LineScanner(this.#kernel, host, from));
  }

  /** For a scanner of the same map in another thread: see `ScanKernel`. */
  share(): ReturnType<ScanKernel['share']> {
    return this.#kernel.share();
  }

  adopt(groups: SharedGroups): void {
    this.#kernel.adopt(groups);
  }

  /** The kernel may serve another log. */
  close(): void {
    this.#kernel.end();
  }
}
