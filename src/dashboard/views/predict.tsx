import { useState } from 'preact/hooks'
import type { DatasetSummary } from '../../domain/dataset.ts'
import { getScores, listEncoders, predict } from '../api/read.ts'
import type { Encoder } from '../api/types.ts'
import { counted, moment } from '../format.ts'
import { ImageDrop } from '../parts/image-drop.tsx'
import { Notice, Simulated, Trouble, Waiting } from '../parts/notices.tsx'
import { hrefTo } from '../route.ts'
import { useLoaded } from '../state/use-loaded.ts'
import { useObjectUrl } from '../state/use-object-url.ts'
import { Rates } from './rates.tsx'

type Datasets = Map<string, DatasetSummary>

const nameOf = ({ backbone, layer, dataset, createdAt }: Encoder, datasets: Datasets): string => {
  const { name = dataset, simulated = false } = datasets.get(dataset) ?? {}
  return `${backbone} ${layer}, ${name}${simulated && !name.includes('simulated') ? ' (simulated)' : ''}, ${moment(createdAt)}`
}

const EncoderChoice = ({ encoders, chosen, datasets }: { encoders: Encoder[]; chosen: Encoder; datasets: Datasets }) => (
  <label class="field">
    Encoder
    <select value={chosen.id} onChange={(event) => location.replace(hrefTo.predict(event.currentTarget.value))}>
      {encoders.map((encoder) => (
        <option key={encoder.id} value={encoder.id}>
          {nameOf(encoder, datasets)}
        </option>
      ))}
    </select>
  </label>
)

const OneImage = ({ encoder, simulated }: { encoder: Encoder; simulated: boolean }) => {
  const [image, setImage] = useState<{ file: File; turn: number } | null>(null)
  const url = useObjectUrl(image?.file ?? null)
  const { value: prediction, error } = useLoaded(image && `${encoder.id} ${image.turn}`, (_, signal) => predict(encoder.id, image!.file, signal))
  // How well each site was predicted on held-out stimuli says how far its rate can be trusted.
  const { value: heldOut } = useLoaded(encoder.fit, getScores)
  const sites = heldOut?.layers.find(({ layer }) => layer === encoder.layer)?.sites
  return (
    <>
      <p class="under-title">
        {simulated && <Simulated />} <span class="muted">{counted(encoder.sites.length, 'site')}, rates in {encoder.unit}</span> <a href={hrefTo.fit(encoder.fit)}>its fit</a>
      </p>
      {simulated && <Notice>This encoder was fitted to simulated data: its rates are those of no neuron.</Notice>}
      <div class="input-image">
        <ImageDrop name={image?.file.name ?? null} onImage={(file) => setImage((before) => ({ file, turn: (before?.turn ?? 0) + 1 }))} />
        {url && <img src={url} alt={`The image ${image!.file.name}`} />}
      </div>
      <Trouble error={error} />
      {image && prediction === null && error === null && <Waiting what="rates" />}
      {prediction && <Rates prediction={prediction} scores={sites} />}
    </>
  )
}

/** One image through one encoder. */
export const PredictView = ({ chosen, datasets }: { chosen: string | null; datasets: Datasets }) => {
  const { value: encoders, error } = useLoaded('encoders', listEncoders)
  const encoder = chosen === null ? encoders?.[0] : encoders?.find(({ id }) => id === chosen)
  return (
    <>
      <h1 tabIndex={-1}>Predict rates</h1>
      <Trouble error={error} />
      {encoders === null && error === null && <Waiting what="encoders" />}
      {encoders?.length === 0 && <p>There are no encoders yet: a fit that succeeds makes one.</p>}
      {encoders && encoders.length > 0 && encoder === undefined && (
        <p>
          There is no encoder “{chosen}”. <a href={hrefTo.predict()}>Choose another.</a>
        </p>
      )}
      {encoders && encoder && (
        <>
          <EncoderChoice encoders={encoders} chosen={encoder} datasets={datasets} />
          <OneImage encoder={encoder} simulated={datasets.get(encoder.dataset)?.simulated ?? false} />
        </>
      )}
    </>
  )
}
