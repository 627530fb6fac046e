import { getContext, setContext } from 'svelte';
import type { DeskStore } from './desk.svelte.ts';
import type { MachineStore } from './machine.svelte.ts';

const DESK = Symbol('desk');
export const provideDesk = (desk: DeskStore) => setContext(DESK, desk);
export const useDesk = () => getContext<DeskStore>(DESK);

const MACHINE = Symbol('machine');
export const provideMachine = (machine: MachineStore) => setContext(MACHINE, machine);
export const useMachine = () => getContext<MachineStore>(MACHINE);
