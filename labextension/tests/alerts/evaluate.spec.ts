import type { Device, Driver, KernelUse, Reading } from '../../src/api';
import { NOTHING } from '../../src/alerts/alert';
import type { ISituation } from '../../src/alerts/alert';
import { evaluate } from '../../src/alerts/evaluate';
import type { IOutcome } from '../../src/alerts/evaluate';
import { DEFAULTS } from '../../src/alerts/rules';
import type { IRules } from '../../src/alerts/rules';
import { GIB, before, device, kernel, kernels, reading } from '../samples';

const ALL: IRules = {
  memory: { enabled: true, percent: 90 },
  temperature: { enabled: true, celsius: 80 },
  unused: { enabled: true, minutes: 10 },
  lost: { enabled: true },
  driver: { enabled: true }
};

const full = (percent: number, changes: Partial<Device> = {}) =>
  device({
    memory: {
      total: 100 * GIB,
      used: percent * GIB,
      free: (100 - percent) * GIB,
      reserved: null
    },
    ...changes
  });

const driver = (status: Driver['status']): Driver => ({
  ...reading().driver,
  status
});

/** Goes through readings one after the other, as the page does. */
class Course {
  situation: ISituation = NOTHING;

  constructor(private readonly rules: IRules = ALL) {}

  /** The keys that are raised (`+`) and cleared (`-`) by a reading. */
  see(
    devices: Device[],
    changes: Partial<Reading> = {},
    uses: KernelUse[] | null = []
  ): string[] {
    const { raise, clear } = this.judge(devices, changes, uses);
    return [
      ...raise.map(({ key }) => `+${key}`),
      ...clear.map(({ key }) => `-${key}`)
    ];
  }

  judge(
    devices: Device[],
    changes: Partial<Reading> = {},
    uses: KernelUse[] | null = [],
    shown = devices,
    rules = this.rules
  ): IOutcome {
    const outcome = evaluate(
      rules,
      this.situation,
      reading({ devices, ...changes }),
      shown,
      uses && kernels(...uses)
    );
    this.situation = outcome.next;
    return outcome;
  }
}

const GPU = device().uuid;

describe('Memory over a share', () => {
  const key = `memory:${GPU}`;

  it('is told at the first reading', () => {
    const { raise } = new Course().judge([full(95)]);
    expect(raise).toEqual([
      expect.objectContaining({ kind: 'memory', share: 0.95, limit: 90 })
    ]);
  });

  it('is told once, until it was two points below', () => {
    const course = new Course();
    expect(course.see([full(90)])).toEqual([]);
    expect(course.see([full(91)])).toEqual([`+${key}`]);
    expect(course.see([full(99)])).toEqual([]);
    expect(course.see([full(89)])).toEqual([]);
    expect(course.see([full(91)])).toEqual([]);
    expect(course.see([full(88)])).toEqual([`-${key}`]);
    expect(course.see([full(89)])).toEqual([]);
    expect(course.see([full(91)])).toEqual([`+${key}`]);
  });

  it('keeps the figure of the moment when it began', () => {
    const course = new Course();
    course.judge([full(91)]);
    const { next } = course.judge([full(99)]);
    expect(next.alerts.get(key)).toMatchObject({ share: 0.91 });
  });

  it('is not told of what is not known', () => {
    const course = new Course();
    expect(course.see([device({ memory: null })])).toEqual([]);
    course.see([full(95)]);
    expect(course.see([device({ memory: null })])).toEqual([]);
    expect(course.see([full(50)])).toEqual([`-${key}`]);
  });

  it('is told of a MIG instance, beside a GPU that does not tell its memory', () => {
    const parent = device({ mig: true, memory: null, utilization: null });
    const instance = full(95, {
      uuid: 'MIG-1',
      index: null,
      parent: parent.uuid
    });
    expect(new Course().see([parent, instance])).toEqual(['+memory:MIG-1']);
  });

  it('is not told of devices that are hidden or not allotted', () => {
    const course = new Course();
    expect(course.see([full(95, { allotted: false })])).toEqual([]);
    expect(course.judge([full(95)], {}, [], []).raise).toEqual([]);
  });

  it('ends as the device goes, or is lost', () => {
    const course = new Course();
    course.see([full(95)]);
    expect(course.see([])).toEqual([`-${key}`]);
    course.see([full(95)]);
    expect(course.see([full(95, { state: 'lost' })])).toEqual([
      `+lost:${GPU}`,
      `-${key}`
    ]);
  });

  it('ends as the user turns it off', () => {
    const course = new Course();
    course.judge([full(95)]);
    const { clear } = course.judge([full(95)], {}, [], [full(95)], DEFAULTS);
    expect(clear.map(alert => alert.key)).toEqual([key]);
  });
});

