/** Tiles of the waveform: asked for once, kept while the call is shown. */
import type { PeaksView } from '../bindings/api';
import { levelFor, nominalPointsPerSecond, TILE_POINTS, tilesFor, type Viewport } from './geometry';

/** The points of one channel in one tile: min, max, min, max… */
export type Points = Int8Array;

export function decodePoints(base64: string): Points {
  const text = atob(base64);
  const points = new Int8Array(text.length);
  for (let index = 0; index < text.length; index++) points[index] = text.charCodeAt(index);
  return points;
}

export type LoadTile = (level: number, tile: number) => Promise<PeaksView>;

export class PeakTiles {
  readonly #tiles = new Map<string, Points[] | 'loading'>();
  readonly #rates = new Map<number, number>();

  constructor(
    private readonly load: LoadTile,
    private readonly onArrival: () => void,
    private readonly onFailure: (reason: unknown) => void,
  ) {}

  /** Asks for what a viewport needs and is not there. */
  request(viewport: Viewport, durationMs: number): void {
    const level = levelFor(viewport.msPerPx, durationMs);
    for (const tile of tilesFor(viewport, this.pointsPerSecond(level), durationMs)) {
      const key = `${level}/${tile}`;
      if (this.#tiles.has(key)) continue;
      this.#tiles.set(key, 'loading');
      void this.#fetch(key, level, tile);
    }
  }

  /** Not every sample rate divides into 200 points, so the tiles say how many they have. */
  pointsPerSecond(level: number): number {
    return this.#rates.get(level) ?? nominalPointsPerSecond(level);
  }

  /** The lowest and highest point from `first` up to, not including, `end`; null before it arrived. */
  range(level: number, channel: number, first: number, end: number): { min: number; max: number } | null {
    let min = 127;
    let max = -128;
    for (let point = first; point < end; point++) {
      const tile = this.#tiles.get(`${level}/${Math.floor(point / TILE_POINTS)}`);
      if (!tile || tile === 'loading') return null;
      const at = (point % TILE_POINTS) * 2;
      const points = tile[channel];
      const [low, high] = [points?.[at], points?.[at + 1]];
      if (low === undefined || high === undefined) break;
      min = Math.min(min, low);
      max = Math.max(max, high);
    }
    return max < min ? null : { min, max };
  }

  async #fetch(key: string, level: number, tile: number): Promise<void> {
    try {
      const view = await this.load(level, tile);
      this.#tiles.set(key, view.channels.map(decodePoints));
      this.#rates.set(level, view.points_per_second);
      this.onArrival();
    } catch (reason) {
      // The next redraw asks again.
      this.#tiles.delete(key);
      this.onFailure(reason);
    }
  }
}
