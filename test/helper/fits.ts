import type { FitView } from '../../src/pipeline/fits.ts'
import type { TestService } from './service.ts'

/** A fit of the service double, started as a client starts it. */
export const startFit = async ({ url, fits }: TestService): Promise<string> => {
  const response = await fetch(`${url}/fit`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"dataset":"d0","backbone":"squeezenet1_1","weights":"random","seed":3}' })
  const { id } = (await response.json()) as FitView
  fits.set(id, { ...fits.get(id)!, request: { ...fits.get(id)!.request, selectBy: 'correlation.median' } })
  return id
}

export const changeFit = ({ fits }: TestService, id: string, change: Partial<FitView>): void => void fits.set(id, { ...fits.get(id)!, ...change })

/** One that has succeeded, with the scores of service-fixtures. */
export const finishedFit = async (service: TestService): Promise<string> => {
  const id = await startFit(service)
  const times = { startedAt: '2024-01-01T00:00:00.000Z', finishedAt: '2024-01-01T00:02:00.000Z' }
  changeFit(service, id, { status: 'succeeded', encoder: 'e1', peakRssBytes: 700e6, ...times })
  return id
}
