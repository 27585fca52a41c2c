import { request } from './client.ts'

export interface ServerEvent {
  id: string | null
  type: string
  data: string
}

/** Parses server-sent events out of text that comes in any pieces: feed pieces, get the events they complete. */
export const createEventParser = (): ((piece: string) => ServerEvent[]) => {
  let rest = ''
  return (piece) => {
    const blocks = (rest + piece).replace(/\r\n/g, '\n').split('\n\n')
    rest = blocks.pop()!
    return blocks.flatMap((block) => {
      const event: ServerEvent = { id: null, type: 'message', data: '' }
      for (const line of block.split('\n')) {
        const [, field, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? []
        if (field === 'id') event.id = value
        if (field === 'event') event.type = value
        if (field === 'data') event.data += value
      }
      return event.data === '' ? [] : [event]
    })
  }
}

/**
 * Follows a fit's events until it ends, the stream breaks, or `signal`; answers the id of the last event. By fetch,
 * since EventSource cannot send a key.
 */
export const followFit = async (fit: string, after: string | null, signal: AbortSignal, onEvent: (event: ServerEvent) => void): Promise<string | null> => {
  const headers = { accept: 'text/event-stream', ...(after === null ? {} : { 'last-event-id': after }) }
  const response = await request(`/fits/${encodeURIComponent(fit)}/events`, { headers, signal })
  let last = after
  if (response.status === 204 || response.body === null) return last
  const parse = createEventParser()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    for (const event of parse(piece.value)) {
      last = event.id ?? last
      onEvent(event)
    }
  return last
}
