/** How far the calls and jobs of a case are. */
import type { CallView, JobView } from '../../backend';

export interface RetrievalState {
  found: number;
  retrieved: number;
  pending: number;
  /** Ended without a recording in custody. */
  exceptions: number;
}

export function retrievalState(calls: readonly CallView[]): RetrievalState {
  const count = (isIn: (call: CallView) => boolean): number => calls.filter(isIn).length;
  const retrieved = count(({ end_state }) => end_state === 'retrieved');
  const pending = count(({ end_state }) => end_state === 'pending');
  return { found: calls.length, retrieved, pending, exceptions: calls.length - retrieved - pending };
}

/** Progress in steps of 25 percent: enough to hear, and no more than that. */
export function quarterDone({ found, pending }: RetrievalState): number {
  return found === 0 ? 0 : Math.floor(((found - pending) / found) * 4) * 25;
}

/** Exceptions first, then what is still on its way, then the rest; each by number. */
export function exceptionsFirst(calls: readonly CallView[]): CallView[] {
  const rank = ({ end_state }: CallView): number =>
    end_state === 'retrieved' ? 2 : end_state === 'pending' ? 1 : 0;
  return [...calls].sort((a, b) => rank(a) - rank(b) || a.call - b.call);
}

export function jobState(jobs: readonly JobView[]): { open: number; failed: number; cancelled: number } {
  const count = (...states: string[]): number => jobs.filter(({ state }) => states.includes(state)).length;
  return { open: count('waiting', 'running'), failed: count('failed'), cancelled: count('cancelled') };
}

/** The share of a job that is done; null when nobody knows. */
export function jobShare({ bytes, bytes_total }: JobView): number | null {
  return bytes_total > 0 ? Math.min(1, bytes / bytes_total) : null;
}
