import { kindOfPublicId } from '../attribution/credentials.ts';
import { keyTextsIn } from '../attribution/key-texts.ts';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { KeyRef } from '../model.ts';
import type { Interpretation } from './interpret.ts';

/**
 * Finds what may be keys in the text of an unreadable record: far too many, most of them of no key that there is. Gives
 * fingerprints, and what is public by its looks: a thread may hand them on.
 */
export function keyFinder({ resolveKey }: Pick<Interpretation, 'resolveKey'>): (text: string) => readonly KeyRef[] {
  return (text) =>
    [...keyTextsIn(text)]
      .flatMap((one) => resolveKey({ text: one, kind: kindOfPublicId(one) === 'public_id' ? 'secret' : 'public' }))
      .map(({ ref }) => ref);
}

/** Those that inventories list. What is another form of a key that is there as well says nothing new. */
export function listedAmong(found: readonly KeyRef[], ledger: Pick<Ledger, 'isListed'>): readonly KeyRef[] {
  const exact = new Set(found.map(({ key }) => key).filter((key) => ledger.isListed({ key })));
  return found.filter((one) => {
    const isOther = one.forms?.some((form) => exact.has(form)) !== true;
    return exact.has(one.key) || (isOther && ledger.isListed(one));
  });
}
