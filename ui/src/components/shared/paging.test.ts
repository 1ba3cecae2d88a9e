import { expect, it } from 'vitest';

import { lastOffset } from './paging';

it.each([
  [0, 0],
  [1, 0],
  [100, 0],
  [101, 100],
  [342, 300],
])('the last page of %d rows begins at %d', (total, expected) => {
  expect(lastOffset(total, 100)).toBe(expected);
});
