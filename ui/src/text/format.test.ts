import { describe, expect, it } from 'vitest';

import * as format from './format';

describe('dates and times', () => {
  it('read the same in every zone of the desk', () => {
    expect(format.date('2026-04-30')).toBe('30 Apr 2026');
    expect(format.dateInFull('2026-04-30')).toMatch(/^Thursday,? 30 April 2026$/);
    expect(format.localTime('2026-03-03 09:12')).toBe('3 Mar 2026, 09:12');
    expect(format.localTime('2026-03-01T00:00')).toBe('1 Mar 2026, 00:00');
    expect(format.utc('2026-03-31T22:00:05.123Z')).toBe('31 Mar 2026, 22:00:05 UTC');
    expect(format.instant('2026-03-31T22:00:00Z')).toBe('2026-03-31 22:00:00Z');
  });

  it('what is no date stays as it is', () => {
    expect(format.date('soon')).toBe('soon');
    expect(format.utc('')).toBe('');
  });
});

it.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [1_056_000, '17 min 36 s'],
  [19_200_000, '5 h 20 min'],
])('%d ms of calls are %s', (ms, text) => {
  expect(format.lengthInWords(ms)).toBe(text);
});

it('a digest is its digits, with or without the name of its algorithm', () => {
  expect(format.shortDigest('sha256:3f9a1c8e5b7d2046c14e')).toBe('3f9a1c…c14e');
});

describe('positions in a call', () => {
  it.each([
    [0, '00:00.0'],
    [12_249, '00:12.2'],
    [72_400, '01:12.4'],
    [3_723_456, '1:02:03.4'],
    [-5, '00:00.0'],
  ])('%d ms is shown as %s', (ms, text) => {
    expect(format.position(ms)).toBe(text);
  });

  it.each([
    ['72.4', 72_400],
    ['1:12.4', 72_400],
    ['01:12,4', 72_400],
    ['1:02:03', 3_723_000],
    [' 5 ', 5000],
    ['', null],
    ['1:2:3:4', null],
    ['-5', null],
    ['abc', null],
  ])('typed %j is %j', (text, ms) => {
    expect(format.parsePosition(text)).toBe(ms);
  });

  it('a typed position comes back to the millisecond', () => {
    for (const ms of [0, 7, 12_345, 3_723_456]) {
      expect(format.parsePosition(format.typedPosition(ms))).toBe(ms);
    }
  });

  it.each([
    [842_000, '14:02'],
    [62_000, '1:02'],
    [3_723_000, '1:02:03'],
    [null, '–'],
  ])('a length of %j is %s', (ms, text) => {
    expect(format.length(ms)).toBe(text);
  });
});

describe('numbers', () => {
  it('a score below a threshold never reads like it', () => {
    expect(format.percent(0.899)).toBe('89%');
    expect(format.percent(0.9)).toBe('90%');
    expect(format.percent(0.29)).toBe('29%');
  });

  it.each([
    [999, '999 B'],
    [1_100_000_000, '1.1 GB'],
    [4_224_044, '4.2 MB'],
    [null, '–'],
  ])('%j bytes are %s', (size, text) => {
    expect(format.bytes(size)).toBe(text);
  });

  it.each([
    [5, 'less than a minute'],
    [140, 'about 2 min'],
    [7_200, 'about 2 h'],
  ])('%j seconds are %s', (seconds, text) => {
    expect(format.timeLeft(seconds)).toBe(text);
  });

  it('one and many', () => {
    expect(format.plural(1, 'entry', 'entries')).toBe('1 entry');
    expect(format.plural(18_204, 'entry', 'entries')).toBe('18,204 entries');
  });

  it('a digest is short and still shows both ends', () => {
    expect(format.shortDigest('3f9a1c8e5b7d2046c14e')).toBe('3f9a1c…c14e');
  });
});
