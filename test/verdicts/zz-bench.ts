import { audit } from '/work/main/src/verdicts/audit.ts';
import { every, key, logs, system, world, noonOf, daily, worldOf } from '/work/main/test/verdicts/history.ts';
const N = 100_000;
const evidence = Array.from({ length: N }, (_, i) => key(
  [0,1,2].map((c) => system(`s${(i*3+c) % 50_000}`, { used: (i % 4 === 0) ? daily(400, i % 60) : every(1 + (i % 31), 700, i % 300), source: c === 0 ? 'gateway' : 'eu' })), {}, { key: 'k' + i }));
const rows = evidence.reduce((s, e) => s + e.callers.reduce((t, c) => t + c.days.length, 0), 0);
const byKey = new Map(evidence.map((e) => [e.key, e]));
const bySystem = new Map<string, string[]>();
for (const e of evidence) for (const c of e.callers) { let l = bySystem.get(c.system.name); if (!l) bySystem.set(c.system.name, l = []); l.push(e.key); }
const w = world([logs(800), logs(800, [], { source: 'eu' })], { others: (k) => byKey.get(k), keysOf: (s) => bySystem.get(s) ?? [] });
const t = performance.now();
const r = audit(evidence, w);
console.log(N, 'keys', rows, 'rows', Math.round(performance.now() - t), 'ms', r[0]!.verdict, Math.round(process.memoryUsage().heapUsed / 1e6), 'MB');
