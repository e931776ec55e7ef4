import type { Device, Kernels, Reading } from '../api';
import type { Alert, ISituation } from './alert';
import type { IMoment } from './judge';
import { JUDGES, LOST_UNNAMED, works } from './judge';
import type { IRules } from './rules';

/** What is going on after a reading, what of that began with it, and what ended. */
export interface IOutcome {
  readonly next: ISituation;
  readonly raise: readonly Alert[];
  readonly clear: readonly Alert[];
}

/**
 * Judges a reading. An alert is raised once for as long as its cause lasts, and
 * keeps the figures of the moment when it began.
 *
 * `shown`: the devices that the user wants to see; those that the server was
 * not given are nobody's concern here. `kernels`: null where not known yet.
 */
export function evaluate(
  rules: IRules,
  previous: ISituation,
  reading: Reading,
  shown: Device[],
  kernels: Kernels | null
): IOutcome {
  const { alerts, driverWorked } = previous;
  const moment: IMoment = {
    reading,
    devices: shown.filter(device => device.allotted),
    kernels,
    driverWorked,
    isOn: key => alerts.has(key)
  };
  const active = new Map<string, Alert>();
  for (const kind of Object.keys(JUDGES) as Alert['kind'][]) {
    if (!rules[kind].enabled) {
      continue;
    }
    const before = [...alerts.values()].filter(alert => alert.kind === kind);
    for (const alert of judged(kind, rules, moment, before)) {
      active.set(alert.key, alert);
    }
  }
  return {
    next: { alerts: active, driverWorked: works(reading) },
    raise: [...active.values()].filter(alert => !alerts.has(alert.key)),
    clear: [...alerts.values()].filter(alert => !active.has(alert.key))
  };
}

/** The alerts of a kind that are on now; those that were on before as they were. */
function judged(
  kind: Alert['kind'],
  rules: IRules,
  moment: IMoment,
  before: Alert[]
): Alert[] {
  const verdicts = new Map(JUDGES[kind](rules, moment));
  const blind = isBlind(kind, moment);
  const kept = before.filter(({ key }) =>
    verdicts.has(key) ? verdicts.get(key) !== null : blind
  );
  const known = new Set(before.map(alert => alert.key));
  const begun = [...verdicts.values()].filter(
    (verdict): verdict is Alert => !!verdict && !known.has(verdict.key)
  );
  // A lost device that is not listed any more is the one that the driver cannot name.
  const named = kept.some(alert => alert.kind === 'lost' && alert.device);
  return [
    ...kept,
    ...begun.filter(alert => !named || alert.key !== LOST_UNNAMED)
  ];
}

/** Whether what is not listed may be there all the same. */
function isBlind(kind: Alert['kind'], { reading, kernels }: IMoment): boolean {
  if (kind === 'lost') {
    return reading.driver.status !== 'ok';
  }
  return !works(reading) || (kind === 'unused' && kernels === null);
}
