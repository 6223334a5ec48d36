// Calls of /api/v1. What goes wrong is one sentence for the reader.

import { signal } from '@preact/signals';

const kTimeoutMs = 30000;

/** An answer of the server that is no success, or none at all (status 0). */
export class ApiError extends Error {
  constructor(readonly status: number, sentence: string) {
    super(sentence);
  }
}

/** The server wants to know again who is there. */
export const sessionEnded = signal(false);

export type Query = Record<string, string | number | boolean | null | undefined> | URLSearchParams;

/** Result: "/api/v1" and the path with what of the query is set. */
export function apiAddress(path: string, query?: Query): string {
  const parameters = query instanceof URLSearchParams ? query : new URLSearchParams(
    Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '').map(([name, value]) => [name, String(value)]));
  const text = parameters.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

export function get<T>(path: string, query?: Query, abort?: AbortSignal): Promise<T> {
  return call<T>(apiAddress(path, query), {}, abort);
}

/** A change. The token in the page proves that it comes from our own page. */
export function send<T = unknown>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = { 'X-CSRF-Token': csrfToken() };
  if (body) headers['Content-Type'] = 'application/json';
  return call<T>(apiAddress(path), { method, headers, body: body ? JSON.stringify(body) : undefined });
}

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
}

async function call<T>(address: string, options: RequestInit, abort?: AbortSignal): Promise<T> {
  const signals = [AbortSignal.timeout(kTimeoutMs), ...(abort ? [abort] : [])];
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { cache: 'no-store', signal: AbortSignal.any(signals), ...options });
    text = await response.text();
  } catch (error) {
    if (abort?.aborted) throw error;
    throw new ApiError(0, 'Frontdesk cannot be reached right now.');
  }
  if (response.status === 401) sessionEnded.value = true;
  if (!response.ok) throw new ApiError(response.status, sentenceOf(text) ?? `Frontdesk replied with an error (status ${response.status}).`);
  return (text && response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text) as T;
}

function sentenceOf(text: string): string | undefined {
  try {
    return JSON.parse(text).error;
  } catch {
    return undefined;
  }
}

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
