/** How far the reading of logs has come. */
export interface Progress {
  readonly file: string;
  /** Of all files together, as they lie on disk. */
  readonly bytesRead: number;
  /** Undefined when standard input is among them. */
  readonly bytesTotal: number | undefined;
  readonly records: number;
}
