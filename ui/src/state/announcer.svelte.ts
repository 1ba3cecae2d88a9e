/** The one polite status line: shown in the status bar, read by screen readers. */

/** Long enough to read a sentence twice; what it says is also on the screen it is about. */
const SHOWN_MS = 20_000;
/** What is said while a screen is left is about the next one: "Frozen", on the way to the calls. */
const CARRIED_MS = 250;

export class Announcer {
  text = $state('');
  /** Grows with each sentence, so that the same words said again are read again. */
  turn = $state(0);
  #saidAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string): void {
    this.text = text;
    this.turn += 1;
    this.#saidAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.text = ''), SHOWN_MS);
  }

  /** Another screen is shown: what was said before is not about it. */
  leaveScreen(): void {
    if (Date.now() - this.#saidAt < CARRIED_MS) return;
    clearTimeout(this.#timer);
    this.text = '';
  }
}

export const announcer = new Announcer();
