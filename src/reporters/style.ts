import type { Verdict } from '../model.ts';

/** What a piece of text is; the colour follows. */
export type Style = Verdict | 'strong' | 'faint' | 'alarm';

/** Colours text, or leaves it as it is. */
export type Paint = (text: string, style?: Style) => string;

const SGR: Readonly<Record<Style, readonly [number, number]>> = {
  safe: [32, 39],
  'in-use': [36, 39],
  waiting: [33, 39],
  unknown: [35, 39],
  strong: [1, 22],
  faint: [2, 22],
  alarm: [31, 39],
};

/** Returns the paint for a view with or without colours. Words and signs carry the meaning; colour only repeats it. */
export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, style) => {
    if (style === undefined || text === '') return text;
    const [on, off] = SGR[style];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  };
}
