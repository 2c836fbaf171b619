/** What a driver is told of a key: what its inventory says. */
export interface DriverKey {
  readonly id: string;
  readonly label?: string | undefined;
  readonly owner?: string | undefined;
  readonly source?: string | undefined;
  /** The other columns of the inventory. */
  readonly columns: Readonly<Record<string, string>>;
}

/**
 * What a module of the user's exports by default to hand keys over. A step is done when its promise is fulfilled, with a
 * text for the ledger or nothing, and failed when it is rejected. When the process ends otherwise, nobody knows.
 */
export interface HandoffDriver {
  /** Makes the key refuse calls, in a way that can be taken back. */
  readonly disable: (key: DriverKey) => Promise<string | void>;
  readonly delete?: (key: DriverKey) => Promise<string | void>;
}
