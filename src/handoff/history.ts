import { isoInstant, isoInstantOrNull } from '../verdicts/calendar.ts';
import { callText } from './next-step.ts';
import type { Tool } from './permit.ts';
import type { HandoffHistory, MissedKey } from './results.ts';
import { type LedgerEntry, progressOf } from './steps.ts';

/** The ledger for people and programs, and how far each key has come. */
export function historyOf(
  entries: readonly LedgerEntry[],
  missed: readonly MissedKey[],
  brokenAt: number | null,
  tool: Tool,
): HandoffHistory {
  return {
    schema: 'lastcall.handoffs/1',
    tool,
    brokenAt,
    keys: [...progressOf(entries)].map(([key, { entry, status, since, pending }]) => ({
      key,
      label: entry.label ?? null,
      status: status ?? 'untouched',
      since: status === undefined ? null : isoInstantOrNull(since),
      undecided: pending?.step ?? null,
      calls: missed.find((one) => one.key === key)?.calls ?? [],
    })),
    lines: entries.map((line) => ({
      seq: line.seq,
      at: isoInstant(line.at),
      kind: line.kind,
      plan: line.plan === '' ? null : line.plan,
      key: line.key,
      text: textOf(line),
    })),
  };
}

function textOf(line: LedgerEntry): string {
  switch (line.kind) {
    case 'plan': {
      const { count, expiresAt, forced } = line.body;
      const why = forced === null ? '' : `, forced: ${forced}`;
      return `${count} ${count === 1 ? 'permit' : 'permits'} until ${isoInstant(expiresAt)}${why}`;
    }
    case 'intent':
      return `about to ${line.body.step}, confirmed by ${line.body.confirmedBy}: ${line.body.command.join(' ')}`;
    case 'outcome':
      return `${line.body.result}: ${line.body.detail}`;
    case 'call':
      return line.body.calls.map(callText).join('; ');
    case 'decision':
      return line.body.decision;
    default:
      return line satisfies never;
  }
}
