import { VentralError } from '../../src/domain/errors.ts'
import type { RdmPipeline } from '../../src/server/services.ts'

const none = async (): Promise<never> => {
  throw new VentralError('not-found', 'There are no RDMs here.')
}

/** A service double keeps no RDMs: their routes are tested on the real recipes. */
export const noRdms: RdmPipeline = { createRdm: none, addRdm: none, getRdm: none, listRdms: async () => ({ items: [], next: null }), deleteRdm: none, rdmValues: none, rdmFile: none, compareRdms: none, cka: none }
