/** Whether a log wrote this in place of a key: `-`, `[REDACTED]`, `***`, `null` and the like. */
export function isPlaceholder(text: string): boolean {
  return text.length <= 64 && PLACEHOLDER.test(text);
}

/** Whether a text may be a key by its looks: 16 characters at least, with digits or letters of both cases. */
export function looksLikeKey(text: string): boolean {
  if (text.length < 16 || !/^[A-Za-z0-9_.~-]+$/.test(text)) return false;
  return /\d/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text));
}

const PLACEHOLDER =
  /^(?:[-*•.…xX]*|[[<({]*(?:redacted|filtered|masked|hidden|removed|sanitized|null|nil|none|undefined|empty)[\])>}]*)$/i;
