/** What the waveform shows; keys, buttons and the playhead all move it. */
import { fitRange, zoomAt, type Viewport } from '../../waveform/geometry';

/** A first look at a call: words can be told apart. */
const FIRST_MS_PER_PX = 16;

export class WaveformView {
  viewport = $state.raw<Viewport>({ startMs: 0, msPerPx: FIRST_MS_PER_PX, widthPx: 1 });

  set(viewport: Viewport): void {
    const { startMs, msPerPx, widthPx } = this.viewport;
    const isSame =
      viewport.startMs === startMs && viewport.msPerPx === msPerPx && viewport.widthPx === widthPx;
    if (!isSame) this.viewport = viewport;
  }

  zoom(factor: number, durationMs: number): void {
    this.set(zoomAt(this.viewport, this.viewport.widthPx / 2, factor, durationMs));
  }

  showAll(durationMs: number): void {
    this.set({ ...this.viewport, startMs: 0, msPerPx: durationMs / this.viewport.widthPx });
  }

  showRange(fromMs: number, toMs: number, durationMs: number): void {
    this.set(fitRange(this.viewport, fromMs, toMs, durationMs));
  }
}
