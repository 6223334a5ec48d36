// What somebody has begun to write in a chat and not sent: remembered in this tab, over a reload, too.

import { remember, remembered } from '../shared/dom.js';
import { forgetAttachedOf } from './attach.js';

export const draftKey = (chat: string) => `draft.${chat}`;

/** The chats in which something was begun. */
export const begunChats = () => new Set([...remembered('draft.'), ...remembered('files.')]);

/** Of a chat that is gone. */
export function forgetBegun(chat: string): void {
  remember(draftKey(chat), '');
  forgetAttachedOf(chat);
}
