/**
 * The waist: the nouns that the stages exchange. Types only; this file imports nothing.
 *
 * Instants are epoch milliseconds UTC and end in `At`. Days are `DayNumber`: whole UTC days since 1970-01-01
 * (`Math.floor(at / 86_400_000)`); they become `YYYY-MM-DD` only in a report.
 */

export type EpochMs = number;
export type DayNumber = number;

// ---------------------------------------------------------------- bytes -> records

/** Why a record was not counted. `quarantined`: it should have been readable. Otherwise it is known not to be a request. */
export interface Skip {
  readonly skip: SkipReason;
  readonly quarantined: boolean;
}

export type SkipReason =
  // quarantined: evidence may be hidden in them
  | 'malformed-json'
  | 'malformed-line'
  | 'malformed-row'
  | 'too-deep'
  | 'line-too-long'
  | 'no-time'
  | 'impossible-time'
  | 'trailing-text'
  | 'nul-run'
  | 'truncated'
  // skipped: nothing is hidden
  | 'blank'
  | 'comment'
  | 'header'
  | 'duplicate'
  /** A piece of a record that ends further on, and is counted there. */
  | 'partial'
  | 'not-a-request';

// ---------------------------------------------------------------- records -> usage

/**
 * What the field map of a format found in one record: text as logged, nothing interpreted yet.
 * Absent is absent: formats turn "-", "" and null into absence. Holds raw secrets; lives only between a format and
 * `attribution/`.
 */
export interface RawFields {
  time?: string;
  ip?: string;
  userAgent?: string;
  status?: string;
  /** Overrides `status` when the log says the outcome itself: accepted | refused | failed. */
  outcome?: string;
  /** Present means that the call failed (AWS errorCode and the like). */
  error?: string;
  method?: string;
  /** May be a URL with a query string: keys in the query are extracted and the query is cut off. */
  action?: string;
  /** A Cookie header: the keys in it are known by their names. */
  cookie?: string;
  eventId?: string;
  system?: string;
  source?: string;
  /** The role or user that issued a session credential. */
  issuer?: string;
  keys: RawKey[];
  identity: Record<string, string>;
}

/** One text in which a key may sit. `secret`: fingerprinted at once. `public`: an id that is public by design. */
export interface RawKey {
  readonly text: string;
  readonly kind: 'secret' | 'public';
  /** Where in the record it sits, as the field map or the query names it. Never text that may hold a key. */
  readonly place?: string | undefined;
}

/** `accepted`, `refused` (401, 403, disabled, expired, invalid key) or `failed` (any other error: still a dependency). */
export type Outcome = 'accepted' | 'refused' | 'failed';

/** `masked`: the log shows only a part of the key; every key that it fits counts as possibly used. */
export type KeyKind = 'secret' | 'public_id' | 'aws_access_key' | 'aws_sts_session_key' | 'masked';

/** A key as it may be kept: never the raw secret. */
export interface KeyRef {
  /** The public id, or `k_` + the first 20 hex digits of the fingerprint. */
  readonly key: string;
  /** Prefix + last 4 at most. */
  readonly display: string;
  readonly kind: KeyKind;
  /** Keys of which this may be another form (wrapped, encoded, hashed): it counts as them where they are listed and it is not. */
  readonly forms?: readonly string[] | undefined;
}

/** How a system got its name: a rule of the user's, a mapped field, derived from agent and network, or the overflow bucket. */
export type Attribution = 'rule' | 'field' | 'derived' | 'overflow';

export interface SystemRef {
  readonly name: string;
  readonly attribution: Attribution;
}

/** What one record says. */
export interface Usage {
  readonly at: EpochMs;
  readonly source: string;
  readonly keys: readonly KeyRef[];
  /** Of each of the keys, the places in which it was sent (see place-set.ts), as far as they are known. */
  readonly places?: readonly (string | undefined)[] | undefined;
  readonly system: SystemRef;
  readonly outcome: Outcome;
  readonly eventId: string | undefined;
  readonly issuer: string | undefined;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  readonly status: string | undefined;
  readonly method: string | undefined;
  /** Without query string. */
  readonly action: string | undefined;
  readonly identity: Readonly<Record<string, string>>;
}

// ---------------------------------------------------------------- usage -> rollups

