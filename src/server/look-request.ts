import type { Static } from 'typebox'
import { VentralError } from '../domain/errors.ts'
import type { CamRequest, ChannelChoice, LookFormat, MapsRequest } from '../domain/looks.ts'
import type { CamQuery, MapsQuery } from './schemas/look.ts'

/** Channels and classes shown where none are asked for. */
const TOP_CHANNELS = 16
const TOP_CLASSES = 5
const ALPHA = 0.5

const channelsOf = ({ channels, top }: Static<typeof MapsQuery>, format: LookFormat): ChannelChoice => {
  const choice = channels ?? (format === 'npz' && top === undefined ? 'all' : 'top')
  if (choice === 'top') return { top: top ?? TOP_CHANNELS }
  if (top !== undefined) throw new VentralError('invalid-value', '"top" counts the strongest channels; with other "channels" it has no meaning. Leave one of them out.', [{ pointer: '/top', expected: 'no "top"', found: String(top) }])
  return choice === 'mean' || choice === 'all' ? choice : [...new Set(choice.split(',').map(Number))]
}

/** The look that a query asks for. VentralError invalid-value. */
export const mapsRequest = (query: Static<typeof MapsQuery>, format: LookFormat): MapsRequest => {
  const { backbone, weights, seed, preprocessing, layers = 'default', timeStep, grid } = query
  return {
    backbone,
    weights,
    seed,
    preprocessing,
    layers: layers === 'default' || layers === 'all' ? layers : layers.split(','),
    timeStep: timeStep === undefined || timeStep === 'all' ? timeStep : Number(timeStep),
    grid,
    channels: channelsOf(query, format),
  }
}

/** Indices, `top`, or one name: names have commas of their own. */
const classesOf = (text: string | undefined): CamRequest['classes'] => {
  if (text === undefined || text === 'top') return text
  return /^\d{1,6}(,\d{1,6})*$/.test(text) ? [...new Set(text.split(',').map(Number))] : [text]
}

/** The look that a query asks for. */
export const camRequest = ({ class: classes, top = TOP_CLASSES, alpha = ALPHA, format: _, ...rest }: Static<typeof CamQuery>): CamRequest => ({ ...rest, classes: classesOf(classes), top, alpha })
