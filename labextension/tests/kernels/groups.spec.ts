import { firstOf, groupsOf } from '../../src/kernels/groups';
import { search } from '../../src/kernels/search';
import type { ISessionItems } from '../../src/kernels/session';
import { environment, environments, kernelspec } from '../samples';
import {
  manyEnvironments,
  shown,
  spec,
  specModels,
  specOf,
  trans
} from './fakes';

const tf2 = environment({ kernelspecs: ['tfgpu-tf2'] });
const torch = environment({
  id: 'torch',
  name: '파이토치',
  kind: 'conda',
  prefix: '/opt/my envs/it\'s "파이토치"',
  label: '파이토치 · Python 3.12 · PyTorch 2.13',
  verdict: 'ok',
  frameworks: [{ name: 'torch', version: '2.13.0', build: 'gpu', cuda: '12.8' }]
});
const gone = environment({
  id: 'gone',
  name: 'gone',
  kind: 'conda',
  label: 'gone',
  python: null,
  problem: 'Its interpreter is gone: /opt/gone/bin/python.'
});
const answer = {
  ...environments(tf2, torch, gone),
  kernelspecs: [specOf(tf2, 'tfgpu-tf2')]
};
const specs = specModels(
  spec('python3', { display_name: 'Python 3 (ipykernel)' }),
  spec('tfgpu-tf2', { display_name: tf2.label }),
  spec('ir', { display_name: 'R', language: 'R' })
);

const NONE = {
  key: 'none',
  label: 'Use No Kernel',
  items: [
    {
      key: 'none',
      label: 'No Kernel',
      detail: '',
      title: '',
      logo: null,
      health: null,
      text: 'no kernel',
      choice: null,
      need: null,
      disabled: false
    }
  ]
};

function session(changes: Partial<ISessionItems> = {}): ISessionItems {
  return {
    disabled: false,
    selected: null,
    language: null,
    current: null,
    label: 'This notebook',
    none: [NONE],
    running: [],
    ...changes
  };
}

const groups = (changes: Partial<Parameters<typeof groupsOf>[0]> = {}) =>
  groupsOf({ specs, answer, recent: [], session: null, ...changes }, trans);
const items = (...given: Parameters<typeof groups>) =>
  groups(...given).flatMap(group => group.items);
const itemOf = (key: string, ...given: Parameters<typeof groups>) =>
  items(...given).find(item => item.key === key)!;

