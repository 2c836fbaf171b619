import { inert } from './inert.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Untrusted text for an element or a quoted attribute: shown as it is, and inert. */
export function escapeHtml(text: string): string {
  return inert(text).replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
