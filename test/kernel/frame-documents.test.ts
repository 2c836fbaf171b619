import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameDocuments } from '../../src/kernel/frame-documents.ts';
import { every, frame, type Framed } from './frames.ts';

const documents = (path: string, bytes: Buffer, cuts: readonly number[] = [], largeBytes?: number, from = 0): Framed =>
  frame((sink, at) => frameDocuments(sink, path, at, largeBytes), bytes, cuts, from);

const values = (framed: Framed): unknown[] =>
  framed.frames.map((one) => one.defect ?? JSON.parse(Buffer.from(one.text ?? '', 'latin1').toString()));

const record = fc.record({
  n: fc.nat(9),
  text: fc.constantFrom('', '}{', '"', '\\', ']', '\\"', 'é\u2028', '{"a":[1'),
  deep: fc.constantFrom([], [{ x: 1 }], { Records: [{ y: 2 }] }),
});
const blank = fc.constantFrom('', ' ', '\n', '\r\n\t', '\n\n');
const indent = fc.constantFrom(undefined, 1, 4);

/** A document of CloudTrail's shape, with members around the records that hold none. */
const trail = fc
  .tuple(
    fc.array(record, { maxLength: 4 }),
    indent,
    fc.constantFrom({}, { Before: '"Records":[{', Other: [{ Records: [] }] }),
    fc.constantFrom({}, { After: 1.5, End: null, Last: {} }),
  )
  .map(([records, space, before, after]) => ({
    records,
    text: JSON.stringify({ ...before, Records: records, ...after }, undefined, space),
  }));

const trails = fc.tuple(fc.array(trail, { maxLength: 4 }), blank).map(([all, between]) => ({
  records: all.flatMap((one) => one.records),
  bytes: Buffer.from(all.map((one) => one.text).join(between) + between),
}));

const bare = fc
  .tuple(fc.array(fc.array(record, { maxLength: 3 }), { maxLength: 3 }), indent, blank)
  .map(([arrays, space, between]) => ({
    records: arrays.flat(),
    bytes: Buffer.from(arrays.map((one) => JSON.stringify(one, undefined, space)).join(between)),
  }));

const concatenated = fc
  .tuple(fc.array(record, { maxLength: 5 }), indent, fc.constantFrom('', '\n', ',\n', ' '))
  .map(([records, space, between]) => ({
    records,
    bytes: Buffer.from(records.map((one) => JSON.stringify(one, undefined, space)).join(between)),
  }));

