export interface StreamEvent {
  id: number
  event: string
  data: Record<string, unknown>
}

/** Reads a fit's events until one satisfies `enough`, or to the stream's end; a connection that breaks ends it, too. */
export const readEvents = async (service: { url: string }, fit: string, { after, enough = () => false }: { after?: number; enough?: (event: StreamEvent) => boolean } = {}): Promise<StreamEvent[]> => {
  const events: StreamEvent[] = []
  const stop = new AbortController()
  const response = await fetch(`${service.url}/fits/${fit}/events`, { headers: after === undefined ? {} : { 'last-event-id': String(after) }, signal: stop.signal })
  if (response.status !== 200) throw new Error(`GET events: ${response.status}`)
  let text = ''
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks.filter((candidate) => !candidate.startsWith(':'))) {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)![1]
        const event = { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) as Record<string, unknown> }
        events.push(event)
        if (enough(event)) return events
      }
    }
  } catch {
    // the service was killed
  } finally {
    stop.abort()
  }
  return events
}
