import fs from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { problemCodes } from '../../../src/domain/errors.ts'
import type { ProblemCode } from '../../../src/domain/errors.ts'
import { filesOf, get, readAnswer } from '../service.ts'
import type { Service } from '../service.ts'

/** Where a service answers, and the folder it works on. */
export type Target = Pick<Service, 'url' | 'home'>

/** A request that is refused, and what its refusal says: the code, and what the sentence names of the wrong and of the remedy. */
export interface BadCase {
  what: string
  send: (service: Target) => Promise<Response>
  code: ProblemCode
  says: RegExp[]
  skip?: string | false
}

/** All that a refused request could leave. */
export const inventory = async (service: Target) => {
  const ids = async (route: string): Promise<string[]> => ((await get(service, `${route}?limit=1000`)).body.items as { id: string }[]).map(({ id }) => id)
  const blobs = filesOf(path.join(service.home, 'blobs'))
  return {
    datasets: await ids('/datasets'),
    fits: await ids('/fits'),
    encoders: await ids('/encoders'),
    backbones: (await get(service, '/backbones?limit=1000')).text,
    activations: (await get(service, '/activations?limit=1000')).text,
    blobs: blobs.filter((name) => !name.startsWith('incoming')),
    incoming: blobs.filter((name) => name.startsWith('incoming')),
    tmp: fs.readdirSync(path.join(service.home, 'tmp')),
  }
}

/** Sends every bad request to the one service, and finds it as it was before. */
export const refuseAll = async (t: Test, service: Target, cases: readonly BadCase[]): Promise<void> => {
  const before = await inventory(service)
  t.same([before.incoming, before.tmp], [[], []])
  for (const { what, send, code, says, skip = false } of cases)
    await t.test(what, { skip }, async (t) => {
      const { status, headers, body, text } = await readAnswer(await send(service))
      if (!t.match({ status, code: body?.code }, { status: problemCodes[code].status, code }, 'status and code', { text })) return
      t.match(headers.get('content-type'), 'application/problem+json')
      t.match(body, { type: `/docs#problem-${code}`, title: problemCodes[code].title, status, errors: Array })
      for (const part of says) t.match(body.detail, part)
      t.same(await inventory(service), before, 'nothing half-made stays')
      t.equal((await get(service, '/readyz')).status, 200, 'the service stays up')
    })
}
