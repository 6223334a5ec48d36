// Notifications of the system, asked for only when the reader presses the button.

import { $ } from '../shared/dom.js';

export function startNotifying(): void {
  const button = $('notify');
  const show = () => { button.hidden = !('Notification' in window) || Notification.permission !== 'default'; };
  button.addEventListener('click', () => void Notification.requestPermission().then(show));
  show();
}

/** Tells of something in a chat while the page is not looked at. A later one of the same chat takes its place. */
export function notify(title: string, body: string, chat: string): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    const notification = new Notification(title, { body, tag: `frontdesk-${chat}`, icon: '/assets/icon.svg' });
    notification.onclick = () => {
      window.focus();
      location.hash = `chat=${encodeURIComponent(chat)}`;
      notification.close();
    };
  } catch { /* Some phones allow it to service workers only. */ }
}
