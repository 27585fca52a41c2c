import 'uplot/dist/uPlot.min.css'
import './style/tokens.css'
import './style/page.css'
import './style/tables.css'
import './style/figures.css'
import './style/controls.css'
import { render } from 'preact'
import { App } from './app.tsx'

render(<App />, document.getElementById('app')!)
