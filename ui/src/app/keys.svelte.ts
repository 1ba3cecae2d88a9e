/** Runs the commands of the keymap. A screen says what its commands do while it is shown. */
import { commandFor, isPlainKey, type CommandId, type Scope } from './keymap';

export type Handlers = Partial<Record<CommandId, (event: KeyboardEvent) => void>>;

class KeySettings {
  /** Off: letters decide nothing; buttons still do (WCAG 2.1.4). */
  letters = $state(true);
}

export const keySettings = new KeySettings();

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
  if (!handler || (isPlainKey(event) && isTyping(event.target))) return false;
  if (scope === 'review' && isPlainKey(event) && event.key !== ' ' && !keySettings.letters) return false;
  event.preventDefault();
  handler(event);
  return true;
}

/** Whether a key press goes into a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function isDialogOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