describe('What can be chosen', () => {
  it('is grouped by what was used last, the kind of environment, and the rest', () => {
    expect(
      shown(groups({ recent: ['ir', 'gone-since'], session: session() }))
    ).toEqual({
      'Used last': ['R'],
      'venv environments': [tf2.label],
      'conda environments': [torch.label, 'gone'],
      'Other kernels': ['Python 3 (ipykernel)'],
      'Use No Kernel': ['No Kernel']
    });
  });

  it('begins with the kernel that JupyterLab would preselect', () => {
    const found = groups({
      recent: ['tfgpu-tf2', 'ir'],
      session: session({ selected: 'tfgpu-tf2' })
    });
    expect(found[0]).toMatchObject({ label: 'This notebook' });
    expect(shown(found)['This notebook']).toEqual([tf2.label]);
    expect(shown(found)['Used last']).toEqual(['R']);
  });

  it('has each kernel once', () => {
    const keys = items({ recent: ['python3'], session: session() }).map(
      item => item.key
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is without a session only what can be started', () => {
    expect(Object.keys(shown(groups()))).not.toContain('Use No Kernel');
  });

  it('is no kernel alone where none may be started', () => {
    expect(groups({ session: session({ disabled: true }) })).toEqual([NONE]);
  });

  it('is of the language of the document first', () => {
    const found = groups({ session: session({ language: 'R' }) });
    expect(found[0]?.items[0]?.label).toBe('R');
  });

  it('is every kernelspec while the server has said nothing', () => {
    expect(shown(groups({ answer: null }))).toEqual({
      'Other kernels': ['Python 3 (ipykernel)', 'R', tf2.label]
    });
  });
});

describe('An environment', () => {
  it('with kernelspecs has a line for each', () => {
    const two = {
      ...answer,
      kernelspecs: [
        specOf(tf2, 'tfgpu-tf2'),
        specOf(tf2, 'tfgpu-second', { display_name: 'second' })
      ]
    };
    expect(shown(groups({ answer: two }))['venv environments']).toEqual([
      'second',
      tf2.label
    ]);
  });

  it('without one can have it added', () => {
    expect(itemOf('environment:torch')).toMatchObject({
      choice: undefined,
      need: { what: 'add', install: false, kernel: null },
      disabled: false,
      health: { level: 'ok' },
      detail: torch.prefix
    });
  });

  it('without ipykernel can have that installed', () => {
    const bare = { ...torch, ipykernel: null };
    const item = itemOf('environment:torch', { answer: environments(bare) });
    expect(item.need).toMatchObject({ what: 'add', install: true });
    expect(item.health?.reason).toMatch(/ipykernel/);
  });

  it('whose interpreter is gone says so and cannot be chosen', () => {
    expect(itemOf('environment:gone')).toMatchObject({
      disabled: true,
      health: { level: 'error', reason: gone.problem }
    });
  });

  it('whose frameworks cannot use the GPU says why', () => {
    const broken = { ...tf2, summary: 'TensorFlow 2.21 is built for the CPU.' };
    const item = itemOf('spec:tfgpu-tf2', {
      answer: { ...answer, environments: [broken] }
    });
    expect(item.health).toMatchObject({
      level: 'error',
      reason: 'TensorFlow 2.21 is built for the CPU.'
    });
  });

  it('offers kernels of other languages of its own', () => {
    const own = [{ name: 'ir', display_name: 'R 4.4', language: 'R' }];
    const both = { ...torch, own_kernels: own };
    const rOnly = {
      ...both,
      id: 'r',
      name: 'r',
      python: null,
      ipykernel: null
    };
    const found = groups({ specs: null, answer: environments(both, rOnly) });
    expect(shown(found)['conda environments']).toEqual([
      'r · R 4.4',
      torch.label,
      '파이토치 · R 4.4'
    ]);
    expect(itemOf('own:r:ir', { answer: environments(rOnly) }).need).toEqual({
      what: 'add',
      environment: rOnly,
      kernel: 'ir',
      install: false
    });
  });

  it('offers no kernel of its own twice', () => {
    const own = [{ name: 'ir', display_name: 'R 4.4', language: 'R' }];
    const served = {
      ...environments({ ...torch, own_kernels: own }),
      kernelspecs: [
        specOf(torch, 'tfgpu-t-ir', { kernel: 'ir', language: 'R' })
      ]
    };
    const keys = items({ answer: served }).map(item => item.key);
    expect(keys).not.toContain('own:torch:ir');
    expect(keys).toContain('spec:tfgpu-t-ir');
    expect(keys).toContain('environment:torch');
  });
});

describe('A kernelspec', () => {
  it('that can be repaired is repaired first', () => {
    const stale = kernelspec({
      problem: 'The interpreter has moved.',
      repair: 'rewrite'
    });
    const item = itemOf('spec:tfgpu-tf2', {
      answer: { ...answer, kernelspecs: [stale] }
    });
    expect(item.need).toMatchObject({ what: 'repair', install: false });
    expect(item.health).toMatchObject({
      level: 'error',
      reason: stale.problem
    });
  });

  it('that only our server knows yet can be chosen too', () => {
    const item = itemOf('spec:tfgpu-tf2', { specs: null });
    expect(item).toMatchObject({
      label: tf2.label,
      choice: { name: 'tfgpu-tf2' }
    });
  });
});

describe('The search', () => {
  const found = (query: string) =>
    search(groups(), query).flatMap(group => group.items.map(item => item.key));

  it.each([
    ['a name', 'TF2'],
    ['a framework', 'tensorflow'],
    ['the Python', '3.11.7'],
    ['the path', '/home/me'],
    ['words in any order', 'venv 2.21 tf2']
  ])('finds by %s', (_, query) => {
    expect(found(query)).toContain('spec:tfgpu-tf2');
  });

  it('wants every word', () => {
    expect(found('tensorflow 3.12')).toEqual([]);
  });

  it('finds Korean names however they are composed, and quotes', () => {
    expect(found('파이토치'.normalize('NFD'))).toEqual(['environment:torch']);
    expect(found('it\'s "파이')).toEqual(['environment:torch']);
    expect(found('pytorch')).toEqual(['environment:torch']);
  });

  it('leaves everything in place without words', () => {
    const all = groups();
    expect(search(all, '  ')).toBe(all);
  });
});

describe('What is active first', () => {
  const first = (...given: Parameters<typeof groups>) =>
    firstOf(groups(...given), specs, given[0]?.session?.language ?? null);

  it('is what the session has, else what was used last, else the default', () => {
    expect(
      first({ recent: ['ir'], session: session({ selected: 'tfgpu-tf2' }) })
    ).toBe('spec:tfgpu-tf2');
    expect(first({ recent: ['ir'] })).toBe('spec:ir');
    expect(first()).toBe('spec:python3');
  });

  it('speaks the language of the document', () => {
    const given = { recent: ['python3'], session: session({ language: 'R' }) };
    expect(first(given)).toBe('spec:ir');
  });

  it('is a kernel, not what would have to be added', () => {
    expect(
      firstOf(
        groupsOf(
          {
            specs: null,
            answer: manyEnvironments(1),
            recent: [],
            session: null
          },
          trans
        ),
        null,
        null
      )
    ).toBe('spec:tfgpu-env0');
  });
});
