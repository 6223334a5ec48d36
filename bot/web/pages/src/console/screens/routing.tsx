// The screen on which an operator decides when the specialist starts.

import { useState } from 'preact/hooks';
import { Field, Screen } from './parts';
import { useResource } from './resource';
import { History, ThresholdEditor } from './routing_editor';
import { ChatList, Effective, Overrides, PeopleList } from './routing_effective';
import { Quality } from './routing_quality';
import { TrySentence } from './routing_try';
import { type Routing, scopeText } from './routing_types';

export function RoutingScreen() {
  const routing = useResource<Routing>('/routing');
  const [scope, setScope] = useState('global');
  const [days, setDays] = useState(30);
  const scopes = [...new Set(['global', ...(routing.data?.overrides.map((override) => override.scope) ?? []), scope])];
  const choose = (next: string) => {
    setScope(next);
    document.getElementById('s-scope')?.scrollIntoView({ block: 'center' });
    document.getElementById('s-scope')?.focus();
  };
  const tools = (
    <>
      <Field label="Thresholds of">
        <select id="s-scope" class="s-input" value={scope} onChange={(event) => setScope(event.currentTarget.value)}>
          {scopes.map((name) => <option key={name} value={name}>{scopeText(name)}</option>)}
        </select>
      </Field>
      <Field label="Looking back">
        <select class="s-input" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {[7, 30, 90].map((n) => <option key={n} value={n}>{n} days</option>)}
        </select>
      </Field>
    </>
  );
  return (
    <Screen title="Routing" about="When the secretary answers, when it asks first, and when the specialist starts." tools={tools}>
      <PeopleList id="s-people" />
      <ChatList id="s-chats" />
      <div class="s-grid">
        <ThresholdEditor routing={routing} scope={scope} days={days} />
        <History routing={routing} />
        <Overrides routing={routing} scope={scope} choose={choose} />
        <TrySentence />
        <Effective />
        <Quality days={days} />
      </div>
    </Screen>
  );
}
