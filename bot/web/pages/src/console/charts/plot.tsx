// Charts by uPlot. The canvas is a picture for the eyes; the table below each says the same to everybody else.
import { Table, type Column } from '../parts.js';
import uPlot from 'uplot';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export type Colour = 'accent' | 'ink' | 'soft' | 'line' | 'good' | 'warn' | 'bad' | 'answer' | 'ask' | 'dispatch';

const variables: Record<Colour, string> = {
  accent: '--accent', ink: '--ink', soft: '--ink-soft', line: '--line', good: '--good', warn: '--warn', bad: '--bad',
  answer: '--s-answer', ask: '--s-ask', dispatch: '--s-dispatch',
};

/** The page's colours as a canvas wants them: those of the scheme in force, without variables. */
export function inks(): Record<Colour, string> {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const resolved = Object.entries(variables).map(([name, variable]) => {
    probe.style.color = `var(${variable})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(resolved) as Record<Colour, string>;
}

/** The same colour, see-through; `colour` as inks() gives it. */
export function faint(colour: string, share: number): string {
  return colour.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);
}

/** Counts up whenever light turns dark or back, by the system or by choice. */
export function useScheme(): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const changed = () => setTurn((n) => n + 1);
    const query = matchMedia('(prefers-color-scheme: dark)');
    const watcher = new MutationObserver(changed);
    query.addEventListener('change', changed);
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      query.removeEventListener('change', changed);
      watcher.disconnect();
    };
  }, []);
  return turn;
}

export interface Line {
  label: string;
  colour: Colour;
  values: (number | null)[];
  /** Points only, for what is measured one by one. */
  dots?: boolean;
  dash?: boolean;
  /** The area below in the same colour. */
  fill?: boolean;
}

interface PlotProps {
  label: string;
  x: number[];
  lines: Line[];
  /** x is seconds since 1970. */
  days?: boolean;
  xRange?: [number, number];
  yRange?: [number, number];
  xText?: (value: number) => string;
  yText?: (value: number) => string;
  xTitle?: string;
  yTitle?: string;
  height?: number;
}

function axis(ink: Record<Colour, string>, size: number, text?: (value: number) => string, title?: string): uPlot.Axis {
  return {
    stroke: ink.soft, grid: { stroke: ink.line, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif', size, gap: 6,
    ...(text ? { values: (_plot: uPlot, ticks: number[]) => ticks.map(text) } : {}),
    ...(title ? { label: title, labelFont: '12px system-ui, sans-serif', labelSize: 20, labelGap: 0 } : {}),
  };
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayText = (seconds: number): string => dayFormat.format(new Date(seconds * 1000));

function options(props: PlotProps, width: number): uPlot.Options {
  const ink = inks();
  const { lines, days, xRange, yRange, xText, yText, xTitle, yTitle, height = 220 } = props;
  return {
    width, height,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: Boolean(days), ...(xRange ? { range: () => xRange } : {}) }, y: yRange ? { range: () => yRange } : {} },
    axes: [{ ...axis(ink, 30, days ? dayText : xText, xTitle), ...(days ? { incrs: [1, 2, 7, 14, 28].map((n) => n * 86400), space: 64 } : {}) }, axis(ink, 52, yText, yTitle)],
    series: [{}, ...lines.map((line): uPlot.Series => ({
      label: line.label, stroke: ink[line.colour], width: line.dots ? 0 : 2, spanGaps: true,
      ...(line.dash ? { dash: [5, 5] } : {}),
      ...(line.fill ? { fill: faint(ink[line.colour], 0.14) } : {}),
      ...(line.dots ? { paths: () => null } : {}),
      points: { show: Boolean(line.dots), size: 8, width: 0, fill: ink[line.colour] },
    }))],
  };
}

/** The picture alone, as wide as its place. Figure puts the table beside it. */
export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const scheme = useScheme();
  const data: uPlot.AlignedData = [props.x, ...props.lines.map((line) => line.values)];
  const shape = JSON.stringify([scheme, props.xRange, props.yRange, props.lines.map(({ label, colour, dots, dash }) => [label, colour, dots, dash])]);
  useLayoutEffect(() => {
    const host = box.current;
    if (!host) return undefined;
    const made = new uPlot(options(props, Math.max(160, host.clientWidth)), data, host);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: Math.max(160, host.clientWidth), height: props.height ?? 220 }));
    watcher.observe(host);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useLayoutEffect(() => plot.current?.setData(data), [JSON.stringify(data)]);
  return <div ref={box} class="s-plot" role="img" aria-label={props.label} />;
}

export function Legend({ items }: { items: { label: string; colour: Colour; dash?: boolean }[] }) {
  return (
    <ul class="s-legend" aria-hidden="true">
      {items.map(({ label, colour, dash }) => <li key={label}><span class={`s-key s-key-${colour}${dash ? ' s-key-dash' : ''}`} />{label}</li>)}
    </ul>
  );
}

interface PictureProps<T> {
  /** What the picture means, in a sentence, and on how much it rests. */
  says: ComponentChildren;
  children: ComponentChildren;
  caption: string;
  columns: Column<T>[];
  rows: T[];
}

export function Picture<T>({ says, children, caption, columns, rows }: PictureProps<T>) {
  return (
    <figure class="s-figure">
      {children}
      <figcaption>{says}</figcaption>
      <details class="s-details">
        <summary>The same as a table</summary>
        <Table label={caption} columns={columns} items={rows} rowKey={(row) => rows.indexOf(row)} />
      </details>
    </figure>
  );
}
