// onnxruntime's published builds send names and hashes of the models they open, and how they ran, to their vendor, and keep a device number
// and a queue in the user's cache folder, unless this is set before the first session. To be imported on the main thread of a process that
// starts workers, too: a worker's environment is a copy, which native code does not see.
process.env.ORT_DISABLE_TELEMETRY = '1'