describe('Temperature over a limit', () => {
  const key = `temperature:${GPU}`;
  const hot = (temperature: number | null) => device({ temperature });

  it('is told once, until it was three degrees below', () => {
    const course = new Course();
    const seen = [80, 81, 78, 81, 77, 80, 81].map(celsius =>
      course.see([hot(celsius)])
    );
    expect(seen).toEqual([
      [],
      [`+${key}`],
      [],
      [],
      [`-${key}`],
      [],
      [`+${key}`]
    ]);
  });

  it('is not told of what is not known', () => {
    expect(new Course().see([hot(null)])).toEqual([]);
  });
});

describe('A kernel that holds memory without using the device', () => {
  const key = `unused:k1:${GPU}`;
  /** `seconds`: for how long; null: not known. */
  const holding = (seconds: number | null, id = 'k1') => {
    const unused_since = seconds === null ? null : before(seconds);
    return kernel({
      id,
      devices: [{ uuid: GPU, memory: 12 * GIB, utilization: 0, unused_since }]
    });
  };
  const see = (course: Course, ...uses: KernelUse[]) =>
    course.see([device()], {}, uses);

  it('is told once it did so for long enough', () => {
    const course = new Course();
    expect(see(course, holding(600))).toEqual([]);
    expect(see(course, holding(602))).toEqual([`+${key}`]);
    expect(see(course, holding(900))).toEqual([]);
    expect(see(course, holding(0))).toEqual([`-${key}`]);
    expect(see(course, holding(602))).toEqual([`+${key}`]);
  });

  it('says since when, by the server’s clock', () => {
    const { raise } = new Course().judge([device()], {}, [holding(3600)]);
    const began = Date.parse('2025-12-31T23:00:00Z');
    expect(raise).toEqual([expect.objectContaining({ since: began })]);
  });

  it('is told of each kernel', () => {
    expect(see(new Course(), holding(900), holding(900, 'k2'))).toEqual([
      `+${key}`,
      `+unused:k2:${GPU}`
    ]);
  });

  it('is not told where that is not known, and not taken back then', () => {
    const course = new Course();
    expect(see(course, holding(null))).toEqual([]);
    see(course, holding(900));
    expect(see(course, holding(null))).toEqual([]);
    expect(course.see([device()], {}, null)).toEqual([]);
    expect(see(course, holding(1000))).toEqual([]);
  });

  it('is told on the pages of its own server alone', () => {
    const elsewhere = { ...holding(900), server: 'http://localhost:8889/' };
    expect(see(new Course(), elsewhere)).toEqual([]);
  });

  it('ends with the kernel', () => {
    const course = new Course();
    see(course, holding(900));
    expect(see(course)).toEqual([`-${key}`]);
  });

  it('is not told of a device that is not here', () => {
    expect(new Course().see([], {}, [holding(900)])).toEqual([]);
  });
});

describe('A driver that fails', () => {
  it('ends no alert whose figures it does not tell', () => {
    const course = new Course({ ...ALL, driver: { enabled: false } });
    expect(course.see([full(95)])).toEqual([`+memory:${GPU}`]);
    expect(course.see([], { driver: driver('error') })).toEqual([]);
    expect(course.see([full(95)])).toEqual([]);
    expect(course.see([full(10)])).toEqual([`-memory:${GPU}`]);
  });
});

