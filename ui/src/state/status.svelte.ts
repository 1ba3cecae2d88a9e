/** Who is at the desk, what is connected, how long the log is. */
import { call, type Person, type ReportView } from '../backend';
import { subscribe } from './events';
import { Resource } from './resource.svelte';

export const status = new Resource(() => call('get_status', {}));

export function startStatus(): void {
  subscribe((event) => {
    if (event.kind === 'status_changed' || event.kind === 'case_changed') status.reloadSoon();
    if (event.kind === 'job_progress') status.reloadSoon();
  });
  void status.reload();
}

export function personAtDesk(): Person | null {
  return status.data?.person ?? null;
}

/** Auditors read and check; they change nothing. */
export function mayWork(): boolean {
  const role = personAtDesk()?.role;
  return role === 'case_worker' || role === 'approver';
}

class LogCheck {
  last = $state.raw<{ at: Date; report: ReportView } | null>(null);
}

/** The last check of the audit log in this window. */
export const logCheck = new LogCheck();
