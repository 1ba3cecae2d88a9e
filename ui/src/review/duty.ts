/** What the person at the desk has to do with a call. The core enforces it; the page explains it. // B13 */
import type { Person, ReviewView } from '../bindings/api';

export type Duty =
  /** Decide the spans and finish the call. */
  | 'review'
  /** Approve the call or return it. */
  | 'approve'
  /** Somebody else approves it, because this person reviewed it. */
  | 'same-person'
  /** Somebody else approves it, because this person is no approver. */
  | 'not-approver'
  /** Nothing is left, or this person only reads. */
  | 'none';

export function duty(view: Pick<ReviewView, 'review_state' | 'reviewed_by'>, person: Person | null): Duty {
  if (!person || person.role === 'auditor') return 'none';
  if (view.review_state === 'open') return 'review';
  if (view.review_state !== 'finished') return 'none';
  if (view.reviewed_by === person.id) return 'same-person';
  return person.role === 'approver' ? 'approve' : 'not-approver';
}
