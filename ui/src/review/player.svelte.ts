/** Plays stretches of a call through the core, and knows where the playhead is between two reports. */
import type { Event, PlayMode } from '../backend';
import { Action } from '../state/action.svelte';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

export class Player {
  positionMs = $state(0);
  isPlaying = $state(false);
  mode = $state<PlayMode>('redacted');
  channel = $state<number | null>(null);
  speed = $state(1);
  readonly action = new Action();
  readonly speeds = SPEEDS;
  #endMs = 0;
  #anchor = { ms: 0, at: 0 };
  #frame = 0;

  constructor(
    private readonly caseId: string,
    private readonly call: number,
    private readonly durationMs: () => number,
  ) {}

  /** Whether playing by itself makes sense: not after sound failed, until a person asks again. */
  get isSilent(): boolean {
    return this.action.error !== null;
  }

  async play(fromMs: number, toMs: number): Promise<void> {
    const from = Math.round(Math.max(0, fromMs));
    const to = Math.round(Math.min(this.durationMs(), toMs));
    if (to <= from) return;
    this.#endMs = to;
    this.positionMs = from;
    const { caseId: case_id, call, mode, channel, speed } = this;
    await this.action.run('play_audio', { case_id, call, from_ms: from, to_ms: to, mode, channel, speed });
  }

  async stop(): Promise<void> {
    this.#halt();
    await this.action.run('stop_audio', {});
  }

  /** Goes to a place; what plays goes on from there to the end of the call. */
  seek(ms: number): void {
    this.positionMs = Math.round(Math.min(Math.max(0, ms), this.durationMs()));
    if (this.isPlaying) void this.play(this.positionMs, this.durationMs());
  }

  /** Changes what is heard, at the same instant. */
  change(change: { mode?: PlayMode; channel?: number | null; speed?: number }): void {
    if (change.mode !== undefined) this.mode = change.mode;
    if (change.channel !== undefined) this.channel = change.channel;
    if (change.speed !== undefined) this.speed = change.speed;
    if (this.isPlaying) void this.play(this.positionMs, this.#endMs);
  }

  stepSpeed(step: 1 | -1): void {
    const at = SPEEDS.findIndex((speed) => speed === this.speed);
    const speed = SPEEDS[Math.min(Math.max(at + step, 0), SPEEDS.length - 1)];
    if (speed !== undefined) this.change({ speed });
  }

  /** Takes a report of the core; answers nothing, because the page reads the state. */
  onEvent(event: Event): void {
    if (event.kind !== 'playback' || event.case_id !== this.caseId || event.call !== this.call) return;
    this.#anchor = { ms: event.position_ms, at: performance.now() };
    this.positionMs = event.position_ms;
    if (!event.playing) this.#halt();
    else if (!this.isPlaying) {
      this.isPlaying = true;
      this.#tick();
    }
  }

  close(): void {
    if (this.isPlaying) void this.stop();
    this.#halt();
  }

  #halt(): void {
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
  }

  #tick(): void {
    this.#frame = requestAnimationFrame((now) => {
      const elapsed = (now - this.#anchor.at) * this.speed;
      this.positionMs = Math.min(this.#anchor.ms + Math.max(0, elapsed), this.#endMs);
      if (this.isPlaying) this.#tick();
    });
  }
}
