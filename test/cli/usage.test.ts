import path from 'node:path'
import t from 'tap'
import { ventral } from '../helper/cli.ts'
import { temporaryFolder } from '../helper/home.ts'

t.test('help lists the verbs and each verb its flags', async (t) => {
  const { status, out } = await ventral(['help'])
  t.equal(status, 0)
  for (const verb of ['serve', 'worker', 'dataset add', 'backbones', 'weights add', 'weights pull', 'activations', 'fit', 'scores', 'methods', 'bundle', 'predict', 'keys add', 'audit', 'doctor']) t.match(out, `\n  ${verb}`)
  const { out: flags } = await ventral(['fit', '--help'])
  for (const flag of ['--request FILE.json', '--protocol brain-score']) t.match(flags, flag)
})

t.test('a command line that is wrong says why and ends with 2', async (t) => {
  const cases: [string[], RegExp][] = [
    [['fly'], /no verb "fly"/],
    [['predict', '--encoder'], /encoder/],
    [['predict', 'x.png'], /--encoder is missing/],
    [['fit', '--requets', 'x'], /--requets/],
    [['fit', '--predictions', 'x.npz', '--dataset', 'd'], /needs --wait/],
    [['fit', '--register', '--registration', 'r', '--dataset', 'd'], /give one of them/],
    [['fit', '--register', '--dry-run', '--dataset', 'd'], /nothing to register/],
    [['fit', '--activations', 'x.npz', '--backbone', 'pixels'], /needs --dataset/],
    [['fit', '--activations', 'x.npz', '--dataset', 'd', '--backbone', 'pixels'], /stands for the backbone/],
    [['fit', '--dataset', 'd', '--rows', 'dataset-order'], /needs --activations/],
    [['activations', 'put', 'x'], /A name and one file/],
    [['activations', 'put', 'x', 'x.npz'], /--dataset is missing/],
    [['methods', 'f', '--format', 'pdf'], /markdown, latex, bibtex, not "pdf"/],
    [['bundle', 'f'], /--out is missing/],
    [['dataset', 'paint'], /no "dataset paint"/],
    [['dataset', 'add'], /--stimuli/],
    [['weights', 'add', 'x.pth'], /--backbone is missing/],
    [['backbones', 'add', 'x.onnx'], /--name is missing/],
    [['backbones', '--mean', '0,0,0'], /--mean belongs to backbones add/],
    [['keys', 'add', 'k', '--owner', 'a', '--scopes', 'root'], /--scopes takes read, predict, write, admin/],
    [['keys', 'add', 'k', '--scopes', 'read'], /--owner is missing/],
    [['keys', 'rotate', 'k', '--grace', 'long'], /--grace takes a time/],
    [['serve', '--port', 'http'], /--port takes a whole number/],
  ]
  await Promise.all(
    cases.map(async ([args, why]) => {
      const { status, err, out } = await ventral(args)
      t.equal(status, 2, args.join(' '))
      t.match(err, why)
      t.equal(out, '')
    }),
  )
})

t.test('a refusal is one sentence and ends with 1; with --json its problem comes on stdout', async (t) => {
  const home = path.join(temporaryFolder(t), 'home')
  const cases: [string[], string, RegExp][] = [
    [['dataset', 'add', '--stimuli', 'no-such.zip', '--responses', 'r.npy'], 'not-found', /^no-such.zip cannot be read: there is no such file\.\n$/],
    [['dataset', 'add', '--file', import.meta.dirname], 'not-found', /it is a folder/],
    [['fit', '--request', import.meta.filename], 'invalid-json', /is not valid JSON/],
    [['backbones', '--url', 'http://127.0.0.1:9'], 'busy', /No server answers at http:\/\/127.0.0.1:9/],
    [['serve', '--host', '0.0.0.0', '--port', '0'], 'key-required', /VENTRAL_API_KEY/],
    [['worker'], 'busy', /No server runs on/],
    [['weights', 'pull', 'pixels'], 'weights-missing', /No published weights of pixels/],
    [['activations', 'x.png', '--backbone', 'pixels', '--out', 'o', '--engine', 'torch'], 'invalid-value', /"onnx" or "tfjs", not "torch"/],
  ]
  await Promise.all(
    cases.map(async ([args, code, why]) => {
      const { status, err, out } = await ventral([...args, '--home', home, '--json'])
      t.equal(status, 1, args.join(' '))
      t.match(err, why)
      t.notMatch(err, /\n +at /, 'no stack')
      t.match(JSON.parse(out), { code })
    }),
  )
})
