/** How a due date reads. Never by color alone: the words say it too. */
import type { DeadlineView } from '../bindings/api';
import { plural } from './format';

export type DueTone = 'late' | 'soon' | 'calm' | 'done';

export interface Due {
  tone: DueTone;
  text: string;
}

const SOON_DAYS = 7;
const DAY_MS = 86_400_000;

/** A closed case has no running clock. */
export function due(daysLeft: number, step: string): Due {
  if (step === 'closed') return { tone: 'done', text: 'Closed' };
  if (daysLeft < 0) return { tone: 'late', text: `${plural(-daysLeft, 'day')} late` };
  if (daysLeft === 0) return { tone: 'soon', text: 'Due today' };
  const text = `${plural(daysLeft, 'day')} left`;
  return { tone: daysLeft <= SOON_DAYS ? 'soon' : 'calm', text };
}

/** The date a case is worked towards: the earlier of the legal and the internal one. */
export function dueOn({ legal, internal }: Pick<DeadlineView, 'legal' | 'internal'>): string {
  return internal < legal ? internal : legal;
}

/** The days to each of the two dates. The core counts to the earlier one, by its own clock. */
export function daysToEach(deadline: Omit<DeadlineView, 'rule'>): { legal: number; internal: number } {
  const counted = Date.parse(dueOn(deadline));
  const daysTo = (day: string): number =>
    deadline.days_left + Math.round((Date.parse(day) - counted) / DAY_MS);
  return { legal: daysTo(deadline.legal), internal: daysTo(deadline.internal) };
}
