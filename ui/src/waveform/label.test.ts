import { expect, it } from 'vitest';

import { fit } from './label';

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
