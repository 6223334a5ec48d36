// The dispatch of a decision, and the files it made.

import { useState } from 'preact/hooks';
import { apiAddress, get, sentence } from '../api.js';
import { bytes, duration } from '../format.js';
import { Badge, Card, Dialog, Money, Time } from '../parts.js';
import { Known } from './decision_page.js';
import { Diff } from './diff.js';
import type { Detail, DispatchDetail, FileChange } from './types.js';

export function DispatchCard({ decision, dispatch, known }: { decision: number; dispatch: DispatchDetail; known: Detail['known'] }) {
  const worked = dispatch.started ? (Date.parse(dispatch.ended ?? new Date().toISOString()) - Date.parse(dispatch.started)) / 1000 : null;
  return <Card title={`Dispatch ${dispatch.id}`} aside={<Badge of={dispatch.outcome ?? dispatch.state} />}>
    <dl class="facts">
      <dt>Project</dt><dd class="mono">{dispatch.project}</dd>
      <dt>Specialist</dt><dd>{dispatch.specialist}, {dispatch.mode}</dd>
      {dispatch.outcome_cause && <><dt>Cause</dt><dd>{dispatch.outcome_cause}</dd></>}
      <dt>Started</dt><dd><Time at={dispatch.started} /> <span class="soft">for {duration(worked)}</span></dd>
      <dt>Ended</dt><dd><Time at={dispatch.ended} /></dd>
      <dt>Turns</dt><dd>{dispatch.turns ?? '–'}</dd>
      <dt>Session</dt><dd class="mono">{dispatch.session ?? '–'}</dd>
      <dt>Cost</dt><dd><Money usd={dispatch.usd} /></dd>
    </dl>
    {dispatch.files.length > 0 && <>
      <h3>Files <Known of={{ known }} name="dispatch_detail.files" /></h3>
      <ul class="files">{dispatch.files.map((file) => <FileLine decision={decision} file={file} />)}</ul>
    </>}
  </Card>;
}

function FileLine({ decision, file }: { decision: number; file: FileChange }) {
  const [shown, setShown] = useState<string | null>(null);
  const show = async () => {
    try {
      setShown(await get<string>(`/decisions/${decision}/diff`, { path: file.path }));
    } catch (error) {
      setShown(sentence(error));
    }
  };
  return <li>
    {file.change === 'deleted' ? <span class="mono">{file.path}</span>
      : <a class="mono" href={apiAddress(`/decisions/${decision}/file`, { path: file.path })} target="_blank" rel="noopener">{file.path}</a>}
    <span class="soft">{file.change}, {bytes(file.bytes)}</span>
    <button type="button" class="quiet-button" onClick={() => void show()}>Diff<span class="unseen"> of {file.path}</span></button>
    {shown !== null && <Dialog title={file.path} onClose={() => setShown(null)}>
      <Diff text={shown} label={`Diff of ${file.path}`} />
      <p class="actions"><a href={apiAddress(`/decisions/${decision}/diff`, { path: file.path })} download={`${file.path.split('/').at(-1)}.diff`}>Save</a> <button type="button" class="action" onClick={() => setShown(null)}>Close</button></p>
    </Dialog>}
  </li>;
}
