import type { StorageRef } from './pickle-values.ts'

/** Where a storage's bytes lie in the file. */
export interface StorageRecord {
  position: number
  bytes: number
  /** CRC-32 that the container states for them */
  crc: number | null
}

/** Finds a storage's record; throws damaged-file when it is missing or of another length. */
export type FindRecord = (storage: StorageRef) => StorageRecord
