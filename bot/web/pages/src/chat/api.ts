// Calls to the page's own API.

const kTimeoutMs = 20000;

/** What a call failed with; the message is one sentence for the reader. `status` 0: the server was not reached. */
export class ApiError extends Error {
  constructor(sentence: string, readonly status: number) {
    super(sentence);
  }

  /** Whether the same call may succeed later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const token = () => document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';

/** Result: the server's JSON, undefined where it has none. Throws ApiError. */
export async function call<T>(method: string, path: string, body?: object | Blob): Promise<T> {
  const headers: Record<string, string> = {};
  if (method !== 'GET' && token()) headers['x-csrf-token'] = token();
  if (body && !(body instanceof Blob)) headers['content-type'] = 'application/json';
  let response: Response;
  let data;
  try {
    response = await fetch(path, {
      method, headers, cache: 'no-store', signal: AbortSignal.timeout(kTimeoutMs), body: body instanceof Blob ? body : body && JSON.stringify(body),
    });
  } catch {
    throw new ApiError('Frontdesk cannot be reached right now.', 0);
  }
  try {
    data = response.status === 204 ? undefined : await response.json();
  } catch {
    if (response.ok) throw new ApiError('Frontdesk cannot be reached right now.', 0);
  }
  if (!response.ok) throw new ApiError(data?.error || `Frontdesk replied with an error (status ${response.status}).`, response.status);
  return data;
}

/** The parts of a path, each encoded. */
export const url = (...parts: string[]) => parts.map((part) => part.split('/').map(encodeURIComponent).join('/')).join('/');
