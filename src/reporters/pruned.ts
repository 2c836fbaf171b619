import { plural, size } from './figures.ts';

/** `1,234 ids of events before 2026-08-25 removed; the database went from 1.2 GB to 310 MB` */
export function renderPruned(
  { eventIds, bytesBefore, bytesAfter }: { readonly [figure in 'eventIds' | 'bytesBefore' | 'bytesAfter']: number },
  before: string,
): string {
  if (eventIds === 0) return `nothing to remove: there are no ids of events before ${before}\n`;
  const database = bytesAfter < bytesBefore ? `went from ${size(bytesBefore)} to` : 'stays at';
  return `${plural(eventIds, 'id')} of events before ${before} removed; the database ${database} ${size(bytesAfter)}\n`;
}
