import type { TapRequest } from '../build-onnx.ts'
import type { LayerGraph } from '../graph.ts'
import type { Parameter } from '../parts.ts'
import type { Stimuli, UnitPerImage } from './requests.ts'

/** What the thread that holds a network is asked, in this order: `open`, then `parameter` for each, then the rest at will. */
export type TfjsMessage =
  | { kind: 'facts' }
  | { kind: 'open'; graph: LayerGraph; normalise: boolean }
  | { kind: 'parameter'; name: string; parameter: Parameter }
  | { kind: 'run'; stimuli: Stimuli; taps: readonly TapRequest[] }
  | { kind: 'gradient'; stimuli: Stimuli; layer: string; of: UnitPerImage }
