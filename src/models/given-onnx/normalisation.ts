import type { Preprocessing } from '../../domain/backbone.ts'
import { VentralError } from '../../domain/errors.ts'
import { numberTriple } from '../../domain/given-model.ts'
import type { ModelSettings, Origin } from '../../domain/given-model.ts'
import { imageNetPreprocessing } from '../graph-builder.ts'
import { quoted, unfit } from './refusals.ts'
import type { GivenModel } from './read-model.ts'

export interface ModelInput {
  inputSize: number
  preprocessing: Preprocessing
  origin: { inputSize: Origin; normalisation: Origin }
}

const USUAL_SIZE = 224
export const sizeLimits = { least: 8, most: 2048 }

/** `mean` and `std` in the file's metadata, three numbers each, for pixels in [0, 1]; null where it has neither. */
const ofFile = (metadata: ReadonlyMap<string, string>, where: string): { mean: [number, number, number]; std: [number, number, number] } | null => {
  const texts = [metadata.get('mean'), metadata.get('std')]
  if (texts.every((text) => text === undefined)) return null
  const [mean, std] = texts.map((text) => (text === undefined ? null : numberTriple(text)))
  if (mean && std?.every((value) => value > 0)) return { mean, std }
  throw unfit(where, `states a normalisation that is not understood (mean ${quoted(texts[0] ?? 'missing')}, std ${quoted(texts[1] ?? 'missing')})`, 'Both are three numbers, std above 0; or state them yourself.', 'mean and std of three numbers each')
}

const sizeOfFile = ({ input, metadata }: Pick<GivenModel, 'input' | 'metadata'>): number | null => {
  if (input.side !== null) return input.side
  const text = metadata.get('input_size') ?? ''
  return /^\d{1,4}$/.test(text) ? Number(text) : null
}

/** Size and normalisation of a model's input: as the user says, else as the file states, else as ImageNet's networks take it. */
export const modelInput = (model: Pick<GivenModel, 'input' | 'metadata'>, { inputSize, mean, std }: ModelSettings, where: string): ModelInput => {
  const stated = sizeOfFile(model)
  if (inputSize !== undefined && model.input.side !== null && inputSize !== model.input.side)
    throw new VentralError('invalid-value', `${where} takes images of ${model.input.side} x ${model.input.side} and no other size: leave the input size out.`, [{ pointer: '/inputSize', expected: String(model.input.side), found: String(inputSize) }])
  const size = inputSize ?? stated ?? USUAL_SIZE
  if (size < sizeLimits.least || size > sizeLimits.most)
    throw unfit(where, `takes images of ${size} x ${size}`, `Sizes from ${sizeLimits.least} to ${sizeLimits.most} are taken.`, `${sizeLimits.least} to ${sizeLimits.most}`)
  if (std?.some((value) => value <= 0)) throw new VentralError('invalid-value', 'Each std must be above 0: it divides.', [{ pointer: '/std', expected: 'numbers above 0', found: std.join(',') }])
  if ((mean === undefined) !== (std === undefined)) throw new VentralError('invalid-value', 'mean and std are said together or not at all.', [{ pointer: mean === undefined ? '/mean' : '/std', expected: 'three numbers', found: 'nothing' }])
  const said = mean !== undefined && std !== undefined ? { mean, std } : null
  const found = said ?? ofFile(model.metadata, where)
  return {
    inputSize: size,
    preprocessing: { ...imageNetPreprocessing(size), ...(found ?? {}) },
    origin: { inputSize: inputSize !== undefined ? 'user' : stated !== null ? 'file' : 'assumed', normalisation: said ? 'user' : found ? 'file' : 'assumed' },
  }
}
