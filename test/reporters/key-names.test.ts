import { describe, expect, it } from 'vitest';
import { listKeys, namesApart } from '../../src/reporters/key-names.ts';
import { firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS } from './hostile.ts';
import { sampleKey } from './sample-report.ts';

describe('names that stand alone', () => {
  const [one, other] = ['k_0123456789abcdef0123', 'k_ba9876543210ba987654'];

  it('tell two keys of one display or one label apart by the start of their ids', () => {
    expect(namesApart([one, other].map((key) => sampleKey({ key, display: 'sk_...4242' })))).toEqual([
      'sk_...4242 (k_01234567)',
      'sk_...4242 (k_ba987654)',
    ]);
    const labelled = [sampleKey({ key: 'a', label: 'Billing' }), sampleKey({ key: 'b', label: 'Billing' })];
    expect(namesApart([...labelled, sampleKey({ key: other, label: 'Export' })])).toEqual([
      'Billing (a)',
      'Billing (b)',
      'Export',
    ]);
  });

  it('are the id where nothing is shown of a key, and say so of all that are redacted', () => {
    expect(namesApart([sampleKey({ key: 'deploy', label: null, display: '...' })])).toEqual(['deploy']);
    expect(namesApart([sampleKey({ key: 'masked:...', label: null, display: '...' })])[0]).toMatch(/^redacted key/);
  });

  it('say an id that is all that is known once', () => {
    expect(namesApart([sampleKey({ key: 'AKIAEXAMPLE', display: 'AKIAEXAMPLE' })])).toEqual(['AKIAEXAMPLE']);
  });
});

describe('a list of keys', () => {
  it('shows id, label and what is shown of each, under each other', () => {
    const keys = [
      sampleKey({ key: 'payroll', label: 'Reports', display: 'sk_...0001' }),
      sampleKey({ key: 'k_0123456789abcdef0123', label: null, display: 'sk_...0002' }),
      sampleKey({ key: 'jp', label: '請求書', display: 'sk_...0003' }),
    ];
    expect(listKeys(keys)).toEqual([
      'payroll                 Reports  sk_...0001',
      'k_0123456789abcdef0123  -        sk_...0002',
      'jp                      請求書   sk_...0003',
    ]);
  });

  it('cuts no id, and says how many are left out', () => {
    const id = 'x'.repeat(100);
    const keys = Array.from({ length: 12 }, () => sampleKey({ key: id, label: 'y'.repeat(100) }));
    const lines = listKeys(keys);
    expect(lines[0]).toContain(`${id}  ${'y'.repeat(39)}…`);
    expect(lines.slice(10)).toEqual(['and 2 more']);
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('is inert with %j', (_, text) => {
    const [line = ''] = listKeys([sampleKey({ key: text, label: text, display: text })]);
    expect(firstHazard(line)).toBeUndefined();
  });
});
