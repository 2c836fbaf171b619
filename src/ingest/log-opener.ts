import { withHeadStart } from '../sources/head-start.ts';
import { STDIN } from '../sources/inputs.ts';
import { type LogFile, openLog } from '../sources/log-file.ts';
import { isAddress } from '../sources/s3-address.ts';
import type { IngestContext } from './context.ts';
import { knownAs } from './read-ahead.ts';

/** Opens logs in turn, the next one before its turn if that pays. */
export class LogOpener {
  readonly #context: IngestContext;
  #prepared: { readonly path: string; readonly log: Promise<LogFile> } | undefined;

  constructor(context: IngestContext) {
    this.#context = context;
  }

  /** Throws as `openLog`. */
  async open(path: string): Promise<LogFile> {
    const prepared = this.#prepared;
    if (prepared?.path !== path) return this.#open(path);
    this.#prepared = undefined;
    return prepared.log;
  }

  /** Has the next log decompressed while another one is read, if it is one that pays. */
  prepare(path: string | undefined): void {
    if (path === undefined || this.#prepared !== undefined || path === STDIN || isAddress(path)) return;
    const { ledger, inflater } = this.#context;
    const log = this.#open(path).then((one) => {
      if (knownAs(one.place, one.stat, ledger) !== undefined) return one;
      if (one.handle === undefined || inflater?.isFor(one.handle) !== true) return withHeadStart(one);
      inflater.prepare(one.handle);
      return one;
    });
    log.catch(() => undefined);
    this.#prepared = { path, log };
  }

  /** What was opened before its turn is not wanted any more. */
  async forget(): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    const log = await prepared?.log.catch(() => undefined);
    log?.close();
  }

  #open(path: string): Promise<LogFile> {
    return openLog(path, this.#context.stdin, this.#context.objects, this.#context.inflater);
  }
}
