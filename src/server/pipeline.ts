import * as backbones from '../pipeline/backbones.ts'
import { fitBundle } from '../pipeline/bundle/bundle.ts'
import { classifyUpload } from '../pipeline/classification/classify-upload.ts'
import * as comparisons from '../pipeline/comparisons/comparisons.ts'
import { datasetResponses } from '../pipeline/dataset-responses.ts'
import * as datasets from '../pipeline/datasets.ts'
import * as encoders from '../pipeline/encoders.ts'
import { estimateFit } from '../pipeline/estimate.ts'
import * as fits from '../pipeline/fits.ts'
import * as keys from '../pipeline/keys.ts'
import { fitMethods } from '../pipeline/methods/methods.ts'
import { addModel, deleteBackbone } from '../pipeline/models.ts'
import { describeRegistration } from '../pipeline/registrations.ts'
import * as rdms from '../pipeline/rdms/rdms.ts'
import * as storedActivations from '../pipeline/stored-activations.ts'
import type { Pipeline } from './services.ts'

/** The recipes that a real server works with. */
export const pipeline: Pipeline = { ...datasets, datasetResponses, ...backbones, ...fits, ...encoders, ...rdms, ...storedActivations, ...comparisons, ...keys, addModel, deleteBackbone, estimateFit, describeRegistration, fitBundle, fitMethods, classifyUpload }
