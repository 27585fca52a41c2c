import { Type } from 'typebox'
import { responseUnits } from '../../domain/dataset.ts'
import { Nullable, streamed, strict } from './common.ts'

export const DatasetSummary = strict({
  id: Type.String(),
  name: Type.String(),
  sha256: Type.String(),
  stimuli: Type.Integer(),
  images: Type.Boolean({ description: 'whether their images are here; without them, fits take activations from elsewhere only' }),
  sites: Type.Integer(),
  regions: Type.Record(Type.String(), Type.Integer(), { description: 'sites per region' }),
  animals: Type.Optional(Type.Record(Type.String(), Type.Integer(), { description: 'sites per animal, of sites that name theirs' })),
  repetitions: strict({ min: Type.Integer(), max: Type.Integer() }),
  timeBins: Nullable(Type.Array(strict({ startMs: Type.Number(), endMs: Type.Number() }))),
  unit: Type.Enum([...responseUnits]),
  normalise: Type.Optional(
    Nullable(strict({ method: Type.Enum(['zscore', 'baseline']), sessionColumn: Nullable(Type.String()) }, { description: 'how fits normalise the responses per site and session; the stored ones are as recorded' })),
  ),
  objects: Nullable(Type.Integer()),
  ceiling: Nullable(strict({ method: Type.String(), median: Nullable(Type.Number()) })),
  groupingColumns: Type.Array(Type.String()),
  psth: Type.Optional(
    strict(
      { startMs: Type.Number(), binMs: Type.Number(), rates: Type.Array(Nullable(Type.Number())) },
      { description: 'of recordings whose spikes were binned at import: mean rate around onset in spikes/s, over sites and presentations, from startMs on; it should rise after 0' },
    ),
  ),
  simulated: Type.Boolean(),
  warnings: Type.Array(Type.String()),
  createdAt: Type.String({ format: 'date-time' }),
}, { $id: 'DatasetSummary' })

export const DatasetSite = strict({
  id: Type.String(),
  region: Type.String(),
  animal: Type.Optional(Type.String()),
  ceiling: Nullable(Type.Number({ description: 'reliability of the mean response' })),
  note: Type.Optional(Type.String({ description: 'why the ceiling is null' })),
  constant: Type.Boolean(),
  metadata: Type.Record(Type.String(), Type.String()),
}, { $id: 'DatasetSite' })

/** The parts of POST /datasets, for the documentation: the import itself reads and checks them. */
export const DatasetUpload = streamed({
  type: 'object',
  properties: {
    file: { type: 'string', format: 'binary', description: 'a container of responses, and of stimuli where it holds them: .h5 (NX-414), .nc (BrainIO / Brain-Score assembly), .nwb, .mat, a zip of an Algonauts 2023 subject (with its images), .npz' },
    stimuli: { type: 'string', format: 'binary', description: 'zip of images; without it, only activations from elsewhere can be fitted' },
    responses: { type: 'string', format: 'binary', description: '.npy, .npz, .csv or .mat' },
    metadata: { type: 'string', format: 'binary', description: 'CSV by stimulus_id or filename' },
    sites: { type: 'string', format: 'binary', description: 'CSV: site_id, region, animal, …' },
    name: { type: 'string' },
    axes: { type: 'string', description: "order of the array's axes out of stimulus,site,repetition,time", default: 'stimulus,site[,repetition]' },
    region: { type: 'string' },
    unit: { type: 'string', enum: [...responseUnits] },
    timeBinMs: { type: 'string', examples: ['70,170'] },
    visualDegrees: { type: 'string' },
    backgroundRgb: { type: 'string', examples: ['127,127,127'] },
    order: { type: 'string', enum: ['natural', 'codepoint'] },
    normalise: {
      type: 'string',
      enum: ['zscore', 'baseline'],
      description:
        'fits take the responses of each site as deviations from their session: less its mean, and for zscore over its standard deviation, both of the mean responses to the training stimuli of each fold (baseline is that mean, not a pre-stimulus window). Stored responses stay as recorded; encoders predict in units of zscore or baselineSubtracted',
    },
    sessionColumn: { type: 'string', description: 'with normalise: the metadata column that names the session of each stimulus; without it all are one session' },
    simulated: { type: 'string', enum: ['true', 'false'], description: 'the responses were computed, not recorded: said wherever a score of them is shown' },
    generator: { type: 'string', description: 'what made simulated data' },
    variable: { type: 'string', description: 'which array of the container holds the responses, where it is not the one that the format names' },
    intervals: { type: 'string', description: 'NWB: the TimeIntervals table that lists the presentations, by its name under /intervals or its path', default: 'trials' },
    onsetColumn: { type: 'string', description: "NWB: its column of the stimuli's onsets, in seconds", default: 'start_time' },
    stimulusColumn: { type: 'string', description: "NWB: its column of the stimuli's names", default: 'stimulus_id' },
  },
  additionalProperties: false,
})
