import { VentralError } from '../../domain/errors.ts'

/** A name out of a hostile file, fit for a sentence: bounded, on one line. */
export const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)

/** The file ends early or contradicts itself. */
export const damaged = (file: string, what: string, expected = 'an intact checkpoint'): VentralError =>
  new VentralError('damaged-file', `${file} is damaged: ${what}. Fetch or save it again.`, [{ pointer: file, expected, found: what }])

/** The file asks for more than numbers. */
export const unsafe = (file: string, what: string): VentralError =>
  new VentralError(
    'unsafe-checkpoint',
    `${file} was refused: ${what}. A checkpoint is read as data, never run; save it with torch.save(model.state_dict(), …) or as .safetensors.`,
    [{ pointer: file, expected: 'a state_dict of plain tensors', found: what }],
  )

/** A file that is something else, or a kind of checkpoint that is not read. */
export const unsupported = (file: string, what: string, advice = 'Give a PyTorch .pth of a state_dict or a .safetensors file.'): VentralError =>
  new VentralError('unsupported-format', `${file} ${what}. ${advice}`, [{ pointer: file, expected: '.pth or .safetensors', found: what }])

export const unsupportedDtype = (file: string, field: string, found: string): VentralError =>
  new VentralError('unsupported-dtype', `${file}: ${field} is of dtype ${found}, which is not read. Save the weights as float32, float16 or bfloat16.`, [
    { pointer: `${file}: ${field}`, expected: 'float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 or bool', found },
  ])
