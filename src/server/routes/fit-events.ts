import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { FitEvent } from '../../storage/repositories/fit-events.ts'
import { IdParams, withProblems } from '../schemas/common.ts'
import type { RouteServices } from '../services.ts'
import type { App } from '../types.ts'

export interface EventSource {
  read: (after: number) => Promise<FitEvent[]>
  subscribe: (onChange: () => void) => () => void
}

const line = ({ id, type, data }: FitEvent): string => `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`

/**
 * A fit's events after `after` as server-sent events, up to its end or until `signal`. Notifications only hint that rows
 * may be new: each round reads the rows, and so does each comment's turn, should a notification have been lost.
 */
export async function* eventLines({ read, subscribe }: EventSource, after: number, signal: AbortSignal, keepAliveMs: number): AsyncGenerator<string> {
  let wake = (): void => {}
  let changed = true
  const hint = (): void => {
    changed = true
    wake()
  }
  const unsubscribe = subscribe(hint)
  signal.addEventListener('abort', hint)
  try {
    let last = after
    while (!signal.aborted) {
      changed = false
      for (const event of await read(last)) {
        last = event.id
        yield line(event)
        if (event.type === 'end') return
      }
      const quiet = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), keepAliveMs)
        wake = () => {
          clearTimeout(timer)
          resolve(false)
        }
        if (changed || signal.aborted) wake()
      })
      if (quiet) yield ': still here\n\n'
    }
  } finally {
    unsubscribe()
    signal.removeEventListener('abort', hint)
  }
}

const EventHeaders = Type.Object({ 'last-event-id': Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$', description: 'id of the last event that was seen' })) })

export const fitEventRoutes = (app: App, { contextOf, pipeline, fitWatch }: RouteServices, { keepAliveMs = 15_000 }: { keepAliveMs?: number } = {}): void => {
  // An open stream would keep a stopping server waiting; clients come back with Last-Event-ID.
  const stopping = new AbortController()
  app.addHook('preClose', (done) => {
    stopping.abort()
    done()
  })

  app.get(
    '/fits/:id/events',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Events of a fit as they happen: status, progress, end',
        tags: ['fits'],
        params: IdParams,
        headers: EventHeaders,
        response: withProblems({
          200: { description: 'server-sent events; ids grow', content: { 'text/event-stream': { schema: Type.String() } } },
          204: { description: 'the fit has ended and there is nothing new: do not come back', type: 'null' },
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const lastSeen = request.headers['last-event-id']
      const after = Number(lastSeen ?? 0)
      const { status } = await pipeline.getFit(contextOf(request), id)
      const ended = status !== 'queued' && status !== 'running'
      // Who says what it saw last still gets the events it missed; anyone else asks the fit itself.
      if (ended && (lastSeen === undefined || (await pipeline.fitEvents(contextOf(request), id, after)).length === 0)) return reply.code(204).send()

      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const source = { read: (last: number) => pipeline.fitEvents(contextOf(request), id, last), subscribe: (onChange: () => void) => fitWatch.subscribe(id, onChange) }
      return reply
        .type('text/event-stream; charset=utf-8')
        .headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
        .send(Readable.from(eventLines(source, after, AbortSignal.any([gone.signal, stopping.signal]), keepAliveMs)))
    },
  )
}
