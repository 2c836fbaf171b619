import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Backtest } from '../../src/model.ts';
import { renderBacktest } from '../../src/reporters/backtest.ts';
import { backtestSchema } from '../../src/reporters/backtest-schema.ts';
import { renderBacktestJson } from '../../src/reporters/json.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { ciCommands, firstHazard, withoutColor } from './hazards.ts';
import { HOSTILE_STRINGS } from './hostile.ts';
import { hostileBacktest, sampleBacktest } from './sample-backtest.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
const isBacktest = ajv.compile(backtestSchema);

describe('a backtest', () => {
  it.each([60, 120])('looks as it should at %i columns', async (columns) => {
    await expect(render(sampleBacktest(), columns)).toMatchFileSnapshot(`goldens/backtest-${columns}.txt`);
  });

  it('says so when the history is too short', () => {
    const text = render(sampleBacktest({ historyDays: 5, audits: 0, from: null, to: null, misses: [] }), 80);
    expect(text).toContain('too short for a judgement');
    expect(text).not.toContain('USED LATER');
  });

  it('colours only when asked, with the same words', () => {
    const colored = [...renderBacktest(sampleBacktest(), { columns: 80, color: true })].join('');
    expect(colored).not.toBe(render(sampleBacktest(), 80));
    expect(withoutColor(colored)).toBe(render(sampleBacktest(), 80));
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('is inert and fits with %j', (_, text) => {
    for (const columns of [60, 80, 120, 240]) {
      const output = render(hostileBacktest(text), columns);
      expect(firstHazard(output)).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
      for (const line of output.split('\n')) if (displayWidth(line) > columns) expect.fail(`${columns}: ${line}`);
    }
  });
});

describe('the JSON of a backtest', () => {
  it.each([
    ['whole', sampleBacktest()],
    ['too short', sampleBacktest({ historyDays: 0, audits: 0, from: null, to: null, misses: [] })],
  ])('is valid and says what the backtest says: %s', (_, backtest) => {
    const text = [...renderBacktestJson(backtest)].join('');
    expect(JSON.parse(text)).toEqual(backtest);
    expect(text).toBe(`${JSON.stringify(backtest, null, 2)}\n`);
    expect(isBacktest(JSON.parse(text)), ajv.errorsText(isBacktest.errors)).toBe(true);
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))(
    'is inert with %j, and loses nothing',
    (_, text) => {
      const output = [...renderBacktestJson(hostileBacktest(text))].join('');
      expect(firstHazard(output)).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
      expect(JSON.parse(output)).toEqual(hostileBacktest(text));
    },
  );
});

function render(backtest: Backtest, columns: number): string {
  return [...renderBacktest(backtest, { columns, color: false })].join('');
}
