// Where one is signed in oneself: "/admin/account".
import { useAction } from '../action.js';
import { send } from '../api.js';
import { About, Head, Press, Problem } from '../controls.js';
import { Card, Loaded } from '../parts.js';
import { useResource } from '../resource.js';
import { type Session, SessionTable } from './sessions.js';

export function AccountSection() {
  const sessions = useResource<{ items: Session[] }>('/me/sessions');
  const end = useAction();
  const stop = (path: string) => end.run(async () => {
    await send('DELETE', path);
    sessions.reload();
  });
  return (
    <>
      <Head about="Each browser in which you are signed in. One that you do not know should be signed out, and the password changed." />
      <Card wide title="Where you are signed in">
        {end.error && <Problem text={end.error} />}
        <Loaded from={sessions}>
          {({ items }) => (
            <>
              <SessionTable label="Your sessions" items={items} busy={end.busy} end={(session) => void stop(`/me/sessions/${encodeURIComponent(session.id)}`)} />
              {items.length > 1
                ? <p class="s-buttons"><Press style="danger" busy={end.busy} onPress={() => void stop('/me/sessions')}>Sign out everywhere else</Press></p>
                : <About>You are signed in nowhere else.</About>}
            </>
          )}
        </Loaded>
      </Card>
    </>
  );
}
