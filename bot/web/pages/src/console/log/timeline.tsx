// What the secretary did by its tools, and the specialist, step by step.

import { useState } from 'preact/hooks';
import { duration, fullTime, words } from '../format.js';
import { Diff } from './diff.js';
import type { Step } from './types.js';

const kIcons: Record<string, string> = { text: '¶', thinking: '…', tool: '▸', asked_tool: '?', edit: '±', command: '$', approval: '?', refusal: '×', error: '!', leg: '↻', delivery: '→', state: '●' };

interface Filter {
  id: string;
  label: string;
  fits: (step: Step) => boolean;
}

const kFilters: Filter[] = [
  { id: 'all', label: 'All', fits: () => true },
  { id: 'failures', label: 'Failures', fits: (step) => step.ok === false || step.kind === 'refusal' || step.kind === 'error' },
  { id: 'diffs', label: 'Diffs', fits: (step) => step.kind === 'edit' || Boolean(step.diff) },
  { id: 'commands', label: 'Commands', fits: (step) => step.kind === 'command' },
  { id: 'approvals', label: 'Approvals', fits: (step) => ['approval', 'asked_tool', 'refusal'].includes(step.kind) },
];

export function Timeline({ steps, begin }: { steps: Step[]; begin: string }) {
  const [which, setWhich] = useState('all');
  const [open, setOpen] = useState(false);
  const filter = kFilters.find(({ id }) => id === which)!;
  const shown = steps.filter(filter.fits);
  return <>
    <div class="timeline-bar">
      <div class="actions" role="group" aria-label="Show steps">
        {kFilters.map(({ id, label, fits }) => <button type="button" class="action quiet" aria-pressed={which === id} onClick={() => setWhich(id)}>{label} {steps.filter(fits).length}</button>)}
      </div>
      <button type="button" class="quiet-button" aria-pressed={open} onClick={() => setOpen(!open)}>{open ? 'Fold all' : 'Unfold all'}</button>
    </div>
    {shown.length === 0 ? <p class="soft">No such step.</p> : <ol class="timeline">{shown.map((step) => <StepLine step={step} begin={begin} open={open} />)}</ol>}
  </>;
}

function StepLine({ step, begin, open }: { step: Step; begin: string; open: boolean }) {
  const failed = step.ok === false;
  const after = (Date.parse(step.at) - Date.parse(begin)) / 1000;
  const more = Boolean(step.diff) || (step.detail !== '' && step.detail !== step.title);
  const line = <>
    <span class="step-kind">{words(step.kind)}</span> <span class={['command', 'tool', 'asked_tool', 'edit'].includes(step.kind) ? 'mono' : ''}>{step.title}</span>
    {failed && <span class="badge" data-kind="bad">failed</span>}
    {step.known && step.known !== 'recorded' && <span class="known" data-kind={step.known}>{step.known}</span>}
    {step.ms != null && <span class="soft">{duration(step.ms / 1000)}</span>}
    {step.by && <span class="soft">by {step.by}</span>}
  </>;
  return <li class={`step${failed ? ' failed' : ''}`} data-kind={step.kind}>
    <span class="step-icon" aria-hidden="true">{kIcons[step.kind] ?? '·'}</span>
    <time class="step-time" dateTime={step.at} title={fullTime(step.at)}>{offset(after)}</time>
    <div class="step-body">
      {more ? <details open={open || failed}><summary>{line}</summary>
        {step.detail && step.detail !== step.title && <pre class="detail">{step.detail}</pre>}
        {step.diff && <Diff text={step.diff} label={`Diff of ${step.path ?? step.title}`} />}
      </details> : <p>{line}</p>}
    </div>
  </li>;
}

function offset(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  const s = Math.max(0, Math.round(seconds));
  return `+${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}
