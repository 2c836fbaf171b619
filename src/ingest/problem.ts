/** Something that the user should mend; the rest of the run goes on. */
export interface Problem {
  readonly file: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Input stays unread because of it. */
  readonly isIncomplete: boolean;
}
