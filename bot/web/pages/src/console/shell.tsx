// The frame around the sections: navigation, who is signed in, the look, the state of the connection.

import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { type Theme, chooseTheme, chosenTheme } from '../shared/theme.js';
import { sessionEnded } from './api.js';
import { connect, connection } from './live.js';
import { overview } from './overview.js';
import { Boundary, Icon } from './parts.js';
import { address, place } from './place.js';
import { type Section, sections } from './sections.js';
import { me, signOut } from './session.js';

const drawerOpen = signal(false);
const theme = signal<Theme>(chosenTheme());

/** As in shell.css: where there is room for the navigation, there is no drawer. */
matchMedia('(max-width: 60rem)').addEventListener('change', (event) => { if (!event.matches) drawerOpen.value = false; });

export function Shell() {
  const here = place.value;
  const section = sections.find((candidate) => candidate.id === here.section);
  useEffect(() => {
    document.title = `${section?.label ?? 'Not found'} · Frontdesk console`;
    drawerOpen.value = false;
  }, [section?.id]);
  useLayoutEffect(() => {
    const escape = (event: KeyboardEvent) => { if (event.key === 'Escape') drawerOpen.value = false; };
    addEventListener('keydown', escape);
    return () => removeEventListener('keydown', escape);
  }, []);
  return <div class={`console${drawerOpen.value ? ' drawer-open' : ''}`}>
    <a class="skip-link" href="#content" onClick={skip}>Skip to the content</a>
    <Side current={section?.id} />
    {drawerOpen.value && <div class="backdrop" onClick={() => { drawerOpen.value = false; }} />}
    <div class="main" inert={drawerOpen.value}>
      {overview.value?.demo && <aside class="demo" aria-label="Demo"><strong>Demo:</strong> the answers are scripted.</aside>}
      <Bar section={section} />
      <Troubles />
      <main id="content" class="content" tabIndex={-1}>
        <Boundary of={`${here.section}/${here.rest.join('/')}`}>{section ? <section.view /> : <NotFound />}</Boundary>
      </main>
    </div>
  </div>;
}

/** Followed as a link, it would replace the place in the address. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Side({ current }: { current: string | undefined }) {
  const close = useRef<HTMLButtonElement>(null);
  const open = drawerOpen.value;
  useLayoutEffect(() => { if (open) close.current?.focus(); }, [open]);
  return <aside class="side" aria-label="Console">
    <div class="side-top">
      <p class="brand"><img src="/assets/icon.svg" alt="" width="28" height="28" /> Frontdesk</p>
      <button ref={close} class="icon-button phone-only" type="button" aria-label="Close the navigation" onClick={() => { drawerOpen.value = false; }}>
        <Icon path="M5 5l10 10M15 5L5 15" size={20} />
      </button>
    </div>
    <nav aria-label="Sections"><ul class="sections">
      {sections.filter((section) => section.icon).map((section) => <li><SectionLink section={section} current={section.id === current} /></li>)}
    </ul></nav>
    <div class="side-foot">
      {me.value?.chat && <a class="quiet-button" href="/">Chat page</a>}
      <ThemeChoice />
      <Who />
    </div>
  </aside>;
}

function SectionLink({ section, current }: { section: Section; current: boolean }) {
  const n = overview.value && section.waiting?.(overview.value);
  return <a href={address(section.id)} aria-current={current ? 'page' : undefined} onClick={() => { drawerOpen.value = false; }}>
    <Icon path={section.icon!} /><span class="name">{section.label}</span>
    {n ? <span class="waits">{n > 999 ? '999+' : n}<span class="unseen"> waiting</span></span> : null}
  </a>;
}

function ThemeChoice() {
  const choose = (chosen: Theme) => {
    theme.value = chosen;
    chooseTheme(chosen);
  };
  return <div class="theme" role="group" aria-label="Look">
    {(['system', 'light', 'dark'] as const).map((name) => <button type="button" aria-pressed={theme.value === name} onClick={() => choose(name)}>
      {name === 'system' ? 'System' : name === 'light' ? 'Light' : 'Dark'}
    </button>)}
  </div>;
}

function Who() {
  if (!me.value) return null;
  return <p class="who">
    <a class="quiet-link" href={address('account')} title="Where you are signed in" onClick={() => { drawerOpen.value = false; }}><strong>{me.value.name}</strong>{me.value.role !== me.value.name && <span class="role"> {me.value.role}</span>}</a>
    <button type="button" class="quiet-button" onClick={() => void signOut()}>Sign out</button>
  </p>;
}

function Bar({ section }: { section: Section | undefined }) {
  return <header class="bar">
    <button class="icon-button phone-only" type="button" aria-label="Navigation" aria-expanded={drawerOpen.value} onClick={() => { drawerOpen.value = true; }}>
      <Icon path="M3 6h14M3 10h14M3 14h9" size={20} />
    </button>
    <h1>{section?.label ?? 'Not found'}</h1>
    <p class="link-state" role="status" data-state={connection.value}>
      {sessionEnded.value ? 'Signed out' : connection.value === 'live' ? 'Live' : connection.value === 'lost' ? 'Connection lost. Reconnecting…' : connection.value === 'ended' ? 'Not live' : 'Connecting…'}
    </p>
  </header>;
}

function Troubles() {
  if (!sessionEnded.value) return connection.value === 'ended' ? <Elsewhere /> : null;
  return <p class="notice in-page bad" role="alert">
    <span>This session has ended. Sign in again to go on.</span>
    <button type="button" class="action" onClick={() => location.reload()}>Sign in</button>
  </p>;
}

function Elsewhere() {
  return <p class="notice in-page" role="status">
    <span>The console is open so often that this page does not hear of news any more.</span>
    <button type="button" class="action" onClick={connect}>Listen here</button>
  </p>;
}

function NotFound() {
  return <p class="empty">There is no such section. <a href={address('log')}>Go to the log.</a></p>;
}
