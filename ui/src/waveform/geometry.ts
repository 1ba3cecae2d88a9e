/** Where things are in the waveform. Pure: times in milliseconds, places in CSS pixels. */

export interface Viewport {
  startMs: number;
  msPerPx: number;
  widthPx: number;
}

/** Points a second at level 0; each further level has a quarter. */
const BASE_POINTS_PER_SECOND = 200;
const LEVEL_FACTOR = 4;
export const TILE_POINTS = 4096;

/** The closest zoom: a word fills the window. */
const CLOSEST_MS_PER_PX = 0.5;

export function xOf(viewport: Viewport, ms: number): number {
  return (ms - viewport.startMs) / viewport.msPerPx;
}

export function msAt(viewport: Viewport, x: number): number {
  return viewport.startMs + x * viewport.msPerPx;
}

export function spanMs(viewport: Viewport): number {
  return viewport.widthPx * viewport.msPerPx;
}

/** Keeps a viewport inside the call; one that shows more than the call shows all of it. */
export function clamp(viewport: Viewport, durationMs: number): Viewport {
  const widest = Math.max(durationMs / Math.max(viewport.widthPx, 1), CLOSEST_MS_PER_PX);
  const msPerPx = Math.min(Math.max(viewport.msPerPx, CLOSEST_MS_PER_PX), widest);
  const lastStart = Math.max(0, durationMs - viewport.widthPx * msPerPx);
  const startMs = Math.min(Math.max(viewport.startMs, 0), lastStart);
  return { startMs, msPerPx, widthPx: viewport.widthPx };
}

export function fitAll(widthPx: number, durationMs: number): Viewport {
  return { startMs: 0, msPerPx: durationMs / Math.max(widthPx, 1), widthPx };
}

/** Zooms and keeps what is under `x` where it is. */
export function zoomAt(viewport: Viewport, x: number, factor: number, durationMs: number): Viewport {
  const under = msAt(viewport, x);
  const msPerPx = viewport.msPerPx * factor;
  const zoomed = clamp({ ...viewport, msPerPx }, durationMs);
  return clamp({ ...zoomed, startMs: under - x * zoomed.msPerPx }, durationMs);
}

export function scrollBy(viewport: Viewport, px: number, durationMs: number): Viewport {
  return clamp({ ...viewport, startMs: viewport.startMs + px * viewport.msPerPx }, durationMs);
}

/** Shows a range in the middle with as much again on each side. */
export function fitRange(viewport: Viewport, fromMs: number, toMs: number, durationMs: number): Viewport {
  const margin = Math.max(toMs - fromMs, 500);
  const msPerPx = (toMs - fromMs + 2 * margin) / Math.max(viewport.widthPx, 1);
  return clamp({ ...viewport, startMs: fromMs - margin, msPerPx }, durationMs);
}

/** Moves only if the range is not in view, and then puts it in the middle. */
export function reveal(viewport: Viewport, fromMs: number, toMs: number, durationMs: number): Viewport {
  const end = viewport.startMs + spanMs(viewport);
  if (fromMs >= viewport.startMs && toMs <= end) return viewport;
  const startMs = (fromMs + toMs) / 2 - spanMs(viewport) / 2;
  return clamp({ ...viewport, startMs }, durationMs);
}

/** Playback pages: when the playhead leaves the view, the next page begins a little before it. */
export function pageTo(viewport: Viewport, positionMs: number, durationMs: number): Viewport {
  const end = viewport.startMs + spanMs(viewport);
  if (positionMs >= viewport.startMs && positionMs <= end) return viewport;
  return clamp({ ...viewport, startMs: positionMs - spanMs(viewport) * 0.05 }, durationMs);
}

/** The coarsest level that still has a point for each pixel; a call has no level beyond one tile. */
export function levelFor(msPerPx: number, durationMs: number): number {
  const pointsPerPx = (BASE_POINTS_PER_SECOND * msPerPx) / 1000;
  const level = Math.floor(Math.log(Math.max(pointsPerPx, 1)) / Math.log(LEVEL_FACTOR));
  return Math.min(level, coarsestLevel(durationMs));
}

function coarsestLevel(durationMs: number): number {
  let points = (durationMs * BASE_POINTS_PER_SECOND) / 1000;
  let level = 0;
  for (; points > TILE_POINTS; level++) points = Math.ceil(points / LEVEL_FACTOR);
  return level;
}

/** Points a second of a level, before a tile said it to the last digit. */
export function nominalPointsPerSecond(level: number): number {
  return BASE_POINTS_PER_SECOND / LEVEL_FACTOR ** level;
}

/** The tiles that a viewport needs, in order. */
export function tilesFor(viewport: Viewport, pointsPerSecond: number, durationMs: number): number[] {
  const perMs = pointsPerSecond / 1000;
  const last = Math.max(0, Math.ceil(durationMs * perMs) - 1);
  const from = Math.floor((Math.max(viewport.startMs, 0) * perMs) / TILE_POINTS);
  const end = viewport.startMs + spanMs(viewport);
  const to = Math.floor(Math.min(end * perMs, last) / TILE_POINTS);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

const TICKS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
const TICK_MIN_PX = 90;

/** The times of the ruler's marks in view. */
export function ticks(viewport: Viewport): number[] {
  const step = TICKS_MS.find((ms) => ms / viewport.msPerPx >= TICK_MIN_PX) ?? 1_800_000;
  const first = Math.ceil(viewport.startMs / step) * step;
  const count = Math.floor((viewport.startMs + spanMs(viewport) - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => first + index * step);
}

const HANDLE_PX = 6;

/** Which edge of a span lies under the pointer. */
export function edgeAt(
  viewport: Viewport,
  span: { start_ms: number; end_ms: number },
  x: number,
): 'start' | 'end' | null {
  const [start, end] = [xOf(viewport, span.start_ms), xOf(viewport, span.end_ms)];
  if (Math.abs(x - end) <= HANDLE_PX) return 'end';
  return Math.abs(x - start) <= HANDLE_PX ? 'start' : null;
}
