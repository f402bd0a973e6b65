/**
 * What the widget says. Words in braces are filled in.
 *
 * @typedef {typeof en} Texts
 */
export const en = {
  open: 'Open chat',
  close: 'Close chat',
  fresh: 'New conversation',
  assistant: 'Assistant',
  about: 'Answers from our documents',
  hello: 'Hello! What would you like to know?',
  conversation: 'Conversation',
  placeholder: 'Write a message',
  send: 'Send',
  stop: 'Stop',
  length: '{n} of {max} characters',
  sources: 'Sources',
  source: 'Source {n}',
  page: 'p. {n}',
  more: '{n} more',
  openSource: 'Open the source',
  thinking: 'The answer is on its way',
  queued: 'In the queue, place {n}',
  tool: 'Looking up: {name}',
  reconnect: 'Reconnecting',
  busy: 'Busy, trying again in a moment',
  stopped: 'Stopped',
  offline: 'The connection was lost.',
  tooBusy: 'Too many questions at the moment.',
  refused: 'This page is not allowed to chat here.',
  failed: 'The answer could not be completed.',
  retry: 'Try again',
  good: 'Helpful',
  bad: 'Not helpful',
  copy: 'Copy',
  copied: 'Copied',
  you: 'You',
};
