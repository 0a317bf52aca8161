import { Choice } from '../../evaluate/choice.ts';
import { prettyPrint, toJson } from '../../evaluate/classes/json.ts';
import { Closure } from '../../values/closure.ts';
import { giveName } from '../give-name.ts';
import { fault, illegalArgument } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import { ChannelList } from '../channel-list.ts';
import { asChannel } from '../as-channel.ts';
import { callOnChannels, session } from '../session.ts';
import { each, mapping, option, type Operator } from './operator.ts';

/** Operators that look, name and take apart. */
export const observing: Readonly<Record<string, Operator>> = {
  view(source, { closure, options }) {
    const by = mapping(closure);
    const target = source.alike();
    const newLine = truth(option(options, 'newLine') ?? true);
    return each(source, target, (item) => {
      session(source.network).print(text(by(item)), newLine);
      target.emit(item);
    });
  },
  dump(source, { closure, options }) {
    const tag = option(options, 'tag');
    const { dumpChannels, print } = session(source.network);
    if (!dumpChannels || (dumpChannels !== 'all' && !dumpChannels.includes(text(tag ?? '')))) return source;
    const by = mapping(closure);
    const pretty = truth(option(options, 'pretty') ?? false);
    const target = source.alike();
    return each(source, target, (item) => {
      const shown = pretty ? prettyPrint(toJson(by(item))) : text(by(item));
      print(`[DUMP${tag === undefined ? '' : `: ${text(tag)}`}] ${shown}`, true);
      target.emit(item);
    });
  },
  subscribe(source, { closure, options }) {
    const onNext = closure ?? (option(options, 'onNext') as Closure | undefined);
    const onComplete = option(options, 'onComplete') as Closure | undefined;
    const by = onNext && mapping(onNext);
    source.read({ next: (item) => by?.(item), done: () => onComplete?.apply([]) });
    return null;
  },
  set(source, { closure }, name) {
    giveName(closure, name, source);
    return null;
  },
  tap(source, { closure, positional }, name) {
    const given = asChannel(positional[0]);
    if (given) {
      source.read({ next: (item) => given.emit(item), done: () => given.close() });
      return source;
    }
    giveName(closure, name, source);
    return source;
  },
  branch(source, { closure }) {
    if (!closure) throw illegalArgument('"branch" needs a closure of labels and conditions.');
    const labels = labelsOf(closure);
    const targets = new Map(labels.map((label) => [label, source.alike()]));
    const choose = mapping(closure);
    source.read({
      next: (item) => {
        const choice = choose(item);
        if (!(choice instanceof Choice)) return;
        targets.get(choice.label)!.emit(choice.value === undefined ? item : choice.value);
      },
      done: () => targets.forEach((target) => target.close()),
    });
    return new ChannelList('branch', [...targets.values()], targets);
  },
  multiMap(source, { closure }) {
    if (!closure) throw illegalArgument('"multiMap" needs a closure of labels and values.');
    const labels = labelsOf(closure);
    const targets = new Map(labels.map((label) => [label, source.alike()]));
    const by = mapping(closure);
    source.read({
      next: (item) => {
        const made = by(item) as GroovyMap;
        for (const [label, target] of targets) target.emit(made.get(label) ?? null);
      },
      done: () => targets.forEach((target) => target.close()),
    });
    return new ChannelList('multiMap', [...targets.values()], targets);
  },
  /** `channel | process` and `channel | operator`. */
  or(source, { closure, positional }) {
    return callOnChannels(closure ?? positional[0], [source]);
  },
  and(source, { positional }) {
    return new ChannelList('and', [source, positional[0]], new Map());
  },
  /** `channel >> 'target'` of workflow outputs. */
  rightShift: () => {
    throw fault('">>" is for the outputs of a workflow, in its publish section.');
  },
  getVal: (source) => source.bound ?? null,
  getName: () => null,
};

function labelsOf(closure: Closure): string[] {
  const { labels } = closure.facts as { labels?: string[] };
  if (labels) return labels;
  throw illegalArgument('The closure needs labels: "name: expression".');
}
