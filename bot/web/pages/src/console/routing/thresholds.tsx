// How often which p came up, with the two thresholds on it, to be dragged by mouse, finger or keyboard.
import { count, probability } from '../format.js';
import { type Colour, inks, Legend, useScheme } from '../charts/plot.js';
import uPlot from 'uplot';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TargetedKeyboardEvent, TargetedPointerEvent } from 'preact';

/** `by_rule` counts those that a rule decided, whatever p was. */
export interface Bin { from: number; to: number; answer: number; ask: number; dispatch: number; by_rule: number; mistakes: number }
export interface Thresholds { ask_at: number; dispatch_at: number }

const kStep = 0.01;
const kHeight = 260;

export const total = (bin: Bin): number => bin.answer + bin.ask + bin.dispatch;
const round = (value: number): number => Math.round(value * 100) / 100;

/** `value` for one threshold, kept within 0..1 and on its side of the other one. */
export function bounded(now: Thresholds, which: keyof Thresholds, value: number): Thresholds {
  const wanted = round(Math.min(1, Math.max(0, value)));
  return which === 'ask_at' ? { ...now, ask_at: Math.min(wanted, now.dispatch_at) } : { ...now, dispatch_at: Math.max(wanted, now.ask_at) };
}

/** What would be done with a turn of this p. */
function zone(p: number, at: Thresholds): 'answer' | 'ask' | 'dispatch' {
  return p < at.ask_at ? 'answer' : p < at.dispatch_at ? 'ask' : 'dispatch';
}

// A square root: most turns are far from the middle, and the few there are what the thresholds are about.
const height = (n: number): number => Math.sqrt(n);

function paint(plot: uPlot, ink: Record<Colour, string>, bins: Bin[], at: Thresholds): void {
  const { ctx } = plot;
  const bottom = plot.valToPos(0, 'y', true);
  ctx.save();
  for (const [from, to, colour] of [[0, at.ask_at, 'answer'], [at.ask_at, at.dispatch_at, 'ask'], [at.dispatch_at, 1, 'dispatch']] as const) {
    const left = plot.valToPos(from, 'x', true);
    ctx.globalAlpha = 0.1;
    ctx.fillStyle = ink[colour];
    ctx.fillRect(left, plot.bbox.top, plot.valToPos(to, 'x', true) - left, plot.bbox.height);
  }
  ctx.globalAlpha = 1;
  for (const bin of bins) {
    const left = plot.valToPos(bin.from, 'x', true);
    const width = Math.max(1, plot.valToPos(bin.to, 'x', true) - left - devicePixelRatio);
    const bar = (n: number, colour: Colour) => {
      const top = plot.valToPos(height(n), 'y', true);
      ctx.fillStyle = ink[colour];
      ctx.fillRect(left, top, width, bottom - top);
    };
    if (total(bin) > 0) bar(total(bin), zone((bin.from + bin.to) / 2, at));
    if (bin.mistakes > 0) bar(Math.min(bin.mistakes, total(bin)), 'bad');
  }
  ctx.restore();
}

function options(width: number, ink: Record<Colour, string>, draw: (plot: uPlot) => void, placed: (plot: uPlot) => void): uPlot.Options {
  const axis = { stroke: ink.soft, grid: { stroke: ink.line, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif', gap: 6 };
  return {
    width, height: kHeight, legend: { show: false }, cursor: { show: false }, padding: [14, 12, 0, 0],
    scales: { x: { time: false, range: () => [0, 1] }, y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.08)] } },
    axes: [
      { ...axis, size: 30, grid: { show: false }, incrs: [0.1, 0.2, 0.5], space: 44, values: (_plot, ticks) => ticks.map((tick) => tick.toFixed(1)) },
      { ...axis, size: 44, values: (_plot, ticks) => ticks.map((tick) => (Number.isInteger(tick) || tick > 4 ? count(Math.round(tick * tick)) : '')) },
    ],
    series: [{}, { stroke: 'transparent', points: { show: false }, paths: () => null }],
    hooks: { draw: [draw], ready: [placed], setSize: [placed] },
  };
}

interface Place { left: number; top: number; width: number; height: number }

interface Props {
  bins: Bin[];
  value: Thresholds;
  /** What is in force; shown as a thin mark where it differs. */
  saved: Thresholds;
  change: (next: Thresholds) => void;
}

