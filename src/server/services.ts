import type { DatasetResponses } from '../pipeline/dataset-responses.ts'
import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { DatasetFiles } from '../datasets/read-dataset.ts'
import type { ActivationsVersion } from '../domain/activations.ts'
import type { WeightsInfo } from '../domain/backbone.ts'
import type { ClassificationReport, ClassificationRequest } from '../domain/classification.ts'
import type { DatasetSummary } from '../domain/dataset.ts'
import type { FitRequest, FitStatus } from '../domain/fit.ts'
import type { FitScores } from '../domain/fit-scores.ts'
import type * as comparisons from '../pipeline/comparisons/comparisons.ts'
import type { BackboneDescription, BackboneSummary } from '../pipeline/backbones.ts'
import type { PipelineContext } from '../pipeline/context.ts'
import type * as auditing from '../pipeline/audit.ts'
import type * as keys from '../pipeline/keys.ts'
import type * as models from '../pipeline/models.ts'
import type { SiteView } from '../pipeline/datasets.ts'
import type { EncoderView } from '../pipeline/encoders.ts'
import type { FitEstimate } from '../pipeline/estimate.ts'
import type { FileAnswer, FitView } from '../pipeline/fits.ts'
import type { Looks } from '../pipeline/inside/looks.ts'
import type { ActivationsUpload } from '../pipeline/stored-activations.ts'
import type { MethodsFormat } from '../pipeline/methods/methods.ts'
import type { Predictor } from '../pipeline/predict.ts'
import type * as rdms from '../pipeline/rdms/rdms.ts'
import type { Registering, RegistrationView } from '../pipeline/registrations.ts'
import type { Page, PageRequest } from '../storage/page.ts'
import type { FitEvent } from '../storage/repositories/fit-events.ts'
import type { IdempotencyKey, StoredAnswer } from '../storage/repositories/idempotency.ts'

/** What the routes of RDMs call. */
export type RdmPipeline = Pick<typeof rdms, 'createRdm' | 'addRdm' | 'getRdm' | 'listRdms' | 'deleteRdm' | 'rdmValues' | 'rdmFile' | 'compareRdms' | 'cka'>

/** What the routes of comparisons call. */
export type ComparisonPipeline = Pick<typeof comparisons, 'createComparison' | 'estimateComparison' | 'getComparison' | 'listComparisons' | 'cancelComparison' | 'deleteComparison' | 'comparisonScores'>

interface Creation {
  owner: string
  idempotency: IdempotencyKey | null
}

/** What the gate and the routes of keys call. */
export type KeyPipeline = Pick<typeof keys, 'authenticate' | 'createKey' | 'listKeys' | 'rotateKey' | 'revokeKey'> & typeof auditing

/** The recipes behind the routes. An object, so that tests of the routes can bring their own. */
export interface Pipeline extends RdmPipeline, ComparisonPipeline, KeyPipeline {
  importDataset(context: PipelineContext, request: { files: DatasetFiles; fields: Record<string, string>; signal: AbortSignal } & Creation): Promise<StoredAnswer>
  listDatasets(context: PipelineContext, page: PageRequest): Promise<Page<DatasetSummary>>
  datasetSummary(context: PipelineContext, id: string): Promise<DatasetSummary>
  deleteDataset(context: PipelineContext, id: string): Promise<void>
  stimulusBytes(context: PipelineContext, id: string, stimulusId: string): Promise<{ bytes: Uint8Array; mediaType: string }>
  datasetSites(context: PipelineContext, id: string): Promise<SiteView[]>
  datasetResponses(context: PipelineContext, id: string): Promise<DatasetResponses>

  describeBackbones(context: PipelineContext): Promise<BackboneSummary[]>
  describeBackbone(context: PipelineContext, id: string): Promise<BackboneDescription>
  addWeights(context: PipelineContext, backbone: string, path: string, options: { source: string }): Promise<WeightsInfo>
  addModel: typeof models.addModel
  deleteBackbone(context: PipelineContext, id: string): Promise<void>

  putActivations(context: PipelineContext, upload: ActivationsUpload): Promise<ActivationsVersion>
  listActivations(context: PipelineContext, request: PageRequest & { dataset?: string }): Promise<Page<ActivationsVersion>>
  activationsVersions(context: PipelineContext, name: string): Promise<ActivationsVersion[]>
  deleteActivations(context: PipelineContext, name: string, dataset?: string): Promise<void>

  createFit(context: PipelineContext, request: FitRequest, creation: Creation & Registering): Promise<StoredAnswer>
  describeRegistration(context: PipelineContext, id: string): Promise<RegistrationView>
  estimateFit(context: PipelineContext, request: FitRequest): Promise<FitEstimate>
  getFit(context: PipelineContext, id: string): Promise<FitView>
  listFits(context: PipelineContext, request: PageRequest & { dataset?: string; status?: FitStatus }): Promise<Page<FitView>>
  cancelFit(context: PipelineContext, id: string): Promise<FitView>
  fitScores(context: PipelineContext, id: string): Promise<FitScores>
  fitPredictions(context: PipelineContext, id: string, layer: string): Promise<FileAnswer>
  fitMethods(context: PipelineContext, id: string): Promise<Record<MethodsFormat, string>>
  fitBundle(context: PipelineContext, id: string): Promise<{ stream: Readable; bytes: number; filename: string }>
  /** Events with an id above `after`, in order. */
  fitEvents(context: PipelineContext, id: string, after: number): Promise<FitEvent[]>

  classifyUpload(context: PipelineContext, request: ClassificationRequest, signal?: AbortSignal): Promise<ClassificationReport>

  createEncoder(context: PipelineContext, request: { fit: string; layer: string }, creation: { owner: string }): Promise<EncoderView>
  listEncoders(context: PipelineContext, request: PageRequest & { fit?: string }): Promise<Page<EncoderView>>
  getEncoder(context: PipelineContext, id: string): Promise<EncoderView>
  encoderModelFile(context: PipelineContext, id: string): Promise<FileAnswer>
  encoderReadout(context: PipelineContext, id: string): Promise<FileAnswer>
}

/** Tells of changes of a fit, so that its events are read again. */
export interface FitWatch {
  subscribe: (fit: string, onChange: () => void) => () => void
}

/** What the app is built on. */
export interface Services {
  context: PipelineContext
  pipeline: Pipeline
  predictor: Predictor
  looks: Looks
  fitWatch: FitWatch
}

/** What routes get of it: the context only for a request, in which only what that one may see is there. */
export interface RouteServices extends Omit<Services, 'context'> {
  contextOf: (request: FastifyRequest) => PipelineContext
}
