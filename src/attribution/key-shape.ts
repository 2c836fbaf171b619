/** Whether a log wrote this where no key was sent: `-`, `null` and the like. */
export function isAbsent(text: string): boolean {
  return text.length <= 64 && ABSENT.test(text);
}

/** Whether a log wrote this in place of a key that was sent: `[REDACTED]`, `***`, an empty list of values. */
export function isRedacted(text: string): boolean {
  return text.length <= 200 && REDACTED.test(text);
}

/** Whether a text may be a key by its looks: 16 characters at least, with digits or letters of both cases. */
export function looksLikeKey(text: string): boolean {
  if (text.length < 16 || !/^[A-Za-z0-9_.~-]+$/.test(text)) return false;
  return /\d/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text));
}

const ABSENT = /^(?:[-.]*|x{1,2}|[[<({]*(?:null|nil|none|undefined|empty)[\])>}]*)$/i;
const REDACTED =
  /^(?:\[\]|-*[*•…][-*•.…]*|\.{2,}|x{3,}|[[<({*]*(?:redacted|filtered|masked|hidden|removed|sanitized|scrubbed|obfuscated|omitted)[\])>}*]*)$/i;
