import { categories } from './objects/objects.ts'
import { randomStream } from './random.ts'
import type { Pose } from './render/rasterise.ts'
import type { Texture } from './render/noise-background.ts'

export const viewsPerObject = 10

/** A stimulus that repeats another one of the same object: with the same pixels, or with nearly the same. */
export interface PlantedDuplicate {
  kind: 'exact' | 'near'
  of: string
}

/** All that a picture is made from. */
export interface PlannedStimulus {
  stimulusId: string
  category: string
  object: string
  /** 1 to 10 */
  view: number
  /** indices into `categories` and its objects */
  categoryIndex: number
  objectIndex: number
  pose: Pose
  texture: Texture
  /** direction of the lamp, and a faint colour of the object and of the background, as shifts of (red, blue) */
  lamp: [number, number, number]
  tint: { object: [number, number]; background: [number, number] }
  /** name of the random streams of its pixels */
  noise: string
  duplicate: PlantedDuplicate | null
}

// Views 9 and 10 of these objects repeat views 2 and 5: six pairs in six categories.
const planted: Record<string, PlantedDuplicate['kind']> = {
  'animals-cat': 'exact', 'cars-sedan': 'exact', 'planes-glider': 'exact', 'chairs-office': 'near', 'faces-hatted': 'near', 'fruits-pear': 'near',
}
const repeats = { exact: { view: 9, of: 2 }, near: { view: 10, of: 5 } } as const

const drawPose = (view: { yaw: number; pitch: number }, stream: ReturnType<typeof randomStream>): Pose => {
  const radius = stream.between(0.33, 0.45)
  const room = 0.5 - 0.95 * radius
  return {
    radius,
    x: 0.5 + stream.between(-room, room),
    y: 0.5 + stream.between(-room, room),
    yaw: view.yaw + stream.between(-30, 30),
    pitch: view.pitch + stream.between(-12, 12),
    roll: stream.between(-14, 14),
  }
}

/** The background is drawn from a stream of its own, so that it knows nothing of the object. */
const drawTexture = (stream: ReturnType<typeof randomStream>): Texture => ({
  slope: stream.between(0.75, 1.45),
  orientation: stream.between(0, 180),
  anisotropy: stream.between(0, 1.6),
  contrast: stream.between(0.06, 0.12),
  luminance: stream.between(0.35, 0.6),
})

const idOf = (
  row: number, category: string, object: string, view: number,
): string => `${String(row + 1).padStart(3, '0')}-${category}-${object}-${String(view).padStart(2, '0')}`

/**
 * The 640 stimuli in their order: the first view of all 64 objects, then the second, and so on. A contiguous tenth (or fifth) thus holds every
 * object: in category by category order, the unshuffled inner folds of a fit would leave whole categories out.
 */
export const planStimuli = (): PlannedStimulus[] => {
  const plan: PlannedStimulus[] = []
  for (let view = 1; view <= viewsPerObject; view++) {
    categories.forEach((category, categoryIndex) => {
      category.objects.forEach((object, objectIndex) => {
        const stimulusId = idOf(plan.length, category.name, object.name, view)
        const kind = planted[`${category.name}-${object.name}`]
        if (kind !== undefined && view === repeats[kind].view) {
          const of = plan.find((other) => other.category === category.name && other.object === object.name && other.view === repeats[kind].of)!
          plan.push({ ...of, stimulusId, view, duplicate: { kind, of: of.stimulusId } })
          return
        }
        const name = `${category.name}/${object.name}/${view}`
        const [front, behind] = [randomStream(`view:${name}`), randomStream(`background:${name}`)]
        plan.push({
          stimulusId, category: category.name, object: object.name, view, categoryIndex, objectIndex,
          pose: drawPose(category.view, front),
          lamp: [front.between(-0.9, 0.9), front.between(0.4, 1), front.between(0.6, 1.2)],
          texture: drawTexture(behind),
          tint: { object: [front.between(-0.09, 0.09), front.between(-0.09, 0.09)], background: [behind.between(-0.07, 0.07), behind.between(-0.07, 0.07)] },
          noise: name,
          duplicate: null,
        })
      })
    })
  }
  return plan
}
