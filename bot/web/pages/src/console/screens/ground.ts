// What the screens take from the shell.

import { signal } from '@preact/signals';

export interface Me { name: string; role: 'viewer' | 'operator' | 'admin' }

export const me = signal<Me | null>(null);

export class ApiError extends Error {
  constructor(readonly status: number, sentence: string) { super(sentence); }
}

const csrf = () => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers: { ...(method === 'GET' ? {} : { 'X-CSRF-Token': csrf() }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'Frontdesk cannot be reached right now.');
  }
  const data: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, (data as { error?: string } | null)?.error ?? `Frontdesk replied with an error (status ${response.status}).`);
  return data as T;
}

export const api = {
  get: <T>(path: string) => request<T>('GET', path),
  send: <T>(method: string, path: string, body?: unknown) => request<T>(method, path, body),
};

const listeners = new Map<string, Set<() => void>>();
let source: EventSource | null = null;

export function onEvent(kind: string, listener: () => void): () => void {
  if (!source) {
    source = new EventSource('/api/v1/events');
    source.onmessage = (event) => listeners.get((JSON.parse(event.data as string) as { type: string }).type)?.forEach((call) => call());
  }
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind)!.add(listener);
  return () => { listeners.get(kind)?.delete(listener); };
}
