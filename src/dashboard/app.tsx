import { useEffect, useState } from 'preact/hooks'
import { KeyRequired, listDatasets, listFits, rememberKey } from './api.ts'
import { FitList } from './fit-list.tsx'
import { FitResult } from './fit-result.tsx'
import { usePolled } from './use-polled.ts'

const fitOfUrl = (): string | null => /^#\/fits\/([\w-]+)$/.exec(location.hash)?.[1] ?? null

const KeyForm = ({ onKey }: { onKey: () => void }) => (
  <form
    onSubmit={(event) => {
      event.preventDefault()
      rememberKey((event.currentTarget.elements.namedItem('key') as HTMLInputElement).value)
      onKey()
    }}
  >
    <label>
      This server wants its key <input name="key" type="password" required />
    </label>
    <button>Go on</button>
  </form>
)

/** The page: fits on the left, the chosen one's scores beside them. Every view has a URL. */
export const App = () => {
  const [attempt, setAttempt] = useState(0)
  const [chosen, setChosen] = useState(fitOfUrl())
  useEffect(() => {
    const follow = (): void => setChosen(fitOfUrl())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const { value, error } = usePolled(async () => ({ fits: await listFits(), datasets: await listDatasets() }), () => true, 3000, [attempt])

  if (error instanceof KeyRequired) return <KeyForm onKey={() => setAttempt(attempt + 1)} />
  const fit = value?.fits.find(({ id }) => id === chosen)
  return (
    <>
      <header>
        <h1>Ventral</h1>
        <a href="/docs">API</a>
      </header>
      {error && <p role="alert">{error.message}</p>}
      {value && (
        <main>
          <FitList fits={value.fits} datasets={value.datasets} chosen={chosen} />
          {fit ? <FitResult key={`${fit.id} ${fit.status}`} fit={fit} dataset={value.datasets.find(({ id }) => id === fit.dataset)} /> : value.fits.length > 0 && <p>Choose a fit.</p>}
        </main>
      )}
    </>
  )
}
