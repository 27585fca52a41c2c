import { buffer } from 'node:stream/consumers'
import { streamNpz } from '../../src/numerics/npz.ts'

/** An .npz file in memory. */
export const encodeNpz = async (arrays: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> => buffer(streamNpz(arrays))
