/** Whether a source system answered the last time it was needed. */
import type { ApiError } from '../backend';

class Connection {
  /** Since when a source does not answer; null while it does. */
  lostSince = $state.raw<Date | null>(null);
}

export const connection = new Connection();

/** Takes note of an error that any command met. */
export function noteFailure(error: ApiError): void {
  if (error.code === 'source_unavailable') connection.lostSince ??= new Date();
}

/** A source answered. */
export function noteSourceAnswered(): void {
  connection.lostSince = null;
}
