import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { reportEngines } from '../../pipeline/engine-report.ts'
import type { EngineReport } from '../../pipeline/engine-report.ts'
import { versions } from '../../pipeline/engine.ts'
import { findOwner } from '../../storage/home.ts'
import { withClient } from '../connect.ts'
import { print, printJson } from '../output.ts'
import type { Call, Verb } from '../verb.ts'

const freeBytes = (folder: string): number => {
  const existing = fs.existsSync(folder) ? folder : freeBytesParent(folder)
  const { bavail, bsize } = fs.statfsSync(existing)
  return bavail * bsize
}
const freeBytesParent = (folder: string): string => (fs.existsSync(path.dirname(folder)) ? path.dirname(folder) : freeBytesParent(path.dirname(folder)))

const ready = (call: Call): Promise<string> =>
  withClient(call, async (client) => ((await client.json<{ status: string }>('/readyz')).status === 'ready' ? 'ready' : 'not ready')).catch((error: Error) => error.message)

const engineLine = ({ engine, package: name, version, device, detail, inUse, reason }: EngineReport): string =>
  `engine ${engine}: ${[name, version].filter(Boolean).join(' ')} on ${device}${detail === null ? '' : ` (${detail})`}: ${inUse ? 'in use' : reason}`

/** What this installation is and can do, for people and bug reports. Secrets are named, never shown. */
export const doctor: Verb = {
  usage: 'doctor',
  summary: 'tell about this installation, its settings and whether it works',
  run: async (call) => {
    const { config } = call
    const owner = await findOwner(config.home)
    const facts = {
      versions: { ...versions, sharp: sharp.versions.sharp, vips: sharp.versions.vips },
      machine: { platform: `${process.platform} ${process.arch}`, cores: os.availableParallelism(), memoryBytes: os.totalmem() },
      engines: await reportEngines(config.engine),
      settings: { ...config, apiKey: config.apiKey === null ? null : '(set)', databaseUrl: config.databaseUrl === null ? null : '(set)' },
      dataFolder: { freeBytes: freeBytes(config.home), owner: owner === null ? null : { pid: owner.pid, url: owner.url } },
      service: await ready(call),
    }
    if (call.json) printJson(facts)
    else {
      const { engines, ...rest } = facts
      for (const report of engines) print(engineLine(report))
      for (const [name, value] of Object.entries(rest)) print(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    }
    if (facts.service !== 'ready') process.exitCode = 1
  },
}
