import type { LookFormat } from '../../domain/looks.ts'
import { lookAtClasses } from './cam.ts'
import type { NamedImage } from './images.ts'
import { lookAtMaps } from './maps.ts'
import type { OpenNetworks } from './open-networks.ts'

/** What the thread of looks does, by name: request, format and images in, a file of that format out. */
export const lookTasks = { maps: lookAtMaps, cam: lookAtClasses }

export type LookTask = keyof typeof lookTasks
export type LookRequestOf<T extends LookTask> = Parameters<(typeof lookTasks)[T]>[1]

export const runLook = (networks: OpenNetworks, task: LookTask, request: unknown, format: LookFormat, images: readonly NamedImage[]): Promise<Uint8Array> =>
  (lookTasks[task] as (networks: OpenNetworks, request: unknown, format: LookFormat, images: readonly NamedImage[]) => Promise<Uint8Array>)(networks, request, format, images)
