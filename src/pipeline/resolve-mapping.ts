import type { JointMapping } from '../domain/banded.ts'
import type { FitRequest, InnerFolds, Mapping, Pca, RidgeMapping } from '../domain/fit.ts'
import { invalid, refuseOthers } from './refusals.ts'
import { jointAlphas, resolveJointMapping } from './resolve-joint-mapping.ts'

/** 10^-6 … 10^6 by half decades, relative to the mean eigenvalue. */
const defaultAlphas = Array.from({ length: 25 }, (_, i) => 10 ** (-6 + i / 2))

const mappingOptions: Record<string, readonly string[]> = {
  ridge: ['alphas', 'alphaUnits', 'alphaPer', 'inner', 'pca', 'solver'],
  linear: ['inner', 'pca', 'solver'],
  banded: ['weights', 'candidates', 'seed', 'weightsPer', 'alphas', 'alphaPer', 'inner'],
  auto: ['windows', 'alphas', 'inner'],
  pls: ['components', 'yScale', 'perSite', 'solver', 'inner', 'pca'],
}

const wholeFrom = (least: number, pointer: string, value: number): number => {
  if (!Number.isInteger(value) || value < least) throw invalid(pointer, `a whole number of at least ${least}`, value)
  return value
}

const resolveAlphas = (asked: number[]): number[] => {
  const alphas = asked.toSorted((a, b) => a - b)
  const bad = alphas.find((alpha) => !(alpha > 0) || !Number.isFinite(alpha))
  if (alphas.length === 0 || bad !== undefined) throw invalid('/mapping/alphas', 'a list of numbers over 0', bad ?? alphas)
  if (new Set(alphas).size !== alphas.length) throw invalid('/mapping/alphas', 'numbers that differ', alphas)
  return alphas
}

type Asked = NonNullable<FitRequest['mapping']>

const resolveFolds = (inner: Asked['inner']): InnerFolds => {
  if (typeof inner === 'string') throw invalid('/mapping/inner', '{"folds": …}: only ridge has a closed form of it', inner)
  return { folds: wholeFrom(2, '/mapping/inner/folds', inner?.folds ?? 5) }
}

const resolveInner = (inner: Asked['inner']): RidgeMapping['inner'] => (inner === 'loo' || inner === 'gcv' ? inner : resolveFolds(inner))

const resolvePca = (pca: number | { components: number; fitOn?: 'train' | 'all' }): Pca => {
  if (typeof pca === 'number') return wholeFrom(1, '/mapping/pca', pca)
  const components = wholeFrom(1, '/mapping/pca/components', pca.components)
  return pca.fitOn === 'all' ? { components, fitOn: 'all' } : components
}

/** The mapping of a request with its defaults; an option that its method gives no meaning is refused. */
export const resolveMapping = ({ method = 'ridge', ...options }: Asked = {}): Mapping | JointMapping => {
  if (!Object.hasOwn(mappingOptions, method)) throw invalid('/mapping/method', Object.keys(mappingOptions).map((name) => `"${name}"`).join(', '), method)
  refuseOthers('/mapping', options, mappingOptions[method], method)
  const pca = options.pca === undefined ? {} : { pca: resolvePca(options.pca) }
  if (method !== 'pls' && options.solver !== undefined && options.solver !== 'reference') throw invalid('/mapping/solver', `"reference", or left out, for ${method}`, options.solver)
  const solver = options.solver === 'reference' ? { solver: options.solver } : {}
  if (method === 'ridge') {
    const { alphas, alphaUnits = 'relative', alphaPer = 'site', inner } = options
    return { method, alphas: resolveAlphas(alphas ?? defaultAlphas), alphaUnits, alphaPer, inner: resolveInner(inner), ...pca, ...solver }
  }
  if (method === 'banded' || method === 'auto') return resolveJointMapping(method, options, { alphas: resolveAlphas(options.alphas ?? jointAlphas), inner: { folds: resolveFolds(options.inner).folds } })
  const shared = { inner: resolveFolds(options.inner), ...pca }
  if (method === 'linear') return { method, ...shared, ...solver }
  return {
    method: 'pls',
    components: wholeFrom(1, '/mapping/components', options.components ?? 25),
    yScale: options.yScale ?? 'site',
    perSite: options.perSite ?? false,
    solver: options.solver ?? 'exact',
    ...shared,
  }
}
