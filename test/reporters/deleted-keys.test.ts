import { expect, test } from 'vitest';
import type { Reporter } from '../../src/reporters/reporter.ts';
import { html } from '../../src/reporters/html.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { ocsf } from '../../src/reporters/ocsf.ts';
import { prometheus } from '../../src/reporters/prometheus.ts';
import { sarif } from '../../src/reporters/sarif.ts';
import { table } from '../../src/reporters/table.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

// A key that was deleted and is not called is safe, and there is nothing left to do about it.

const GONE = sampleKey({ key: 'k_gone', label: 'gone', verdict: 'safe', reason: 'no-blocker', status: 'deleted' });
const LEFT = sampleKey({ key: 'k_left', label: 'left', verdict: 'safe', reason: 'no-blocker', status: 'active' });

test('the table names what can be deleted, and counts what is deleted beside it', () => {
  const text = render(table, [GONE, LEFT]);
  expect(text).toContain('can be deleted today: left; 1 deleted already');
  expect(text.indexOf('k_left')).toBeLessThan(text.indexOf('k_gone'));
  expect(render(table, [GONE])).toContain('nothing can be deleted today; 1 deleted already');
});

test('a disabled key is not counted with those that can be deleted today', () => {
  const off = sampleKey({ key: 'k_off', label: 'off', verdict: 'safe', reason: 'no-blocker', status: 'disabled' });
  const text = render(table, [GONE, off, LEFT]);
  expect(text).toContain(
    'can be deleted today: left; 1 disabled: lastcall plan says when it can go; 1 deleted already',
  );
  expect(text.indexOf('k_off')).toBeLessThan(text.indexOf('k_gone'));
  expect(render(table, [off])).toMatch(/safe +1 +1 disabled: lastcall plan says when it can go\n/);
  const page = render(html, [GONE, off, LEFT]);
  expect(page).toContain('<strong>1</strong> can be deleted today');
  expect(page).toContain('all 3</a>, 1 of them disabled, 1 of them deleted already');
});

test('the page counts what can be deleted, and says how many of the safe keys are deleted', () => {
  const text = render(html, [GONE, LEFT]);
  expect(text).toContain('<strong>1</strong> can be deleted today');
  expect(text).toContain('all 2</a>, 1 of them deleted already');
  expect(text).not.toContain('<a href="#key=k_gone">');
});

test('Markdown marks it', () => {
  const text = render(markdown, [GONE, LEFT]);
  expect(text).toContain('**2 safe** (1 deleted already), ');
  expect(text).toContain('| safe, deleted | `gone` `k_gone`');
});

test('the gauges have the safe keys, and those that can be deleted', () => {
  const text = render(prometheus, [GONE, LEFT]);
  expect(text).toContain('lastcall_keys{verdict="safe"} 2\n');
  expect(text).toContain('lastcall_deletable_keys 1\n');
});

test.each([sarif, ocsf])('nobody is told by $name to delete it', (reporter) => {
  const text = render(reporter, [GONE, LEFT]);
  expect(text).toContain('k_left');
  expect(text).not.toContain('k_gone');
});

function render(reporter: Reporter, keys: ReturnType<typeof sampleReport>['keys']): string {
  return [...reporter.render(sampleReport({ keys }), { columns: 120, color: false })].join('');
}
