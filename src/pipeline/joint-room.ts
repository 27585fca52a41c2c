import os from 'node:os'
import { VentralError } from '../domain/errors.ts'
import type { ResolvedFit } from '../domain/fit.ts'
import { bandsOf, candidatesOf, isJoint } from './bands.ts'
import { networksOf } from './fit-networks.ts'
import { gigabytes } from './layer-groups.ts'
import { findNetwork } from './offer.ts'
import type { FindOffer } from './offer.ts'

/** What a joint mapping multiplies the work of one layer by: Gram matrices, and weight vectors that are fitted in each fold. */
export const jointWork = ({ mapping, ...request }: ResolvedFit, find: FindOffer = findNetwork): { bands: number; candidates: number } | null => {
  if (!isJoint(mapping)) return null
  const bands = bandsOf(networksOf({ ...request, mapping }), mapping, find)
  return { bands: bands.length, candidates: candidatesOf(bands, mapping).weights.rows }
}

/**
 * Bytes that one thread holds beside its Gram matrices while it fits a joint mapping to n stimuli and m sites: of each candidate the
 * held-out residuals and dual coefficients, of one candidate the residuals at all penalties, and the dual coefficients of each band.
 */
export const jointBytes = (request: ResolvedFit, n: number, m: number, find: FindOffer = findNetwork): number => {
  const work = jointWork(request, find)
  if (work === null || !isJoint(request.mapping)) return 0
  return 8 * n * m * (2 * work.candidates + request.mapping.alphas.length + work.bands)
}

/** Refuses with `does-not-fit` a joint mapping that would take over half of the machine's memory. */
export const checkJointRoom = (request: ResolvedFit, n: number, m: number, threads: number, memory = os.totalmem(), find: FindOffer = findNetwork): void => {
  const bytes = threads * jointBytes(request, n, m, find)
  if (bytes <= memory / 2) return
  const { method } = request.mapping
  const advice = method === 'auto' ? 'Ask for fewer windows ("windows": 0), fewer layers or fewer sites' : 'Ask for fewer candidates, fewer layers or fewer sites'
  throw new VentralError('does-not-fit', `The mapping "${method}" would take ${gigabytes(bytes)} of memory for ${n} stimuli and ${m} sites, and this machine has ${gigabytes(memory)}. ${advice}, or set VENTRAL_THREADS lower.`, [
    { pointer: '/mapping', expected: `at most ${gigabytes(memory / 2)}`, found: gigabytes(bytes) },
  ])
}
