import type { Config } from '../config.ts'
import type { TfjsEncoder, TfjsEncoderTap } from '../models/tfjs/encoder.ts'
import { openTfjsEncoder } from '../models/tfjs/encoder.ts'
import { decodeNpy } from '../numerics/npy.ts'
import { decodeNpz } from '../numerics/npz.ts'
import { getEncoder } from '../storage/repositories/encoders.ts'
import { getFit } from '../storage/repositories/fits.ts'
import { openContext } from './context.ts'
import type { PipelineContext } from './context.ts'
import type { EncoderCard } from './encoder.ts'
import { MAX_READOUT_BYTES } from './encoder.ts'
import type { FitNetwork } from './fit-networks.ts'
import { resultBands } from './layer-encoder.ts'
import { openNetwork } from './networks.ts'
import { openOffers } from './stored-offer.ts'

/** A stored encoder on the second engine, from its fit's networks and its readout, as a guest beside the server that has the data folder. */
export const openStoredTfjsEncoder = async (config: Config, id: string): Promise<TfjsEncoder> => {
  const context = await openContext(config, { attach: true })
  try {
    const encoder = await getEncoder<EncoderCard>(context.db, id)
    const { request } = await getFit(context.db, encoder.fit)
    const bands = resultBands(request, encoder.layer, await openOffers(context, request)).filter(({ window }) => window === null)
    const readout = await decodeNpz(await context.blobs.read(encoder.files['readout.npz']), 'readout.npz', { maxBytes: 2 * MAX_READOUT_BYTES })
    const array = (name: string) => decodeNpy(readout.get(name)!, `readout.npz, ${name}`)
    const networks = new Map<FitNetwork, Pick<TfjsEncoderTap, 'graph' | 'params'>>()
    for (const network of new Set(bands.map((band) => band.network))) networks.set(network, await parametersOf(context, network))
    const taps = bands.map(({ name, layer, network }): TfjsEncoderTap => {
      const { shape, data } = array(bands.length === 1 ? 'weights' : `weights:${name}`)
      return { ...networks.get(network)!, layer, pooling: network.pooling, weights: { rows: shape[0], cols: shape[1], data } }
    })
    return await openTfjsEncoder(taps, array('bias').data)
  } finally {
    await context.close()
  }
}

const parametersOf = async (context: PipelineContext, network: FitNetwork): Promise<Pick<TfjsEncoderTap, 'graph' | 'params'>> => {
  const { graph, params } = await openNetwork(context, network, network.pooling)
  return { graph, params: await params() }
}
