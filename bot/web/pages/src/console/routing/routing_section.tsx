// Where an operator decides when the specialist starts.

import { Choice, Field, Head } from '../controls.js';
import { address, go, place } from '../place.js';
import { useResource } from '../resource.js';
import { History, ThresholdEditor } from './editor.js';
import { ChatList, Effective, Overrides, PeopleList } from './effective.js';
import { Quality } from './quality.js';
import { TrySentence } from './try.js';
import { type Routing, scopeText } from './types.js';

export const kDays = [7, 30, 90] as const;

export function RoutingSection() {
  const routing = useResource<Routing>('/routing', ['routing']);
  const { query } = place.value;
  const scope = query.get('scope') || 'global';
  const days = kDays.find((n) => String(n) === query.get('days')) ?? 30;
  const scopes = [...new Set(['global', ...(routing.data?.overrides.map((override) => override.scope) ?? []), scope])];
  const show = (next: { scope?: string; days?: number }) => {
    const shown = { scope, days, ...next };
    go(address('routing', [], { scope: shown.scope === 'global' ? '' : shown.scope, days: shown.days === 30 ? '' : String(shown.days) }), 'replace');
  };
  const choose = (next: string) => {
    show({ scope: next });
    const field = document.getElementById('s-scope');
    field?.scrollIntoView({ block: 'center' });
    field?.focus();
  };
  return (
    <>
      <Head about="When the secretary answers, when it asks first, and when the specialist starts.">
        <Field label="Thresholds of"><Choice id="s-scope" value={scope} of={scopes} text={scopeText} choose={(next) => show({ scope: next })} /></Field>
        <Field label="Looking back"><Choice value={days} of={kDays} text={(n) => `${n} days`} choose={(next) => show({ days: next })} /></Field>
      </Head>
      <PeopleList id="s-people" />
      <ChatList id="s-chats" />
      <div class="panels">
        <ThresholdEditor routing={routing} scope={scope} days={days} />
        <History routing={routing} />
        <Overrides routing={routing} scope={scope} choose={choose} />
        <TrySentence />
        <Effective />
        <Quality days={days} />
      </div>
    </>
  );
}
