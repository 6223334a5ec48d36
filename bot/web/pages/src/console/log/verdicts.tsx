// Judging a decision.

import { useState } from 'preact/hooks';
import { send } from '../api.js';
import { words } from '../format.js';
import { Button, Time } from '../parts.js';
import { may } from '../session.js';
import type { Detail, GivenVerdict, Verdict } from './types.js';

export const kVerdicts: { id: Verdict; label: string; about: string }[] = [
  { id: 'right', label: 'Right', about: 'The decision was right.' },
  { id: 'should_answer', label: 'Should answer', about: 'The secretary should have answered.' },
  { id: 'should_dispatch', label: 'Should dispatch', about: 'The specialist should have had it.' },
  { id: 'bad_result', label: 'Bad result', about: 'The decision was right, what came of it was not.' },
];

export function judge(id: number, verdict: Verdict, note: string): Promise<unknown> {
  return send('POST', `/decisions/${id}/verdict`, note ? { verdict, note } : { verdict });
}

export function Verdicts({ detail, onChange }: { detail: Detail; onChange: () => void }) {
  const [note, setNote] = useState('');
  const last = detail.verdicts.at(-1)?.verdict;
  const give = async (verdict: Verdict) => {
    await judge(detail.id, verdict, note.trim());
    setNote('');
    onChange();
  };
  return <>
    <Given verdicts={detail.verdicts} />
    {may('operator') && <>
      <label class="field">Note <input value={note} onInput={(event) => setNote(event.currentTarget.value)} placeholder="goes along with the verdict" autocomplete="off" /></label>
      <div class="actions verdict-buttons" role="group" aria-label="Verdict">
        {kVerdicts.map(({ id, label, about }) => <Button title={about} pressed={last === id} onClick={() => give(id)}>{label}</Button>)}
      </div>
    </>}
  </>;
}

export function Given({ verdicts }: { verdicts: GivenVerdict[] }) {
  if (!verdicts.length) return <p class="soft">Nobody has judged it yet.</p>;
  return <ul class="given">{verdicts.map((verdict) => <li>
    <strong>{words(verdict.verdict)}</strong> <span class="soft">by {verdict.by ?? 'the way it was used'} ({words(verdict.source)}), <Time at={verdict.at} /></span>
    {verdict.note && <p>{verdict.note}</p>}
  </li>)}</ul>;
}
