// The table of the log. On a phone each row is a card.

import { useEffect, useRef } from 'preact/hooks';
import { probabilityOf, words } from '../format.js';
import { Badge, Money, Time } from '../parts.js';
import { address, go } from '../place.js';
import { filtersOf, withFilter } from './filters.js';
import { ScoreBar } from './score.js';
import type { Item } from './types.js';

const kColumns: { title: string; sort?: string; figure?: boolean }[] = [
  { title: 'When', sort: 'at' }, { title: 'Who' }, { title: 'Message' }, { title: 'Decision' }, { title: 'p', sort: 'p' }, { title: 'Outcome' }, { title: 'Project' }, { title: 'Cost', sort: 'usd', figure: true },
];

/** Result: the address of that decision, which keeps the view that leads back. */
export function decisionAddress(id: number | string, query?: URLSearchParams): string {
  return address('log', [id], query ? filtersOf(query) : undefined);
}

export function LogTable({ items, query, busy }: { items: Item[]; query: URLSearchParams; busy: boolean }) {
  const body = useRef<HTMLTableSectionElement>(null);
  return <div class="table log" aria-busy={busy}>
    <table onKeyDown={(event) => moveByKey(event, body.current)}>
      <caption class="unseen">Decisions. Arrow keys or j and k move between the rows, Enter opens one.</caption>
      <thead><tr>{kColumns.map((column) => <Head column={column} query={query} />)}</tr></thead>
      <tbody ref={body}>{items.map((item) => <Row key={item.id} item={item} query={query} />)}</tbody>
    </table>
  </div>;
}

function Head({ column, query }: { column: (typeof kColumns)[number]; query: URLSearchParams }) {
  const kind = column.figure ? 'figure' : '';
  if (!column.sort) return <th scope="col" class={kind}>{column.title}</th>;
  const sort = query.get('sort') || '-at';
  const is = sort.replace(/^-/, '') === column.sort;
  const next = is && sort.startsWith('-') ? column.sort : `-${column.sort}`;
  const turn = () => go(address('log', [], withFilter(query, { sort: next === '-at' ? '' : next })));
  return <th scope="col" class={kind} aria-sort={!is ? 'none' : sort.startsWith('-') ? 'descending' : 'ascending'}>
    <button type="button" class="sort" onClick={turn}>{column.title}<span aria-hidden="true">{!is ? '' : sort.startsWith('-') ? ' ↓' : ' ↑'}</span></button>
  </th>;
}

function Row({ item, query }: { item: Item; query: URLSearchParams }) {
  const open = decisionAddress(item.id, query);
  const only = (name: string, value: string) => address('log', [], withFilter(query, { [name]: value }));
  return <tr data-id={item.id} onClick={(event) => openByClick(event, open)}>
    <td class="when"><Time at={item.at} /></td>
    <td class="whom">{item.person ? <a class="quiet-link" href={only('person', item.person)} title={`Only ${item.person}`}>{item.name || item.person}</a> : <span class="unknown">–</span>}
      <a class="quiet-link soft" href={only('chat', item.chat)} title={`Only ${item.chat}`}>{item.chat_name || item.chat}</a></td>
    <td class="what"><a class="row-link" href={open}>{item.summary || item.text || <span class="soft">(no text recorded)</span>}</a></td>
    <td class="did"><span>{words(item.action)}</span>{item.rule && <span class="soft">rule {item.rule}</span>}{item.verdict && <span class="soft">judged {words(item.verdict)}</span>}</td>
    <td class="how"><span class="figure">{probabilityOf(item)}</span><ScoreBar p={item.p} ask={item.ask_at} dispatch={item.dispatch_at} small /></td>
    <td class="end"><Badge of={item.outcome} />{item.outcome_cause && <span class="soft cut" title={item.outcome_cause}>{item.outcome_cause}</span>}</td>
    <td class="where">{item.project ? <a class="quiet-link mono" href={only('project', item.project)} title={`Only ${item.project}`}>{item.project}</a> : ''}</td>
    <td class="figure cost"><Money usd={item.usd} /></td>
  </tr>;
}

/** A click anywhere on the row opens it, but not one on a link, nor the end of a selection. */
function openByClick(event: MouseEvent, to: string): void {
  if ((event.target as Element).closest('a, button') || getSelection()?.toString()) return;
  go(to);
}

/** Arrows, j and k, Home and End move between the links of the rows; only while the table has the focus. */
function moveByKey(event: KeyboardEvent, body: HTMLElement | null): void {
  if (event.ctrlKey || event.metaKey || event.altKey || !body) return;
  const links = [...body.querySelectorAll<HTMLAnchorElement>('.row-link')];
  const row = (event.target as Element).closest('tbody tr');
  if (!row) return;
  const at = links.findIndex((link) => row.contains(link));
  const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: links.length - 1 }[event.key];
  const link = to === undefined ? undefined : links[to];
  if (!link) return;
  event.preventDefault();
  link.focus();
  link.closest('tr')!.scrollIntoView({ block: 'nearest' });
}

/** Puts the focus back on the row that the reader came from. */
export function useReturnFocus(id: string | null, ready: boolean): void {
  const done = useRef(false);
  useEffect(() => {
    if (!ready || done.current || !id) return;
    done.current = true;
    document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"] .row-link`)?.focus();
  }, [ready]);
}
