import { expect, it } from 'vitest';

import { daysToEach, due, dueOn } from './due';

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

it.each([
  ['2026-12-21', '2026-12-19', 28, { legal: 30, internal: 28 }],
  ['2026-12-19', '2026-12-21', 28, { legal: 28, internal: 30 }],
  ['2026-12-19', '2026-12-19', -1, { legal: -1, internal: -1 }],
  // Over a change of the clocks.
  ['2026-04-02', '2026-03-27', 0, { legal: 6, internal: 0 }],
])('legal %s, internal %s, %d days to the earlier one', (legal, internal, days_left, expected) => {
  expect(daysToEach({ legal, internal, days_left })).toEqual(expected);
  expect(dueOn({ legal, internal })).toBe(legal < internal ? legal : internal);
});
