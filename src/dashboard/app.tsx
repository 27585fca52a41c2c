import { useEffect, useRef, useState } from 'preact/hooks'
import { KeyRequired } from './api/client.ts'
import { KeyForm } from './parts/key-form.tsx'
import { Trouble, Waiting } from './parts/notices.tsx'
import { hrefTo } from './route.ts'
import type { Route } from './route.ts'
import { useFits } from './state/use-fits.ts'
import type { Fits } from './state/use-fits.ts'
import { useRoute } from './state/use-route.ts'
import { DatasetsView } from './views/datasets.tsx'
import { FitView } from './views/fit.tsx'
import { FitsView } from './views/fits.tsx'
import { PredictView } from './views/predict.tsx'

const tabs: { text: string; href: string; views: Route['view'][] }[] = [
  { text: 'Fits', href: hrefTo.fits(), views: ['fits', 'fit'] },
  { text: 'Datasets', href: hrefTo.datasets(), views: ['datasets'] },
  { text: 'Predict', href: hrefTo.predict(), views: ['predict'] },
]

const Header = ({ view }: { view: Route['view'] }) => (
  <header>
    <a class="brand" href={hrefTo.fits()}>
      Ventral
    </a>
    <nav aria-label="Views">
      {tabs.map(({ text, href, views }) => (
        <a key={href} href={href} aria-current={views.includes(view) ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
    <a class="api" href="/docs">
      API
    </a>
  </header>
)

const View = ({ route, state }: { route: Route; state: Fits & { showMore: () => void } }) => {
  const { fits, focused, datasets, more, showMore } = state
  switch (route.view) {
    case 'fits':
      return <FitsView fits={fits} datasets={datasets} more={more} onMore={showMore} />
    case 'fit':
      if (focused === null) return <Missing what={`There is no fit “${route.id}”.`} />
      return <FitView key={route.id} fit={focused} dataset={datasets.get(focused.dataset)} split={route.split} />
    case 'datasets':
      return <DatasetsView datasets={[...datasets.values()]} chosen={route.id} />
    case 'predict':
      return <PredictView chosen={route.encoder} datasets={datasets} />
    default:
      return <Missing what="There is no such view." />
  }
}

const Missing = ({ what }: { what: string }) => (
  <>
    <h1 tabIndex={-1}>Not found</h1>
    <p>
      {what} <a href={hrefTo.fits()}>All fits</a>
    </p>
  </>
)

/** Another view begins at its heading, for the eye, the keyboard and the screen reader; the title names it. */
const useArrival = (route: Route, ready: boolean): void => {
  const place = `${route.view} ${route.view === 'fit' ? route.id : ''}`
  const before = useRef(place)
  useEffect(() => {
    if (!ready) return
    const heading = document.querySelector<HTMLElement>('main h1')
    document.title = heading ? `${heading.innerText} · Ventral` : 'Ventral'
    if (before.current === place) return
    before.current = place
    scrollTo(0, 0)
    heading?.focus({ preventScroll: true })
  }, [place, ready])
}

/** The page. Every view has an address; what it shows is the API's. */
export const App = () => {
  const route = useRoute()
  const [attempt, setAttempt] = useState(0)
  const state = useFits(route.view === 'fit' ? route.id : null, attempt)
  const { loaded, error } = state
  useArrival(route, loaded)
  if (error instanceof KeyRequired)
    return (
      <main>
        <KeyForm onKey={() => setAttempt(attempt + 1)} />
      </main>
    )
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault() // the address is the view's
          document.querySelector<HTMLElement>('main h1')?.focus()
        }}
      >
        Skip to the content
      </a>
      <Header view={route.view} />
      <main>
        <Trouble error={error} />
        {!loaded && error === null && <Waiting what="fits" />}
        {loaded && <View route={route} state={state} />}
      </main>
    </>
  )
}
