// A log as /api/v1 gives it, the same each time: what the stand-in for the program shows.

const kNow = Date.now();
const kMinute = 60_000;

const kTurns = [
  { text: 'what time is it in Tokyo?', action: 'answer', p: 0.04, outcome: 'answered', usd: 0.0004 },
  { text: 'build me a small REST API for tasks in Python', action: 'dispatch', p: 0.94, outcome: 'success', project: 'task-api', usd: 0.4182, verdict: 'right' },
  { text: 'Compare SQLite and PostgreSQL for a small web shop and write me a report', action: 'ask', p: 0.62, outcome: 'success', project: 'db-report', usd: 0.2331 },
  { text: 'could you have a look why the login test is red again?', action: 'ask', p: 0.48, outcome: 'asked', usd: 0.0007 },
  { text: '/dispatch delete all old branches', action: 'dispatch', p: 0.9996, outcome: 'blocked', project: 'cleanup', usd: 0.0911, rule: 'dispatch-command',
    outcome_cause: 'Bash: git push origin --delete release/1.4' },
  { text: 'translate "good morning" into Portuguese', action: 'answer', p: 0.06, outcome: 'answered', usd: 0.0003 },
  { text: 'and now the same for the invoices, please', action: 'dispatch', p: 0.81, outcome: 'error', project: 'invoices', usd: 1.274, outcome_cause: 'The specialist stopped after 40 turns.', verdict: 'bad_result' },
  { text: 'summarise this thread for me', action: 'answer', p: 0.22, outcome: 'failed', cause: 'model-error', usd: 0, outcome_cause: 'The model did not answer within 30 seconds.' },
  { text: 'add tests to the task API', action: 'dispatch', p: 0.91, outcome: 'running', project: 'task-api', usd: 0.0512 },
  { text: 'no, leave it', action: 'ask', p: 0.41, outcome: 'declined', usd: 0.0005 },
];
const kPeople = [
  { person: 'web:ada', name: 'Ada Lovelace', chat: 'web:main', chat_name: 'Chat page' },
  { person: 'tg:12345678', name: 'Grace', chat: 'tg:-100123', chat_name: 'Release team' },
  { person: 'web:local', name: 'Visitor', chat: 'web:a1b2c3', chat_name: null },
];

/** Item number `id`, newest last. */
export function decision(id, changes = {}) {
  const turn = kTurns[id % kTurns.length];
  const person = kPeople[id % kPeople.length];
  return {
    id, decision: id, at: new Date(kNow - (140 - id) * 17 * kMinute).toISOString().replace(/\.\d+Z/, 'Z'), ...person, user: person.person,
    text: turn.text, message: turn.text, summary: turn.text.slice(0, 200), action: turn.action, p: turn.p, ask_at: 0.35, dispatch_at: 0.75, ask_at_from: 'default',
    dispatch_at_from: id % 3 === 1 ? 'chat' : 'default', cause: turn.rule ? `rule:${turn.rule}` : turn.cause ?? 'p', rule: turn.rule ?? null,
    reason: turn.action === 'answer' ? 'A short question.' : 'It asks for files to be made.', outcome: turn.outcome, outcome_cause: turn.outcome_cause ?? null,
    project: turn.project ?? null, dispatch: turn.project ? `d-${id}` : null, usd: turn.usd, verdict: turn.verdict ?? null, ...changes,
  };
}

const kDiff = '--- a/app.py\n+++ b/app.py\n@@ -12,4 +12,7 @@\n @app.get("/tasks")\n def list_tasks():\n-    return jsonify(list(tasks.values()))\n+    newest = sorted(tasks.values(), key=lambda task: task["created"], reverse=True)\n+    return jsonify(newest)\n+\n';

function timelineOf(item, at) {
  const step = (second, kind, title, more = {}) => ({ at: at(second), kind, title, detail: '', tool: null, path: null, diff: null, ok: null, by: null, approval: null, ...more });
  const steps = [step(0, 'state', 'decided', { detail: item.reason })];
  steps.push(step(0, 'tool', 'list-events of calendar: done, as the tool says', { tool: 'calendar/list-events', detail: '{"day":"today"}\n2 events', ok: true, known: 'inferred', ms: 310 }),
    step(1, 'asked_tool', 'move-event of calendar: nobody knows whether it was done', { tool: 'calendar/move-event', detail: '{"to":"Monday"}', by: 'web:ada', known: 'unknown' }));
  if (!item.dispatch) return [...steps, step(2, 'delivery', 'post delivered', { ok: true, detail: 'fd-1f3a' })];
  return [...steps, step(0, 'state', 'queued'), step(1, 'leg', 'started'),
    step(3, 'thinking', 'The person wants the tasks newest first.', { detail: 'The person wants the tasks newest first. I look at app.py, then change the sort and add a test.' }),
    step(5, 'tool', 'Read app.py', { tool: 'Read', path: 'app.py', ok: true }),
    step(9, 'edit', 'Edit app.py', { tool: 'Edit', path: 'app.py', diff: kDiff, ok: true }),
    step(14, 'command', 'pytest -q', { tool: 'Bash', detail: 'pytest -q\n1 failed, 7 passed', ok: false }),
    step(22, 'approval', 'allowed', { tool: 'Bash', detail: 'pip install flask', ok: true, by: 'web:ada' }),
    step(31, 'command', 'pytest -q', { tool: 'Bash', detail: 'pytest -q\n8 passed', ok: true }),
    ...(item.outcome === 'blocked' ? [step(33, 'refusal', 'Bash', { tool: 'Bash', detail: 'git push origin --delete release/1.4', ok: false })] : []),
    step(35, 'text', 'The tasks are listed newest first.', { detail: 'The tasks are listed newest first, and a test holds that.' }),
    step(36, 'state', item.outcome, { ok: item.outcome === 'success' }), step(37, 'delivery', 'edit delivered', { ok: true, detail: 'fd-2b' })];
}

