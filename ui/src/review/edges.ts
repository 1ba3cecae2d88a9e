/** Moving the edges of a span and marking a new one. */

export interface Edges {
  start: number;
  end: number;
}

/** The shortest span that can be drawn. */
const SHORTEST_MS = 20;
/** How late a person presses the key after hearing the word. */
const REACTION_MS = 200;

export function moveEdge(edges: Edges, which: 'start' | 'end', byMs: number, durationMs: number): Edges {
  if (which === 'start') {
    const start = Math.min(Math.max(0, edges.start + byMs), edges.end - SHORTEST_MS);
    return { ...edges, start };
  }
  const end = Math.max(Math.min(durationMs, edges.end + byMs), edges.start + SHORTEST_MS);
  return { ...edges, end };
}

/** How far an arrow moves an edge. */
export function edgeStep(keys: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): number {
  if (keys.shiftKey) return 10;
  return keys.ctrlKey || keys.metaKey ? 250 : 50;
}

/** Where a mark is meant, when the key was pressed while the call plays. */
export function markedAt(positionMs: number, isPlaying: boolean, speed: number): number {
  return Math.max(0, Math.round(positionMs - (isPlaying ? REACTION_MS * speed : 0)));
}

/** Whether typed times make a span. */
export function areEdges(start: number | null, end: number | null, durationMs: number): boolean {
  return start !== null && end !== null && end - start >= SHORTEST_MS && end <= durationMs;
}

/** Two marks in either order. */
export function between(a: number, b: number): Edges {
  return { start: Math.min(a, b), end: Math.max(Math.max(a, b), Math.min(a, b) + SHORTEST_MS) };
}
