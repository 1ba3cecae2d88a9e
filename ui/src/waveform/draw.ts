/** Draws lanes, spans and ruler. Nothing here knows the page; a scene goes in, pixels come out. */
import type { Colors } from './colors';
import { levelFor, ticks, xOf, type Viewport } from './geometry';
import { besideSpan, fit } from './label';
import type { PeakTiles } from './peaks';

export const RULER_PX = 22;
const LABEL_PAD_PX = 7;

export interface Lane {
  channel: number;
  party: string;
}

export interface DrawnSpan {
  id: string;
  startMs: number;
  endMs: number;
  /** All lanes when empty. */
  channel: number | null;
  decision: string;
  label: string;
}

export interface Scene {
  viewport: Viewport;
  durationMs: number;
  heightPx: number;
  lanes: readonly Lane[];
  spans: readonly DrawnSpan[];
  selectedId: string | null;
  /** A stretch that is being marked. */
  pending: { startMs: number; endMs: number } | null;
  colors: Colors;
  tiles: PeakTiles;
  label: (ms: number) => string;
}

type Box = { x: number; y: number; width: number; height: number };

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { viewport, heightPx, colors } = scene;
  context.fillStyle = colors.surface;
  context.fillRect(0, 0, viewport.widthPx, heightPx);
  drawRuler(context, scene);
  scene.lanes.forEach((lane, index) => drawLane(context, scene, lane, index));
  for (const span of scene.spans) {
    if (span.id !== scene.selectedId) drawSpan(context, scene, span);
  }
  const selected = scene.spans.find(({ id }) => id === scene.selectedId);
  if (selected) drawSpan(context, scene, selected);
  if (scene.pending) drawPending(context, scene, scene.pending);
}

export function laneHeight(scene: Pick<Scene, 'heightPx' | 'lanes'>): number {
  return (scene.heightPx - RULER_PX) / Math.max(scene.lanes.length, 1);
}

function drawRuler(context: CanvasRenderingContext2D, { viewport, heightPx, colors, label }: Scene): void {
  context.font = `12px ${colors.font}`;
  context.textBaseline = 'middle';
  for (const tick of ticks(viewport)) {
    const x = Math.round(xOf(viewport, tick));
    context.fillStyle = colors.line;
    context.fillRect(x, RULER_PX - 6, 1, heightPx);
    context.fillStyle = colors.text2;
    context.fillText(label(tick), x + 4, RULER_PX / 2);
  }
}

function drawLane(context: CanvasRenderingContext2D, scene: Scene, lane: Lane, index: number): void {
  const { viewport, tiles, colors } = scene;
  const height = laneHeight(scene);
  const middle = RULER_PX + height * (index + 0.5);
  const level = levelFor(viewport.msPerPx, scene.durationMs);
  const perMs = tiles.pointsPerSecond(level) / 1000;
  const perPx = perMs * viewport.msPerPx;
  const first = perMs * viewport.startMs;
  const scale = (height * 0.42) / 128;
  context.fillStyle = lane.party === 'agent' ? colors.agent : colors.customer;
  for (let x = 0; x < viewport.widthPx; x++) {
    const from = Math.floor(first + x * perPx);
    const range = tiles.range(
      level,
      lane.channel,
      from,
      Math.max(from + 1, Math.floor(first + (x + 1) * perPx)),
    );
    const top = range ? Math.max(range.max * scale, 0.5) : 0.5;
    const bottom = range ? Math.max(-range.min * scale, 0.5) : 0.5;
    context.fillRect(x, middle - top, 1, top + bottom);
  }
}

function drawSpan(context: CanvasRenderingContext2D, scene: Scene, span: DrawnSpan): void {
  const { viewport, colors } = scene;
  const x = xOf(viewport, span.startMs);
  const width = Math.max(2, xOf(viewport, span.endMs) - x);
  if (x > viewport.widthPx || x + width < 0) return;
  const isSelected = span.id === scene.selectedId;
  scene.lanes.forEach((lane, index) => {
    if (span.channel !== null && span.channel !== lane.channel) return;
    const height = laneHeight(scene);
    const box = { x, y: RULER_PX + height * index + 5, width, height: height - 10 };
    if (span.decision === 'redact') solid(context, box, colors);
    else if (span.decision === 'keep') frame(context, box, colors.keep, [1, 3], 1);
    else open(context, box, colors, isSelected);
    if (isSelected) select(context, box, span, colors);
    writeLabel(context, box, span, scene);
  });
}

function solid(context: CanvasRenderingContext2D, box: Box, colors: Colors): void {
  context.fillStyle = colors.redact;
  context.fillRect(box.x, box.y, box.width, box.height);
}

function open(context: CanvasRenderingContext2D, box: Box, colors: Colors, isSelected: boolean): void {
  context.fillStyle = colors.reviewFill;
  context.fillRect(box.x, box.y, box.width, box.height);
  frame(context, box, colors.review, isSelected ? [] : [5, 3], isSelected ? 3 : 1.5);
}

function frame(
  context: CanvasRenderingContext2D,
  box: Box,
  color: string,
  dash: number[],
  width: number,
): void {
  context.save();
  context.strokeStyle = color;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.strokeRect(box.x + width / 2, box.y + width / 2, box.width - width, box.height - width);
  context.restore();
}

/** A label stays inside its span; that of the chosen span is shown in full, beside it where it must. */
function writeLabel(context: CanvasRenderingContext2D, box: Box, span: DrawnSpan, scene: Scene): void {
  const { colors, viewport, selectedId } = scene;
  context.font = `600 11px ${colors.font}`;
  context.textBaseline = 'top';
  const measure = (text: string): number => context.measureText(text).width;
  const full = `${span.decision === 'review' ? '? ' : ''}${span.label}`;
  // A span that begins before the view keeps its label in view.
  const start = Math.max(box.x, 0) + LABEL_PAD_PX;
  const room = Math.min(box.x + box.width, viewport.widthPx) - start - LABEL_PAD_PX / 2;
  const isSelected = span.id === selectedId;
  const text = isSelected ? full : fit(full, room, measure);
  if (text === '') return;
  const width = measure(text);
  const isInside = width <= room;
  const x = isInside ? start : besideSpan(box, width, viewport.widthPx);
  const isOnBlock = span.decision === 'redact' && isInside;
  if (!isOnBlock) plate(context, { x: x - 3, y: box.y + 4, width: width + 6, height: 15 }, colors);
  context.fillStyle = isOnBlock ? colors.onRedact : colors.text;
  context.fillText(text, x, box.y + 6);
}

function plate(context: CanvasRenderingContext2D, box: Box, colors: Colors): void {
  context.save();
  context.fillStyle = colors.surface;
  context.globalAlpha = 0.88;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.restore();
}

function select(context: CanvasRenderingContext2D, box: Box, span: DrawnSpan, colors: Colors): void {
  if (span.decision !== 'review') frame(context, box, colors.accent, [], 3);
  context.fillStyle = colors.accent;
  context.fillRect(box.x - 2, box.y - 2, 4, box.height + 4);
  context.fillRect(box.x + box.width - 2, box.y - 2, 4, box.height + 4);
}

function drawPending(
  context: CanvasRenderingContext2D,
  { viewport, heightPx, colors }: Scene,
  pending: { startMs: number; endMs: number },
): void {
  const x = xOf(viewport, pending.startMs);
  const width = Math.max(1, xOf(viewport, pending.endMs) - x);
  frame(context, { x, y: RULER_PX, width, height: heightPx - RULER_PX }, colors.accent, [2, 2], 2);
}
