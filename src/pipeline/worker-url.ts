/** URL of a worker's file beside the caller's: `.ts` when run from source, `.js` when run from the build. */
export const workerUrl = (name: string, callerUrl: string): URL => new URL(`./${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl)
