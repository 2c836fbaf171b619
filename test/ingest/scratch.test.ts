import { expect, it } from 'vitest';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { newLab, readOnce } from './harness.ts';
import { jsonLog, jsonLine, trail, trailEvent, gzip, zstd } from './made-logs.ts';
const S = { source: 'g' };
it('base', async () => { console.log(process.version); console.log(await readOnce({ 'a.log': jsonLog(0, 10) })); });
it('growing gz, small beside large plain', async () => {
  const log = jsonLog(0, 3000); const gz = gzip(log);
  const lab = newLab();
  lab.write('a.log', log); lab.write('b.gz', gz.subarray(0, 3000));
  const one = await readOnce({ 'a.log': log }, S);
  await lab.read(undefined, S);
  const d1 = lab.dump();
  lab.write('b.gz', gz); await lab.read(undefined, S);
  const d2 = lab.dump();
  console.log('GZ', one.sources, d1.sources, d1.faults, d2.sources, d2.faults);
});
it('plain shrinks', async () => {
  const log = jsonLog(0, 700);
  const lab = newLab(); lab.write('a.log', log); await lab.read(undefined, S);
  console.log('SHRINK', log.length, lab.dump().sources);
  lab.write('a.log', log.slice(0, 60000)); await lab.read(undefined, S);
  console.log(lab.dump().sources, lab.faults());
});
it('rotation, same head', async () => {
  const lab = newLab(); const header = 'time,key,user_agent,ip,status,path,some_long_column_to_make_the_header_big_enough_for_a_head_of_128_bytes_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n';
  const row = (n: number) => `2026-09-0${n}T00:00:00Z,example-key-1,curl,10.0.0.1,200,/,x\n`;
  lab.write('a.csv', header + row(1)); await lab.read(undefined, S); console.log('CSV', lab.dump().sources, header.length);
  lab.move('a.csv', 'a.csv.1'); lab.write('a.csv', header + row(2)); const r = await lab.read(undefined, S);
  console.log(lab.dump().sources, lab.faults(), r.problems);
  await lab.read(undefined, S); console.log(lab.dump().sources, lab.faults());
});
it('stdin', async () => {
  const lab = newLab(); const log = jsonLog(0, 10);
  const pipe = (t: string) => lab.read(['-'], { ...S, stdin: [Buffer.from(t)] });
  await pipe(log.trimEnd()); console.log('STDIN', lab.dump().sources);
  await pipe(log + jsonLog(10, 12)); console.log('longer', lab.dump().sources);
  await pipe(jsonLog(0, 5)); console.log('shorter', lab.dump().sources);
});
it('appended gz member mid-line', async () => {
  const lab = newLab(); const log = jsonLog(0, 10);
  const a = gzip(log.slice(0, 500)), b = gzip(log.slice(500));
  lab.write('a.gz', a); await lab.read(undefined, S); lab.append('a.gz', b); await lab.read(undefined, S);
  console.log('MEMBER', lab.dump().sources, lab.dump().skips);
});
it('truncated plain doc', async () => {
  const lab = newLab(); const doc = trail([1,2,3,4,5]);
  lab.write('a.json', doc.slice(0, doc.length - 300)); const r = await lab.read(undefined, S);
  console.log('TRUNC', lab.dump(), r);
});
it('other docs', async () => {
  const d = await readOnce({ 'a.json': trail([1,2,3]) + '\n' + JSON.stringify(trailEvent(4)) + '\n' + JSON.stringify({Events:[trailEvent(5)]}) + JSON.stringify({Records:[[trailEvent(6)], JSON.stringify(trailEvent(7)), 5, null]})}, S);
  console.log('DOCS', d);
});
it('bom', async () => {
  const csv = 'time,key,status\n2026-09-01T00:00:00Z,example-key-1,200\n2026-09-01T00:00:00Z,example-key-1,200\n';
  console.log('BOM', await readOnce({ 'a.csv': csv }, S), await readOnce({ 'a.csv': '\ufeff' + csv }, S));
  const cl = '10.0.0.1 - bob [10/Oct/2026:13:55:36 +0000] "GET /?api_key=example-key-1 HTTP/1.1" 200 2326 "-" "curl/8"\n'.repeat(3);
  console.log('BOMCL', await readOnce({ 'a.log': cl }, S), await readOnce({ 'a.log': '\ufeff' + cl }, S));
});
it('nul hole > 8MB', async () => {
  console.log('NUL', await readOnce({ 'a.log': Buffer.concat([Buffer.from(jsonLog(0,3)), Buffer.alloc(9*1024*1024), Buffer.from(jsonLog(3, 6))]) }, S));
});
it('interrupted between rotated', async () => {
  const lab = newLab(); lab.write('a.log', jsonLog(0, 10)); await lab.read(undefined, S);
  lab.move('a.log', 'a.log.1'); lab.write('a.log', jsonLog(20, 30));
  let asked = 0; await lab.read(undefined, { ...S, isInterrupted: () => ++asked > 1 });
  console.log('INT', lab.faults()); await lab.read(undefined, S); console.log(lab.faults(), lab.dump().sources);
});
it('dup order', async () => {
  const t = trail([1,2,3]).slice(0, -400); 
  const a = await readOnce({ 'a.json': t, 'b.json': trail([1,7]) }, S);
  const b = await readOnce({ 'b.json': t, 'a.json': trail([1,7]) }, S);
  console.log('DUP', a.uses, b.uses);
});
