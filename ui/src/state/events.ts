/** Hands the core's events to whoever shows something they are about. */
import { onEvent, type CasePart, type Event } from '../backend';

type Handler = (event: Event) => void;

const handlers = new Set<Handler>();

export function startEvents(): void {
  onEvent((event) => handlers.forEach((handler) => handler(event)));
}

/** Calls `handler` for each event until the returned function is called. */
export function subscribe(handler: Handler): () => void {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

/** Whether an event changes one of these parts of a case. Progress counts as a change of its jobs. */
export function concerns(event: Event, caseId: string, parts: readonly CasePart[]): boolean {
  if (event.kind === 'job_progress') return event.case_id === caseId && parts.includes('jobs');
  return event.kind === 'case_changed' && event.case_id === caseId && parts.includes(event.what);
}

/** Whether an event may change a list that runs over all cases. */
export function concernsAnyCase(event: Event): boolean {
  return event.kind === 'case_changed';
}
