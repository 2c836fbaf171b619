import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseTime } from '../../src/formats/timestamp.ts';
import { cpuMs } from '../cpu-time.ts';

const iso = (text: string, zone?: string): string => {
  const at = parseTime(text, zone);
  return typeof at === 'number' ? new Date(at).toISOString() : at;
};

const two = (value: number): string => String(value).padStart(2, '0');

describe('parseTime', () => {
  it.each([
    ['2022-02-08T09:23:37Z', '2022-02-08T09:23:37.000Z'],
    ['2022-02-08t09:23:37z', '2022-02-08T09:23:37.000Z'],
    ['2022-02-08 09:23:37+11:00', '2022-02-07T22:23:37.000Z'],
    ['2022-02-08T09:23:37-0330', '2022-02-08T12:53:37.000Z'],
    ['2022-02-08T09:23:37+11', '2022-02-07T22:23:37.000Z'],
    ['2022-02-08T09:23:37.1Z', '2022-02-08T09:23:37.100Z'],
    ['2022-02-08T09:23:37,123999999Z', '2022-02-08T09:23:37.123Z'],
    ['2022-02-08T09:23:37', '2022-02-08T09:23:37.000Z'],
    ['2022-02-08 09:23', '2022-02-08T09:23:00.000Z'],
    ['2022-02-08 09:23:37 UTC', '2022-02-08T09:23:37.000Z'],
    ['2009-11-10 23:00:00 +0100 CET m=+0.000000001', '2009-11-10T22:00:00.000Z'],
    ['2024-01-01T00:00:00+01:00[Europe/Paris]', '2023-12-31T23:00:00.000Z'],
    ['17/May/2015:10:05:03 +0000', '2015-05-17T10:05:03.000Z'],
    ['17/Oct/2023:05:57:49 +1100', '2023-10-16T18:57:49.000Z'],
    ['[17/May/2015:10:05:03 -0700]', '2015-05-17T17:05:03.000Z'],
    ['14/Jan/2015:12:48:57.127', '2015-01-14T12:48:57.127Z'],
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sun, 06 Nov 1994 08:49:37 +0100', '1994-11-06T07:49:37.000Z'],
    ['Sun Mar 13 22:49:12 2016', '2016-03-13T22:49:12.000Z'],
    ['Thu Oct 13 12:24:49.880562 2022', '2022-10-13T12:24:49.880Z'],
    ['2021/12/01 13:53:33', '2021-12-01T13:53:33.000Z'],
    ['20220208T092337Z', '2022-02-08T09:23:37.000Z'],
    ['20220208092337', '2022-02-08T09:23:37.000Z'],
    ['1689000000', '2023-07-10T14:40:00.000Z'],
    ['1689000000.1239', '2023-07-10T14:40:00.123Z'],
    ['1689000000123', '2023-07-10T14:40:00.123Z'],
    ['1689000000123999', '2023-07-10T14:40:00.123Z'],
    ['1689000000123999999', '2023-07-10T14:40:00.123Z'],
    ['1.689e9', '2023-07-10T14:40:00.000Z'],
    ['1.689E+18', '2023-07-10T14:40:00.000Z'],
    [' 2022-02-08T09:23:37Z\t', '2022-02-08T09:23:37.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z'],
    ['2016-12-31T23:59:60.500Z', '2016-12-31T23:59:59.999Z'],
    ['2017-01-01T05:29:60+05:30', '2016-12-31T23:59:59.999Z'],
    ['2016-12-31T24:00:00Z', '2017-01-01T00:00:00.000Z'],
  ])('keeps a call at the odd instant %s', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it.each([
    '2022-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2022-13-01T00:00:00Z',
    '2022-00-01T00:00:00Z',
    '2022-01-00T00:00:00Z',
    '2022-01-01T25:00:00Z',
    '2022-01-01T24:00:01Z',
    '2022-01-01T00:60:00Z',
    '2022-01-01T00:00:61Z',
    '2022-01-01T00:00:00+25:00',
    '31/Apr/2015:10:05:03 +0000',
    'Thu Feb 30 12:24:49 2022',
    '0001-01-01T00:00:00Z',
    '1989-12-31T23:59:59Z',
    '9999-12-31T00:00:00Z',
    '12345',
    '99999999999',
    '99999999999999999999',
  ])('does not roll over the impossible %s', (text) => {
    expect(parseTime(text, undefined)).toBe('impossible-time');
  });

  it.each([
    '',
    '-',
    'Mar 24 14:02:50',
    '2022-02-08',
    '06-Nov-94 08:49:37',
    'yesterday',
    '2022-02-08T',
    '2022-02-08T09',
    '2022-02-08T09:23:37+',
    '2022-02-08T09:23:37 CET',
    '10/11/2000 1:02 PM',
    '17/Foo/2015:10:05:03 +0000',
    '2022-02-08T09:23:37.Z',
    'NaN',
    '-1689000000',
    '0x64',
  ])('finds no time in %j', (text) => {
    expect(parseTime(text, undefined)).toBe('no-time');
  });

  it('uses the zone only for stamps that carry none', () => {
    expect(iso('2024-07-01 12:00:00', 'Europe/Berlin')).toBe('2024-07-01T10:00:00.000Z');
    expect(iso('14/Jan/2015:12:48:57', 'America/New_York')).toBe('2015-01-14T17:48:57.000Z');
    expect(iso('2024-07-01 12:00:00', '+05:30')).toBe('2024-07-01T06:30:00.000Z');
    expect(iso('2024-07-01 12:00:00Z', 'Europe/Berlin')).toBe('2024-07-01T12:00:00.000Z');
    expect(iso('1689000000', 'Europe/Berlin')).toBe('2023-07-10T14:40:00.000Z');
  });

  it('takes the later instant of a local time that exists twice', () => {
    expect(iso('2024-10-27 02:30:00', 'Europe/Berlin')).toBe('2024-10-27T01:30:00.000Z');
    expect(iso('2024-11-03 01:30:00', 'America/New_York')).toBe('2024-11-03T06:30:00.000Z');
    expect(iso('2006-10-29 00:00:30', 'America/St_Johns')).toBe('2006-10-29T03:30:30.000Z');
  });

  it('accepts a local time that spring skips', () => {
    expect(iso('2024-03-31 02:30:00', 'Europe/Berlin')).toBe('2024-03-31T01:30:00.000Z');
  });

  it('throws at an unknown zone', () => {
    expect(() => parseTime('2024-03-31 02:30:00', 'Mars/Olympus')).toThrow(/no time zone called "Mars\/Olympus"/);
  });

  describe('whatever the zone of the machine', () => {
    const { TZ } = process.env;
    afterEach(() => {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
    });
    it.each(['UTC', 'Asia/Kolkata', 'America/New_York'])('reads the same under TZ=%s', (zone) => {
      process.env['TZ'] = zone;
      expect(iso('2024-07-01 12:00:00')).toBe('2024-07-01T12:00:00.000Z');
      expect(iso('2024-07-01 12:00:00', 'Europe/Berlin')).toBe('2024-07-01T10:00:00.000Z');
    });
  });

  const instant = fc.integer({ min: Date.UTC(1990, 0, 2), max: Date.UTC(2200, 11, 30) });

  it('agrees with Date on every instant, in every form and offset', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -12 * 4, max: 14 * 4 }), (at, quarters) => {
        const local = new Date(at + quarters * 900_000);
        const minutes = Math.abs(quarters) * 15;
        const offset = `${quarters < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
        const text = local.toISOString().slice(0, -1);
        const month = local.toUTCString().slice(8, 11);
        const clf = `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11, 19)} ${offset.replace(':', '')}`;
        const second = Math.floor(at / 1000) * 1000;
        expect(parseTime(`${text}${offset}`, undefined)).toBe(at);
        expect(parseTime(text, offset)).toBe(at);
        expect(parseTime(clf, undefined)).toBe(second);
        expect(parseTime(new Date(at).toUTCString(), undefined)).toBe(second);
        expect(parseTime(String(at), undefined)).toBe(at);
        expect(parseTime(`${at}999999`, undefined)).toBe(at);
        expect(parseTime((at / 1000).toFixed(3), undefined)).toBe(at);
      }),
    );
  });

  it('gives an instant of the years 1990 to 2200 or a reason for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9T:.+Z/ -]{0,30}$/)), (text) => {
        const at = parseTime(text, undefined);
        if (typeof at === 'number') expect(at >= Date.UTC(1990, 0) && at < Date.UTC(2201, 0)).toBe(true);
        else expect(['no-time', 'impossible-time']).toContain(at);
      }),
    );
  });

  it('refuses long texts quickly', () => {
    const ms = cpuMs(() => {
      for (const part of ['1', '[', ' ', '2022-02-08T09:23:37.0', '17/May/2015:10:05:03 ']) {
        parseTime(part.repeat(100_000), undefined);
      }
    });
    expect(ms).toBeLessThan(500);
  });
});
