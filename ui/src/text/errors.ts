/** How each error code is shown: how grave it is, what it means, where to go. The core adds its own words. */
import type { ApiError, ErrorCode } from '../bindings/api';
import type { Route } from '../app/route';

export type Severity = 'wait' | 'notice' | 'problem' | 'alarm';

export interface ErrorText {
  severity: Severity;
  title: string;
  /** Where the person can do something about it, if it is another screen. */
  go: { label: string; route: Route } | null;
}

const here = null;
const settings = { label: 'Open settings', route: { screen: 'settings' } } as const;

export const errorTexts: Readonly<Record<ErrorCode, ErrorText>> = {
  not_signed_in: { severity: 'notice', title: 'Nobody is signed in at this desk', go: settings },
  not_permitted: { severity: 'notice', title: 'Somebody else has to do this', go: here },
  requestor_not_verified: { severity: 'notice', title: 'The requestor is not verified yet', go: here },
  invalid_input: { severity: 'notice', title: 'Something on this form needs a correction', go: here },
  not_found: {
    severity: 'problem',
    title: 'This is not there',
    go: { label: 'Go to the cases', route: { screen: 'cases' } },
  },
  wrong_step: { severity: 'notice', title: 'The case is in another step', go: here },
  review_pending: { severity: 'notice', title: 'The review is not finished', go: here },
  source_unavailable: { severity: 'wait', title: 'The source cannot be used', go: settings },
  sign_in_failed: { severity: 'notice', title: 'You are not signed in at the source', go: here },
  integrity_failure: {
    severity: 'alarm',
    title: 'A check of evidence failed; nothing was released',
    go: { label: 'Open the audit log', route: { screen: 'audit' } },
  },
  keyring_unavailable: {
    severity: 'problem',
    title: 'The keyring of this computer cannot be used',
    go: here,
  },
  disk_full: { severity: 'problem', title: 'The disk is full; nothing half-written stays', go: here },
  no_sound_device: { severity: 'problem', title: 'There is no sound device', go: here },
  cancelled: { severity: 'wait', title: 'It was cancelled; what was done is kept', go: here },
  internal: { severity: 'problem', title: 'Something unexpected happened', go: here },
};

/** What support needs. The core keeps personal data and secrets out of its errors. */
export function errorDetails({ code, message, hint, correlation_id }: ApiError): string {
  return [code, message, hint, correlation_id].filter((part) => part !== null).join('\n');
}
