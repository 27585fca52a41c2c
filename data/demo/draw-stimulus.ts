import { categories } from './objects/objects.ts'
import type { Mesh } from './render/mesh.ts'
import { noiseFields } from './render/noise-background.ts'
import { rasterise } from './render/rasterise.ts'
import { randomStream } from './random.ts'
import type { PlannedStimulus } from './stimulus-plan.ts'

/** Width and height of a demo stimulus in pixels. */
export const stimulusSide = 192

const meshes = new Map<string, Mesh>()
const meshOf = ({ categoryIndex, objectIndex }: PlannedStimulus): Mesh => {
  const key = `${categoryIndex}/${objectIndex}`
  const mesh = meshes.get(key) ?? categories[categoryIndex].objects[objectIndex].build()
  meshes.set(key, mesh)
  return mesh
}

/** Display value of a linear-ish luminance: soft shoulders instead of clipping. */
const display = (v: number): number => Math.max(0, Math.min(1, v < 0.85 ? v : 0.85 + 0.15 * (1 - Math.exp((0.85 - v) / 0.15))))

/** The picture as RGB bytes (side x side x 3): a shaded object on a 1/f noise background. Equal bytes on every machine. */
export const drawStimulus = (stimulus: PlannedStimulus, side = stimulusSide): Uint8Array => {
  const { texture, tint } = stimulus
  const [noise, chroma] = noiseFields(texture, side, `noise:${stimulus.noise}`)
  const object = rasterise(meshOf(stimulus), stimulus.pose, stimulus.lamp, side)
  // A near duplicate is a second take: a little brighter, with its own sensor noise.
  const take = stimulus.duplicate?.kind === 'near' ? randomStream(`take:${stimulus.stimulusId}`) : null
  const rgb = new Uint8Array(side * side * 3)
  for (let k = 0; k < side * side; k++) {
    const cover = object.coverage[k]
    const behind = texture.luminance + texture.contrast * noise[k]
    const luminance = object.light[k] + (1 - cover) * behind + (take === null ? 0 : 0.02 + 0.02 * take.normal())
    const hue = 0.02 * chroma[k] * (1 - cover)
    const red = 1 + cover * tint.object[0] + (1 - cover) * tint.background[0]
    const blue = 1 + cover * tint.object[1] + (1 - cover) * tint.background[1]
    rgb[3 * k] = Math.round(255 * display(luminance * red + hue))
    rgb[3 * k + 1] = Math.round(255 * display(luminance))
    rgb[3 * k + 2] = Math.round(255 * display(luminance * blue - hue))
  }
  return rgb
}