/** Usage folded per source x key x system x UTC day. Merges in any order (see rollup.ts). */
export interface Rollup {
  readonly source: string;
  readonly key: KeyRef;
  readonly system: SystemRef;
  /** Of several, the first by name. */
  issuer: string | undefined;
  /** Where the key was sent (see place-set.ts), as far as that is known. */
  places: string | undefined;
  readonly day: DayNumber;
  accepted: number;
  failed: number;
  refused: number;
  /** First and last accepted or failed call of the day; undefined when all were refused. */
  firstUsedAt: EpochMs | undefined;
  lastUsedAt: EpochMs | undefined;
  firstRefusedAt: EpochMs | undefined;
  lastRefusedAt: EpochMs | undefined;
}

// ---------------------------------------------------------------- inventory

export type KeyStatus = 'active' | 'disabled' | 'deleted';

/** How an inventory entry is found in traffic. Raw keys and plain SHA-256 digests are turned into fingerprints on read. */
export type KeyMatch =
  | { readonly by: 'fingerprint'; readonly key: string }
  /** The id is what the logs show: as a public id, or as the key text itself. */
  | { readonly by: 'id'; readonly keys: readonly string[] }
  /** What a masked form such as `sk_live_...4242` still shows; `keys`: the logs may show the id instead, as above. */
  | { readonly by: 'masked'; readonly prefix: string; readonly suffix: string; readonly keys?: readonly string[] };

/** One issued key as the provider or the user lists it. */
export interface InventoryEntry {
  readonly id: string;
  readonly match: KeyMatch;
  /** Keys of traffic that are other forms of it: in one case, wrapped, encoded, hashed. */
  readonly forms?: readonly string[] | undefined;
  /** Prefix + last 4 at most; absent when the inventory shows nothing of the key. */
  readonly display: string | undefined;
  readonly label: string | undefined;
  readonly owner: string | undefined;
  readonly createdAt: EpochMs | undefined;
  readonly expiresAt: EpochMs | undefined;
  readonly status: KeyStatus;
  /** When it was disabled or deleted, if the inventory says when. */
  readonly disabledAt?: EpochMs | undefined;
  /** Id of the key that replaces this one. */
  readonly successor: string | undefined;
  /** The log source that would show this key. */
  readonly source: string | undefined;
  /** Last use as the provider says it. */
  readonly lastUsedAt: EpochMs | undefined;
  /** The key is not to be deleted before, whatever its use: an exemption. */
  readonly keepUntilAt?: EpochMs | undefined;
  readonly keepReason?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Where it stands: file and 1-based row (line of a CSV file, item of a JSON list). */
  readonly file: string;
  readonly row: number;
}

// ---------------------------------------------------------------- coverage

/** Days of one source for which the logs are not complete, and why. `to` is inclusive. */
export interface Gap {
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly reason: GapReason;
}

export type GapReason =
  | 'before-first-record'
  | 'no-records'
  | 'few-records'
  | 'unread-input'
  | 'quarantine'
  | 'declared-outage'
  | 'rewritten-log'
  | 'older-copy'
  | 'sampled'
  | 'late-window';

/** A defect of the input found while reading. Open until the input is read whole. */
export interface Fault {
  readonly reason: 'unread-input' | 'rewritten-log' | 'older-copy' | 'sampled' | 'clock';
  /** Escaped text for people: which file, at which byte, why. */
  readonly detail: string;
  /** The stretch of time that it may hide; undefined end = open, i.e. up to now. */
  readonly fromAt: EpochMs | undefined;
  readonly toAt: EpochMs | undefined;
}

/** Two lists of one length, sorted by day: of years of days, pairs take ten times the memory. */
export interface SteadyCaller {
  readonly days: readonly DayNumber[];
  /** Of each of these days. */
  readonly calls: readonly number[];
}

/** What was seen of one source, as counted at ingest. The input of coverage inference. */
export interface SourceActivity {
  readonly source: string;
  readonly format: string;
  readonly firstAt: EpochMs | undefined;
  readonly lastAt: EpochMs | undefined;
  readonly records: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly bytes: number;
  /** Absent: some of its logs were read before this was kept. */
  readonly account?: ByteAccount | undefined;
  /** Sorted by day; days without any record are absent. */
  readonly days: readonly SourceDay[];
  /** The callers of this source that called on the most days (10 at least), 24 at most: what shows a partial outage. */
  readonly steadyCallers: readonly SteadyCaller[];
  /** Where there are more, as many whose first call is the latest (of 10 days at least, too). */
  readonly newestCallers?: readonly SteadyCaller[] | undefined;
  /** Kinds of the keys that its records carried. None: its records cannot show the use of any key. */
  readonly keyKinds: readonly KeyKind[];
  readonly faults: readonly Fault[];
  readonly declared: SourceDeclaration;
  /** Days of which it is proven that all was read that was delivered, whatever the rhythm. */
  readonly provenDays?: ReadonlySet<DayNumber> | undefined;
}