describe('frameDocuments', () => {
  it.each([
    ['documents with records under a member', 'Records[*]', trails],
    ['bare arrays', '', bare],
    ['concatenated and pretty-printed values', '', concatenated],
  ] as const)('finds all records in %s, however the bytes are cut', (_, path, shape) => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.nat(400), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        ({ records, bytes }, cuts, size) => {
          const whole = documents(path, bytes);
          expect(values(whole)).toEqual(records);
          expect(whole.safe).toBe(bytes.length);
          expect(documents(path, bytes, cuts)).toEqual(whole);
          expect(documents(path, bytes, every(size, bytes))).toEqual(whole);
          expect(documents(path, bytes, every(size, bytes), 10)).toEqual(whole);
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });

  it('goes on from its last safe point as if it had not stopped', () => {
    fc.assert(
      fc.property(trails, fc.nat(400), ({ bytes, records }, stop) => {
        const before = documents('Records[*]', bytes.subarray(0, stop));
        const settled = before.frames.filter((one) => one.offset < before.safe);
        const after = documents('Records[*]', bytes, [], undefined, before.safe);
        expect([...values({ frames: settled, safe: 0 }), ...values(after)]).toEqual(records);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('says of every document that ends too early that it is truncated', () => {
    const bytes = Buffer.from('{"Records":[{"a":1},{"b":"}"}]}');
    for (let end = 1; end < bytes.length; end++) {
      const { frames, safe } = documents('Records[*]', bytes.subarray(0, end));
      expect(frames.at(-1)?.defect, bytes.toString('utf8', 0, end)).toBe('truncated');
      expect(safe).toBe(0);
    }
  });

  it('keeps bytes of any kind in junk apart from the values around it, however they are cut', () => {
    const junk = fc.string({ unit: 'binary', maxLength: 10 });
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            junk,
            record.map((one) => JSON.stringify(one)),
            fc.constantFrom('{', '}', ']', '[', '"', ',', '\n', '{"Records":[', '"Records":[', ']}', '{"x":'),
          ),
          { maxLength: 8 },
        ),
        fc.array(fc.nat(200), { maxLength: 5 }),
        fc.constantFrom('', 'Records[*]'),
        (parts, cuts, path) => {
          const bytes = Buffer.from(parts.join(''));
          const whole = documents(path, bytes).frames;
          expect(documents(path, bytes, cuts).frames).toEqual(whole);
          expect(documents(path, bytes, every(1, bytes)).frames).toEqual(whole);
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });

  it('reports text between documents and goes on behind it', () => {
    expect(values(documents('', Buffer.from('{"a":1} oops\n{"b":2}\nnull\n{"c":3}')))).toEqual([
      { a: 1 },
      'trailing-text',
      { b: 2 },
      'trailing-text',
      { c: 3 },
    ]);
  });

  it('finds member names whatever their case, escaped too, and records below several members', () => {
    const nested = Buffer.from('{"OUT":{"r\\u0065cords":[{"a":1}],"x":[{"b":2}]}}{"out":{"records":[{"c":3}]}}');
    expect(values(documents('out.records[*]', nested))).toEqual([{ a: 1 }, { c: 3 }]);
  });

  it('takes a single object where a list of records is expected', () => {
    expect(values(documents('Records', Buffer.from('{"Records":{"a":1}}{"Records":[{"b":2}]}')))).toEqual([
      { a: 1 },
      { b: 2 },
    ]);
  });

  it('takes lists for records where the path says so, however the bytes are cut', () => {
    const text = '{"data":{"x":[["no"]],"values":[["1","a"],[],"odd",["2","[b]",{"c":[]}],{"d":1}]}}\n';
    const whole = documents('data.values[*][]', Buffer.from(text));
    const [odd, object] = ['malformed-json', 'malformed-json'];
    expect(values(whole)).toEqual([['1', 'a'], [], odd, ['2', '[b]', { c: [] }], object]);
    for (let cut = 1; cut < text.length; cut++) {
      expect(documents('data.values[*][]', Buffer.from(text), [cut]).frames).toEqual(whole.frames);
    }
  });

  // Law 2: nothing may pass as the shell of a document that could hide a call.
  it.each([
    ['an element that is no object', '{"Records":[{"a":1},"{\\"b\\":2}",7]}', 'Records[*]'],
    ['an element that was taken out', '{"Records":[{"a":1},,{"b":2}]}', 'Records[*]'],
    ['a first element that was taken out', '{"Records":[,{"b":2}]}', 'Records[*]'],
    ['a bare word', '{"Records":[{"a":1},oops,{"b":2}]}', 'Records[*]'],
    ['a word where a name should be', '{"Records":[{"a":1}],oops}', 'Records[*]'],
    ['the start of an element that is no object', '{"Records":[{"a":1},["b"', 'Records[*]'],
    ['a list in a bare list', '[[{"a":1}]]', ''],
    ['a bare list', '[{"a":1}]', 'Records[*]'],
    ['a document without the member', '{"a":1}', 'Records[*]'],
    ['a document with its records under another member', '{"Events":[{"a":1}]}', 'Records[*]'],
  ])('does not pass over %s in silence', (_, text, path) => {
    expect(documents(path, Buffer.from(text)).frames.some((one) => one.defect !== undefined)).toBe(true);
  });
});
