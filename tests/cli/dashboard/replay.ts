/**
 * Shows the dashboard of a sweep that nobody trains, in the terminal it is called from.
 * Arguments: the number of workers, seeds, and how many times faster than in life; `cpu` prints what it cost at the end;
 * a file for the number of the process. SIGUSR2 is a defect: an exception that nobody catches; SIGHUP an event that can't be
 * drawn.
 */
import { writeFileSync } from 'node:fs';
import { openDashboard } from '../../../src/cli/dashboard/dashboard.js';
import { SimulatedSweep, smallSweep } from './simulated-sweep.js';

const [jobs = '2', seeds = '3', speed = '1', report = '', pidFile = ''] = process.argv.slice(2);
if (pidFile !== '') writeFileSync(pidFile, String(process.pid));
const sweep = new SimulatedSweep({ ...smallSweep, jobs: Number(jobs), seeds: Number(seeds), stepsPerEpoch: 400 });
const dashboard = await openDashboard({
  mode: 'sweep',
  stdin: process.stdin,
  stdout: process.stdout,
  env: process.env,
  library: null,
  leaveNow: () => process.exit(130),
});
const emit = (events: ReturnType<SimulatedSweep['start']>) => {
  for (const event of events) dashboard.listener(event);
};
emit(sweep.start());
dashboard.connect({ act: (action) => emit(sweep.act(action)), interrupt: () => emit(sweep.interrupt()) });
// Starting costs more than going on, which is what is asked.
let [since, cpu] = [performance.now(), process.cpuUsage()];
setTimeout(() => {
  [since, cpu] = [performance.now(), process.cpuUsage()];
}, 10_000).unref();
const advancing = setInterval(() => emit(sweep.advance(250 * Number(speed))), 250);
process.on('SIGTERM', () => process.exit(143));
process.on('SIGUSR2', () => {
  throw new Error('a defect');
});
process.on('SIGHUP', () => {
  dashboard.listener(JSON.parse('{"event": "trials_added", "trials": [{"trial": 12, "parameters": null}]}'));
});
await dashboard.ended;
clearInterval(advancing);
const { user, system } = process.cpuUsage(cpu);
const share = (user + system) / 10 / (performance.now() - since);
if (report === 'cpu') process.stdout.write(`cpu ${share.toFixed(1)} % of a core\n`);
