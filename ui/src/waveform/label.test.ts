import { expect, it } from 'vitest';

import { besideSpan, fit } from './label';

/** Each letter is 6 px wide. */
const measure = (text: string): number => text.length * 6;

it.each([
  [200, 'Card security code'],
  [108, 'Card security code'],
  [107, 'Card security co…'],
  [90, 'Card security…'],
  [36, 'Card…'],
  [18, 'Ca…'],
  [17, ''],
  [-4, ''],
])('in %d px it reads %j', (room, expected) => {
  expect(fit('Card security code', room, measure)).toBe(expected);
});

it.each([
  ['after its span', { x: 100, width: 20 }, 129],
  ['before it at the end of the view', { x: 460, width: 20 }, 391],
  ['in the view even where neither has room', { x: 20, width: 475 }, 0],
])('a label that is too wide stands %s', (_, span, expected) => {
  expect(besideSpan(span, 60, 500)).toBe(expected);
});
