/**
 * What the user can mend: a code, what happened and where, lines that list what is meant, and a hint for the next step.
 * Everything else is a bug.
 */
export class LastcallError extends Error {
  override readonly name = 'LastcallError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }
}

/**
 * What the file system refused where nobody said what it means: mostly a directory that this user may not enter.
 * Undefined for other errors, and for a file that is missing, which is for its reader to say.
 */
export function refusedByFiles(error: unknown): LastcallError | undefined {
  const { code, path, syscall } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (code === undefined || code === 'ENOENT' || path === undefined || syscall === undefined) return undefined;
  return new LastcallError('usage', `"${path}" cannot be reached (${code})`, {
    hint: 'May this user enter its directory, and read or write there?',
    cause: error,
  });
}

export type ErrorCode = keyof typeof EXIT_CODE_OF_ERROR;

/** 2: refused before work. 3: the evidence is incomplete. 4: another run holds the database. 5: storage failure. 6: plan refused. */
export const EXIT_CODE_OF_ERROR = {
  usage: 2,
  config: 2,
  inventory: 2,
  input: 2,
  secret: 2,
  database: 2,
  locked: 4,
  incomplete: 3,
  storage: 5,
  plan: 6,
} as const;

/** The worst code wins, in this order. */
const SEVERITY = [0, 1, 3, 6, 2, 4, 5] as const;
export type ExitCode = (typeof SEVERITY)[number];

/** Returns the worse of two exit codes: 5 > 4 > 2 > 6 > 3 > 1 > 0. */
export function worseExit(a: ExitCode, b: ExitCode): ExitCode {
  return SEVERITY.indexOf(a) >= SEVERITY.indexOf(b) ? a : b;
}