/** What became of the bytes that were read of a source: these make up all of them. */
export interface ByteAccount {
  readonly counted: number;
  readonly quarantined: number;
  readonly skipped: number;
  /** Line ends, and the shell of documents. */
  readonly structure: number;
  /** Of a last line or document that is not closed: it counts for the time being, and is read again. */
  readonly pending: number;
}

export interface SourceDay {
  readonly day: DayNumber;
  readonly records: number;
  readonly quarantined: number;
  /** Records of each of its 24 hours, UTC, where that is known. */
  readonly hours?: readonly number[];
}

/** Facts that the user declares of a source (config `sources`). */
export interface SourceDeclaration {
  /** Days after which no more late records are expected. */
  readonly deliveryLagDays: number | undefined;
  /** Share of requests that is logged, 0 < sampling <= 1. Under 1 no silence can be proven. */
  readonly sampling: number | undefined;
  readonly outages: readonly { readonly from: DayNumber; readonly to: DayNumber }[];
  /** False: its records carry no keys by design, and no key of the inventory is used there. */
  readonly carriesKeys: boolean | undefined;
  /** Its last day: afterwards nothing comes from it any more, and no key can be used there. */
  readonly retiredOn?: DayNumber | undefined;
}

/** For which days a source is known to be complete. */
export interface SourceCoverage {
  readonly source: string;
  readonly firstDay: DayNumber | undefined;
  readonly lastDay: DayNumber | undefined;
  /** Sorted, disjoint; within firstDay..asOf. Every day in none of them, from firstDay on, is covered. */
  readonly gaps: readonly Gap[];
  readonly coveredDays: number;
  readonly sampled: boolean;
  /** Nothing arrived lately although this source has a rhythm. */
  readonly silent: boolean;
  readonly faults: readonly Fault[];
  readonly quarantineShare: number;
  /** Kinds of keys that its records can show; undefined: declared to carry no keys. */
  readonly keyKinds: readonly KeyKind[] | undefined;
  /** Declared and past: its last day. Later days count as covered, unless records contradict that. */
  readonly retired?: { readonly on: DayNumber; readonly contradictedOn: DayNumber | undefined } | undefined;
}

// ---------------------------------------------------------------- evidence

/** Everything known of one key. */
export interface Evidence {
  /** The inventory's id, else `KeyRef.key`. */
  readonly key: string;
  readonly display: string;
  readonly kind: KeyKind;
  /** Absent: in traffic, in no inventory. */
  readonly entry: InventoryEntry | undefined;
  /** What inventories that were read before say of it, where several list its id. */
  readonly olderEntries?: readonly InventoryEntry[] | undefined;
  /**
   * When the key first stood in an inventory that had been read before without it: a key without creation date cannot be
   * older than that. Undefined for keys that stood there from the first reading on.
   */
  readonly listedSince: EpochMs | undefined;
  /** When we disabled or deleted the key: calls since then show who misses it. */
  readonly handedOffAt?: EpochMs | undefined;
  /**
   * When it was disabled or deleted: by us, by the date in its inventory, or at the latest when its inventory first said
   * so. Undefined: it is in force, or the inventory said so from its first reading on.
   */
  readonly disabledAt?: EpochMs | undefined;
  readonly callers: readonly Caller[];
  /**
   * Whether some key that the inventory describes in the same way was ever seen. If none was, its ids, digests or masked
   * forms may not be what the logs show, and that a key was never seen proves nothing.
   */
  readonly isMatchProven: boolean;
  /** Other keys or entries that this one cannot be told from (masked forms). Not empty: never safe. */
  readonly ambiguousWith: readonly string[];
}

/** One system's use of one key, in all sources. */
export interface Caller {
  readonly system: SystemRef;
  /** Where it was seen, sorted. */
  readonly sources: readonly string[];
  /** Days with accepted or failed calls. Sorted, each once. */
  readonly useDays: readonly DayNumber[];
  /** Days with refused calls. Sorted, each once. */
  readonly refusedDays: readonly DayNumber[];
  readonly totals: Totals;
}

