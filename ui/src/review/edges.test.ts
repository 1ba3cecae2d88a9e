import { describe, expect, it } from 'vitest';

import { areEdges, between, edgeStep, markedAt, moveEdge } from './edges';

const edges = { start: 1000, end: 2000 };

describe('edges', () => {
  it.each([
    ['start', -50, { start: 950, end: 2000 }],
    ['start', -5000, { start: 0, end: 2000 }],
    ['start', 5000, { start: 1980, end: 2000 }],
    ['end', 250, { start: 1000, end: 2250 }],
    ['end', 99_999, { start: 1000, end: 5000 }],
    ['end', -5000, { start: 1000, end: 1020 }],
  ] as const)('%s by %d ms', (which, byMs, expected) => {
    expect(moveEdge(edges, which, byMs, 5000)).toEqual(expected);
  });

  it('arrows go 50, with Shift 10, with Ctrl or Cmd 250', () => {
    const none = { shiftKey: false, ctrlKey: false, metaKey: false };
    expect(edgeStep(none)).toBe(50);
    expect(edgeStep({ ...none, shiftKey: true })).toBe(10);
    expect(edgeStep({ ...none, metaKey: true })).toBe(250);
  });

  it('typed times must make a span inside the call', () => {
    expect(areEdges(0, 20, 5000)).toBe(true);
    expect(areEdges(0, 19, 5000)).toBe(false);
    expect(areEdges(2000, 1000, 5000)).toBe(false);
    expect(areEdges(0, 5001, 5000)).toBe(false);
    expect(areEdges(null, 100, 5000)).toBe(false);
  });
});

describe('marks', () => {
  it('the reaction time is taken off while playing, more of it at higher speed', () => {
    expect(markedAt(1000, false, 2)).toBe(1000);
    expect(markedAt(1000, true, 1)).toBe(800);
    expect(markedAt(1000, true, 1.5)).toBe(700);
    expect(markedAt(100, true, 1)).toBe(0);
  });

  it('two marks make a span in either order, never an empty one', () => {
    expect(between(2000, 1000)).toEqual(edges);
    expect(between(1000, 1000)).toEqual({ start: 1000, end: 1020 });
  });
});
