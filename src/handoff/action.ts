import { compileGlob } from '../attribution/glob.ts';
import type { HandoffAction, HandoffProvider } from '../config/config.ts';
import type { InventoryEntry } from '../model.ts';
import type { DriverKey } from './driver-module.ts';
import { columnOf } from '../verdicts/entry-columns.ts';

/** What is to be done about one key, with its own words in place, or why it must not be done. */
export type FilledAction =
  | { readonly by: 'driver'; readonly module: string; readonly key: DriverKey }
  | { readonly by: 'command'; readonly command: readonly [string, ...string[]] }
  | { readonly by: 'hand'; readonly steps: readonly string[] }
  | { readonly by: 'nobody'; readonly problem: string };

/** The first of the configured ways to hand over that is meant for this key. */
export function providerOf(entry: InventoryEntry, providers: readonly HandoffProvider[]): HandoffProvider | undefined {
  return providers.find(({ match }) =>
    Object.entries(match).every(([column, glob]) => {
      const value = columnOf(entry, column);
      return value !== undefined && compileGlob(glob)(value);
    }),
  );
}

/**
 * Puts the id of a key and columns of its inventory into an action. A program must not take them for anything else: no
 * flag, address of a file, other path or second line.
 */
export function fillAction(action: HandoffAction, entry: InventoryEntry): FilledAction {
  if (action.by === 'driver') return { by: 'driver', module: action.module, key: driverKeyOf(entry) };
  const problems: string[] = [];
  const isCommand = action.by === 'command';
  const fill = (template: string): string =>
    template.replaceAll(PLACEHOLDER, (whole, name: string) => {
      const value = columnOf(entry, name === 'keyId' ? 'id' : name.slice('column.'.length));
      const problem = value === undefined ? 'is not in the inventory' : problemOf(value, template !== whole);
      if (problem !== undefined) problems.push(`${name === 'keyId' ? 'the id of the key' : name} ${problem}`);
      return value ?? '';
    });
  const words = (isCommand ? action.command : action.steps).map(fill);
  if (problems[0] !== undefined) return { by: 'nobody', problem: problems[0] };
  const [program = '', ...rest] = words;
  return isCommand ? { by: 'command', command: [program, ...rest] } : { by: 'hand', steps: words };
}

function driverKeyOf({ id, label, owner, source, metadata }: InventoryEntry): DriverKey {
  return { id, label, owner, source, columns: metadata };
}

/** An action in words that a shell could be given, or a person. */
export function wordsOf(action: Exclude<FilledAction, { readonly by: 'nobody' }>): readonly string[] {
  if (action.by === 'driver') return ['driver', action.module, action.key.id];
  return action.by === 'command' ? action.command : action.steps;
}

/** What is wrong with a text as an argument; undefined if nothing. */
export function problemOf(value: string, isPart: boolean): string | undefined {
  if (value.startsWith('-')) return 'begins with "-", which programs take for a flag';
  if (/\p{C}|\p{Zl}|\p{Zp}/u.test(value)) return 'holds characters that cannot be seen';
  if (!PLAIN.test(value)) return 'holds characters that a program may take for more than an id';
  if (value.includes('..') || value.includes('://')) return 'looks like a path or an address';
  if (isPart && value.includes('/')) return 'holds "/", so it can only be an argument of its own';
  return undefined;
}

const PLACEHOLDER = /\{(keyId|column\.[^{}]+)\}/g;
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:@+=,~/-]{0,254}$/;