/** `refused` is part of `requests`. */
export interface Totals {
  readonly requests: number;
  readonly refused: number;
  readonly firstSeenAt: EpochMs | undefined;
  /** Last accepted or failed call. */
  readonly lastUsedAt: EpochMs | undefined;
  readonly lastRefusedAt: EpochMs | undefined;
}

/** Calls of one caller on one day; `refused` is part of `requests`. */
export interface DayCalls {
  readonly day: DayNumber;
  readonly requests: number;
  readonly refused: number;
}

// ---------------------------------------------------------------- verdicts and report (schema lastcall.report/1)

export type Verdict = 'safe' | 'in-use' | 'waiting' | 'unknown';

export type FindingKind =
  | 'shadow'
  | 'zombie'
  | 'straddling'
  | 'revived'
  | 'silent-source'
  | 'provider-disagrees'
  | 'exemption-ended';

export type BlockerCode =
  | 'recent-use'
  | 'rhythm'
  | 'too-few-uses'
  | 'young-caller'
  | 'too-new'
  | 'never-used-watch'
  | 'refused-recently'
  | 'coverage-gap'
  | 'silent-source'
  | 'late-window'
  | 'quarantine'
  | 'unread-input'
  | 'sampled'
  | 'ambiguous-key'
  | 'unnamed-caller-moved'
  | 'no-created-at'
  | 'uncovered-source'
  | 'provider-disagrees'
  | 'clock'
  | 'exempt';

/** In a report, instants are ISO 8601 UTC with milliseconds and days are `YYYY-MM-DD`; null where there is none. */
export type Instant = string;
export type Day = string;

export interface Blocker {
  readonly code: BlockerCode;
  readonly text: string;
  readonly until: Day | null;
}

export interface Exemption {
  readonly reason: string;
  readonly until: Day | null;
}

export type SystemState = 'active' | 'quiet' | 'gone' | 'moved';

export interface Rhythm {
  /** For people: continuous, daily, weekly, monthly, quarterly, yearly, irregular, once. */
  readonly kind: string;
  readonly longestPauseDays: number;
  readonly requiredSilenceDays: number;
}

export interface SystemReport {
  readonly system: string;
  readonly state: SystemState;
  readonly movedTo: string | null;
  readonly firstSeenAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly requests: number;
  readonly refused: number;
  readonly silentDays: number | null;
  readonly silentCoveredDays: number | null;
  readonly rhythm: Rhythm | null;
  readonly safeOn: Day | null;
  readonly attribution: Attribution;
}

export interface KeyReport {
  readonly key: string;
  readonly label: string | null;
  readonly display: string;
  readonly owner: string | null;
  readonly createdAt: Instant | null;
  readonly status: KeyStatus | 'unlisted';
  readonly verdict: Verdict;
  /** Code of the blocker that decides, `no-blocker` when safe. */
  readonly reason: BlockerCode | 'no-blocker';
  readonly sentence: string;
  readonly safeOn: Day | null;
  readonly blockers: readonly Blocker[];
  readonly findings: readonly FindingKind[];
  readonly exemption: Exemption | null;
  readonly firstSeenAt: Instant | null;
  readonly lastUsedAt: Instant | null;
  readonly lastRefusedAt: Instant | null;
  readonly requests: number;
  readonly refused: number;
  readonly systems: readonly SystemReport[];
  readonly substitution: {
    readonly successor: string;
    readonly moved: readonly string[];
    readonly straddling: readonly string[];
    readonly remaining: readonly string[];
  } | null;
  /** Kept in memory for reporters that ask for it; no part of the schema. */
  readonly trace?: KeyTrace;
  /** With `--since`: what is new about it; no part of the schema either. */
  readonly since?: KeyChange;
}

/** `newly-safe`: it was not. `withdrawn`: it was safe. A finding: the key did not have it. */
export type ChangeKind = 'newly-safe' | 'withdrawn' | FindingKind;

export interface KeyChange {
  /** Null: the key was not known then. */
  readonly earlier: Verdict | null;
  /** Empty when nothing is new. */
  readonly changes: readonly ChangeKind[];
}

/** What is new of a source: days that prove nothing and did not then, or came after. */
export interface SourceChange {
  readonly source: string;
  readonly fellSilent: boolean;
  readonly newGaps: readonly ReportedGap[];
}

/** With `--since`: what the report is compared with, and what has changed. */
export interface Since {
  readonly scan: number;
  readonly asOf: Instant;
  readonly keys: Readonly<Partial<Record<ChangeKind, number>>>;
  /** Keys of which something is new, by what `--fail-on` calls it. */
  readonly alarms: Readonly<Partial<Record<Verdict | FindingKind, number>>>;
  /** Only those of which something is new. */
  readonly sources: readonly SourceChange[];
}

