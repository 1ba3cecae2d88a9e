/** What each key of the review does. */
import { fieldKind, type Handlers } from '../app/keys.svelte';
import type { ReviewView } from '../backend';
import type { ReviewDesk } from './desk.svelte';
import { edgeStep } from './edges';

interface Zoom {
  showAll(durationMs: number): void;
  showRange(fromMs: number, toMs: number, durationMs: number): void;
}

/** Where the keys of the review are at home. */
export function focusQueue(): void {
  document.querySelector<HTMLElement>('[data-queue]')?.focus();
}

const SEEK_MS = 1000;
const FAR_SEEK_MS = 5000;

export function reviewKeys(desk: ReviewDesk, view: () => ReviewView | null, zoom: Zoom): Handlers {
  const { player } = desk;
  const duration = (): number => view()?.duration_ms ?? 0;

  function arrow(direction: 1 | -1, event: KeyboardEvent): void {
    if (desk.edge !== null) desk.nudge(direction * edgeStep(event));
    else player.seek(player.positionMs + direction * (event.shiftKey ? FAR_SEEK_MS : SEEK_MS));
  }

  function toggleMode(): void {
    if (player.mode === 'original') player.change({ mode: 'redacted' });
    else if (view()?.may_hear_original) player.change({ mode: 'original' });
  }

  function nextChannel(): void {
    const channels = view()?.channels.length ?? 0;
    const next = player.channel === null ? 0 : player.channel + 1;
    player.change({ channel: next < channels ? next : null });
  }

  return {
    play: () => desk.playSelected(),
    'play-on': () => void player.play(player.positionMs, duration()),
    redact: () => void desk.redact(),
    keep: () => void desk.keep(),
    'next-span': () => desk.move(1),
    'previous-span': () => desk.move(-1),
    edges: () => desk.cycleEdge(),
    left: (event) => arrow(-1, event),
    right: (event) => arrow(1, event),
    mark: () => desk.mark(),
    mode: toggleMode,
    channel: nextChannel,
    slower: () => player.stepSpeed(-1),
    faster: () => player.stepSpeed(1),
    'go-to-time': () => document.querySelector<HTMLElement>('[data-goto]')?.focus(),
    'zoom-span': () => {
      const span = desk.selected;
      if (span) zoom.showRange(span.start_ms, span.end_ms, duration());
    },
    'zoom-all': () => zoom.showAll(duration()),
    undo: () => void desk.undo(),
    reason: (event) => desk.chooseReason(Number(event.key)),
    leave: (event) => {
      desk.leave();
      if (fieldKind(event.target)) focusQueue();
    },
  };
}
