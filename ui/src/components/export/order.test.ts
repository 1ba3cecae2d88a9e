import { describe, expect, it } from 'vitest';

import { canBeOrdered, firstOrder, tidy } from './order';

const now = new Date('2026-11-21T10:00:00Z');
const order = { ...firstOrder(null, now), query: '*' };

describe('the order of an export', () => {
  it('begins with a name of today and a year up to today', () => {
    expect(order.name).toBe('export-2026-11-21');
    expect(canBeOrdered(order)).toBe(true);
  });

  it('goes on with the last one', () => {
    const last = { ...order, name: 'case-7' };
    expect(firstOrder(last, now)).toEqual(last);
  });

  it.each([
    ['no query', { query: ' ' }],
    ['a path instead of a name', { name: '../x' }],
    ['no name', { name: '' }],
    ['an end before its start', { end: '2020-01-01T00:00' }],
    ['no start', { start: '' }],
  ])('is not placed with %s', (_, change) => {
    expect(canBeOrdered({ ...order, ...change })).toBe(false);
  });

  it('has no empty reason', () => {
    expect(tidy({ ...order, name: ' a ', partial_reason: ' ' })).toMatchObject({
      name: 'a',
      partial_reason: null,
    });
  });
});
