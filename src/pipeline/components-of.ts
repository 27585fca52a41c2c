import type { Pca } from '../domain/fit.ts'

/** How many principal components each fit takes. Those of all stimuli were taken out of K beforehand: the training rows then have no more. */
export const componentsOf = (pca: Pca | undefined): number | undefined => (typeof pca === 'object' ? pca.components : pca)
