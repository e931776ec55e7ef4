import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Environment, Kernelspec, OwnKernel, Report } from '../api';
import { useFixes } from '../fixes';
import { ActionButton, Failed, UNKNOWN, useCopy } from '../ui';
import { KernelspecRow } from './kernelspec';
import { frameworkText } from './names';
import { ReportView } from './report';
import type { IEnvironmentActions, IHandler } from './tokens';
import { useAction } from './use';

interface IDetailsProps {
  environment: Environment;
  kernelspecs: Kernelspec[];
  actions: IEnvironmentActions;
  trans: TranslationBundle;
}

/** What an opened card shows: its kernels, the facts and the report. */
export function Details(props: IDetailsProps): React.ReactElement {
  return (
    <div className="jp-tfgpu-Environment-details">
      <Kernels {...props} />
      <Facts {...props} />
      <Reporting {...props} />
    </div>
  );
}

/** The kernelspecs that start it, and the kernels that lie in it and are not offered yet. */
function Kernels(props: IDetailsProps): React.ReactElement {
  const { environment, kernelspecs, actions, trans } = props;
  const offered = new Set(
    kernelspecs.map(each => (each.owned ? each.kernel : null))
  );
  const own = environment.own_kernels.filter(({ name }) => !offered.has(name));
  return (
    <ul
      className="jp-tfgpu-Environment-kernels"
      aria-label={trans.__('Kernels of %1', environment.name)}
    >
      {kernelspecs.map(kernelspec => (
        <KernelspecRow
          key={kernelspec.name}
          kernelspec={kernelspec}
          actions={actions}
          trans={trans}
        />
      ))}
      {own.map(kernel => (
        <OwnKernelRow key={`own ${kernel.name}`} kernel={kernel} {...props} />
      ))}
      {kernelspecs.length + own.length === 0 && (
        <li className="jp-tfgpu-Note">{trans.__('No kernel yet.')}</li>
      )}
    </ul>
  );
}

/** A kernel of another language that lies in the environment. */
function OwnKernelRow({
  kernel,
  environment,
  actions,
  trans
}: IDetailsProps & { kernel: OwnKernel }): React.ReactElement {
  const add = useAction();
  return (
    <li className="jp-tfgpu-Kernelspec">
      <div className="jp-tfgpu-Kernelspec-row">
        <span className="jp-tfgpu-Kernelspec-name">{kernel.display_name}</span>
        <ActionButton
          label={add.busy ? trans.__('Adding…') : trans.__('Add kernel')}
          name={trans.__(
            'Add the kernel %1 of %2',
            kernel.display_name,
            environment.name
          )}
          busy={add.busy}
          onClick={() =>
            add.run(handler =>
              actions.addKernel(environment, kernel.name, handler)
            )
          }
        />
      </div>
      <div className="jp-tfgpu-Note">
        {[kernel.language, trans.__('lies in this environment')]
          .filter(Boolean)
          .join(' · ')}
      </div>
      <Failed error={add.error} trans={trans} />
    </li>
  );
}

function Facts({ environment, trans }: IDetailsProps): React.ReactElement {
  const { kind, python, ipykernel, frameworks, prefix } = environment;
  const facts: [string, string][] = [
    [trans.__('Kind'), kind],
    [trans.__('Python'), python ?? UNKNOWN],
    // Of a broken environment it is not known.
    [
      trans.__('ipykernel'),
      ipykernel ??
        (environment.problem === null && python !== null
          ? trans.__('not installed')
          : UNKNOWN)
    ],
    [
      trans.__('Frameworks'),
      frameworks.map(each => frameworkText(each, trans)).join('\n') ||
        trans.__('none')
    ],
    [trans.__('Folder'), prefix]
  ];
  return (
    <dl className="jp-tfgpu-Environment-list">
      {facts.map(([term, text]) => (
        <React.Fragment key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

/** The buttons for the report and the path, and the report once it is asked for. */
function Reporting({
  environment,
  actions,
  trans
}: IDetailsProps): React.ReactElement {
  const asking = useAction();
  const [report, setReport] = React.useState<Report | null>(null);
  const read = async (handler?: IHandler) =>
    setReport(await actions.report(environment, handler));
  const fixes = useFixes(actions.fixing(environment), () => read());
  return (
    <>
      <div className="jp-tfgpu-Environment-buttons">
        <ActionButton
          label={asking.busy ? trans.__('Looking…') : trans.__('Report')}
          name={trans.__('Report on %1', environment.name)}
          title={trans.__(
            'Why a framework would not use the GPU, and what to do'
          )}
          busy={asking.busy}
          expanded={report !== null}
          onClick={() => (report ? setReport(null) : asking.run(read))}
        />
        <CopyPath environment={environment} trans={trans} />
      </div>
      <Failed error={asking.error} trans={trans} />
      {report && <ReportView report={report} fixes={fixes} trans={trans} />}
    </>
  );
}

function CopyPath(props: {
  environment: Environment;
  trans: TranslationBundle;
}): React.ReactElement {
  const { environment, trans } = props;
  const { copied, copy } = useCopy();
  return (
    <ActionButton
      label={copied ? trans.__('Copied') : trans.__('Copy path')}
      name={trans.__('Copy the path of %1', environment.name)}
      title={environment.prefix}
      onClick={() => copy(environment.prefix)}
    />
  );
}
