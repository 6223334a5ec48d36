// p and the thresholds as a picture. The figures stand beside it: whoever does not see it misses nothing.

import { probability, probabilityOf } from '../format.js';

export function percent(value: number): string {
  return `${Math.min(100, Math.max(0, 100 * value))}%`;
}

/** Three zones, answer, ask and dispatch, and a mark where p stands. */
export function ScoreBar({ p, ask, dispatch, small }: { p: number | null; ask: number; dispatch: number; small?: boolean }) {
  const label = `p is ${probabilityOf({ p })}; asks from ${probability(ask)}, dispatches from ${probability(dispatch)}`;
  return <div class={`score${small ? ' small' : ''}`} role="img" aria-label={label} title={small ? label : undefined}>
    <div class="zones">
      <span class="zone answer" style={{ width: percent(ask) }}>{!small && ask > 0.12 && 'answer'}</span>
      <span class="zone ask" style={{ width: percent(dispatch - ask) }}>{!small && dispatch - ask > 0.1 && 'ask'}</span>
      <span class="zone dispatch" style={{ width: percent(1 - dispatch) }}>{!small && 1 - dispatch > 0.14 && 'dispatch'}</span>
    </div>
    {p !== null && <span class="mark" style={{ left: percent(p) }} />}
    {!small && p !== null && <span class="mark-label" style={{ left: percent(p) }}>p {probabilityOf({ p })}</span>}
    {!small && <span class="tick" style={{ left: percent(ask) }}>{probability(ask)}</span>}
    {!small && dispatch - ask > 0.06 && <span class="tick" style={{ left: percent(dispatch) }}>{probability(dispatch)}</span>}
  </div>;
}

/** Each signal's part in p, in log-odds: to the right for the specialist, to the left for an answer. */
export function Parts({ features }: { features: { name: string; part: number }[] }) {
  const sorted = [...features].filter((feature) => Number.isFinite(feature.part)).sort((a, b) => Math.abs(b.part) - Math.abs(a.part));
  const most = Math.max(...sorted.map((feature) => Math.abs(feature.part)), 0.01);
  return <table class="parts">
    <caption>Parts in p, in log-odds: <span class="toward-dispatch">for the specialist</span>, <span class="toward-answer">for an answer</span></caption>
    <thead class="unseen"><tr><th scope="col">Signal</th><th scope="col">Picture</th><th scope="col">Part</th></tr></thead>
    <tbody>{sorted.map(({ name, part }) => <tr>
      <th scope="row">{name}</th>
      <td><div class={`part ${part < 0 ? 'minus' : 'plus'}`} aria-hidden="true"><span style={{ width: percent(Math.abs(part) / most / 2) }} /></div></td>
      <td class="figure">{part > 0 ? '+' : part < 0 ? '−' : ''}{Math.abs(part).toFixed(2)}</td>
    </tr>)}</tbody>
  </table>;
}
