import { describe, expect, it } from 'vitest';

import {
  clamp,
  edgeAt,
  fitAll,
  fitRange,
  levelFor,
  msAt,
  pageTo,
  reveal,
  scrollBy,
  spanMs,
  ticks,
  tilesFor,
  xOf,
  zoomAt,
} from './geometry';

const CALL_MS = 180_000;
const view = { startMs: 10_000, msPerPx: 20, widthPx: 1000 };

describe('places and times', () => {
  it('go both ways', () => {
    expect(xOf(view, 12_000)).toBe(100);
    expect(msAt(view, 100)).toBe(12_000);
  });

  it('the whole call fits the window', () => {
    const whole = fitAll(900, CALL_MS);
    expect(xOf(whole, CALL_MS)).toBeCloseTo(900);
  });
});

describe('clamp', () => {
  it.each([
    ['before the start', { ...view, startMs: -500 }, 0],
    ['after the end', { ...view, startMs: 999_999 }, CALL_MS - 20_000],
    ['wider than the call', { startMs: 50_000, msPerPx: 1000, widthPx: 1000 }, 0],
  ])('%s', (_, viewport, startMs) => {
    expect(clamp(viewport, CALL_MS).startMs).toBe(startMs);
  });

  it('shows no more than the call and no less than a word', () => {
    expect(clamp({ ...view, msPerPx: 9999 }, CALL_MS).msPerPx).toBe(180);
    expect(clamp({ ...view, msPerPx: 0 }, CALL_MS).msPerPx).toBe(0.5);
  });
});

describe('moving', () => {
  it('zooming keeps what is under the pointer', () => {
    const zoomed = zoomAt(view, 300, 0.5, CALL_MS);
    expect(msAt(zoomed, 300)).toBeCloseTo(msAt(view, 300));
    expect(zoomed.msPerPx).toBe(10);
  });

  it('scrolling goes by pixels and stops at the ends', () => {
    expect(scrollBy(view, 100, CALL_MS).startMs).toBe(12_000);
    expect(scrollBy(view, -9999, CALL_MS).startMs).toBe(0);
  });

  it('a range in view does not move the view, one outside comes to the middle', () => {
    expect(reveal(view, 11_000, 12_000, CALL_MS)).toBe(view);
    const moved = reveal(view, 100_000, 102_000, CALL_MS);
    expect(xOf(moved, 101_000)).toBeCloseTo(500);
  });

  it('playback pages only when the playhead leaves the view', () => {
    expect(pageTo(view, 15_000, CALL_MS)).toBe(view);
    expect(pageTo(view, 30_100, CALL_MS).startMs).toBeCloseTo(30_100 - spanMs(view) * 0.05);
  });

  it('zooming to a span leaves room on both sides', () => {
    const fitted = fitRange(view, 60_000, 62_000, CALL_MS);
    expect(msAt(fitted, 0)).toBeCloseTo(58_000);
    expect(msAt(fitted, 1000)).toBeCloseTo(64_000);
  });
});

describe('levels and tiles', () => {
  it.each([
    [0.5, 0],
    [5, 0],
    [20, 1],
    [80, 2],
    [320, 3],
    [1280, 4],
    [99_999, 5],
  ])('%d ms per pixel needs level %d', (msPerPx, level) => {
    expect(levelFor(msPerPx, 3 * 3_600_000)).toBe(level);
  });

  it.each([
    [20_000, 0],
    [20_480, 0],
    [20_500, 1],
    [81_920, 1],
    [81_940, 2],
  ])('a call of %d ms ends at level %d, where one tile holds it', (durationMs, level) => {
    expect(levelFor(99_999, durationMs)).toBe(level);
  });

  it('asks only for tiles in view and inside the call', () => {
    // Level 0 has 200 points a second, so a tile lasts 20.48 s.
    expect(tilesFor({ startMs: 20_000, msPerPx: 1, widthPx: 1000 }, 200, CALL_MS)).toEqual([0, 1]);
    expect(tilesFor({ startMs: 175_000, msPerPx: 10, widthPx: 1000 }, 200, CALL_MS)).toEqual([8]);
  });
});

describe('ruler and edges', () => {
  it('marks stand at round times with room for their labels', () => {
    const marks = ticks(view);
    expect(marks.slice(0, 3)).toEqual([10_000, 12_000, 14_000]);
    expect(marks.at(-1)).toBe(30_000);
  });

  it('an edge is taken within a few pixels', () => {
    const span = { start_ms: 12_000, end_ms: 14_000 };
    expect(edgeAt(view, span, 104)).toBe('start');
    expect(edgeAt(view, span, 195)).toBe('end');
    expect(edgeAt(view, span, 150)).toBeNull();
  });
});
