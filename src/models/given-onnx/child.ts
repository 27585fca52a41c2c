/**
 * Reads and tries one untrusted ONNX model for the service, in a process without environment and with limits on memory and time set by the
 * parent. Started as: node --permission --allow-addons child.ts QUESTION, the file being descriptor 3; answers one JSON text on stdout.
 */
import fs from 'node:fs'
import { errorToPlain } from '../../domain/errors.ts'
import { IMAGE, toManifest } from './manifest.ts'
import { nameValues } from './name-values.ts'
import { modelInput } from './normalisation.ts'
import { probe } from './probe.ts'
import type { InspectAnswer, InspectQuestion } from './inspect-model.ts'
import { readModel } from './read-model.ts'

const descriptor = 3

const inspect = async ({ where, settings, threads }: InspectQuestion): Promise<InspectAnswer> => {
  try {
    const model = readModel(fs.readFileSync(descriptor), where)
    const input = modelInput(model, settings, where)
    const named = nameValues(model, IMAGE)
    const shapes = await probe(model, named, { image: IMAGE, side: input.inputSize, threads }, where)
    return { manifest: toManifest(model, named, input, shapes) }
  } catch (error) {
    const { code, message, errors } = errorToPlain(error)
    return { error: { code, message, errors } }
  }
}

const answer = JSON.stringify(await inspect(JSON.parse(process.argv[2]) as InspectQuestion))
// The runtime's threads would keep the process, and its clean-up has nothing to save.
process.stdout.write(answer, () => process.exit(0))
