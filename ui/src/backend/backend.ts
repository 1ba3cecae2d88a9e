/** What the page needs from the core: commands and events. */
import type { ApiError, Commands, Event } from '../bindings/api';

export interface Backend {
  /** Runs a command; rejects with an [`ApiError`]. */
  call<K extends keyof Commands>(name: K, request: Commands[K]['request']): Promise<Commands[K]['answer']>;
  /** Hands every event to `handler` from now on. */
  onEvent(handler: (event: Event) => void): void;
}

/** Whether a rejection is the error every shell shows. */
export function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && 'code' in value && 'hint' in value;
}

/** Makes any rejection an error that can be shown. Details of a bug go to no screen. */
export function toApiError(value: unknown): ApiError {
  if (isApiError(value)) return value;
  return {
    code: 'internal',
    message: 'The window and the core do not understand each other',
    hint: 'Try again. If it stays, start SAR Portal again; nothing that was saved is lost.',
    retryable: true,
    correlation_id: null,
  };
}
