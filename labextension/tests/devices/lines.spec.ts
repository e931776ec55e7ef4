import { nullTranslator } from '@jupyterlab/translation';

import { choosable, deviceLines } from '../../src/devices/lines';
import type { Device, Holder } from '../../src/api';
import type { Units } from '../../src/ui';
import { GIB, device } from '../samples';
import { unbroken } from '../units';

const units: Units = { temperature: 'C', memory: 'GiB' };
const trans = nullTranslator.load('');

function lines(devices: Device[], pin: string | null = 'all', kernel = 'k1') {
  return deviceLines({ devices, pin, kernel, units, trans });
}

function holder(changes: Partial<Holder>): Holder {
  return {
    pid: 1,
    memory: 12 * GIB,
    utilization: null,
    command: 'python',
    kernel_id: null,
    notebook: null,
    user: 'me',
    ...changes
  };
}

const instance = device({
  index: null,
  uuid: 'MIG-11112222-aaaa',
  name: 'NVIDIA A100 MIG 1g.5gb',
  parent: device().uuid
});

describe('The line of a device', () => {
  it('names it, with its free and its whole memory', () => {
    expect(lines([device()])[0]).toMatchObject({
      title: 'GPU 0 · H100',
      note: unbroken('60.0 / 80.0 GiB free'),
      holders: '',
      enabled: true
    });
  });

  it('says that its memory is not known, and draws none', () => {
    const [line] = lines([device({ memory: null })]);
    expect(line).toMatchObject({ note: '– free', shares: null });
  });

  it.each([
    [{ allotted: false }, 'not allotted to this server'],
    [{ state: 'lost' }, 'lost'],
    [{ state: 'reset-required' }, 'needs a reset']
  ] as const)('cannot be chosen where it is %j', (changes, reason) => {
    expect(lines([device(changes)])[0]).toMatchObject({
      note: reason,
      enabled: false
    });
  });

  it('is for the parts alone where a GPU is divided', () => {
    const all = lines([device({ mig: true }), instance]);
    expect(all.map(line => [line.note, line.enabled])).toEqual([
      ['divided into instances', false],
      [unbroken('60.0 / 80.0 GiB free'), true]
    ]);
  });

  it('stands below its GPU where it is a part of it', () => {
    const second = device({ index: 1 });
    const all = lines([instance, second, device()]);
    expect(all.map(line => [line.title, line.nested])).toEqual([
      ['GPU 1 · H100', false],
      ['GPU 0 · H100', false],
      ['MIG 11112222 · 1g.5gb', true]
    ]);
  });

  it.each([
    ['all', []],
    ['auto', []],
    [null, []],
    ['1', [1]],
    ['0,GPU-00000002', [0, 2]]
  ])('is marked where the pin %s names it', (pin, marked) => {
    const devices = [0, 1, 2].map(index => device({ index }));
    const chosen = lines(devices, pin).map(line => line.chosen);
    expect(chosen.flatMap((one, index) => (one ? [index] : []))).toEqual(
      marked
    );
  });

  it('names who holds most of its memory, this notebook first', () => {
    const other = holder({
      pid: 2,
      kernel_id: 'k2',
      notebook: 'a/train.ipynb'
    });
    const mine = holder({ pid: 3, kernel_id: 'k1', memory: 2 * GIB });
    const text = (...holders: Holder[]) =>
      lines([device({ holders })])[0]?.holders;
    expect(text(other)).toBe(unbroken('train.ipynb 12.0 GiB'));
    expect(text(other, holder({ pid: 4 }), holder({ pid: 5 }))).toBe(
      unbroken('train.ipynb 12.0 GiB, 2 others')
    );
    expect(text(other, mine)).toBe(unbroken('this notebook 2.0 GiB, 1 other'));
    // A process without a kernel is not that of a notebook without one.
    const [line] = deviceLines({
      devices: [device({ holders: [holder({})] })],
      pin: null,
      kernel: null,
      units,
      trans
    });
    expect(line).toMatchObject({
      holders: unbroken('python 12.0 GiB'),
      shares: { own: 0, others: 0.25 }
    });
  });

  it('says what no visible process holds', () => {
    const [line] = lines([device({ unattributed_memory: 3 * GIB })]);
    expect(line?.holders).toBe(unbroken('3.0 GiB not visible from here'));
  });

  it('draws what this notebook holds and what others do, never more than is in use', () => {
    const mine = holder({ kernel_id: 'k1', memory: 8 * GIB });
    expect(lines([device({ holders: [mine] })])[0]?.shares).toEqual({
      own: 0.1,
      others: 0.15
    });
    const more = holder({ kernel_id: 'k1', memory: 40 * GIB });
    expect(lines([device({ holders: [more] })])[0]?.shares).toEqual({
      own: 0.25,
      others: 0
    });
  });

  it('can be chosen where it is allotted and works; of a divided GPU its parts', () => {
    const divided = device({ mig: true });
    const others = [
      device({ index: 1, state: 'lost' }),
      device({ index: 2, allotted: false }),
      device({ index: 3 })
    ];
    expect(
      choosable([divided, instance, ...others]).map(one => one.uuid)
    ).toEqual([instance.uuid, 'GPU-00000003-aaaa']);
  });
});
