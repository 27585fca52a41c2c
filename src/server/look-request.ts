import type { Static } from 'typebox'
import { VentralError } from '../domain/errors.ts'
import type { ChannelChoice, LookFormat, MapsRequest } from '../domain/looks.ts'
import type { MapsQuery } from './schemas/look.ts'

const DEFAULT_TOP = 16

const channelsOf = ({ channels, top }: Static<typeof MapsQuery>, format: LookFormat): ChannelChoice => {
  const choice = channels ?? (format === 'npz' && top === undefined ? 'all' : 'top')
  if (choice === 'top') return { top: top ?? DEFAULT_TOP }
  if (top !== undefined) throw new VentralError('invalid-value', '"top" counts the strongest channels; with other "channels" it has no meaning. Leave one of them out.', [{ pointer: '/top', expected: 'no "top"', found: String(top) }])
  return choice === 'mean' || choice === 'all' ? choice : [...new Set(choice.split(',').map(Number))]
}

/** The look that a query asks for. VentralError invalid-value. */
export const mapsRequest = (query: Static<typeof MapsQuery>, format: LookFormat): MapsRequest => {
  const { backbone, weights, seed, layers = 'default', timeStep, grid } = query
  return {
    backbone,
    weights,
    seed,
    layers: layers === 'default' ? 'default' : layers.split(','),
    timeStep: timeStep === undefined || timeStep === 'all' ? timeStep : Number(timeStep),
    grid,
    channels: channelsOf(query, format),
  }
}
