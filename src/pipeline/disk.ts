import fs from 'node:fs'
import type { Config } from '../config.ts'

const DEFAULT_SPILL_BYTES = 20e9

/** Bytes of disk that a fit's spill may take: VENTRAL_SPILL_GB, else 20 GB or half of what is free, whichever is less. */
export const spillBytes = ({ spillBytes }: Pick<Config, 'spillBytes'>, folder: string): number => {
  if (spillBytes !== null) return spillBytes
  const { bavail, bsize } = fs.statfsSync(folder)
  return Math.min(DEFAULT_SPILL_BYTES, (bavail * bsize) / 2)
}
