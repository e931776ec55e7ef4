import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Client, Finding } from '../api';
import { FixDone, ServerFixing, useFixes } from '../fixes';
import { gpuIcon, useSignalValue } from '../ui';
import { FindingView } from './finding';
import { RestartingFixing } from './fixing';
import type { ILive, LiveReport } from './live';
import type { ISavedReport, SavedFinding } from './saved';

/** A report in a notebook to read: outside a notebook that has a session. */
export function SavedView(props: {
  saved: ISavedReport;
  trans: TranslationBundle;
}): React.ReactElement {
  const { saved, trans } = props;
  return (
    <Frame saved={saved} trans={trans}>
      {saved.findings.map((finding, index) => (
        <FindingView
          key={index}
          saved={finding}
          live={null}
          gone={false}
          trans={trans}
        />
      ))}
    </Frame>
  );
}

/** The same, with what the server offers to do where it is about the kernel that runs. */
export function LiveView(props: {
  saved: ISavedReport;
  kernelId: string;
  live: LiveReport;
  client: Client;
  trans: TranslationBundle;
}): React.ReactElement {
  const { saved, kernelId, live, client, trans } = props;
  const now = useSignalValue(live.changed, () => live.now);
  const fixing = React.useMemo(
    () =>
      new RestartingFixing(
        new ServerFixing(client, { kernel_id: kernelId }, live),
        live
      ),
    [client, kernelId, live]
  );
  const fixes = useFixes(fixing, () => live.settled());
  const report = now.kernelId === kernelId ? now.report : null;
  const [had, setHad] = React.useState<readonly SavedFinding[]>([]);
  const here = saved.findings.filter(each => same(each, report?.findings));
  const seen = new Set([...had, ...here]);
  if (seen.size > had.length) {
    setHad([...seen]);
  }
  return (
    <Frame saved={saved} trans={trans}>
      <FixDone fixes={fixes} trans={trans} />
      {saved.findings.map((each, index) => {
        const finding = same(each, report?.findings);
        return (
          <FindingView
            key={index}
            saved={each}
            live={finding ? { finding, fixes } : null}
            gone={report !== null && !finding && had.includes(each)}
            trans={trans}
          />
        );
      })}
      {isPast(now, kernelId) && (
        <div className="jp-tfgpu-Note">
          {trans.__(
            'This is about an earlier kernel. Run the cell again to see what holds now.'
          )}
        </div>
      )}
    </Frame>
  );
}

/** The live finding of a saved one's code. */
function same(
  { code, framework }: SavedFinding,
  findings: readonly Finding[] | undefined
): Finding | undefined {
  return findings?.find(
    each => each.code === code && each.framework === framework
  );
}

/** Whether the kernel has ended, or another one has taken its place. */
function isPast({ known, kernelId }: ILive, saved: string): boolean {
  return known && kernelId !== saved;
}

function Frame(props: {
  saved: ISavedReport;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.ReactElement {
  const { saved, trans, children } = props;
  const { environment, simulated, summary, findings } = saved;
  return (
    <div className="jp-tfgpu-Report">
      <div className="jp-tfgpu-Output-head jp-tfgpu-Note">
        <gpuIcon.react tag="span" stylesheet="menuItem" />
        <span>
          {environment === null
            ? trans.__('GPU check')
            : trans.__('GPU check of %1', environment)}
        </span>
        {simulated && (
          <span className="jp-tfgpu-Badge jp-mod-degraded">
            {trans.__('simulated machine')}
          </span>
        )}
      </div>
      {findings.length === 0 && (
        <div>{summary || trans.__('Nothing was found.')}</div>
      )}
      {children}
    </div>
  );
}
