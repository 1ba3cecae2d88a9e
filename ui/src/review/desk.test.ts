import { beforeEach, expect, it, vi } from 'vitest';

import { useBackend, type Event, type ReviewView } from '../backend';
import { createFixture } from '../backend/fixture/fixture';
import { call } from '../backend';
import { announcer } from '../state/announcer.svelte';
import { status } from '../state/status.svelte';
import { ReviewDesk } from './desk.svelte';
import { Player } from './player.svelte';

const caseId = 'SAR-2026-000417';
let view: ReviewView | null = null;
let desk: ReviewDesk;

async function read(): Promise<void> {
  view = await call('get_review', { case_id: caseId, call: 3 });
}

beforeEach(async () => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  useBackend(createFixture('?scene='));
  await status.reload();
  await read();
  const player = new Player(caseId, 3, () => view?.duration_ms ?? 0);
  desk = new ReviewDesk(() => view, read, player);
});

const open = (): ReviewView['spans'] => (view?.spans ?? []).filter(({ decision }) => decision === 'review');

it('redacting a span goes on to the next open one', async () => {
  const [first, second] = open();
  desk.select(first?.id ?? null);
  await desk.redact();
  expect(view?.spans.find(({ id }) => id === first?.id)).toMatchObject({
    decision: 'redact',
    decided_by: 'case.worker',
  });
  expect(desk.selectedId).toBe(second?.id);
});

it('keeping sends the chosen reason', async () => {
  const [first] = open();
  desk.select(first?.id ?? null);
  desk.keepReason = 'consent_given';
  await desk.keep();
  expect(view?.spans.find(({ id }) => id === first?.id)).toMatchObject({
    decision: 'keep',
    reason: 'consent_given',
  });
});

it('ruling the same again changes nothing, so one undo takes it back', async () => {
  const [first] = open();
  const before = open().length;
  desk.select(first?.id ?? null);
  await desk.redact();
  desk.select(first?.id ?? null);
  await desk.redact();
  await desk.undo();
  expect(open()).toHaveLength(before);
});

it('undo takes the last decision back', async () => {
  const before = open().length;
  desk.select(open()[0]?.id ?? null);
  await desk.redact();
  await desk.undo();
  expect(open()).toHaveLength(before);
});

it('arrow presses move an edge on the screen and become one decision', async () => {
  const [first] = open();
  desk.select(first?.id ?? null);
  desk.cycleEdge();
  desk.nudge(-50);
  desk.nudge(-50);
  expect(desk.edge).toBe('start');
  await desk.commitEdges();
  expect(view?.spans.find(({ id }) => id === first?.id)?.start_ms).toBe((first?.start_ms ?? 0) - 100);
  expect(announcer.text).toMatch(/^Redact .* \d left/);
});

it('two marks ask what was heard between them', () => {
  desk.player.positionMs = 5000;
  desk.mark();
  desk.player.positionMs = 4000;
  desk.mark();
  expect(desk.marking).toEqual({ start: 4000, end: 5000 });
  expect(desk.markStartMs).toBeNull();
});

it('an approved call takes no decision', async () => {
  view = await call('get_review', { case_id: caseId, call: 1 });
  const before = JSON.stringify(view.spans);
  desk.select(view.spans[0]?.id ?? null);
  await desk.redact();
  expect(JSON.stringify(view.spans)).toBe(before);
});

it('the playhead follows the reports of its own call only', () => {
  const report: Event = { kind: 'playback', case_id: caseId, call: 3, position_ms: 700, playing: true };
  desk.player.onEvent(report);
  desk.player.onEvent({ ...report, call: 2, position_ms: 9 });
  expect(desk.player.positionMs).toBe(700);
  desk.player.onEvent({ ...report, position_ms: 900, playing: false });
  expect(desk.player.isPlaying).toBe(false);
});