export function ThresholdChart({ bins, value, saved, change }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [place, setPlace] = useState<Place>({ left: 44, top: 14, width: 0, height: 0 });
  const scheme = useScheme();
  const now = useRef({ bins, value });
  now.current = { bins, value };

  useLayoutEffect(() => {
    const host = box.current;
    if (!host) return undefined;
    const placed = (made: uPlot) => {
      const ratio = devicePixelRatio;
      setPlace({ left: made.bbox.left / ratio, top: made.bbox.top / ratio, width: made.bbox.width / ratio, height: made.bbox.height / ratio });
    };
    const data: uPlot.AlignedData = [bins.map((bin) => (bin.from + bin.to) / 2), bins.map((bin) => height(total(bin)))];
    const ink = inks();
    const draw = (drawn: uPlot) => paint(drawn, ink, now.current.bins, now.current.value);
    const made = new uPlot(options(Math.max(200, host.clientWidth), ink, draw, placed), data, host);
    plot.current = made;
    placed(made);
    const watcher = new ResizeObserver(() => {
      made.setSize({ width: Math.max(200, host.clientWidth), height: kHeight });
      placed(made);
    });
    watcher.observe(host);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [scheme, bins]);
  useLayoutEffect(() => plot.current?.redraw(false), [value.ask_at, value.dispatch_at]);

  const labels = { answer: 'would be answered', ask: 'would be asked first', dispatch: 'would be dispatched' };
  return (
    <>
      <Legend items={[{ label: labels.answer, colour: 'answer' }, { label: labels.ask, colour: 'ask' }, { label: labels.dispatch, colour: 'dispatch' }, { label: 'known mistakes', colour: 'bad' }]} />
      <div class="s-thresholds">
        <div ref={box} class="s-plot" role="img" aria-label="How many turns had which probability of needing the specialist. The table below has the figures." />
        <div class="s-track" style={{ left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px`, height: `${place.height}px` }}>
          <Mark at={saved.ask_at} hidden={saved.ask_at === value.ask_at} />
          <Mark at={saved.dispatch_at} hidden={saved.dispatch_at === value.dispatch_at} />
          <Handle which="ask_at" name="Ask from" value={value} saved={saved} change={change} />
          <Handle which="dispatch_at" name="Dispatch from" value={value} saved={saved} change={change} />
        </div>
      </div>
    </>
  );
}

function Mark({ at, hidden }: { at: number; hidden: boolean }) {
  return hidden ? null : <span class="s-mark" style={{ left: `${at * 100}%` }} />;
}

interface HandleProps { which: keyof Thresholds; name: string; value: Thresholds; saved: Thresholds; change: (next: Thresholds) => void }

const strides: Record<string, number> = { ArrowLeft: -kStep, ArrowDown: -kStep, ArrowRight: kStep, ArrowUp: kStep, PageDown: -0.1, PageUp: 0.1 };

function Handle({ which, name, value, saved, change }: HandleProps) {
  const at = value[which];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const ends: Record<string, number> = { Home: 0, End: 1, Escape: saved[which] };
    const next = event.key in ends ? ends[event.key] : event.key in strides ? at + (strides[event.key] ?? 0) : undefined;
    if (next === undefined) return;
    event.preventDefault();
    change(bounded(value, which, next));
  };
  const follow = (event: TargetedPointerEvent<HTMLDivElement>) => {
    const track = event.currentTarget.parentElement?.getBoundingClientRect();
    if (track?.width) change(bounded(value, which, (event.clientX - track.left) / track.width));
  };
  const onPointerDown = (event: TargetedPointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
  };
  const onPointerMove = (event: TargetedPointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
  };
  return (
    <div class={`s-handle s-handle-${which}`} style={{ left: `${at * 100}%` }} role="slider" tabIndex={0} aria-label={name} aria-orientation="horizontal"
      aria-valuemin={which === 'ask_at' ? 0 : value.ask_at} aria-valuemax={which === 'ask_at' ? value.dispatch_at : 1} aria-valuenow={at} aria-valuetext={`p = ${probability(at)}`}
      onKeyDown={onKeyDown} onPointerDown={onPointerDown} onPointerMove={onPointerMove}>
      <span class="s-grip" style={{ transform: `translateX(${-at * 100}%)` }}>{name} <strong>{probability(at)}</strong></span>
    </div>
  );
}
