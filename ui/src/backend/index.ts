/** The backend in use. `main.ts` chooses it once, before anything is shown. */
import type { Commands, Event } from '../bindings/api';
import type { Backend } from './backend';

let current: Backend | null = null;

export function useBackend(backend: Backend): void {
  current = backend;
}

export function call<K extends keyof Commands>(
  name: K,
  request: Commands[K]['request'],
): Promise<Commands[K]['answer']> {
  return required().call(name, request);
}

export function onEvent(handler: (event: Event) => void): void {
  required().onEvent(handler);
}

function required(): Backend {
  if (!current) throw new Error('no backend was chosen before the first command');
  return current;
}

export { toApiError } from './backend';
export type * from '../bindings/api';
