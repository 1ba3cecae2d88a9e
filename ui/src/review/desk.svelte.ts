/** What a reviewer has in hand: the chosen span, its reasons, edges in motion, a mark begun. */
import { call, type DecisionReq, type ReviewView, type SpanView } from '../backend';
import { review as words } from '../messages';
import { Action } from '../state/action.svelte';
import { announcer } from '../state/announcer.svelte';
import { mayWork } from '../state/status.svelte';
import { position } from '../text/format';
import { decisionNames, entityNames, nameOf, redactReasonNames } from '../text/names';
import { between, markedAt, moveEdge, type Edges } from './edges';
import type { Player } from './player.svelte';
import {
  defaultKeepReason,
  defaultRedactReason,
  isRuled,
  neighbor,
  nextOpen,
  openSpans,
  spansIn,
  type QueueTab,
} from './queue';

/** Sound before and after a span when it is played. */
const CONTEXT_MS = 2000;
const EDGE_PREVIEW_MS = 600;
/** Arrow presses within this time become one decision. */
const EDGE_QUIET_MS = 500;

type Ruling = Extract<DecisionReq, { kind: 'redact' | 'keep' }>;

export class ReviewDesk {
  selectedId = $state<string | null>(null);
  tab = $state<QueueTab>('review');
  edge = $state<'start' | 'end' | null>(null);
  redactReason = $state('third_party_data');
  keepReason = $state('not_personal_data');
  revealed = $state.raw<{ id: string; text: string } | null>(null);
  markStartMs = $state<number | null>(null);
  /** Times of the mark dialog while it is open. */
  marking = $state.raw<Edges | null>(null);
  #draft = $state.raw<(Edges & { id: string }) | null>(null);
  readonly action = new Action();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly view: () => ReviewView | null,
    private readonly reload: () => Promise<void>,
    readonly player: Player,
  ) {}

  /** All spans, the one whose edges move where it is going. */
  spans = $derived.by((): SpanView[] => {
    const draft = this.#draft;
    return (this.view()?.spans ?? []).map((span) =>
      span.id === draft?.id ? { ...span, start_ms: draft.start, end_ms: draft.end } : span,
    );
  });
  listed = $derived.by(() => spansIn(this.spans, this.tab));
  selected = $derived.by(() => this.spans.find(({ id }) => id === this.selectedId) ?? null);
  open = $derived.by(() => openSpans(this.spans));
  /** Whether decisions can be taken here and now. */
  canDecide = $derived.by(() => this.view()?.review_state === 'open' && mayWork());

  /** Words are shown to those who decide or approve, while there is something to decide or approve. */
  needsWords = $derived.by(() => {
    const state = this.view()?.review_state;
    return mayWork() && (state === 'open' || state === 'finished');
  });

  select(id: string | null): void {
    void this.commitEdges();
    this.selectedId = id;
    this.edge = null;
    this.revealed = null;
    const span = this.selected;
    if (!span) return;
    this.redactReason = defaultRedactReason(span);
    this.keepReason = defaultKeepReason(span);
    if (!this.player.isPlaying) this.player.positionMs = span.start_ms;
    if (this.needsWords) void this.#reveal(span.id);
  }

  move(step: 1 | -1): void {
    this.select(neighbor(this.listed, this.selected, step));
  }

  chooseReason(digit: number): void {
    const reason = Object.keys(redactReasonNames)[digit - 1];
    if (reason) this.redactReason = reason;
  }

  playSelected(): void {
    if (this.player.isPlaying) void this.player.stop();
    else this.#playAround(this.selected);
  }

  #playAround(span: SpanView | null): void {
    if (span) void this.player.play(span.start_ms - CONTEXT_MS, span.end_ms + CONTEXT_MS);
    else void this.player.play(this.player.positionMs, Infinity);
  }

  redact(): Promise<void> {
    return this.#decideAndGoOn({ kind: 'redact', reason: this.redactReason });
  }

  keep(): Promise<void> {
    return this.#decideAndGoOn({ kind: 'keep', reason: this.keepReason });
  }

  /** Says what the span really is; what happens to it stays open. */
  async retype(entity: string): Promise<void> {
    const span = this.selected;
    if (!span || !this.canDecide || this.action.running || span.entity === entity) return;
    if (await this.#decide(span.id, { kind: 'retype', entity })) {
      announcer.say(words.retyped(nameOf(entityNames, entity)));
    }
  }

  async #decideAndGoOn(decision: Ruling): Promise<void> {
    const id = this.selectedId;
    const span = this.selected;
    if (span && isRuled(span, decision.kind, decision.reason)) return;
    if (id === null || !this.canDecide || this.action.running) return;
    await this.commitEdges();
    const next = nextOpen(this.spans, id);
    if (!(await this.#decide(id, decision))) return;
    announcer.say(words.said(nameOf(decisionNames, decision.kind), String(this.open)));
    if (next === null) return;
    this.select(next);
    if (!this.player.isSilent) this.#playAround(this.selected);
  }

  async #decide(spanId: string, decision: DecisionReq): Promise<boolean> {
    const view = this.view();
    if (!view) return false;
    const { case_id, call: number } = view;
    const done = await this.action.run('decide_span', { case_id, call: number, span_id: spanId, decision });
    await this.reload();
    return done !== null;
  }

  async undo(): Promise<void> {
    const view = this.view();
    if (!view?.can_undo || !this.canDecide) return;
    const done = await this.action.run('undo_decision', { case_id: view.case_id, call: view.call });
    await this.reload();
    if (done) announcer.say(words.undone);
  }

  /** Edges: start, end, off. */
  cycleEdge(): void {
    if (!this.selected || !this.canDecide) return;
    this.edge = this.edge === null ? 'start' : this.edge === 'start' ? 'end' : null;
    if (this.edge === null) void this.commitEdges();
  }

  nudge(byMs: number): void {
    if (this.edge !== null) this.dragEdge(this.edge, byMs);
    const draft = this.#draft;
    if (!draft) return;
    announcer.say(words.edgeMoved(position(draft.start), position(draft.end)));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.commitEdges(), EDGE_QUIET_MS);
    const at = this.edge === 'end' ? draft.end : draft.start;
    if (!this.player.isSilent) void this.player.play(at - EDGE_PREVIEW_MS / 2, at + EDGE_PREVIEW_MS / 2);
  }

  /** Moves an edge on the screen only; `commitEdges` makes it a decision. */
  dragEdge(which: 'start' | 'end', byMs: number): void {
    const span = this.selected;
    if (!span || !this.canDecide) return;
    const edges = { start: span.start_ms, end: span.end_ms };
    this.#draft = { id: span.id, ...moveEdge(edges, which, byMs, this.view()?.duration_ms ?? 0) };
  }

  async commitEdges(): Promise<void> {
    clearTimeout(this.#timer);
    const draft = this.#draft;
    if (draft) await this.setTimes(draft.id, draft);
  }

  async setTimes(spanId: string, edges: Edges): Promise<void> {
    const { start, end } = edges;
    const [start_ms, end_ms] = [Math.round(start), Math.round(end)];
    const done = await this.#decide(spanId, { kind: 'adjust', start_ms, end_ms });
    if (this.#draft?.id === spanId) this.#draft = null;
    // New edges are a decision to redact, also of a span that was open or kept.
    if (done) announcer.say(words.saidTimes(position(start_ms), position(end_ms), String(this.open)));
  }

  /** The first press marks the start, the second asks what it is. */
  mark(): void {
    if (!this.canDecide) return;
    const at = markedAt(this.player.positionMs, this.player.isPlaying, this.player.speed);
    if (this.markStartMs === null) {
      this.markStartMs = at;
      announcer.say(words.markStarted(position(at)));
    } else {
      this.askForMark(between(this.markStartMs, at));
    }
  }

  askForMark(edges: Edges): void {
    this.markStartMs = null;
    if (this.player.isPlaying) void this.player.stop();
    this.marking = edges;
  }

  leave(): void {
    void this.commitEdges();
    this.edge = null;
    this.markStartMs = null;
  }

  /** Reveal level 1: the words under the chosen span only, since deciding needs them. */
  async #reveal(spanId: string): Promise<void> {
    const view = this.view();
    if (!view || spanId === this.revealed?.id) return;
    try {
      const { text } = await call('reveal_span', { case_id: view.case_id, call: view.call, span_id: spanId });
      if (this.selectedId === spanId) this.revealed = { id: spanId, text };
    } catch {
      // The span stays hidden; deciding by ear is possible and nothing is lost.
      this.revealed = null;
    }
  }
}
