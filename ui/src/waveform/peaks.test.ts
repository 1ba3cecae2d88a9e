import { expect, it, vi } from 'vitest';

import type { PeaksView } from '../bindings/api';
import { decodePoints, PeakTiles } from './peaks';

const encode = (...values: number[]): string =>
  btoa(String.fromCharCode(...values.map((value) => value & 255)));

const tile = (...points: number[]): PeaksView => ({
  points_per_second: 200,
  points_total: 3,
  first_point: 0,
  channels: [encode(...points)],
});

it('decodes signed bytes', () => {
  expect([...decodePoints(encode(-128, 127, -1, 0))]).toEqual([-128, 127, -1, 0]);
});

it('asks for a tile once and answers ranges after it arrived', async () => {
  const load = vi.fn(() => Promise.resolve(tile(-5, 7, -90, 3, -1, 100)));
  const arrived = vi.fn();
  const tiles = new PeakTiles(load, arrived, vi.fn());
  const viewport = { startMs: 0, msPerPx: 1, widthPx: 10 };
  tiles.request(viewport, 15);
  tiles.request(viewport, 15);
  expect(tiles.range(0, 0, 0, 2)).toBeNull();
  await vi.waitFor(() => expect(arrived).toHaveBeenCalledOnce());
  expect(load).toHaveBeenCalledExactlyOnceWith(0, 0);
  expect(tiles.range(0, 0, 0, 2)).toEqual({ min: -90, max: 7 });
  expect(tiles.range(0, 0, 2, 9)).toEqual({ min: -1, max: 100 });
  expect(tiles.range(0, 1, 0, 2)).toBeNull();
});

it('asks again for a tile that failed', async () => {
  const load = vi.fn(() => Promise.reject(new Error('no')));
  const failed = vi.fn();
  const tiles = new PeakTiles(load, vi.fn(), failed);
  const viewport = { startMs: 0, msPerPx: 1, widthPx: 10 };
  tiles.request(viewport, 15);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
  tiles.request(viewport, 15);
  expect(load).toHaveBeenCalledTimes(2);
});
