/** Draws the whole call in a strip: loudness, open spans as ticks, and what the waveform shows. */
import type { DrawnSpan, Lane, Scene } from './draw';
import { fitAll, levelFor, msAt, spanMs, xOf, type Viewport } from './geometry';

export interface OverviewScene extends Pick<
  Scene,
  'durationMs' | 'heightPx' | 'lanes' | 'spans' | 'colors' | 'tiles'
> {
  widthPx: number;
  shown: Viewport;
}

const TICK_PX = 7;

export function drawOverview(context: CanvasRenderingContext2D, scene: OverviewScene): void {
  const { colors, widthPx, heightPx, shown } = scene;
  const whole = fitAll(widthPx, scene.durationMs);
  context.clearRect(0, 0, widthPx, heightPx);
  const x = xOf(whole, shown.startMs);
  const width = Math.max(3, spanMs(shown) / whole.msPerPx);
  context.fillStyle = colors.line;
  context.fillRect(x, 0, width, heightPx);
  scene.lanes.forEach((lane, index) => drawLane(context, scene, whole, lane, index));
  scene.spans.forEach((span) => drawTick(context, scene, whole, span));
  context.fillStyle = colors.accent;
  context.fillRect(x, 0, 2, heightPx);
  context.fillRect(x + width - 2, 0, 2, heightPx);
}

function drawLane(
  context: CanvasRenderingContext2D,
  { tiles, heightPx, lanes, colors, widthPx, durationMs }: OverviewScene,
  whole: Viewport,
  lane: Lane,
  index: number,
): void {
  const level = levelFor(whole.msPerPx, durationMs);
  const perMs = tiles.pointsPerSecond(level) / 1000;
  const height = (heightPx - TICK_PX) / lanes.length;
  const middle = TICK_PX + height * (index + 0.5);
  const point = (x: number): number => Math.floor(msAt(whole, x) * perMs);
  context.fillStyle = colors.keep;
  for (let x = 0; x < widthPx; x++) {
    const range = tiles.range(level, lane.channel, point(x), Math.max(point(x) + 1, point(x + 1)));
    const size = range ? Math.max(0.5, ((range.max - range.min) / 256) * height * 0.9) : 0.5;
    context.fillRect(x, middle - size / 2, 1, size);
  }
}

function drawTick(
  context: CanvasRenderingContext2D,
  { colors }: OverviewScene,
  whole: Viewport,
  span: DrawnSpan,
): void {
  if (span.decision === 'keep') return;
  const isOpen = span.decision === 'review';
  context.fillStyle = isOpen ? colors.review : colors.redact;
  // Open spans are taller, so that they differ without color.
  context.fillRect(xOf(whole, span.startMs), isOpen ? 0 : 4, 2, isOpen ? TICK_PX : 3);
}