/** Everything about that item, as GET decisions/{id}. */
export function detail(item) {
  const begin = Date.parse(item.at);
  const at = (second) => new Date(begin + second * 1000).toISOString();
  const ran = item.dispatch !== null;
  return {
    ...item, message: item.text, timeline: timelineOf(item, at),
    proposal: item.action === 'answer' ? null : { action: 'run', slug: item.project ?? 'login-test', confidence: 'high', prompt: `${item.text}\n\nKeep it small.`, reason: 'It needs files and commands.' },
    proposed_by: item.action === 'answer' ? null : item.rule === 'dispatch-command' ? 'person' : 'secretary',
    signals: { scorer: 0.71, confidence: 'high', calibration: 'built-in', parts: {} },
    score: { p: item.p, ask_at: item.ask_at, dispatch_at: item.dispatch_at, ask_at_from: item.ask_at_from, dispatch_at_from: item.dispatch_at_from, calibration: 'built-in',
      features: [{ name: 'verb:build', weight: 1.9, part: 1.9 }, { name: 'secretary:high', weight: 1.2, part: 1.2 }, { name: 'names a file', weight: 0.6, part: 0.6 },
        { name: 'question mark', weight: -0.8, part: -0.8 }, { name: 'short', weight: -0.3, part: -0.3 }, { name: 'bias', weight: -1.1, part: -1.1 }] },
    task: ran ? `${item.text}\n\nKeep it small.\n  # no _heading_\n  * no list` : null,
    approvals: ran ? [{ id: 3, at: at(15), settled_at: at(22), kind: 'permission', tool: 'Bash', detail: 'pip install flask', state: 'allowed', by: 'web:ada',
      comment: 'pip install --user flask', allowed_instead: 'pip install --user flask', detail_html: '<p>run this command:</p><pre><code>pip install flask</code></pre>' }] : [],
    tools: [
      { id: 1, server: 'calendar', tool: 'list-events', asked: false, state: 'done', arguments: '{"day":"today"}', result: '2 events', made: at(0), expires: null, ms: 310, by: null, comment: '', effect: 'inferred' },
      { id: 2, server: 'calendar', tool: 'move-event', asked: true, state: 'uncertain', arguments: '{"to":"Monday"}', result: 'The program ended meanwhile.', made: at(0), expires: at(600), ms: null, by: 'web:ada', comment: '', effect: 'unknown' }],
    result: ran ? 'The tasks are listed newest first, and a test holds that.' : 'It is 21:04 in Tokyo.', posted: 'The tasks are listed newest first.',
    posted_html: '<p>The tasks are listed <strong>newest first</strong>.</p>',
    result_html: ran ? '<p>The tasks are listed <strong>newest first</strong>, and a test holds that.</p>' : '<p>It is 21:04 in Tokyo.</p>',
    deliveries: [{ at: at(1), settled_at: at(2), kind: 'post', id: 'fd-1f3a', state: 'delivered', error: '' },
      ...(ran ? [{ at: at(36), settled_at: null, kind: 'edit', id: 'fd-2b', state: 'uncertain', error: 'The service did not answer in time.' }] : [])],
    cost: [{ purpose: 'secretary', model: 'claude-haiku-4-5', usd: 0.0007, input_tokens: 1204, cached_tokens: 900, output_tokens: 41 },
      ...(ran ? [{ purpose: 'specialist', model: 'claude-sonnet-4-5', usd: item.usd, input_tokens: 48211, cached_tokens: 39000, output_tokens: 5120 }] : [])],
    verdicts: item.verdict ? [{ at: at(900), verdict: item.verdict, by: 'ada', source: 'reviewer', note: 'Looks right.' }] : [],
    dispatch_detail: ran ? { id: item.dispatch, project: item.project, slug: item.project, specialist: 'claude-code', mode: 'run', state: item.outcome === 'running' ? 'running' : 'finished',
      outcome: item.outcome === 'running' ? null : item.outcome, outcome_cause: item.outcome_cause, queued: at(0), started: at(1), ended: item.outcome === 'running' ? null : at(36),
      session: '1b0c5a2e', turns: 9, usd: item.usd, files: [{ path: 'app.py', change: 'changed', bytes: 2210 }, { path: 'tests/test_app.py', change: 'added', bytes: 918 }] } : null,
    confirmed_by: item.action === 'ask' && ran ? { decision: item.id - 1, person: item.person, name: item.name, at: at(0), p: item.p } : null,
    known: { recorded: ['message', 'action', 'p', 'signals', 'score', 'deliveries', 'cost', ...(ran ? ['task', 'timeline', 'result'] : [])],
      inferred: ['outcome', ...(ran ? ['dispatch_detail.files'] : [])], unknown: ran ? [] : ['timeline'] },
  };
}