/** What was said of a source in an earlier report. */
export type EarlierSource = Pick<SourceReport, 'source' | 'state' | 'gaps'>;

/** What the logs and the inventories show of a key, for reporters that draw it or point at it. */
export interface KeyTrace {
  /** Where an inventory lists it: file and 1-based row (line of a CSV file, item of a JSON list). */
  readonly listed: { readonly file: string; readonly row: number } | null;
  /** The sources that could have shown it. */
  readonly sources: readonly string[];
  /** One for each of its systems, in the order of the report. */
  readonly callers: readonly CallerTrace[];
}

export interface CallerTrace {
  /** Where it was seen, or may be: only gaps of these sources matter for it. */
  readonly sources: readonly string[];
  readonly used: DayRuns;
  readonly refused: DayRuns;
}

/** Days as runs: the first one, how many in a row, how many without, how many in a row, and so on. */
export type DayRuns = readonly number[];

/** `silent`: it has a rhythm, and nothing arrives any more. `retired`: declared, and so it is. */
export type SourceState = 'active' | 'silent' | 'retired';

export interface SourceReport {
  readonly source: string;
  readonly format: string;
  readonly state: SourceState;
  readonly firstAt: Instant | null;
  readonly lastAt: Instant | null;
  readonly records: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly bytes: number;
  /** Checked for each log in each run. */
  readonly account?: ByteAccount | undefined;
  readonly coveredDays: number;
  readonly gaps: readonly ReportedGap[];
}

/** Days that prove nothing; `to` is one of them. */
export interface ReportedGap {
  readonly from: Day;
  readonly to: Day;
  readonly reason: GapReason;
}

/** Session credentials (AWS STS and the like): counted per issuing role or user, since they cannot be deleted. */
export interface SessionReport {
  readonly issuer: string;
  readonly credentials: number;
  readonly requests: number;
  readonly lastUsedAt: Instant | null;
}

export interface Summary {
  readonly keys: number;
  readonly safe: number;
  readonly inUse: number;
  readonly waiting: number;
  readonly unknown: number;
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
  readonly records: number;
  readonly quarantined: number;
}

export interface Report {
  readonly schema: 'lastcall.report/1';
  readonly tool: { readonly name: 'lastcall'; readonly version: string };
  readonly generatedAt: Instant;
  readonly asOf: Instant;
  readonly database: { readonly id: string; readonly scan: number };
  readonly summary: Summary;
  readonly sources: readonly SourceReport[];
  readonly sessions: readonly SessionReport[];
  readonly keys: KeyReports;
  /** Only with `--since`; no part of the schema. */
  readonly since?: Since;
}

/** Sorted by verdict, then id. Can be walked through again and again; a large audit keeps them on disk. */
export interface KeyReports extends Iterable<KeyReport> {
  readonly length: number;
  /** The rows of a reporter, in the same order, where they were made while the keys were judged. */
  readonly rows?: (reporter: string) => Iterable<string> | undefined;
}

/** What the last audit said, in short: kept beside the verdicts for `lastcall status`. */
export interface Glance {
  readonly scan: number;
  readonly asOf: Instant;
  readonly summary: Summary;
  /** How many of the safe keys are disabled, and deleted, and the first ones that are in force. */
  readonly disabled: number;
  readonly deleted: number;
  readonly safe: readonly KeyGlance[];
  /** Waiting keys that become safe within `days`: how many, and the soonest. */
  readonly nearly: { readonly days: number; readonly keys: number; readonly soonest: readonly KeyGlance[] };
  /** Keys of which nothing can be known, by what decides. */
  readonly unknown: Readonly<Partial<Record<BlockerCode, number>>>;
  readonly sources: { readonly count: number; readonly silent: number; readonly worst: readonly SourceGlance[] };
}

export type KeyGlance = Pick<KeyReport, 'key' | 'label' | 'display' | 'safeOn'>;

/** `openDays`: days that prove nothing, of those since its first record. */
export interface SourceGlance extends Pick<SourceReport, 'source' | 'state' | 'lastAt' | 'coveredDays'> {
  readonly openDays: number;
}

// ---------------------------------------------------------------- explain

