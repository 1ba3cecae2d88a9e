/** What a pointer does on the lanes: choose, seek, move an edge, draw a stretch. Each has a key too. */
import { laneHeight, RULER_PX, type DrawnSpan, type Lane } from './draw';
import { edgeAt, msAt, xOf, type Viewport } from './geometry';

export interface GestureTarget {
  viewport: () => Viewport;
  lanes: () => readonly Lane[];
  heightPx: number;
  spans: () => readonly DrawnSpan[];
  selected: () => { start_ms: number; end_ms: number } | null;
  canChange: () => boolean;
  /** What lies under the pointer while nothing is dragged. */
  onHover: (under: Hover | null) => void;
  onSeek: (ms: number) => void;
  onSelect: (id: string) => void;
  onEdge: (which: 'start' | 'end', byMs: number) => void;
  onEdgeEnd: () => void;
  onRange: (range: { startMs: number; endMs: number } | null) => void;
  onRangeEnd: (range: { startMs: number; endMs: number }) => void;
}

export interface Hover {
  spanId: string | null;
  /** The edge of the chosen span that a drag would move. */
  edge: 'start' | 'end' | null;
}

/** Less than this is a click. */
const DRAG_PX = 4;

export function spanAt(
  target: Pick<GestureTarget, 'viewport' | 'lanes' | 'heightPx' | 'spans'>,
  x: number,
  y: number,
): string | null {
  const lanes = target.lanes();
  const lane = lanes[Math.floor((y - RULER_PX) / laneHeight({ heightPx: target.heightPx, lanes }))];
  const viewport = target.viewport();
  const hit = target.spans().findLast((span) => {
    const isInLane = span.channel === null || span.channel === lane?.channel;
    return isInLane && x >= xOf(viewport, span.startMs) && x <= xOf(viewport, span.endMs);
  });
  return y < RULER_PX ? null : (hit?.id ?? null);
}

export function pointerGestures(target: GestureTarget): (element: HTMLElement) => () => void {
  return (element) => {
    let drag: { startX: number; lastMs: number; edge: 'start' | 'end' | null } | null = null;

    function onDown(event: PointerEvent): void {
      if (event.button !== 0) return;
      const viewport = target.viewport();
      const edge = edgeUnder(target, event.offsetX);
      drag = { startX: event.offsetX, lastMs: msAt(viewport, event.offsetX), edge };
      element.setPointerCapture(event.pointerId);
    }

    function onMove(event: PointerEvent): void {
      if (!drag) {
        const spanId = spanAt(target, event.offsetX, event.offsetY);
        target.onHover({ spanId, edge: edgeUnder(target, event.offsetX) });
        return;
      }
      if (!target.canChange()) return;
      const viewport = target.viewport();
      const ms = msAt(viewport, event.offsetX);
      if (drag.edge) {
        target.onEdge(drag.edge, ms - drag.lastMs);
        drag.lastMs = ms;
      } else if (Math.abs(event.offsetX - drag.startX) > DRAG_PX) {
        target.onRange(rangeOf(viewport, drag.startX, event.offsetX));
      }
    }

    function onUp(event: PointerEvent): void {
      const ended = drag;
      drag = null;
      if (!ended) return;
      const viewport = target.viewport();
      if (ended.edge) {
        target.onEdgeEnd();
      } else if (target.canChange() && Math.abs(event.offsetX - ended.startX) > DRAG_PX) {
        target.onRangeEnd(rangeOf(viewport, ended.startX, event.offsetX));
      } else {
        const id = spanAt(target, event.offsetX, event.offsetY);
        if (id) target.onSelect(id);
        target.onSeek(msAt(viewport, event.offsetX));
      }
    }

    function onCancel(): void {
      drag = null;
      target.onRange(null);
    }

    const onLeave = (): void => target.onHover(null);

    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onCancel);
    element.addEventListener('pointerleave', onLeave);
    return () => {
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onCancel);
      element.removeEventListener('pointerleave', onLeave);
    };
  };
}

function edgeUnder(
  target: Pick<GestureTarget, 'viewport' | 'selected' | 'canChange'>,
  x: number,
): Hover['edge'] {
  const selected = target.selected();
  return selected && target.canChange() ? edgeAt(target.viewport(), selected, x) : null;
}

function rangeOf(viewport: Viewport, a: number, b: number): { startMs: number; endMs: number } {
  return { startMs: Math.max(0, msAt(viewport, Math.min(a, b))), endMs: msAt(viewport, Math.max(a, b)) };
}
