import t from 'tap'
import type { FitProgress } from '../../src/domain/fit.ts'
import { giveUpReason } from '../../src/jobs/give-up.ts'
import { paceProgress } from '../../src/jobs/progress.ts'

t.test('progress passes at most twice a second, but every stage and its end do, with the time that is left', async (t) => {
  const sent: FitProgress[] = []
  let now = 0
  const report = paceProgress((progress) => sent.push(progress), 500, () => now)
  for (let done = 0; done <= 40; done++) {
    report({ stage: 'extract', done, total: 40 })
    now += 100
  }
  report({ stage: 'fit', done: 3, total: 4 })
  report({ stage: 'fit', done: 3, total: 4 })
  t.same(sent.map(({ stage, done }) => `${stage} ${done}`), [0, 5, 10, 15, 20, 25, 30, 35, 40].map((done) => `extract ${done}`).concat('fit 3'))
  t.equal(sent[0].etaSeconds, null, 'nothing is known yet')
  t.equal(sent[2].etaSeconds, 3, '30 left at 10 a second')
  t.equal(sent[8].etaSeconds, 0)
  t.equal(sent[9].etaSeconds, null, 'what an earlier delivery had done says nothing of the speed')
})

t.test('three crashes end a fit, kills from outside do not soon', async (t) => {
  t.equal(giveUpReason({ crashes: 2, losses: 99 }, 'SIGKILL', 'x'), null)
  t.match(giveUpReason({ crashes: 3, losses: 0 }, 'exit code 134', 'one\nabort: two\n'), { code: 'internal', detail: /3 times \(exit code 134\).*Its last words: abort: two$/ })
  t.match(giveUpReason({ crashes: 3, losses: 0 }, 'SIGKILL', null), { detail: /memory/ })
  t.match(giveUpReason({ crashes: 0, losses: 100 }, 'worker lost', null), { detail: /lost 100 times/ })
})
