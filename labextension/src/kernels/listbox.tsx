import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { unmarked, useSignalValue } from '../ui';
import { HealthBadge } from '../environments/badge';
import type { IGroup, IItem } from './items';
import type { KernelList } from './list';

/** How many lines Page Up and Page Down go. */
const PAGE = 8;

interface IListProps {
  list: KernelList;
  /** Told which item was taken: by a double click, or by the button in its line. */
  take: (item: IItem) => void;
  /** Whether one click takes an item. */
  once?: boolean;
  label: string;
  trans: TranslationBundle;
}

/**
 * A search field that keeps the focus, and the list that it narrows: a combobox
 * whose list is always open. Enter is left to what stands around it.
 */
export function SearchableList(
  props: IListProps & {
    children?: React.ReactNode;
    readOnly?: boolean;
    focused?: boolean;
  }
): React.ReactElement {
  const { list, label, trans, children, readOnly, focused } = props;
  const id = React.useId();
  const query = useSignalValue(list.changed, () => list.query);
  const active = useSignalValue(list.changed, () => list.active);
  const groups = useSignalValue(list.changed, () => list.groups);
  const found = groups.reduce((sum, { items }) => sum + items.length, 0);
  const box = React.useRef<HTMLDivElement>(null);
  useInView(box, active?.key, groups, focused ?? false);
  return (
    <div className="jp-tfgpu-Picker">
      <input
        type="search"
        className="jp-tfgpu-Picker-search jp-mod-styled"
        role="combobox"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={`${id}list`}
        aria-activedescendant={active ? optionId(id, active) : undefined}
        aria-label={label}
        placeholder={trans.__('Search: name, Python, framework, path')}
        autoComplete="off"
        spellCheck={false}
        autoFocus={focused}
        readOnly={readOnly}
        value={query}
        onChange={event => list.search(event.target.value)}
        onKeyDown={event => {
          const lines = linesOf(event.key);
          if (lines !== 0 && !readOnly && !event.nativeEvent.isComposing) {
            event.preventDefault();
            list.move(lines);
          }
        }}
      />
      <div className="jp-tfgpu-Picker-body">
        <div
          ref={box}
          id={`${id}list`}
          className="jp-tfgpu-Picker-list"
          role="listbox"
          aria-label={label}
          hidden={children !== undefined && children !== null}
          // The focus stays in the field.
          onMouseDown={event => event.preventDefault()}
        >
          {groups.map(group => (
            <Group
              key={group.key}
              {...props}
              id={id}
              group={group}
              active={active}
            />
          ))}
        </div>
        {children}
      </div>
      <div className="jp-tfgpu-Picker-found" role="status">
        {found === 0
          ? trans.__('Nothing matches.')
          : query.trim() === ''
            ? ''
            : trans._n('%1 match', '%1 matches', found)}
      </div>
    </div>
  );
}

function Group(
  props: IListProps & { id: string; group: IGroup; active: IItem | null }
): React.ReactElement {
  const { id, group, active, list, take, once, trans } = props;
  const label = `${id}group:${group.key}`;
  return (
    <div role="group" className="jp-tfgpu-Picker-group" aria-labelledby={label}>
      <div id={label} className="jp-tfgpu-Picker-label">
        {group.label}
      </div>
      {group.items.map(item => (
        <Option
          key={item.key}
          id={optionId(id, item)}
          item={item}
          active={item.key === active?.key}
          list={list}
          take={take}
          once={once ?? false}
          trans={trans}
        />
      ))}
    </div>
  );
}

/** One line of the list. */
const Option = React.memo(
  (props: {
    id: string;
    item: IItem;
    active: boolean;
    list: KernelList;
    take: (item: IItem) => void;
    once: boolean;
    trans: TranslationBundle;
  }): React.ReactElement => {
    const { id, item, active, list, take, once, trans } = props;
    const action = actionText(item, trans);
    const choose = (taken: boolean) => {
      if (!item.disabled) {
        list.activate(item.key);
        if (taken) {
          take(item);
        }
      }
    };
    return (
      <div
        id={id}
        role="option"
        className="jp-tfgpu-Picker-option"
        aria-selected={active}
        aria-disabled={item.disabled}
        data-key={item.key}
        title={unmarked(item.title)}
        onClick={() => choose(once)}
        onDoubleClick={() => choose(!once)}
      >
        <Logo item={item} />
        <div className="jp-tfgpu-Picker-text">
          <div className="jp-tfgpu-Picker-name">{item.label}</div>
          <Detail item={item} />
        </div>
        {action && (
          <span
            className="jp-tfgpu-Picker-action"
            onClick={event => {
              event.stopPropagation();
              choose(true);
            }}
          >
            {action}
          </span>
        )}
        {item.health && <HealthBadge health={item.health} />}
      </div>
    );
  }
);

/** The reason where something is wrong, then where it lies. */
function Detail({ item }: { item: IItem }): React.ReactElement | null {
  const { health, detail } = item;
  const tells = health?.level === 'error' || health?.level === 'warning';
  const reason = tells || item.need?.install ? health?.reason : null;
  if (!reason && !detail) {
    return null;
  }
  return (
    <div className="jp-tfgpu-Picker-detail">
      {reason && (
        <span className="jp-tfgpu-Picker-reason">{unmarked(reason)}</span>
      )}
      {detail && <span className="jp-tfgpu-Picker-path">{detail}</span>}
    </div>
  );
}

/** The kernel's picture; where there is none, or it cannot be had, the first letter. */
function Logo({ item }: { item: IItem }): React.ReactElement {
  const [broken, setBroken] = React.useState(false);
  return (
    <span className="jp-tfgpu-Picker-logo" aria-hidden="true">
      {item.logo && !broken ? (
        <img
          src={item.logo}
          alt=""
          loading="lazy"
          onError={() => setBroken(true)}
        />
      ) : (
        ([...item.label.trim()][0] ?? '').toUpperCase()
      )}
    </span>
  );
}

/** What choosing an item does beside choosing it. */
export function actionText(
  item: IItem,
  trans: TranslationBundle
): string | null {
  if (item.disabled || item.need === null) {
    return null;
  }
  return item.need.what === 'add' ? trans.__('Add kernel') : trans.__('Repair');
}

function optionId(id: string, item: IItem): string {
  return `${id}${item.key}`;
}

function linesOf(key: string): number {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return PAGE;
    case 'PageUp':
      return -PAGE;
    default:
      return 0;
  }
}

/** Scrolls the active line into view, with its group's label where it is the first. */
function useInView(
  box: React.RefObject<HTMLDivElement>,
  key: string | undefined,
  groups: readonly IGroup[],
  always: boolean
): void {
  React.useLayoutEffect(() => {
    const picker = box.current?.closest('.jp-tfgpu-Picker');
    if (!always && !picker?.contains(document.activeElement)) {
      return; // Nobody has begun to choose: the list is shown from its top.
    }
    const option = box.current?.querySelector('[aria-selected="true"]');
    const first = option?.previousElementSibling;
    const label = first?.className === 'jp-tfgpu-Picker-label' ? first : null;
    option?.scrollIntoView?.({ block: 'nearest' });
    label?.scrollIntoView?.({ block: 'nearest' });
  }, [box, key, groups, always]);
}