/** The evidence behind one verdict, for `lastcall explain`. */
export interface Explanation {
  readonly schema: 'lastcall.explanation/1';
  readonly tool: { readonly name: 'lastcall'; readonly version: string };
  readonly asOf: Instant;
  readonly key: KeyReport;
  /** One strip per caller over the whole history, first day .. asOf; those that keep the key longest come first. */
  readonly from: Day;
  readonly to: Day;
  readonly callers: readonly {
    readonly system: string;
    readonly attribution: Attribution;
    /** Where it was seen, or may be: only gaps of these sources matter for it. */
    readonly sources: readonly string[];
    /** Requests per day, only days that have some; `refused` is part of `requests`. */
    readonly days: readonly { readonly day: Day; readonly requests: number; readonly refused: number }[];
    /** Where it sends the key, by source. */
    readonly places: readonly KeyPlace[];
    /** The rules that led to `requiredSilenceDays`, in order, as sentences with their numbers. */
    readonly rules: readonly string[];
  }[];
  /** How long a key that nobody ever used has been watched; null when it was used. */
  readonly watch: { readonly sources: readonly string[]; readonly rules: readonly string[] } | null;
  readonly gaps: readonly {
    readonly source: string;
    readonly from: Day;
    readonly to: Day;
    readonly reason: GapReason;
  }[];
  /** The successor, declared or discovered, what is to be said of it, and which systems moved. */
  readonly substitution: readonly string[];
  /** How far each system is on its way to the successor; those that are gone are left out. Empty without a successor. */
  readonly migration: readonly SystemMigration[];
  /** In which constants the policy of this key is stricter than that of all keys, as texts with both numbers. */
  readonly stricterPolicy: readonly string[];
  /** What would change the verdict, as sentences. */
  readonly whatWouldChangeIt: readonly string[];
}

export interface SystemMigration {
  readonly system: string;
  /** `straddling`: it calls with both keys. `remaining`: it calls with this one only. */
  readonly standing: 'moved' | 'straddling' | 'remaining';
  /** First day with the successor; null: never. */
  readonly since: Day | null;
  readonly lastUsedOn: Day | null;
  /** When it no longer keeps this key if it stops today; null when it keeps it no more. */
  readonly safeOn: Day | null;
  /** Where it sends the key that it still has to replace, by source. */
  readonly places: readonly KeyPlace[];
}

/** Where a caller sends a key: a path of the field map, a parameter of the query, a cookie. */
export interface KeyPlace {
  readonly source: string;
  readonly place: string;
  /** False: it is not known of its calls, and this is where records of the source may carry keys. */
  readonly seen: boolean;
}

// ---------------------------------------------------------------- backtest

/** The stored history replayed against the policy, for `lastcall backtest`. */
export interface Backtest {
  readonly schema: 'lastcall.backtest/1';
  readonly tool: { readonly name: 'lastcall'; readonly version: string };
  readonly asOf: Instant;
  /** The history that was replayed. */
  readonly historyDays: number;
  /** First and last day of judgement; null when the history is too short for any. */
  readonly from: Day | null;
  readonly to: Day | null;
  readonly everyDays: number;
  readonly audits: number;
  readonly keys: number;
  /** The policy first, then the fixed-day rules. */
  readonly rules: readonly BacktestRule[];
  /** Of the policy, by day of the verdict, then id. */
  readonly misses: readonly BacktestMiss[];
  /** What these figures do and do not show, as sentences. */
  readonly notes: readonly string[];
}

/** What one rule would have done. Rates are shares, from 0 to 1; null when there was no verdict. */
export interface BacktestRule {
  readonly rule: 'policy' | 'no-use';
  /** Of `no-use`: the days without use after which a key counts as dead. */
  readonly days: number | null;
  /** Keys that it called safe for the first time. */
  readonly firstVerdicts: number;
  /** Those of them that were used later. */
  readonly misses: number;
  readonly missRate: number | null;
  /** With 95 % confidence the rate is not higher (Clopper-Pearson). */
  readonly missRateAtMost: number | null;
  /** From the last use to the verdict, median over the keys that were used before. */
  readonly medianDaysToSafe: number | null;
}

/** A key that the policy called safe and that was used later. */
export interface BacktestMiss {
  readonly key: string;
  readonly label: string | null;
  readonly display: string;
  readonly owner: string | null;
  readonly safeOn: Day;
  /** As it stood in the report of that day. */
  readonly sentence: string;
  /** The first day of use after the verdict, and who called. */
  readonly usedOn: Day;
  readonly systems: readonly string[];
}
