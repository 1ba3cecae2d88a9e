/** Runs the commands of the keymap. A screen says what its commands do while it is shown. */
import { commandFor, isFieldKey, isPlainKey, type CommandId, type FieldKind, type Scope } from './keymap';
import { preferences } from './preferences.svelte';

export type Handlers = Partial<Record<CommandId, (event: KeyboardEvent) => void>>;

const everywhere: Handlers[] = [];

/** Adds handlers for keys that act on the whole window; answers how to take them away. */
export function bindEverywhere(handlers: Handlers): () => void {
  everywhere.push(handlers);
  return () => {
    everywhere.splice(everywhere.indexOf(handlers), 1);
  };
}

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || isDialogOpen()) return;
    for (const handlers of everywhere.toReversed()) {
      if (runKey(event, 'everywhere', handlers)) return;
    }
  });
}

/** Runs the command of a key press, if there is one and it means one here. */
export function runKey(event: KeyboardEvent, scope: Scope, handlers: Handlers): boolean {
  const command = commandFor(event, scope);
  const handler = command && handlers[command];
  const field = fieldKind(event.target);
  if (!handler || (field && isFieldKey(event, field))) return false;
  const isLetter = isPlainKey(event) && event.key !== ' ';
  if (scope === 'review' && isLetter && !preferences.letterKeys) return false;
  event.preventDefault();
  handler(event);
  return true;
}

/** What kind of field has the focus, if it is one. */
export function fieldKind(target: EventTarget | null): FieldKind | null {
  if (!(target instanceof HTMLElement)) return null;
  if (target instanceof HTMLSelectElement) return 'choice';
  if (target instanceof HTMLTextAreaElement) return 'text';
  if (!(target instanceof HTMLInputElement)) return null;
  return ['checkbox', 'radio', 'button'].includes(target.type) ? null : 'text';
}

function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
