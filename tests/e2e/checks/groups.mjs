import { accessibility } from './accessibility.mjs';
import { api } from './api.mjs';
import { attacks, leaks } from './attacks.mjs';
import { crashes } from './crashes.mjs';
import { cuts } from './cuts.mjs';
import { docs } from './docs.mjs';
import { framing } from './framing.mjs';
import { hostPages } from './hostPages.mjs';
import { keyboard } from './keyboard.mjs';
import { languages } from './languages.mjs';
import { origins } from './origins.mjs';
import { outbox } from './outbox.mjs';
import { pins } from './pins.mjs';
import { screenshots } from './screenshots.mjs';
import { singlePage } from './singlePage.mjs';
import { streaming } from './streaming.mjs';
import { tabs } from './tabs.mjs';
import { talk } from './talk.mjs';
import { transport } from './transport.mjs';
import { trouble } from './trouble.mjs';

/** In this order they begin: long ones early, so that they do not end alone. */
export const groups = [
  transport,
  attacks,
  outbox,
  cuts,
  tabs,
  streaming,
  talk,
  trouble,
  keyboard,
  accessibility,
  hostPages,
  api,
  singlePage,
  languages,
  pins,
  framing,
  origins,
  screenshots,
  docs,
  crashes,
  leaks,
];
