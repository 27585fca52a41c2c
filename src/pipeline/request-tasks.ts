import { classifyAtMost } from './classification/classify.ts'
import { compareBackbones } from './comparisons/compare-backbones.ts'
import { compareByCka } from './rdms/cka.ts'
import { compareStored } from './rdms/compare-rdms.ts'
import { readGiven } from './rdms/given-rdm.ts'
import { makeRdm } from './rdms/make-rdm.ts'
import { makeRdms } from './rdms/make-rdms.ts'

/** What the thread can be asked for; each takes plain data and answers plain data. */
export const tasks = { makeRdm, makeRdms, readGiven, compareStored, compareByCka, compareBackbones, classifyAtMost }
