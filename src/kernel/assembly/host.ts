/** What the kernel asks of the host, each in the order of the log. */

/** A record of an unknown group: its fields lie in SLOTS and KEYS. Returns whether its like are to be counted. */
// @ts-ignore: decorator
@external('host', 'onGroup')
export declare function onGroup(group: u32, at: f64): bool;

/** The table of groups is full: the host takes what was counted and clears all tables. */
// @ts-ignore: decorator
@external('host', 'onFull')
export declare function onFull(): void;

/** There is no room for another count: the host takes what was counted. Groups stay known. */
// @ts-ignore: decorator
@external('host', 'onCountsFull')
export declare function onCountsFull(): void;

/** A line for the plain reader, its line feed included. */
// @ts-ignore: decorator
@external('host', 'onPlain')
export declare function onPlain(start: u32, end: u32): void;

/** Epoch milliseconds of an unusual time, NaN when it is none. */
// @ts-ignore: decorator
@external('host', 'onTime')
export declare function onTime(start: u32, length: u32): f64;

/** There is no room for another call that is left for later: the host takes those that there are. */
// @ts-ignore: decorator
@external('host', 'onLaterFull')
export declare function onLaterFull(): void;

/** Whether the event of the record at hand was counted before; then the host has noted it. `bytes`: of the record. */
// @ts-ignore: decorator
@external('host', 'onEvent')
export declare function onEvent(group: u32, outcome: u32, at: f64, start: u32, length: u32, record: u32, bytes: u32): bool;
