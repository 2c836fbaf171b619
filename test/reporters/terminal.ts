import { type ITerminalAddon, Terminal } from '@xterm/headless';

/** What a terminal made of an output. */
export interface Shown {
  /** Its rows, one for each line that was written. */
  readonly rows: readonly string[];
  /** Whatever else it was made to do: bells, answers, titles, cursors moved, other screens. */
  readonly acted: readonly string[];
}

/** Writes the lines to a terminal that is wide enough for them. */
export async function showOnTerminal(lines: readonly string[], columns = 250): Promise<Shown> {
  const terminal = new Terminal({ cols: columns, rows: lines.length + 1, allowProposedApi: true, convertEol: true });
  const acted: string[] = [];
  const hear = (event: string) => () => void acted.push(event);
  terminal.loadAddon({
    activate: (one) => {
      one.onBell(hear('bell'));
      one.onData(hear('answer'));
      one.onTitleChange(hear('title'));
      for (const final of 'ABCDEFGHJKLMPSTXZabcdefghlmnpqrstu')
        one.parser.registerCsiHandler({ final }, seen(acted, `CSI ${final}`));
      for (const id of [0, 1, 2, 4, 8, 9, 10, 50, 52, 1337])
        one.parser.registerOscHandler(id, seen(acted, `OSC ${id}`));
    },
    dispose: () => {},
  } satisfies ITerminalAddon);
  await new Promise<void>((done) => terminal.write(lines.join('\n'), done));
  const { active } = terminal.buffer;
  const rows = lines.map((_, row) => active.getLine(row)?.translateToString(true) ?? '');
  if (active.type !== 'normal') acted.push('another screen');
  terminal.dispose();
  return { rows, acted };
}

function seen(acted: string[], event: string): () => boolean {
  return () => {
    acted.push(event);
    return false;
  };
}
