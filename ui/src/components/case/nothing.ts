/** Cases whose answer is that nothing was found. */
import type { CaseDetail } from '../../backend';

/** The list is frozen and has no call; freezing it led straight to the package. // S0-02 */
export function foundNothing({ step, counts }: Pick<CaseDetail, 'step' | 'counts'>): boolean {
  return counts.found === 0 && isPastReview(step);
}

/** Nothing waits for a review any more. */
export function isPastReview(step: string): boolean {
  return step === 'deliver' || step === 'closed';
}
