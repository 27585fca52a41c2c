/** The server wants a key, or another one. */
export class KeyRequired extends Error {}

/** A refusal in the server's words. */
export class Refusal extends Error {
  status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const KEY = 'ventral-key'

// For this tab only: a key that outlives it would lie on disk.
export const rememberKey = (key: string): void => sessionStorage.setItem(KEY, key)

/** A request with this tab's key; throws `KeyRequired` and `Refusal`. */
export const request = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> => {
  const key = sessionStorage.getItem(KEY)
  const response = await fetch(path, { ...init, headers: { ...init.headers, ...(key === null ? {} : { authorization: `Bearer ${key}` }) } }).catch((error: unknown) => {
    if (error instanceof TypeError) throw new Error('The server does not answer. Is it running?', { cause: error })
    throw error
  })
  if (response.status === 401) throw new KeyRequired('This server wants its key.')
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as { detail?: string }
    throw new Refusal(response.status, problem.detail ?? `The server answered ${response.status}.`)
  }
  return response
}

export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await (await request(path, { signal })).json()) as T
