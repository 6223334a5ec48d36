// What an operator can do about a decision. It goes the same way as the chat's buttons.

import { useState } from 'preact/hooks';
import { send } from '../api.js';
import { Press } from '../controls.js';
import { Button, Dialog, Notice } from '../parts.js';
import { may } from '../session.js';
import { decisionAddress } from './log_table.js';
import type { Detail } from './types.js';

const kOpen = ['queued', 'running', 'waiting', 'interrupted'];

export function DecisionActions({ detail, onChange }: { detail: Detail; onChange: () => void }) {
  const [began, setBegan] = useState<string | null>(null);
  const [asks, setAsks] = useState(false);
  if (!may('operator')) return <p class="soft">As a viewer you see everything here; judging and running again take an operator.</p>;
  const act = async (what: string, body?: object) => {
    const answer = await send<{ dispatch?: string }>('POST', `/decisions/${detail.id}/${what}`, body ?? {});
    setBegan(what === 'cancel' ? '' : answer?.dispatch ?? '');
    setAsks(false);
    onChange();
  };
  if (!detail.dispatch) return null;  // an answer is judged, not run again
  const working = kOpen.includes(detail.outcome);
  return <>
    <div class="actions decision-actions" role="group" aria-label="Actions">
      {working && <Button style="danger" onClick={() => act('cancel')}>Cancel the run</Button>}
      {!working && <Button onClick={() => act('rerun')}>Run again</Button>}
      {!working && <Press least="admin" onPress={() => setAsks(true)}>Continue…</Press>}
    </div>
    {began !== null && <Notice kind="good">{began ? <>Ordered: <a href={decisionAddress(began)}>{began}</a>.</> : 'Done.'}</Notice>}
    {asks && <ContinueDialog onClose={() => setAsks(false)} onText={(text) => act('continue', { text })} />}
  </>;
}

function ContinueDialog({ onClose, onText }: { onClose: () => void; onText: (text: string) => Promise<void> }) {
  const [text, setText] = useState('');
  return <Dialog title="Continue in the same project" onClose={onClose}>
    <label class="field">What is to be done next<textarea rows={4} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
    <p class="actions">
      <Button style="primary" disabled={!text.trim()} onClick={() => onText(text.trim())}>Continue</Button>
      <button type="button" class="action" onClick={onClose}>Close</button>
    </p>
  </Dialog>;
}