describe('A lost device', () => {
  const key = `lost:${GPU}`;
  const lost = device({ state: 'lost' });

  it('is told once, also where the driver then lists it no more', () => {
    const course = new Course();
    const gone = { driver: driver('gpu-lost') };
    expect(course.see([lost], gone)).toEqual([`+${key}`]);
    expect(course.see([], gone)).toEqual([]);
    expect(course.see([device()])).toEqual([`-${key}`]);
  });

  it('is told by default, at the first reading and once', () => {
    const course = new Course(DEFAULTS);
    expect(course.see([lost])).toEqual([`+${key}`]);
    expect(course.see([lost])).toEqual([]);
    expect(course.see([device()])).toEqual([`-${key}`]);
    expect(course.see([lost])).toEqual([`+${key}`]);
  });

  it('is one that needs a reset, too', () => {
    const course = new Course();
    expect(course.see([device({ state: 'reset-required' })])).toEqual([
      `+${key}`
    ]);
    expect(course.see([lost])).toEqual([]);
  });

  it('stays lost while the driver says nothing of it', () => {
    const course = new Course(DEFAULTS);
    course.see([lost]);
    expect(course.see([], { driver: driver('not-loaded') })).toEqual([]);
    expect(course.see([device({ state: 'error' })])).toEqual([]);
    expect(course.see([lost])).toEqual([]);
  });

  it('is told where the driver cannot name it', () => {
    const course = new Course();
    const unnamed = { driver: driver('gpu-lost') };
    expect(course.see([device()], unnamed)).toEqual(['+lost:']);
    expect(course.see([device()])).toEqual(['-lost:']);
  });

  it('is told once where driver and device say so', () => {
    const both = { driver: driver('gpu-lost') };
    expect(new Course().see([lost], both)).toEqual([`+${key}`]);
  });

  it('is not told where the user hides it', () => {
    const course = new Course();
    const both = { driver: driver('gpu-lost') };
    expect(course.judge([lost], both, [], []).raise).toEqual([]);
  });
});

describe('A driver', () => {
  const broken = { driver: driver('not-loaded') };

  it('that worked and does not any more is told, until it works', () => {
    const course = new Course();
    expect(course.see([device()])).toEqual([]);
    expect(course.see([], broken)).toEqual(['+driver']);
    expect(course.see([], { driver: driver('error') })).toEqual([]);
    expect(course.see([device()])).toEqual(['-driver']);
    expect(course.see([], broken)).toEqual(['+driver']);
  });

  it('that never worked is not told', () => {
    const course = new Course();
    expect(course.see([], broken)).toEqual([]);
    expect(course.see([], broken)).toEqual([]);
  });

  it('that has lost a device works', () => {
    const course = new Course();
    course.see([device()]);
    const lost = device({ state: 'lost' });
    expect(course.see([lost], { driver: driver('gpu-lost') })).toEqual([
      `+lost:${GPU}`
    ]);
  });

  it('that hangs tells old figures, which raise and end nothing', () => {
    const hangs = { driver: driver('not-answering') };
    const course = new Course({ ...ALL, driver: { enabled: false } });
    const old = { state: 'not-answering' as const };
    course.see([full(50)]);
    expect(course.see([full(95, { ...old, temperature: 99 })], hangs)).toEqual(
      []
    );
    course.see([full(95)]);
    expect(course.see([full(10, old)], hangs)).toEqual([]);
    expect(course.see([full(95)])).toEqual([]);
  });
});

it('Nothing but lost devices is told by default', () => {
  const course = new Course(DEFAULTS);
  const unused_since = before(1e6);
  const use = { uuid: GPU, memory: GIB, utilization: 0, unused_since };
  expect(
    course.see([full(100, { temperature: 110 })], {}, [
      kernel({ devices: [use] })
    ])
  ).toEqual([]);
  expect(course.see([], { driver: driver('error') })).toEqual([]);
});
