import type { ResolvedFit } from '../domain/fit.ts'
import type { FollowedRegistration, Registration } from '../domain/registration.ts'
import { VentralError } from '../domain/errors.ts'
import type { Queryable } from '../storage/database.ts'
import { newId } from '../storage/ids.ts'
import { getRegistration, insertRegistration, lockRegistration, registeredFits } from '../storage/repositories/registrations.ts'
import type { RegisteredFit } from '../storage/repositories/registrations.ts'
import type { ActivationSource } from './activation-source.ts'
import type { PipelineContext } from './context.ts'
import { deviationsFrom } from './deviations.ts'
import { versions } from './engine.ts'
import type { SecondEngine } from './engine.ts'
import { formulas } from './provenance.ts'

/** Whether a fit is to be registered, or which registration it follows. */
export interface Registering {
  register?: boolean
  registration?: string
}

/** A registration as the API shows it. */
export interface RegistrationView extends Registration {
  /** the frozen text: canonical JSON (RFC 8785), which `sha256` is of */
  canonical: string
  fits: RegisteredFit[]
}

/**
 * All that a registration freezes: what a score depends on, as far as a user decides it. `dataset` is its sha256; `weights` as the
 * provenance names them, a sha256 or the seed of random ones; `engine` the second one, where it computes the networks.
 */
export const frozenConditions = (request: ResolvedFit, dataset: string, { weights, preprocessing }: Pick<ActivationSource, 'weights' | 'preprocessing'>, engine: SecondEngine | null): object => ({
  request, dataset: { sha256: dataset }, weights, preprocessing, versions, formulas, ...(engine === null ? {} : { engine }),
}) // prettier-ignore

/** Refuses what makes no sense: a dry run is no fit, and a fit is registered or follows another's registration. */
export const checkRegistering = ({ register, registration, dryRun }: Registering & { dryRun?: boolean }): void => {
  const refused = (pointer: string, detail: string, expected: string, found: string): VentralError => new VentralError('invalid-value', detail, [{ pointer, expected, found }])
  if (register === true && registration !== undefined)
    throw refused('/register', 'A fit is registered or follows a registration that is there, not both: leave "register" or "registration" out.', 'one of the two', 'both')
  if (dryRun === true && (register === true || registration !== undefined))
    throw refused('/dryRun', 'A dry run fits nothing, so there is nothing to register: leave "dryRun" out.', 'a fit that is run', 'a dry run')
}

/** The id of the registration that a new fit follows: of the one made now, of the one named, or none. Within the fit's transaction. */
export const registerFit = async (tx: Queryable, { register, registration }: Registering, owner: string, frozen: object): Promise<string | undefined> => {
  if (register === true) return (await insertRegistration(tx, { id: newId(), owner, frozen })).id
  if (registration !== undefined) await lockRegistration(tx, registration)
  return registration
}

/** What a fit's scores say of its registration; null where it has none. `used` are the conditions of this very run. */
export const followedRegistration = async ({ db }: Pick<PipelineContext, 'db'>, fit: { id: string; registration: Registration | null }, used: object): Promise<FollowedRegistration | null> => {
  if (fit.registration === null) return null
  const { canonical } = await getRegistration(db, fit.registration.id)
  const run = (await registeredFits(db, fit.registration.id)).findIndex(({ id }) => id === fit.id) + 1
  return { ...fit.registration, run, deviations: deviationsFrom(canonical, used, run) }
}

/** Throws `not-found`. */
export const describeRegistration = async ({ db }: PipelineContext, id: string): Promise<RegistrationView> => {
  const { sha256, registeredAt, canonical } = await getRegistration(db, id)
  return { id, sha256, registeredAt, canonical, fits: await registeredFits(db, id) }
}
