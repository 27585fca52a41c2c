/** The purpose of a fit's temporary folder, by which the worker finds it. */
export const workFolderOf = (fit: string): string => `fit-${fit}`
