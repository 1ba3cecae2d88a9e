/** How a due date reads. Never by color alone: the words say it too. */
import { plural } from './format';

export type DueTone = 'late' | 'soon' | 'calm' | 'done';

export interface Due {
  tone: DueTone;
  text: string;
}

const SOON_DAYS = 7;

/** A closed case has no running clock. */
export function due(daysLeft: number, step: string): Due {
  if (step === 'closed') return { tone: 'done', text: 'Closed' };
  if (daysLeft < 0) return { tone: 'late', text: `${plural(-daysLeft, 'day')} late` };
  if (daysLeft === 0) return { tone: 'soon', text: 'Due today' };
  const text = `${plural(daysLeft, 'day')} left`;
  return { tone: daysLeft <= SOON_DAYS ? 'soon' : 'calm', text };
}
