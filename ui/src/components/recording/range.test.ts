import { expect, test } from 'vitest';
import { defaultRange, isSameRange } from './range';

const march = { start: '2026-03-01T00:00', end: '2026-04-01T00:00', zone: 'Europe/Berlin' };

test('a range is the same with seconds and without', () => {
  expect(isSameRange(march, { ...march, start: '2026-03-01T00:00:00' })).toBe(true);
  expect(isSameRange(march, { ...march, start: '2026-03-01T00:00:30' })).toBe(false);
});

test('another zone is another range', () => {
  expect(isSameRange(march, { ...march, zone: 'UTC' })).toBe(false);
  expect(isSameRange(march, { ...march, end: '2026-04-02T00:00' })).toBe(false);
});

test('without a search the range is a year up to and including today', () => {
  const { start, end } = defaultRange(new Date(2026, 10, 21));
  expect([start, end]).toEqual(['2025-11-21T00:00', '2026-11-22T00:00']);
});
