import { overview } from '../../messages';

/** The words of what to do next; a name nobody knows leads to the activity. */
export function nextActionOf(name: string): { text: string; button: string } {
  const known = Object.entries(overview.actions).find(([key]) => key === name);
  return known?.[1] ?? overview.actions.closed;
}
