import { accessibility } from './accessibility.mjs';
import { attacks, leaks } from './attacks.mjs';
import { crashes } from './crashes.mjs';
import { cuts } from './cuts.mjs';
import { docs } from './docs.mjs';
import { hostPages } from './hostPages.mjs';
import { keyboard } from './keyboard.mjs';
import { origins } from './origins.mjs';
import { outbox } from './outbox.mjs';
import { streaming } from './streaming.mjs';
import { tabs } from './tabs.mjs';
import { transport } from './transport.mjs';
import { trouble } from './trouble.mjs';

/** In this order they begin: long ones early, so that they do not end alone. */
export const groups = [transport, attacks, outbox, cuts, tabs, streaming, trouble, keyboard, accessibility, hostPages, origins, docs, crashes, leaks];
