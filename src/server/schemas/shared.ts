import type { TSchema } from 'typebox'
import { ActivationsVersion } from './activations.ts'
import { AuditEntry } from './audit.ts'
import { BackboneDescription, BackboneSummary, LayerInfo, ModelFacts, Preprocessing, WeightsInfo } from './backbone.ts'
import { ClassificationReport } from './classification.ts'
import { Problem } from './common.ts'
import { BackboneRow, ComparisonScores, ComparisonView } from './comparison.ts'
import { DatasetSite, DatasetSummary } from './dataset.ts'
import { EncoderView } from './encoder.ts'
import { FitView } from './fit.ts'
import { ApiKey, NewApiKey } from './key.ts'
import { CamReport, ClassShare, LayerMaps, MapsReport } from './look.ts'
import { Prediction } from './predict.ts'
import { CkaReport, ComparedRdm, RdmComparisonReport, RdmSummary, RdmValues, RdmView } from './rdm.ts'
import { Aggregate, BestLayer, FitScores, LayerScores, PairedDifference } from './scores.ts'

/** The schemas that answers name with `ref`. */
export const sharedSchemas: TSchema[] = [
  Problem,
  DatasetSummary,
  DatasetSite,
  WeightsInfo,
  LayerInfo,
  Preprocessing,
  ModelFacts,
  BackboneSummary,
  BackboneDescription,
  ActivationsVersion,
  FitView,
  Aggregate,
  PairedDifference,
  BestLayer,
  LayerScores,
  FitScores,
  EncoderView,
  Prediction,
  LayerMaps,
  MapsReport,
  ClassShare,
  CamReport,
  RdmSummary,
  RdmView,
  RdmValues,
  ComparedRdm,
  RdmComparisonReport,
  CkaReport,
  ComparisonView,
  BackboneRow,
  ComparisonScores,
  ClassificationReport,
  ApiKey,
  NewApiKey,
  AuditEntry,
]
