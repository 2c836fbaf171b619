import { describe, expect, it } from 'vitest';
import { readDate, readExpiry } from '../../src/inventories/dates.ts';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

describe('readDate', () => {
  it.each([
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['2026/01/02', Date.UTC(2026, 0, 2)],
    ['2026-01-02T03:04:05Z', AT],
    ['2026-01-02 03:04:05', AT],
    ['Fri, 02 Jan 2026 03:04:05 +0000', AT],
    ['2 Jan 2026 04:04:05 +0100', AT],
    ['Fri, 02 Jan 2026 03:04:05 GMT', AT],
    ['2026-01-02T03:04', Date.UTC(2026, 0, 2, 3, 4)],
    ['2026-01-02T05:04:05+02:00', AT],
    ['2026-01-02T05:04:05+0200', AT],
    ['2026-01-02 03:04:05.123456+00', AT + 123],
    ['2026-01-02 03:04:05 UTC', AT],
    ['2026-01-02 03:04:05 +0000 UTC', AT],
    ['2026-01-02T03:04:60Z', Date.UTC(2026, 0, 2, 3, 4, 59)],
    [' 1767323045 ', AT],
    ['1767323045.25', AT + 250],
    ['1767323045123', AT + 123],
    ['978307200', Date.UTC(2001, 0, 1)],
    ['4133980799000', Date.UTC(2100, 11, 31, 23, 59, 59)],
  ])('reads %j', (text, at) => {
    expect(readDate(text)).toBe(at);
  });

  const noDates = ['', '-', 'N/A', 'n/a', 'no_information', 'not_supported', 'null', 'None', 'never', 'Never', '0'];
  const noInstants = [
    '1970-01-01T00:00:00Z',
    '1970-01-01',
    '1970-01-01T00:00:00+00:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '9999-12-31',
  ];
  it.each([...noDates, ...noInstants])('takes %j for no date', (text) => {
    expect(readDate(text)).toBeUndefined();
  });

  it.each(['2299-12-30T23:00:00Z', '2101-01-01', '9999-12-31'])('takes %j for the end of no key', (text) => {
    expect(readExpiry(text)).toBeUndefined();
  });

  const noForms = [
    '2026-02-30',
    '2026-13-01',
    '2026-01-02T25:00:00Z',
    '2026-01-0',
    '26-01-02',
    '01/02/2026',
    'soon',
    'yes',
  ];
  const outside = [
    '1999-01-01',
    '2101-01-01',
    '12',
    '978307199',
    '4133980800000',
    '1767323045123456',
    '-1767323045',
    '1e9',
  ];
  it.each([...noForms, ...outside])('takes %j for impossible', (text) => {
    expect(readDate(text)).toBe('impossible');
  });
});
