import { expect, it } from 'vitest';

import { due } from './due';

it.each([
  [-2, 'review', 'late', '2 days late'],
  [-1, 'review', 'late', '1 day late'],
  [0, 'search', 'soon', 'Due today'],
  [7, 'search', 'soon', '7 days left'],
  [8, 'search', 'calm', '8 days left'],
  [-3, 'closed', 'done', 'Closed'],
])('%d days in step %s', (days, step, tone, text) => {
  expect(due(days, step)).toEqual({ tone, text });
});
