import { VentralError } from '../../domain/errors.ts'

/** A name out of a hostile file, fit for a sentence: bounded, on one line. */
export const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)

/** "a", "b", "c" and 4 more: a list short enough for a sentence. */
export const some = (names: readonly string[], count = 3): string =>
  `${names.slice(0, count).map(quoted).join(', ')}${names.length > count ? ` and ${names.length - count} more` : ''}`

/** The model is sound and asks for what there is not here. */
export const unfit = (where: string, what: string, advice: string, expected: string): VentralError =>
  new VentralError('unsupported-format', `${where} ${what}. ${advice}`, [{ pointer: where, expected, found: what }])

/** The file contradicts itself. */
export const broken = (where: string, what: string): VentralError =>
  new VentralError('damaged-file', `${where} is no intact ONNX model: ${what}. Export it again, and check it with onnx.checker.`, [{ pointer: where, expected: 'an intact ONNX model', found: what }])
