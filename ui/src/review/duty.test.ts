import { expect, it } from 'vitest';

import type { RoleName } from '../bindings/api';
import { duty } from './duty';

// B13: nobody approves what they reviewed.
it.each<[string, string | null, string, RoleName, string]>([
  ['open', null, 'anna', 'case_worker', 'review'],
  ['open', null, 'anna', 'auditor', 'none'],
  ['finished', 'anna', 'anna', 'approver', 'same-person'],
  ['finished', 'anna', 'anna', 'case_worker', 'same-person'],
  ['finished', 'anna', 'ben', 'approver', 'approve'],
  ['finished', 'anna', 'ben', 'case_worker', 'not-approver'],
  ['finished', 'anna', 'ben', 'auditor', 'none'],
  ['approved', 'anna', 'ben', 'approver', 'none'],
  ['none', null, 'anna', 'case_worker', 'none'],
])('%s, reviewed by %s, at the desk %s as %s: %s', (review_state, reviewed_by, id, role, expected) => {
  expect(duty({ review_state, reviewed_by }, { id, role })).toBe(expected);
});

it('nobody at the desk has no duty', () => {
  expect(duty({ review_state: 'open', reviewed_by: null }, null)).toBe('none');
});
