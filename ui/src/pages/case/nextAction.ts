import type { CaseDetail } from '../../backend';
import { foundNothing } from '../../components/case/nothing';
import { overview } from '../../messages';

type Stand = Pick<CaseDetail, 'next_action' | 'step' | 'counts'>;

/** The words of what to do next; a name nobody knows leads to the activity. */
export function nextActionOf(detail: Stand): { text: string; button: string } {
  if (detail.next_action === 'package' && foundNothing(detail)) return overview.actions.packageOfNothing;
  const known = Object.entries(overview.actions).find(([key]) => key === detail.next_action);
  return known?.[1] ?? overview.actions.closed;
}
