import path from 'node:path'
import ventral from '../../package.json' with { type: 'json' }

export const packageVersion = ventral.version

// The checkout when the sources run, `dist` when the build does.
const above = path.resolve(import.meta.dirname, '../..')

/** Where `vite build` puts the page. */
export const builtDashboard = path.basename(above) === 'dist' ? path.join(above, 'dashboard') : path.join(above, 'dist', 'dashboard')
