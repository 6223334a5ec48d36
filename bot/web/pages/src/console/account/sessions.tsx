// The table of sessions, of everybody's and of one's own.
import { Press, Tag } from '../controls.js';
import { Table, Time } from '../parts.js';
import type { Role } from '../session.js';

export interface Session {
  id: number;
  name: string;
  role: Role;
  since: string;
  last_seen: string;
  address: string;
  /** The one that asks. */
  own: boolean;
}

interface Props { label: string; items: Session[]; busy: boolean; least?: Role; end: (session: Session) => void }

/** The session that looks at it is ended by *Sign out*. */
export function SessionTable({ label, items, busy, least, end }: Props) {
  return (
    <Table label={label} items={items} rowKey={(session) => session.id}
      columns={[
        { title: 'Name', cell: (session) => <span><strong>{session.name}</strong>{session.own && <> <Tag kind="good">this one</Tag></>}</span> },
        { title: 'Role', cell: (session) => session.role },
        { title: 'Since', cell: (session) => <Time at={session.since} /> },
        { title: 'Last seen', cell: (session) => <Time at={session.last_seen} /> },
        { title: 'From', cell: (session) => <code>{session.address || '–'}</code> },
        { title: 'Actions', cell: (session) => !session.own && <Press small style="danger" least={least} busy={busy} label={`Sign out ${session.name} at ${session.address || 'an unknown address'}`} onPress={() => end(session)}>Sign out</Press> },
      ]} />
  );
}
