import { compareByCka } from './cka.ts'
import { compareStored } from './compare-rdms.ts'
import { readGiven } from './given-rdm.ts'
import { makeRdm } from './make-rdm.ts'
import { makeRdms } from './make-rdms.ts'

/** What the thread can be asked for; each takes plain data and answers plain data. */
export const tasks = { makeRdm, makeRdms, readGiven, compareStored, compareByCka }
