// The dispatch log: filters, table, what is new.

import { useEffect, useState } from 'preact/hooks';
import { Icon, Waiting } from '../parts.js';
import { place } from '../place.js';
import { Exports, Filters, filtersOf } from './filters.js';
import { useLogList } from './log_list.js';
import { LogTable, useReturnFocus } from './log_table.js';

/** Rows that move away below the eye or the hand would be worse than late ones. */
function reading(): boolean {
  return scrollY > 80 || Boolean(getSelection()?.toString()) || document.querySelector('.table.log:is(:focus-within, :hover)') !== null;
}

let leftFrom: string | null = null;

/** Which decision the reader opened last; the log puts the focus back there. */
export function rememberOpened(id: string): void {
  leftFrom = id;
}

export function LogPage() {
  const { query } = place.value;
  const [paused, setPaused] = useState(false);
  const filters = filtersOf(query).toString();
  const list = useLogList(filters, !query.get('sort') || query.get('sort') === '-at', () => paused || reading());
  const [cameFrom] = useState(leftFrom);
  useReturnFocus(cameFrom, list.loaded);
  useEffect(() => { leftFrom = null; }, []);
  const held = list.held.length;
  return <>
    <Filters query={query} />
    <div class="list-bar">
      <p class="news-line" role="status">{held > 0 && <button type="button" class="action primary" onClick={() => { list.showHeld(); scrollTo({ top: 0 }); }}>
        <Icon path="M10 16V4M5 9l5-5 5 5" size={16} /> {held}{list.heldMore ? '+' : ''} new</button>}</p>
      <button type="button" class="quiet-button" aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? 'Paused: new rows wait' : 'Pause new rows'}</button>
      <Exports query={query} />
    </div>
    {list.error && <p class="notice in-page bad" role="alert"><span>{list.error}</span> <button type="button" class="action" onClick={list.reload}>Try again</button></p>}
    {list.items.length > 0 && <LogTable items={list.items} query={query} busy={list.loading} />}
    {list.loaded && !list.error && !list.items.length && <p class="empty">No decision fits{filters ? ' these filters' : ' yet'}.</p>}
    {!list.loaded && <Waiting />}
    {list.more && <p class="more-line"><button type="button" class="action" disabled={list.loading} onClick={list.loadMore}>Show older</button>{list.olderError && <span class="problem" role="alert"> {list.olderError}</span>}</p>}
  </>;
}
